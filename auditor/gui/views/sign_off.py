"""Sign-off: what is still open, who stands behind the audit and what changed since, the lock, and the exports."""

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QPushButton
from PySide6.QtWidgets import QStackedWidget
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.gui.opened import Opened
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import Empty
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import heading
from auditor.gui.pieces.controls import help_button
from auditor.gui.pieces.controls import in_scroll
from auditor.gui.pieces.controls import tabbed
from auditor.gui.pieces.controls import told_label
from auditor.gui.pieces.message_bar import MessageBar
from auditor.gui.signing.claims_pane import ClaimsPane
from auditor.gui.signing.fixed_card import FixedCard
from auditor.gui.signing.hand_over import HandOver
from auditor.gui.signing.journal_pane import JournalPane
from auditor.gui.signing.review_pane import ReviewPane
from auditor.gui.signing.signature import Signature
from auditor.gui.words import Words

if TYPE_CHECKING:
    from auditor.gui.tables.table import Table
    from auditor.verbs.open_points import OpenPoint

ROLES = ("preparer", "reviewer")
# Where a point of the checklist is worked on.
_LEADS_TO = {
    "log": "sources",
    "invoice": "sources",
    "refused_rows": "sources",
    "log_health": "health",
    "undecided": "undecided",
    "unexplained": "unexplained",
    "bare_disputes": "disputed",
    "lost_decisions": "undecided",
}
EXPORTS = ("workbook", "charts", "claim_pack")
_HEAD_HEIGHT = 24
TABS = ("closing", "claims", "hand_over", "review", "journal")


