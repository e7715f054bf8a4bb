"""The fields that state how a file is read: what it is, its sheet and heads, its marks, dates, letters, zone, days."""

from collections.abc import Collection
from collections.abc import Iterator
from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QSpinBox
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.gui.pieces.controls import Choice
from auditor.gui.pieces.controls import zones
from auditor.gui.reading.column_meanings import CARD
from auditor.gui.reading.column_meanings import FX
from auditor.gui.reading.column_meanings import LOG
from auditor.gui.reading.column_meanings import ORDERS
from auditor.gui.tables.rows import BLANK
from auditor.readers.encodings import ENCODINGS

if TYPE_CHECKING:
    from auditor.verbs.inspection import Inspection
    from auditor.verbs.inspection import ReadOptions

_MARKS = ("", ".", ",")
_LETTERS = ("", *ENCODINGS)
_NAMES = {"": "found", ".": "point", ",": "comma"}
# What a table that nothing is known of can be.
_KINDS = ("invoice", LOG, CARD, FX)
# Between these, and the account's own, rates of exchange are mostly stated.
_USUAL = ("USD", "PEN", "EUR")
# So far back a list of prices may hold from.
_MONTHS = 36
# These say what was found until they are touched; all others are empty until something is stated.
_FOUND = ("kind", "sheet", "header")


