"""The columns of a file as it is read, each with the meaning it is taken for, which a person can change."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTableWidget
from PySide6.QtWidgets import QTableWidgetItem

from auditor.core.tables import MESSAGE_COLUMNS
from auditor.gui.context import Context
from auditor.gui.pieces.controls import Choice
from auditor.gui.tables.rows import collated
from auditor.language import catalogue
from auditor.readers.values.rate_fields import CARD_FIELDS
from auditor.readers.values.rate_fields import FX_FIELDS
from auditor.readers.values.types import TYPES
from auditor.verbs.seen import helping

if TYPE_CHECKING:
    from auditor.verbs.inspection import Inspection
    from auditor.verbs.seen import SeenColumn

IGNORE = "ignore"
LOG = "log"
CARD, FX = "card", "fx"
EDITABLE = frozenset({"invoice", "usage", LOG, CARD, FX})
# How the days of a column may be written; empty: as the program finds.
ORDERS = ("", "dmy", "mdy", "ymd")
# What a line of an invoice has in common with a message; all other fields of a message belong to logs alone.
_SHARED = {"waba_id", "phone_number_id", "country", "pricing_type", "message_id", "user"}
_ONLY_LOGS = frozenset(MESSAGE_COLUMNS) - _SHARED
_ONLY_RATES = {*CARD_FIELDS, *FX_FIELDS} - {"currency", "market", "category", "tier", "day"}
_FIELD = "reading.field."
_HEAD, _MEANING, _TYPE, _SURE = range(4)


class ColumnMeanings(QTableWidget):
    """Head, meaning, type and ground of each column.

    `meant` hands on the letters of a column and its new meaning, `typed` them and its new type; empty: as found.
    """

    meant = Signal(str, str)
    typed = Signal(str, str)

    def __init__(self, context: Context) -> None:
        """Begin with no file."""
        super().__init__(0, 4)
        self._context = context
        context.speech.bind(self.setAccessibleName, "preview.columns")
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setDefaultSectionSize(34)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setTabKeyNavigation(False)
        for place, width in enumerate((135, 175, 132)):
            self.setColumnWidth(place, width)

    def fill(self, seen: "Inspection | None") -> None:
        """Show the columns of a file as it is read; none without one."""
        columns = seen.columns if seen else ()
        self.setRowCount(len(columns))
        for row, column in enumerate(columns):
            head = f"{column.letters}  {column.head}".strip() if column.basis or column.letters else column.head
            self._put(row, _HEAD, head or "—")
            say = self._context.speech.language.text
            self._put(row, _SURE, say(f"inspect.basis.{column.basis}", sure=column.sure) if column.basis else "—")
            self._put_meaning(row, column, seen.kind if seen else "")
            self._put_type(row, column, seen.kind if seen else "")
        heads = ("column", "meaning", "type", "basis")
        self.setHorizontalHeaderLabels([self._context.speech.text(f"preview.{name}") for name in heads])

    def _put(self, row: int, place: int, text: str) -> None:
        item = QTableWidgetItem(text)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        item.setToolTip(text)
        self.setItem(row, place, item)

    def _put_meaning(self, row: int, column: "SeenColumn", kind: str) -> None:
        code = self._context.speech.language.code
        if kind not in EDITABLE or not column.letters:
            self.removeCellWidget(row, _MEANING)
            self._put(row, _MEANING, field_names(code, kind).get(column.field, column.field) or "—")
            return
        names = _fields(code, kind)
        box = self._box("meaning", column)
        for field, name in names.items():
            box.addItem(name, field)
        if column.helps:
            box.setItemText(box.findData(IGNORE), helping(column, self._context.speech.language))
        box.setCurrentIndex(box.findData(column.field or IGNORE))
        letters = column.letters
        box.activated.connect(lambda _place, box=box: self.meant.emit(letters, str(box.currentData())))
        self.setCellWidget(row, _MEANING, box)

    def _put_type(self, row: int, column: "SeenColumn", kind: str) -> None:
        """Offer every type, the first of them what was found; one that the meaning cannot be of is told as such."""
        if kind not in EDITABLE or not column.letters:
            self.removeCellWidget(row, _TYPE)
            self._put(row, _TYPE, self._type(column))
            return
        say, box = self._context.speech.text, self._box("type", column)
        box.addItem(say("preview.order.found") if column.stated else self._type(column), "")
        for one in TYPES:
            box.addItem(say(f"preview.as.{one}"), one)
        box.setCurrentIndex(max(0, box.findData(column.stated)))
        letters = column.letters
        box.activated.connect(lambda _place, box=box: self.typed.emit(letters, str(box.currentData())))
        self.setCellWidget(row, _TYPE, box)

    def _box(self, key: str, column: "SeenColumn") -> Choice:
        box = Choice()
        box.setAccessibleName(f"{self._context.speech.text(f'preview.{key}')}: {column.head or column.letters}")
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return box

    def _type(self, column: "SeenColumn") -> str:
        speech = self._context.speech
        parts = [speech.language.text(f"inspect.type.{column.kind}")]
        parts += [f"1{column.decimal}5"] if column.decimal else []
        parts += [speech.text(f"preview.order.{column.dates}")] if column.dates in ORDERS[1:] else []
        parts += [column.currency] if column.currency else []
        return ", ".join(parts)


def field_names(language: str, kind: str = "") -> Mapping[str, str]:
    """Give the name of every field that a kind of file, or any, may have."""
    # By their tables: to go through the whole catalogue reads it all, which holds the window up.
    kinds = {"window.preview.field.": ("window", "preview"), _FIELD: ("reading", "field")}
    names = {
        key.removeprefix(prefix): text
        for prefix, table in kinds.items()
        for key, text in catalogue(language).table(*table).items()
        if key.startswith(prefix)
    }
    exchange = names.pop("exchange_rate")
    return {**names, "rate": exchange} if kind == FX else names


def _fields(language: str, kind: str) -> Mapping[str, str]:
    """Give every meaning that a column of a kind of file may have: `ignore` first."""
    own = {LOG: MESSAGE_COLUMNS, CARD: CARD_FIELDS, FX: FX_FIELDS}.get(kind)
    names, read = field_names(language, kind), catalogue(language).table("reading", "field")
    known = own or {key.removeprefix(_FIELD) for key in read} - _ONLY_LOGS - _ONLY_RATES
    offered = {field: names[field] for field in known if field in names and field != IGNORE}
    return {IGNORE: names[IGNORE], **dict(sorted(offered.items(), key=lambda pair: collated(pair[1])))}
