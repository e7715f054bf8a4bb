"""What a row of an invoice's table says: of what kind it is, for what, and where (formats.md §3).

That is told by its words, the headings above and its columns; its figures and ids are read in `lines.py`.
"""

from dataclasses import replace
from decimal import Decimal

from auditor.core.records import Layer
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetCell
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import is_label
from auditor.readers.tables.layouts import Layout
from auditor.readers.tables.line_cells import FREE_LAYERS
from auditor.readers.tables.line_cells import PLACES
from auditor.readers.tables.line_cells import LineCells
from auditor.readers.tables.line_cells import RowRefused
from auditor.readers.tables.parents import Row
from auditor.readers.tables.sheets import SheetMeaning
from auditor.readers.values.channels import ELSEWHERE
from auditor.readers.values.channels import WHATSAPP
from auditor.readers.values.channels import channel_headed
from auditor.readers.values.channels import channel_named
from auditor.readers.values.dates import parse_day
from auditor.readers.values.numbers import read_value
from auditor.readers.values.numbers import take_apart
from auditor.readers.values.places import are_languages
from auditor.readers.values.places import code_at_end
from auditor.readers.values.places import codes_apart
from auditor.readers.values.places import may_be_languages
from auditor.readers.values.places import place_in
from auditor.readers.values.places import place_named
from auditor.readers.values.places import without_places
from auditor.readers.values.total_words import is_tax
from auditor.readers.values.total_words import total_kind
from auditor.readers.values.vocabulary import Meaning
from auditor.readers.values.vocabulary import category_meaning
from auditor.readers.values.vocabulary import described
from auditor.readers.values.vocabulary import is_plain_line
from auditor.readers.values.vocabulary import layer_named
from auditor.readers.values.vocabulary import side_of
from auditor.readers.values.vocabulary import unit_named
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import vocabulary

_OF_UNITS = ("quantity", "unit_rate", "layer")