class ReadingFields(QWidget):
    """Says how a file is read, as found or as stated. `changed` comes with each change.

    It tells whether the file, or another sheet of it, is now another table: what was stated of its columns is void.
    """

    changed = Signal(bool)

    def __init__(self, context: Context) -> None:
        """Begin with no file."""
        super().__init__()
        self._context = context
        self._asks_zone = False
        self._filling = False
        self.kind, self.sheet, self.decimal, self.dates = Choice(), Choice(), Choice(), Choice()
        self.encoding, self.zone, self.pair, self.since = Choice(), Choice(), Choice(), Choice()
        self.header = QSpinBox()
        self.header.setMaximum(9999)
        self.header.setSpecialValueText(BLANK)
        self.header.setKeyboardTracking(False)
        self._labels: dict[str, QLabel] = {}
        self._build()
        self.kind.activated.connect(lambda _place: self._touch("kind"))
        self.sheet.activated.connect(lambda _place: self._touch("sheet"))
        self.header.valueChanged.connect(lambda _row: self._touch("header"))
        for _, box, _ in self._choices():
            box.activated.connect(lambda _place: self.changed.emit(False))

    # -- what they say

    def fill(self, seen: "Inspection | None") -> None:
        """Show how a file is read; what was stated stays."""
        self._filling = True
        self._asks_zone = bool(seen and seen.local_times)
        if not self._touched("kind"):
            self.kind.clear()
            for kind in _KINDS:
                self.kind.addItem(self._context.speech.language.text(f"domain.import.{kind}"), kind)
            self.kind.setCurrentIndex(self.kind.findData(seen.kind if seen else ""))
        if not self._touched("sheet"):
            self.sheet.clear()
            for sheet in seen.sheets if seen else ():
                self.sheet.addItem(sheet.name, sheet.name)
            self.sheet.setCurrentIndex(self.sheet.findData(seen.sheet if seen else ""))
        if not self._touched("header"):
            self.header.setValue(seen.header_row if seen else 0)
        for key, box, values in self._choices():
            chosen = box.currentData()
            box.clear()
            for value in values:
                box.addItem(self._choice_named(key, value), value)
            box.setCurrentIndex(max(0, box.findData(chosen)))
        self._filling = False

    def adopt(self, taken: "ReadOptions") -> None:
        """Say how a file was said to be read."""
        self.sheet.setProperty("touched", bool(taken.sheet))
        self.header.setProperty("touched", bool(taken.header_row))
        said = {"mark": taken.decimal, "order": taken.dates, "letters": taken.encoding, "place": taken.zone}
        said |= {"pair": taken.pair, "since": taken.since}
        for key, box, _ in self._choices():
            box.setCurrentIndex(max(0, box.findData(said[key])))

    def show_for(self, seen: "Inspection | None", *, is_new: bool) -> None:
        """Show the fields that say something of a file of this kind (none without one); `is_new`: not in the audit."""
        shown = self._said_of(seen, is_new=is_new) if seen is not None else ()
        for name, label in self._labels.items():
            label.setVisible(name in shown)
            getattr(self, name).setVisible(name in shown)
        self.setVisible(bool(shown))

    def forget(self) -> None:
        """Leave all as the program finds it by itself."""
        for name in _FOUND:
            getattr(self, name).setProperty("touched", False)
        for _, box, _ in self._choices():
            box.setCurrentIndex(0)

    @staticmethod
    def _said_of(seen: "Inspection", *, is_new: bool) -> Collection[str]:
        shown = {"kind"} if is_new else set()
        if seen.kind != LOG:
            shown |= {"header", "decimal", *(["sheet"] if any(sheet.name for sheet in seen.sheets) else [])}
        # A log with our own columns has times that say their order themselves.
        if seen.kind != LOG or seen.stopped is not None or any(column.dates for column in seen.columns):
            shown.add("dates")
        if seen.local_times:
            shown.add("zone")
        if seen.kind == FX:
            shown.add("pair")
        if seen.kind == CARD:
            shown.add("since")
        return shown | {"encoding"} if seen.format.encoding in ENCODINGS else shown

    def _choice_named(self, key: str, value: str) -> str:
        if key in {"place", "pair"} and value:
            return value  # a zone is its own name, and so is a pair of currencies
        if key == "since" and value:
            return self._context.speech.language.day(date.fromisoformat(value))
        key = "order" if key in {"pair", "since"} else key
        return self._context.speech.text(f"preview.{key}.{_NAMES.get(value, value)}")

    def _choices(self) -> tuple[tuple[str, Choice, tuple[str, ...]], ...]:
        asked = self._asks_zone or bool(self.zone.currentData())
        return (
            ("mark", self.decimal, _MARKS),
            ("order", self.dates, ORDERS),
            ("letters", self.encoding, _LETTERS),
            ("place", self.zone, ("", *(zones() if asked else ()))),
            ("pair", self.pair, ("", *self._pairs())),
            ("since", self.since, ("", *self._first_days())),
        )

    def _pairs(self) -> "Iterator[str]":
        """Give the pairs of currencies that rates of exchange may be of."""
        opened = self._context.workspace.opened
        own = (opened.account.currency, *(waba.currency for waba in opened.account.wabas)) if opened else ()
        return ("/".join(pair) for pair in permutations(dict.fromkeys((*own, *_USUAL)), 2))

    def _first_days(self) -> "Iterator[str]":
        """Give the days from which a list of prices may hold: months' first, from that of the audit's last day back."""
        opened = self._context.workspace.opened
        if opened is not None:
            months = opened.account.last.year * 12 + opened.account.last.month - 1
            yield from (
                date(month // 12, month % 12 + 1, 1).isoformat() for month in range(months, months - _MONTHS, -1)
            )

    # -- what is stated

    def stated(self) -> "ReadOptions":
        """Give what is stated in the fields, nothing of the columns."""
        from auditor.readers.tables.layouts import ReadOptions  # noqa: PLC0415 - loads the readers, which a start does without

        return ReadOptions(
            sheet=str(self.sheet.currentData() or "") if self._touched("sheet") else "",
            header_row=self.header.value() if self._touched("header") else 0,
            decimal=str(self.decimal.currentData() or ""),
            dates=str(self.dates.currentData() or ""),
            encoding=str(self.encoding.currentData() or ""),
            zone=str(self.zone.currentData() or ""),
            pair=str(self.pair.currentData() or ""),
            since=str(self.since.currentData() or ""),
        )

    def stated_kind(self) -> str:
        """Give what the file is stated to be; empty: what it seems to be."""
        return str(self.kind.currentData() or "") if self._touched("kind") else ""

    def say_anything(self) -> bool:
        """Tell whether anything is stated."""
        return any(box.currentData() for _, box, _ in self._choices()) or any(map(self._touched, _FOUND))

    def _touched(self, name: str) -> bool:
        return bool(getattr(self, name).property("touched"))

    def _touch(self, name: str) -> None:
        if self._filling:
            return
        getattr(self, name).setProperty("touched", True)
        is_another = name in {"sheet", "kind"}
        if is_another:
            self.header.setProperty("touched", False)
        self.changed.emit(is_another)

    # -- building

    def _build(self) -> None:
        speech = self._context.speech
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for key in ("kind", "sheet", "header", "decimal", "dates", "encoding", "zone", "pair", "since"):
            widget, label = getattr(self, key), QLabel()
            label.setBuddy(widget)
            self._labels[key] = label
            name = "this_is" if key == "kind" else key
            speech.bind(label.setText, f"preview.{name}")
            speech.bind(widget.setAccessibleName, f"preview.{name}")
            layout.addWidget(label)
            layout.addWidget(widget)
        self.sheet.setMinimumWidth(110)
        speech.bind(self.header.setToolTip, "preview.header_help")
        speech.bind(self.encoding.setToolTip, "preview.encoding_help")
        speech.bind(self.zone.setToolTip, "preview.zone_help")
        speech.bind(self.pair.setToolTip, "preview.pair_help")
        speech.bind(self.since.setToolTip, "preview.since_help")
        layout.addStretch(1)
