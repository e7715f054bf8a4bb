"""The short form of an audit's facts: whose bill, which month and currency, and the WhatsApp accounts it is about."""

import re
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate
from PySide6.QtCore import QLocale
from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtCore import QTimeZone
from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox
from PySide6.QtWidgets import QDateEdit
from PySide6.QtWidgets import QFormLayout
from PySide6.QtWidgets import QGridLayout
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QScrollArea
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.problems import AuditorError
from auditor.gui.context import Context
from auditor.gui.forms.account_text import AuditFacts
from auditor.gui.forms.account_text import WabaFacts
from auditor.gui.forms.account_text import account_text
from auditor.gui.forms.account_text import typed
from auditor.gui.forms.number_names import NumberNames
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import Choice
from auditor.gui.pieces.controls import Tool
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import fill_in
from auditor.gui.pieces.controls import heading
from auditor.gui.pieces.controls import refuse_drops
from auditor.gui.pieces.controls import suggest
from auditor.gui.pieces.controls import zones
from auditor.gui.pieces.message_bar import MessageBar

if TYPE_CHECKING:
    from auditor.core.records import Account
    from auditor.core.records import Waba
    from auditor.verbs.glimpse import Glimpse

# The currencies Meta bills in come first; any other code can be typed.
CURRENCIES = ("USD", "PEN", "EUR", "MXN", "BRL", "CLP", "COP", "ARS", "GBP", "INR", "IDR", "AUD")
_LANGUAGES = (("es", "Español"), ("en", "English"))
_HOME_ZONE = "America/Lima"


class TypedChoice(QComboBox):
    """A list to choose from that also takes what is typed; what is typed after a click stands for what was there."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select all that is there, as Tab does; a click puts the cursor into it only after this."""
        super().focusInEvent(event)
        field = self.lineEdit()
        if field is not None and event.reason() == Qt.FocusReason.MouseFocusReason:
            QTimer.singleShot(0, field.selectAll)


def _choice(values: tuple[str, ...]) -> TypedChoice:
    """Make a list to choose from that also takes what is typed, with suggestions from anywhere in a word."""
    box = TypedChoice(editable=True)
    box.addItems(values)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    suggest(box)
    return box


class MonthField(QDateEdit):
    """A month, chosen by its arrows: they go to the next or the one before, wherever the cursor stands."""

    def __init__(self) -> None:
        """Begin with last month."""
        super().__init__(QDate.currentDate().addMonths(-1))
        self.setDisplayFormat("MMMM yyyy")
        self._first = self.date()

    @property
    def is_first(self) -> bool:
        """Tell whether it still says what it began with."""
        return self.date() == self._first

    def stepBy(self, steps: int) -> None:
        """Go some months on or back."""
        self.setDate(self.date().addMonths(steps))


def _own_zone() -> str:
    """Give the zone of the system, where it is named for a place."""
    named = bytes(QTimeZone.systemTimeZoneId().data()).decode("ascii", "replace")
    return named if named in zones()[1:] and not named.startswith("Etc/") else _HOME_ZONE


