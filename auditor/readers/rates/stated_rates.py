"""Rate cards and exchange rates whose columns a person states, or a profile that was saved of that (window.md §1.2)."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from itertools import islice
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Said
from auditor.core.records import NOTHING
from auditor.readers.books.cells import Sheet
from auditor.readers.books.cells import SheetRow
from auditor.readers.books.cells import read_sheets
from auditor.readers.files import plain_head
from auditor.readers.rates.card_downloads import TOP
from auditor.readers.rates.list_heads import RATE
from auditor.readers.rates.list_heads import Below
from auditor.readers.rates.list_heads import list_columns
from auditor.readers.rates.list_heads import metas_and_own
from auditor.readers.rates.list_heads import price_heads
from auditor.readers.tables.column_types import check_type
from auditor.readers.tables.column_types import with_types
from auditor.readers.tables.finding import sheets_looked_at
from auditor.readers.tables.headers import named_column
from auditor.readers.tables.layouts import LayoutColumn
from auditor.readers.tables.layouts import ReadOptions
from auditor.readers.tables.profile_files import IGNORE
from auditor.readers.tables.profile_files import load_profiles
from auditor.readers.tables.profile_files import write_profile
from auditor.readers.tables.profiles import FX
from auditor.readers.tables.profiles import Profile
from auditor.readers.tables.profiles import ProfileColumn
from auditor.readers.tables.profiles import fingerprint
from auditor.readers.tables.profiles import fitting
from auditor.readers.values.rate_fields import CARD_FIELDS
from auditor.readers.values.rate_fields import CATEGORY_RATES
from auditor.readers.values.rate_fields import DATES
from auditor.readers.values.rate_fields import NUMBERS
from auditor.readers.values.rate_fields import SIDES
from auditor.readers.values.types import DATE
from auditor.readers.values.types import NUMBER
from auditor.readers.values.types import TEXT
from auditor.readers.values.types import kind_of
from auditor.readers.values.types import mark_of
from auditor.readers.values.types import order_of
from auditor.readers.values.vocabulary import is_of_exchange
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.written import as_written

# Our own heads of exchange rates, as fields.
_OWN_FX = {"date": "day", "from": "source_currency", "to": "target_currency", "rate": "rate", "source": "source"}
_PAIR = ("source_currency", "target_currency")


@dataclass(frozen=True, slots=True)
class RateTable:
    """A table of rates as a person is shown it: its sheet among others, the row of its heads, and its columns.

    `profile` is the one that was saved for these heads, `pair` the two currencies that it says of all rates.
    """

    kind: str
    sheets: Sequence[Sheet]
    sheet: Sheet
    head: SheetRow
    columns: tuple[LayoutColumn, ...]
    profile: Profile | None = None
    pair: str = ""

    @property
    def rows(self) -> Iterator[SheetRow]:
        """Give the rows below the heads: not those of notes and headings, nor the heads once more."""
        heads = [cell.text for cell in self.head.filled]
        below = (row for row in self.sheet.rows if row.number > self.head.number and len(row.filled) > 1)
        return (row for row in below if [cell.text for cell in row.filled] != heads)

    @property
    def places(self) -> dict[str, int]:
        """Give the column of each field."""
        return {one.field: one.column for one in reversed(self.columns) if one.field}

    def checked(self) -> "RateTable":
        """Give it if the types stated of its columns go with what they mean; raises as `check_type` does."""
        for one in (one for one in self.columns if one.field):
            check_type(one.head, one.stated, one.kind, self.sheet.place(self.head.number, one.column))
        return self


def states_anything(options: ReadOptions) -> bool:
    """Tell whether anything is stated of how the columns of a table are to be read."""
    bare = replace(options, profile=(), encoding="", zone="", usage=False, since="")
    return bare != ReadOptions()


def decided_by(options: ReadOptions) -> tuple[Said, ...]:
    """Say what a person stated of all prices or rates of a table, which stands nowhere in it."""
    since = [Said("reading.decision.since", {"first": options.since})] if options.since else []
    return (*since, *([Said("reading.decision.pair", {"pair": options.pair})] if options.pair else []))


def stated_table(path: Path, options: ReadOptions, kind: str) -> RateTable | None:
    """Give a table of rates if a person, or a profile, says how it is read; None: it is read as it shows by itself.

    Raises as `rate_table` and `RateTable.checked` do.
    """
    if not states_anything(options) and not any(one.kind == kind for one in load_profiles(options.profile)):
        return None
    found = rate_table(path, options, kind)
    if found is None or not (states_anything(options) or found.profile):
        return None
    return found.checked()


def rate_table(path: Path, options: ReadOptions, kind: str) -> RateTable | None:
    """Find the heads of a table of rates, and what its columns are, stated or shown; None for a file without cells.

    Raises `AuditorError`: `sheet_unknown`, `map_unknown_column`, and those of `load_profiles` and `read_sheets`.
    """
    sheets = read_sheets(path, as_written(path, options.encoding, options.profile))
    profiles = load_profiles(options.profile)
    tables = [
        _table(kind, sheets, sheet, row, options, profiles)
        for sheet in sheets_looked_at(sheets, options)
        for row in (sheet.rows if options.header_row else islice(sheet.rows, TOP))
        if row.filled and options.header_row in {0, row.number}
    ]
    if not tables:
        return None
    best = max(tables, key=lambda one: (one.profile is not None, _known(one), -one.head.number))
    heads = [cell.text for cell in best.head.cells]
    for name in options.mapping:
        if not named_column(heads, name):
            seen = ", ".join(head for head in heads if head) or "-"
            raise AuditorError("map_unknown_column", best.sheet.place(best.head.number), column=name, seen=seen)
    return best


def save_rate_profile(name: str, table: RateTable, options: ReadOptions) -> Path:
    """Save how a table of rates was read, to be applied by itself to the next with the same heads; give the file."""
    heads = [cell.text for cell in table.head.cells]
    columns = tuple(ProfileColumn(one.head, one.field or IGNORE, one.decimal, one.dates) for one in table.columns)
    pair = options.pair or table.pair
    constants = dict(zip(_PAIR, pair.split("/"), strict=True)) if pair else NOTHING
    profile = Profile(name, fingerprint(heads), columns, table.kind, constants=constants, encoding=options.encoding)
    return write_profile(profile)


def _known(table: RateTable) -> int:
    return len({one.field for one in table.columns if one.field})


def _table(
    kind: str, sheets: Sequence[Sheet], sheet: Sheet, row: SheetRow, options: ReadOptions, profiles: Sequence[Profile]
) -> RateTable:
    """Take a row for that of the heads."""
    heads = [cell.text for cell in row.cells]
    profile = fitting(profiles, heads, (kind,))
    shown: Mapping[int, str] = _shown(kind, sheet, row) if profile is None else {}
    stated = {column: field for name, field in options.mapping.items() if (column := named_column(heads, name))}
    columns = []
    for place, head in enumerate(heads, 1):
        saved = profile.column(place, head) if profile else None
        field = stated.get(place) or (saved.field if saved else shown.get(place, ""))
        if place not in stated and field in stated.values():
            field = ""  # a meaning has one column
        basis = "stated" if place in stated else "" if not field else "profile" if saved else "head"
        field = "" if field == IGNORE else field
        one = LayoutColumn(place, " ".join(head.split()), field, basis=basis, sure=100 if field else 0)
        columns.append(replace(one, decimal=saved.decimal, dates=saved.dates) if saved else one)
    typed = (_typed(one, options) for one in with_types(columns, heads, options.types))
    pair = "/".join(profile.constants[name] for name in _PAIR) if profile and profile.constants else ""
    return RateTable(kind, sheets, sheet, row, tuple(typed), profile, pair)


def _typed(column: LayoutColumn, options: ReadOptions) -> LayoutColumn:
    """Say what the texts of a column are, and how they are written where that is stated."""
    kind = NUMBER if column.field in NUMBERS else DATE if column.field in DATES else TEXT
    return replace(
        column,
        kind=kind if column.field else kind_of(column.stated) or TEXT,
        decimal=mark_of(column.stated) or options.decimal or column.decimal if kind == NUMBER else "",
        dates=order_of(column.stated) or options.dates or column.dates if kind == DATE else "",
    )


def _shown(kind: str, sheet: Sheet, row: SheetRow) -> Mapping[int, str]:
    """Give what columns are by their heads, by our own names or people's words."""
    heads = {cell.column: cell.text for cell in row.filled}
    if kind == FX:
        return {column: field for column, head in heads.items() if (field := _fx_field(head))}
    own = {column: name for column, head in heads.items() if (name := plain_head(head)) in CARD_FIELDS}
    columns, categories = list_columns(heads, _below(sheet, row, heads))
    of_categories = {word: field for field, word in CATEGORY_RATES.items()}
    spoken = {column: field for field, column in columns.items()}
    both = metas_and_own(price_heads(heads)) if not categories else ()
    if both and spoken.pop(both[0], ""):  # Meta's own prices are not what is charged
        spoken[both[1]] = RATE
    return spoken | {column: of_categories[word] for column, word in categories.items() if word in of_categories} | own


def _below(sheet: Sheet, row: SheetRow, heads: Mapping[int, str]) -> Below:
    rows = islice((one for one in sheet.rows if one.number > row.number and len(one.filled) > 1), TOP)
    below = [{cell.column: cell.text for cell in one.filled} for one in rows]
    return {column: [one[column] for one in below if column in one] for column in heads}


def _fx_field(head: str) -> str:
    words = {**lists("fx_columns"), "date": lists("fx_heads")["day"]}
    own = {name: [name, *words.get(name, ())] for name in _OWN_FX}
    found = next((name for name, said in own.items() if key(head) in said), "")
    side = next((field for name, field in SIDES.items() if key(head) in lists("fx_heads")[name]), "")
    return _OWN_FX.get(found, "") or side or ("rate" if is_of_exchange(head) else "")