class SignOffView(QWidget):
    """The last place. `led` asks the window to go where an open point is worked on, `export_wanted` for a file."""

    led = Signal(str)
    export_wanted = Signal(str)

    def __init__(self, context: Context, claims: ClaimsPane, review: ReviewPane, journal: JournalPane) -> None:
        """Build the place, empty, around its largest panes."""
        super().__init__()
        self._context = context
        self.bar = MessageBar(context)
        self.points = QGridLayout()
        self.leads: dict[str, QPushButton] = {}
        self.signatures = {role: Signature(context, role) for role in ROLES}
        self.lock = button(context, "sign.lock", "lock")
        self.unlock = button(context, "sign.unlock", "lock")
        self.reason = QLineEdit()
        self.lock_text = told_label()
        self.exports = {
            name: button(context, f"sign.export.{name}", "export", primary=name == "workbook") for name in EXPORTS
        }
        self.claims, self.review, self.journal = claims, review, journal
        self.hand_over, self.fixed = HandOver(context), FixedCard(context)
        self.tabs = tabbed(context, "sign.parts")
        self.tabs.setProperty("inset", True)
        self._build()
        for part in (self.claims, self.hand_over.send, self.fixed):
            part.refused.connect(lambda sentence: self.bar.tell(sentence, kind="problem"))
        context.workspace.follow(self)
        context.speech.switched.connect(self.refresh)
        context.appearance.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show how things stand."""
        opened, words = self._context.workspace.opened, self._context.words()
        self._stack.setCurrentIndex(1 if opened else 0)
        if opened is None or words is None:
            return
        self._show_points(opened, words)
        count = words.count(self.claims.show_claims(words))
        self.hand_over.show_audit(words)
        self.review.refresh()
        self.journal.refresh()
        for place, key in enumerate(TABS):
            self.tabs.setTabText(place, self._context.speech.text(f"sign.tab.{key}", count=count))
        names = {"preparer": opened.account.preparer, "reviewer": opened.account.reviewer}
        for role, card in self.signatures.items():
            signed = next((one for one in opened.sign_offs if one.role == role), None)
            card.show_state(signed, names[role], words, locked=opened.lock is not None)
        width = max(card.sign.sizeHint().width() for card in self.signatures.values())
        for card in self.signatures.values():
            card.sign.setMinimumWidth(width)
        self._show_lock(opened, words)
        self.fixed.show_audit(opened, words)
        for name in EXPORTS:
            self.exports[name].setEnabled(opened.result is not None)

    def show_tab(self, name: str) -> None:
        """Bring a tab forward: closing, claims, hand_over, review or journal."""
        self.tabs.setCurrentIndex(TABS.index(name))

    def table_in_view(self) -> "Table | None":
        """Give the table of the tab that is open, if it has one."""
        tables = {"claims": self.claims.table, "review": self.review.table, "journal": self.journal.table}
        return tables.get(TABS[self.tabs.currentIndex()])

    def _show_points(self, opened: Opened, words: Words) -> None:
        while (item := self.points.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.leads.clear()
        for row, point in enumerate(opened.points):
            self._show_point(row, point, words)
        # They are made anew each time, and would come last: the keyboard goes as the eye does.
        for before, after in pairwise((self.tabs.tabBar(), *self.leads.values())):
            QWidget.setTabOrder(before, after)

    def _show_point(self, row: int, point: "OpenPoint", words: Words) -> None:
        speech, appearance = self._context.speech, self._context.appearance
        sign = QLabel()
        sign.setPixmap(
            appearance.icon("matched" if point.met else "warning", "good" if point.met else "over").pixmap(20, 20)
        )
        sign.setAccessibleName(speech.text("sign.met" if point.met else "sign.open"))
        amount = words.money(point.amount) if point.amount is not None else ""
        key = f"sign.point.{point.code}_{'met' if point.met else 'open'}"
        text = QLabel(speech.text(key, count=words.count(point.count), amount=amount), wordWrap=True)
        self.points.addWidget(sign, row, 0)
        self.points.addWidget(text, row, 1)
        if not point.met:
            lead = QPushButton(speech.text("sign.go"), autoDefault=True)
            lead.setAccessibleName(f"{speech.text('sign.go')}: {text.text()}")
            lead.clicked.connect(lambda _=False, code=point.code: self.led.emit(_LEADS_TO[code]))
            self.leads[point.code] = lead
            self.points.addWidget(lead, row, 2)

    def _show_lock(self, opened: Opened, words: Words) -> None:
        speech, lock = self._context.speech, opened.lock
        both = {one.role for one in opened.sign_offs if one.stands} == set(ROLES)
        self.lock.setVisible(lock is None)
        self.lock.setEnabled(both)
        self.unlock.setVisible(lock is not None)
        self.reason.setVisible(lock is not None)
        if lock is not None:
            text = speech.text("sign.locked", who=lock.who, at=words.moment(lock.at))
        else:
            text = speech.text("sign.may_lock" if both else "sign.lock_later")
        self.lock_text.setText(escape(text))

    def _signer(self) -> str:
        fields = [self.signatures[role].who.text() for role in reversed(ROLES)]
        return next((name for name in fields if name), "")

    # -- building

    def _build(self) -> None:
        self.lock.clicked.connect(lambda: self._context.workspace.lock(self._signer()))
        self.unlock.clicked.connect(self._unlock)
        self.reason.returnPressed.connect(self._unlock)
        for name, export in self.exports.items():
            export.clicked.connect(lambda _=False, name=name: self.export_wanted.emit(name))
        self.claims.pack.clicked.connect(lambda: self.export_wanted.emit("claim_pack"))
        page = QWidget()
        cards = QGridLayout(page)
        cards.setContentsMargins(16, 12, 16, 12)
        cards.setHorizontalSpacing(16)
        cards.setVerticalSpacing(12)
        for place, card in enumerate((self._points(), self._signing(), self._exporting(), self._locking())):
            card.body.addStretch(1)
            cards.addWidget(card, place // 2, place % 2)
            cards.setColumnStretch(place % 2, 1)
        cards.addWidget(self.fixed, 2, 0, 1, 2)
        cards.setRowStretch(3, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(Empty(self._context, "sign_off", "sign.empty"))
        for widget in (in_scroll(page), self.claims, in_scroll(self.hand_over), self.review, self.journal):
            self.tabs.addTab(widget, "")
        self._stack.addWidget(self.tabs)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 6, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.bar)
        whole.addWidget(self._stack, 1)

    def _unlock(self) -> None:
        self._context.workspace.unlock(self._signer(), self.reason.text())
        self.reason.clear()

    def _points(self) -> Card:
        card = self._card("sign.points", "sign.points_text")
        self.points.setHorizontalSpacing(10)
        self.points.setVerticalSpacing(9)
        self.points.setColumnStretch(1, 1)
        card.body.addLayout(self.points)
        return card

    def _exporting(self) -> Card:
        export = self._card("sign.exports", "sign.exports_text")
        row = QHBoxLayout()
        row.setSpacing(8)
        for one in self.exports.values():
            row.addWidget(one)
        row.addStretch(1)
        export.body.addLayout(row)
        return export

    def _signing(self) -> Card:
        signing = self._card("sign.signatures", "sign.signatures_text", help_page="sign-off")
        for card in self.signatures.values():
            signing.body.addWidget(card)
        return signing

    def _locking(self) -> Card:
        lock = self._card("sign.lock_title", "")
        lock.body.addWidget(self.lock_text)
        row = QHBoxLayout()
        row.addWidget(self.reason, 1)
        row.addWidget(self.lock)
        row.addWidget(self.unlock)
        row.addStretch(1)
        self._context.speech.bind(self.reason.setPlaceholderText, "sign.unlock_reason")
        self._context.speech.bind(self.reason.setAccessibleName, "sign.unlock_reason")
        lock.body.addLayout(row)
        return lock

    def _card(self, title: str, text: str, help_page: str = "") -> Card:
        card = Card()
        head, name = QHBoxLayout(), heading(self._context, title)
        # As high as a help button: the headings of two cards side by side stand on one line.
        name.setMinimumHeight(_HEAD_HEIGHT)
        head.addWidget(name)
        head.addStretch(1)
        if help_page:
            sign = help_button(self._context, help_page)
            head.addWidget(sign)
        card.body.addLayout(head)
        if text:
            card.body.addWidget(caption(self._context, text))
        return card