class LineWords(LineCells):
    """Understands the words of a table's rows. Headings above rows hold for the rows below them (`heading`)."""

    def __init__(self, sheet: Sheet, layout: Layout, meaning: SheetMeaning) -> None:
        """Take the table, and what is known of its sheet."""
        super().__init__(sheet, layout)
        self.part = layout.part
        self.below = Meaning(self.part.category or meaning.category)
        self.below_place = meaning.place
        self.below_channel = channel_headed(sheet.name)
        # What stands at the ends of descriptions, and what is known of rows by their words.
        self._apart: frozenset[str] | None = None
        self._ends_coded: bool | None = None
        self._by_category: bool | None = None
        self._known: dict[tuple[object, ...], Meaning] = {}
        self._charges: dict[tuple[object, ...], bool] = {}

    def heading(self, row: SheetRow) -> None:
        """Take a heading that names a category, a place or a channel for the rows below."""
        self._known = {}
        text = next((cell.text for cell in row.filled if is_label(cell)), "")
        if channel := channel_headed(text):
            self.below_channel = channel
            return
        meaning = category_meaning(text)
        if meaning and meaning.category:
            self.below = meaning
        elif text:
            self.below_place = place_named(text, prefer_country=False) or ("", "")

    def _has_heading(self) -> bool:
        return bool(self.below.category or any(self.below_place))

    # ---------------------------------------------------------------- what the row is

    def amount_of(self, row: SheetRow) -> Row | None:
        """Give a row as its amount and the fields it fills; None if it has no amount that can be read."""
        amount = self.columns.get("amount")
        cell = row.cell(amount.column) if amount else None
        value = read_value(cell.value, amount.decimal or ".") if cell and amount else None
        fields = [name for name, column in self.columns.items() if row.cell(column.column).text]
        if value is None:
            return None
        try:
            names = self._names(row)
        except RowRefused:  # for an error in its words, as is said when the row is read
            names = frozenset()
        return Row(row.number, value, fields, names)

    def _names(self, row: SheetRow) -> frozenset[str]:
        """Tell what the words of a row name: a category, a place, or a charge of another kind."""
        texts = [text for text in (self._text(row, "category"), self.description(row)) if text]
        meanings = [described(text) for text in texts]
        if any(one.layer not in {*FREE_LAYERS, Layer.OTHER.value} and not one.category for one in meanings):
            return frozenset({"other"})
        places = [self._stated_text(row, name) for name in PLACES]
        placed = any(places) or any(place_named(text, prefer_country=False) or place_in(text) for text in texts)
        named = {"category": any(one.category for one in meanings), "place": placed}
        return frozenset(name for name, found in named.items() if found)

    def names_charge(self, row: SheetRow) -> bool:
        """Tell whether a row's words alone tell it from a total; they are looked at once for all rows with them."""
        words = self._words(row)
        if not words:
            return False
        known = self._charges.get(words)
        if known is None:
            known = self._charges[words] = not (self.is_of_everything(row) or self._is_worded_as_total(row))
        return known

    def may_be_total(self, row: SheetRow) -> bool:
        """Tell whether a row has an amount and words, but nothing that makes it a charge of any kind we know.

        What has a day of its own is the charge of that day, whatever the days before come to.
        """
        figures = any(_is_filled(self._cell(row, name)) for name in ("quantity", "unit_rate"))
        dated = "day" in self.columns and parse_day(self._cell(row, "day").value, self.columns["day"].dates)
        return not figures and not dated and self._is_worded_as_total(row)

    def names_sum(self, row: SheetRow) -> bool:
        """Tell whether words of a row name the sum of whatever stands above: `Loja Norte - Total`."""
        return self._is_worded_as_total(row) and any(_names_sum(cell.text) for cell in row.filled if is_label(cell))

    def _is_worded_as_total(self, row: SheetRow) -> bool:
        """Tell whether no word of a row makes it a charge of any kind we know."""
        if any(
            key(text) and place_named(text, prefer_country=True) for name in PLACES if (text := self._text(row, name))
        ):
            return False
        texts = (self._text(row, "category"), self.description(row))
        meanings = [described(text) for text in texts if text]
        free = {*FREE_LAYERS, Layer.OTHER.value}
        return all(not (one.category or one.pricing_type) and one.layer in free for one in meanings)

    def is_of_everything(self, row: SheetRow) -> bool:
        """Tell whether a row says "all" where the rows of single places or categories name theirs."""
        texts = (self._text(row, name) for name in ("category", *PLACES))
        return any(key(text) in lists("everything")["words"] for text in texts if text and key(text))

    def wording(self, row: SheetRow) -> str:
        """Give the words from which a row without a description has its meaning."""
        return next((text for name in ("layer", "category", "document_type") if (text := self._text(row, name))), "")

    def category(self, row: SheetRow) -> str:
        """Give the category of a row's column, empty if it names none."""
        meaning = category_meaning(self._text(row, "category"))
        return meaning.category if meaning else ""

    # ---------------------------------------------------------------- what the line is

    def _meaning_of(self, row: SheetRow) -> Meaning:
        """Give what a row's words mean, worked out once for all rows with the same ones."""
        words = self._words(row)
        known = self._known.get(words) if words else None
        if known is None:
            known = self._meaning(row)
            if words:
                self._known[words] = known
        return known

    def _meaning(self, row: SheetRow) -> Meaning:
        """Work out category, free reason and layer from their columns, the heading above and the description."""
        if self.part.layer and is_tax(self.description(row) or self._text(row, "category")):
            return Meaning(layer=Layer.TAX.value)
        if self.part.layer not in FREE_LAYERS:
            return Meaning(layer=self.part.layer)
        if self._is_elsewhere(row):
            return Meaning(layer=Layer.OTHER.value)
        if self.direction and self._is_inbound(row):
            return Meaning(layer=Layer.PROVIDER_FEE.value)
        free = self._stated(row, "pricing_type")
        text = self.description(row)
        words = self._meant(text) if text else described(self._text(row, "layer"))
        if not words.category and not words.layer:
            words = described(self.beside(row))
        elif not words.category and words.layer in FREE_LAYERS:
            beside = described(self.beside(row))
            inbound = beside.layer == Layer.PROVIDER_FEE and not beside.category
            words = beside if inbound else replace(words, category=beside.category)
        # A subscription or a tax below a heading is none of what the heading names.
        below = self.below if words.layer in FREE_LAYERS or self.part.category else Meaning()
        stated = self._stated(row, "category") or below
        if is_tax(text) and not any(self._text(row, name) for name in _OF_UNITS):
            return words  # also beside a category: `Marketing | IGV 18%`
        category = stated.category or ("" if stated.layer not in FREE_LAYERS else words.category)
        pricing = (free or stated).pricing_type or stated.pricing_type or words.pricing_type
        return Meaning(category, pricing, self._layer(row, stated, words, category))

    def _meant(self, text: str) -> Meaning:
        """Tell what a description says; `Servicio Perú` is a category where other rows are called `Marketing Perú`."""
        words = described(text)
        if words.category or words.layer not in FREE_LAYERS:
            return words
        bare = category_meaning(without_places(text))
        if bare is None or not bare.category or not any(place_in(text, coded=False) or ()):
            return words
        if self._by_category is None:
            column = self.columns["description"].column if "description" in self.columns else 0
            texts = {self.rows[row].cell(column).text for row in self.layout.data}
            named = {category_meaning(without_places(one)) for one in texts if one}
            self._by_category = any(one.category for one in named - {None, bare} if one)
        return bare if self._by_category else words

    def _is_elsewhere(self, row: SheetRow) -> bool:
        """Tell a charge of another channel: by its column, the row's own words or, where they name none, the heading.

        A tax, a fee or a credit is one of whatever channel; and what a layer's column states is so.
        """
        if self.channel and _is_other_channel(row.cell(self.channel).text):
            return True
        stated = self._text(row, "layer")
        if stated and not is_plain_line(stated):
            return False
        texts = (self.description(row), self._text(row, "category"), self.beside(row) if self.more_words else "")
        named = {*map(channel_named, texts)}
        if WHATSAPP in named or ELSEWHERE not in {*named, self.below_channel}:
            return False
        return all(described(text).layer in {*FREE_LAYERS, Layer.OTHER.value} for text in texts)

    def _is_inbound(self, row: SheetRow) -> bool:
        """Tell messages that customers wrote, by the column of directions: Meta charges none of them."""
        counted = self.columns.get("quantity")
        written = key(row.cell(self.direction).text) in {
            key(word) for word in vocabulary()["log_words"]["direction"]["inbound"]
        }
        return written and (counted is None or unit_named(counted.head) != "conversation")

    def _stated(self, row: SheetRow, name: str) -> Meaning | None:
        """Read a cell of the category or pricing type column; a dash is an empty cell.

        A place beside the category is none of its words: `Servicio Perú`.
        """
        text = self._text(row, name)
        if not key(text):
            return None
        meaning = category_meaning(text) or category_meaning(without_places(text))
        if meaning is None:
            raise self._refusal(f"{name}_unknown", row, name, value=text)
        return meaning

    def _layer(self, row: SheetRow, stated: Meaning, words: Meaning, category: str) -> str:
        """Give the layer: stated; by the words; or Meta's, if anything shows that the line is for messages."""
        text = self._text(row, "layer")
        if text and not is_plain_line(text):
            # Of the two sides of an account, the words say more: `Credit | Wallet recharge`.
            worded = words.layer if side_of(text) and words.layer not in FREE_LAYERS else ""
            layer = worded or layer_named(text)
            if not layer:
                raise self._refusal("layer_unknown", row, "layer", value=text)
            return layer
        if self.part.layer:
            return self.part.layer
        if stated.layer or (words.layer and words.layer not in FREE_LAYERS and not category):
            return stated.layer or words.layer
        if category or words.layer:
            return words.layer if words.layer in {"provider_fee", "credit"} else Layer.META.value
        grain = ("market", "country", "waba_id", "phone_number_id", "pricing_type")
        # Without a word, as where a column for words is empty, units are what the account is for.
        units = self._text(row, "quantity") or "description" not in self.columns
        is_message = any(self._stated_text(row, name) for name in grain) or bool(units and not self.description(row))
        return Layer.META.value if is_message or self._has_heading() else Layer.OTHER.value

    def _place(self, row: SheetRow, meaning: Meaning) -> tuple[str, str]:
        """Give market and country: from their columns, the heading above, or the description of a message line."""
        market, country = self.part.market, self.part.country
        for name in ("market", "country"):
            text = self._stated_text(row, name)
            found = place_named(text, prefer_country=name == "country") if text else ("", "")
            if found is None and key(text) and not total_kind(text):
                raise self._refusal(f"{name}_unknown", row, name, value=text)
            market, country = market or (found or ("", ""))[0], country or (found or ("", ""))[1]
        if market or country or "market" in self.columns or "country" in self.columns:
            return market, country
        if any(self.below_place) and (meaning.category or meaning.layer in FREE_LAYERS):
            return self.below_place
        text = self.description(row)
        coded = bool(text and codes_apart(text)) and not are_languages(self._codes())
        found = place_in(text, coded=coded) if text and meaning.category else None
        if found is None and meaning.category:
            texts = (self._text(row, "category"), self.beside(row))
            named = (place_in(one, coded=False) for one in texts if one)
            found = next(filter(None, named), None) or self._code_at_end(text)
        return found or ("", "")

    def _code_at_end(self, text: str) -> tuple[str, str] | None:
        """Give the country whose code ends a description, if each charge names its place, so or by name."""
        if self._ends_coded is None:
            column = self.columns["description"].column if "description" in self.columns else 0
            texts = {self.rows[row].cell(column).text for row in self.layout.data}
            unnamed = [one for one in texts if described(one).category and not place_in(one, coded=False)]
            codes = [code_at_end(one) for one in unnamed]
            self._ends_coded = all(codes) and not may_be_languages(codes)
        return place_named(code_at_end(text), prefer_country=True) if self._ends_coded else None

    def _codes(self) -> frozenset[str]:
        """Give all the codes at the ends of the descriptions, which are countries or languages; found once."""
        if self._apart is None:
            column = self.columns["description"].column if "description" in self.columns else 0
            texts = {self.rows[row].cell(column).text for row in self.layout.data}
            self._apart = frozenset(code for text in texts for code in codes_apart(text))
        return self._apart

    def _unit(self, row: SheetRow) -> str:
        """Give the unit: its column, or the head over the quantities, or the description."""
        quantity = self.columns.get("quantity")
        stated = unit_named(self._text(row, "unit")) or (unit_named(quantity.head) if quantity else "")
        return stated or unit_named(self.description(row))


def _is_other_channel(text: str) -> bool:
    """Tell a cell of a column of channels that names another one than WhatsApp: `SMS`."""
    return key(text) in {key(word) for word in vocabulary()["log_words"]["channel"]["other"]}


def _is_filled(cell: SheetCell) -> bool:
    """Tell whether a cell says anything; words where a figure belongs are a row's own."""
    return bool(cell.text) and (isinstance(cell.value, Decimal) or take_apart(cell.text) is not None)


def _names_sum(label: str) -> bool:
    """Tell a label that begins or ends with the word for a sum, and says of what."""
    words = key(label).split()
    return len(words) > 1 and not {words[0], words[-1]}.isdisjoint(lists("sums_of")["words"])