class WabaFields(Card):
    """The fields of one WhatsApp Business Account."""

    removed = Signal(object)

    def __init__(self, context: Context, currency: str) -> None:
        """Begin with the zone of the system and the invoice's currency."""
        super().__init__(margin=12, spacing=6)
        self.id, self.name, self.numbers = QLineEdit(), QLineEdit(), QLineEdit()
        self.zone = _choice(zones())
        self.zone.setCurrentText(_own_zone())
        self.currency = _choice(CURRENCIES)
        self.currency.setCurrentText(currency)
        self.remove = Tool(autoRaise=True)
        context.appearance.bind_icon(self.remove.setIcon, "remove", "muted")
        context.speech.bind(self.remove.setToolTip, "form.remove_waba")
        context.speech.bind(self.remove.setAccessibleName, "form.remove_waba")
        self.remove.clicked.connect(lambda: self.removed.emit(self))
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        places = (("waba_id", self.id, 0, 0), ("waba_name", self.name, 0, 1), ("zone", self.zone, 2, 0))
        for key, widget, row, column in (*places, ("waba_currency", self.currency, 2, 1)):
            _labelled(context, grid, key, widget, row, column)
        _labelled(context, grid, "numbers", self.numbers, 4, 0, 2)
        self.named = NumberNames(context)
        self.naming = button(context, "form.name_numbers", "add")
        self.naming.setCheckable(True)
        grid.addWidget(self.naming, 6, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.named, 7, 0, 1, 2)
        self.numbers.textChanged.connect(self._list_numbers)
        self.naming.toggled.connect(self.named.setVisible)
        self.named.hide()
        self._list_numbers()
        grid.addWidget(self.remove, 1, 2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        context.speech.bind(self.numbers.setPlaceholderText, "form.numbers_hint")
        self._context, self._unnamed = context, False
        context.speech.switched.connect(self._hint)
        self._hint()
        self.body.addLayout(grid)

    @property
    def stops(self) -> "tuple[QWidget, ...]":
        """Give its controls in the order in which one reads them."""
        return (self.id, self.name, self.remove, self.zone, self.currency, self.numbers, self.naming, self.named)

    def take_any_name(self, unnamed: bool) -> None:
        """Say what is taken where no id is typed: any name will do where no file names an account."""
        self._unnamed = unnamed
        self._hint()

    def _hint(self) -> None:
        key = "form.waba_id_unnamed" if self._unnamed else "form.waba_id_hint"
        self.id.setPlaceholderText(self._context.speech.text(key))

    def show_waba(self, waba: "Waba") -> None:
        """Show the facts of an account that is there."""
        fill_in(self.id, waba.id)
        fill_in(self.name, waba.name)
        self.zone.setCurrentText(waba.time_zone)
        self.currency.setCurrentText(waba.currency)
        numbers = (f"{number.id} ({number.phone})" if number.phone else number.id for number in waba.numbers)
        self.named.fill_in({one.id: (one.name, one.cost_centre) for one in waba.numbers if one.name or one.cost_centre})
        fill_in(self.numbers, ", ".join(numbers))
        self._list_numbers()
        self.naming.setChecked(bool(self.named.names()))

    def facts(self) -> WabaFacts:
        """Give what was typed."""
        return WabaFacts(
            self.id.text(), self.name.text(), self.zone.currentText(), self.currency.currentText(), self.numbers.text(),
            self.named.names(),
        )  # fmt: skip

    def _list_numbers(self) -> None:
        """Offer a row for the name and cost centre of each number that is typed."""
        numbers = typed(self.numbers.text())
        self.named.show_numbers(numbers)
        self.naming.setVisible(bool(numbers))
        self.named.setVisible(bool(numbers) and self.naming.isChecked())


class AccountForm(QWidget):
    """Asks the facts of an audit (`kind`: new or facts). `submitted` hands on its name and its account file's text.

    `files_wanted` asks for the files that a new audit is to begin with: what they say need not be typed.
    """

    submitted = Signal(str, str)
    dismissed = Signal()
    files_wanted = Signal()

    def __init__(self, context: Context, kind: str = "new") -> None:
        """Begin with last month, in the window's language."""
        super().__init__()
        self._context, self._kind = context, kind
        self.wabas: list[WabaFields] = []
        # No file names an account: the only one is then called after the entity.
        self._unnamed = False
        self.bar = MessageBar(context, flush=True)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.name, self.entity, self.tax_id, self.preparer = QLineEdit(), QLineEdit(), QLineEdit(), QLineEdit()
        self.materiality = QLineEdit()
        self.period = MonthField()
        for edit in self.period.findChildren(QLineEdit):
            edit.setTextMargins(8, 0, 0, 0)
        self.currency = _choice(CURRENCIES)
        # What it said before: accounts whose rates were in that go with it, as long as no file says otherwise.
        self._said = self.currency.currentText()
        for chosen in (self.currency.activated, self.currency.lineEdit().editingFinished):  # type: ignore[union-attr] # it is editable
            chosen.connect(self._go_with_currency)
        self.speaks = Choice()
        for code, name in _LANGUAGES:
            self.speaks.addItem(name, code)
        self.from_files = button(context, "form.from_files", "add")
        self.submit = button(context, f"form.{kind}.submit", "accept", primary=True)
        for field in (self.name, self.entity, self.tax_id, self.preparer, self.materiality):
            field.returnPressed.connect(self._submit)
        self._build()
        self._speak()
        context.speech.switched.connect(self._speak)
        self.add_waba()

    def add_waba(self) -> None:
        """Ask for one more account."""
        fields = WabaFields(self._context, self.currency.currentText())
        fields.removed.connect(self._remove_waba)
        for field in (fields.id, fields.name, fields.numbers):
            field.returnPressed.connect(self._submit)
        refuse_drops(fields)
        self.wabas.append(fields)
        self._waba_list.addWidget(fields)
        # Fields are made later than the buttons below them: the keyboard goes as the eye does.
        before = self.wabas[-2].stops[-1] if len(self.wabas) > 1 else self.name
        for one, next_one in pairwise((before, *fields.stops, self._more)):
            QWidget.setTabOrder(one, next_one)
        self._show_removers()
        if len(self.wabas) > 1:
            fields.id.setFocus()

    def show_account(self, account: "Account") -> None:
        """Show the facts of an audit that is there, to be changed."""
        self.bar.hide()
        for field in ("name", "entity", "tax_id", "preparer"):
            fill_in(getattr(self, field), getattr(account, field))
        amount = account.materiality.amount
        self.materiality.setText(format(amount, "f") if amount else "")
        self.period.setDate(QDate(account.first.year, account.first.month, 1))
        self.currency.setCurrentText(account.currency)
        self.speaks.setCurrentIndex(self.speaks.findData(account.language))
        while len(self.wabas) > len(account.wabas):
            self._remove_waba(self.wabas[-1])
        while len(self.wabas) < len(account.wabas):
            self.add_waba()
        for fields, waba in zip(self.wabas, account.wabas, strict=True):
            fields.show_waba(waba)
        self.entity.setFocus()

    def fill_from(self, found: "Glimpse") -> bool:
        """Fill in what files say, and tell whether they do; what was typed meanwhile stays."""
        self.bar.hide()  # what was wrong may be filled in now
        if found.period and self.period.is_first:
            self.period.setDate(QDate.fromString(f"{found.period}-01", Qt.DateFormat.ISODate))
        if found.currency and self.currency.currentText() == CURRENCIES[0]:
            self.currency.setCurrentText(found.currency)
        if not self.entity.text():
            fill_in(self.entity, found.entity)
        if not self.tax_id.text() and self.entity.text() == found.entity:
            fill_in(self.tax_id, found.tax_id)
        typed = any(fields.id.text() for fields in self.wabas)
        for place, waba in enumerate(() if typed else found.wabas):
            if place == len(self.wabas):
                self.add_waba()
                # As of the first one, until a price list says otherwise: no file speaks of one account's alone.
                self.wabas[place].currency.setCurrentText(self.wabas[0].currency.currentText())
            fill_in(self.wabas[place].id, waba)
        self._unnamed, self._said = found.unnamed, self.currency.currentText()
        for fields in self.wabas:
            fields.take_any_name(found.unnamed)
            if not fields.name.text():
                fill_in(fields.name, found.names.get(fields.id.text().strip(), ""))
            if found.rates and fields.currency.currentText() == CURRENCIES[0]:
                fields.currency.setCurrentText(found.rates)
        return bool(found.period or found.currency or found.wabas or found.entity)

    def facts(self) -> AuditFacts:
        """Give what was typed; an audit without a name is called after entity and month, or an account as above."""
        period = self.period.date().toString("yyyy-MM")
        entity = self.entity.text().strip()
        named = " ".join(part for part in (entity, period) if part)
        wabas = tuple(fields.facts() for fields in self.wabas)
        if self._unnamed and len(wabas) == 1 and not wabas[0].id.strip():
            wabas = (replace(wabas[0], id=entity),)
        return AuditFacts(
            name=self.name.text().strip() or named,
            entity=self.entity.text(),
            tax_id=self.tax_id.text(),
            period=period,
            currency=self.currency.currentText(),
            language=str(self.speaks.currentData()),
            preparer=self.preparer.text(),
            materiality=self.materiality.text(),
            wabas=wabas,
        )

    def refuse(self, error: AuditorError) -> None:
        """Say what is wrong and put the cursor where it can be mended."""
        field = self._field(error.place.column if error.place else "")
        speech = self._context.speech
        if field is not None and error.code == "settings_missing_key":
            text = speech.text("form.missing", field=field.accessibleName())
        else:
            # Of a field its place in the account file says nothing; of a file that is read anew it says all.
            text = speech.language.text(f"problems.{error.code}", **error.values) if field else speech.error(error)
        self.bar.tell(text, kind="problem")
        if field is not None:
            field.setFocus(Qt.FocusReason.TabFocusReason)  # so what is wrong is selected, to be typed over
            QTimer.singleShot(0, self, partial(self._scroll.ensureWidgetVisible, field))  # the bar moved it down

    def _field(self, key: str) -> QWidget | None:
        """Find the field behind a key of the account file, such as `waba[0].time_zone`."""
        match = re.fullmatch(r"waba\[(\d+)\]\.?(\w*).*", key)
        if match:
            fields = self.wabas[min(int(match[1]), len(self.wabas) - 1)]
            return {"time_zone": fields.zone, "currency": fields.currency, "numbers": fields.numbers}.get(
                match[2], fields.id
            )
        name = key.removeprefix("audit.").partition(".")[0]
        return {"currency": self.currency, "name": self.name, "materiality": self.materiality}.get(name)

    def _submit(self) -> None:
        self.bar.hide()
        facts = self.facts()
        self.submitted.emit(facts.name, account_text(facts))

    def _go_with_currency(self) -> None:
        """Let accounts of a new audit whose rates were in the invoice's currency have them in the one it is in now."""
        before, self._said = self._said, self.currency.currentText()
        for fields in self.wabas if self._kind == "new" else ():
            if fields.currency.currentText() == before:
                fields.currency.setCurrentText(self._said)

    def _remove_waba(self, fields: WabaFields) -> None:
        self.wabas.remove(fields)
        self._waba_list.removeWidget(fields)
        fields.hide()
        self._show_removers()

    def _show_removers(self) -> None:
        for fields in self.wabas:
            fields.remove.setVisible(len(self.wabas) > 1)

    def _speak(self) -> None:
        """Month names come from the locale, which a date field does not take up by itself."""
        self.period.setLocale(QLocale())
        if not self.entity.text():
            self.speaks.setCurrentIndex(self.speaks.findData(self._context.speech.language.code))

    def _build(self) -> None:
        content = QWidget()
        columns = QHBoxLayout(content)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(16)
        columns.addWidget(self._audit_card(), 5)
        columns.addWidget(self._waba_card(), 6)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setWidget(content)
        buttons = QHBoxLayout()
        back = button(self._context, "form.back")
        back.clicked.connect(self.dismissed)
        self.submit.clicked.connect(self._submit)
        buttons.addWidget(back)
        self.from_files.clicked.connect(self.files_wanted)
        if self._kind != "new":
            self.from_files.hide()
        buttons.addWidget(self.from_files)
        buttons.addStretch(1)
        buttons.addWidget(self.submit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(10)
        layout.addWidget(heading(self._context, f"form.{self._kind}.title"))
        layout.addWidget(self.bar)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(buttons)

    def _audit_card(self) -> Card:
        card = Card()
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(2)
        for key, widget in (
            ("entity", self.entity),
            ("tax_id", self.tax_id),
            ("period", self.period),
            ("currency", self.currency),
            ("language", self.speaks),
            ("materiality", self.materiality),
            ("preparer", self.preparer),
            ("name", self.name),
        ):
            label = QLabel()
            self._context.speech.bind(label.setText, f"form.{key}")
            self._context.speech.bind(widget.setAccessibleName, f"form.{key}")
            label.setBuddy(widget)
            # A label stands nearer to its own field than to the one above.
            label.setContentsMargins(0, 7, 0, 0)
            form.addRow(label, widget)
        self._context.speech.bind(self.name.setPlaceholderText, "form.name_hint")
        self._context.speech.bind(self.materiality.setPlaceholderText, "form.materiality_hint")
        card.body.addWidget(heading(self._context, "form.audit"))
        if self._kind == "new":
            card.body.addWidget(caption(self._context, "form.enough"))
        card.body.addLayout(form)
        card.body.addStretch(1)
        return card

    def _waba_card(self) -> Card:
        card = Card()
        column = card.body
        column.addWidget(heading(self._context, "form.wabas"))
        column.addWidget(caption(self._context, "form.wabas_text"))
        self._waba_list = QVBoxLayout()
        self._waba_list.setSpacing(8)
        column.addLayout(self._waba_list)
        self._more = button(self._context, "form.add_waba", "add")
        self._more.clicked.connect(self.add_waba)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return card


def _labelled(
    context: Context, grid: QGridLayout, key: str, widget: QWidget, row: int, column: int, span: int = 1
) -> None:
    """Put a field under its label."""
    label = QLabel()
    label.setBuddy(widget)
    label.setContentsMargins(0, 4 if row else 0, 0, 0)
    context.speech.bind(label.setText, f"form.{key}")
    context.speech.bind(widget.setAccessibleName, f"form.{key}")
    grid.addWidget(label, row, column, 1, span)
    grid.addWidget(widget, row + 1, column, 1, span)
