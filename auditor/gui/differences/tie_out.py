"""The footer of the reconciliation: invoiced, expected, difference, explained and what is left unexplained."""

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QVBoxLayout

from auditor.core.results import Reconciliation
from auditor.core.totals import sum_of_all
from auditor.core.totals import unrated_of
from auditor.gui.context import Context
from auditor.gui.opened import Recorded
from auditor.gui.tables.rows import BLANK
from auditor.gui.words import Words

FIGURES = ("invoiced", "expected", "difference", "explained", "unexplained")
_SIGNS = {"expected": "−", "difference": "=", "unexplained": "→"}

_SPACING, _TIGHT = 14, 4
# What a figure takes at least, and all that stands between and beside the five.
_FIGURE, _ROOM = 92, 200


class TieOut(QFrame):
    """Five figures that always add up; the last must read zero before the audit is done."""

    def __init__(self, context: Context) -> None:
        """Build the figures, empty."""
        super().__init__()
        self.setObjectName("tieOut")
        self._context = context
        self.figures: dict[str, QLabel] = {}
        self.beneath = {name: QLabel() for name in ("invoiced", "expected", "difference")}
        for label in self.beneath.values():
            label.setProperty("role", "caption")
        self._signs: list[QLabel] = []
        self._row = layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 8, 14, 8)
        layout.setSpacing(_SPACING)
        for name in FIGURES:
            if name in _SIGNS:
                sign = QLabel(_SIGNS[name] if name != "unexplained" else "", alignment=Qt.AlignmentFlag.AlignCenter)
                sign.setProperty("role", "sign")
                self._signs.append(sign)
                layout.addWidget(sign)
            layout.addLayout(self._figure(name))
            layout.addStretch(1)

    def show_result(self, result: Reconciliation, words: Words) -> None:
        """Show the totals of a reconciliation."""
        total = sum_of_all(result)
        self._show_figures(total.billed, total.expected, total.difference, total.unexplained, words)
        if not result.invoice_lines:
            self._show_accrual()
        self._show_whole(result, words)
        speech, over, under = self._context.speech, result.overcharged, result.undercharged
        said = speech.text("tie_out.range", low=words.money(result.low), high=words.money(result.high))
        unrated = sum(cell.quantity for cell in unrated_of(result.cells))
        if unrated:  # what is missing from the figure goes before how sure the rest of it is
            said = speech.text("tie_out.unrated", count=words.count(unrated))
        self._show_beneath("expected", said if unrated or result.low != result.high else "")
        # What is set off against each other is to be seen: a difference of nothing may be two. So are the cents that
        # lines gain or lose as each is rounded by itself.
        rounding = result.difference - over - under
        said = speech.text("tie_out.gross", over=words.signed(over), under=words.signed(under))
        if rounding and not (over and under):
            said = speech.text("tie_out.lines", amount=words.signed(over + under))
        if rounding:
            said = speech.text("tie_out.rounding", lines=said, amount=words.signed(rounding))
        self._show_beneath("difference", said if rounding or (over and under) else "")

    def show_recorded(self, recorded: Recorded, words: Words) -> None:
        """Show what the file records of its result, until that is computed: without colours, for nobody checked it."""
        self._show_figures(recorded.billed, recorded.expected, recorded.difference, recorded.unexplained, words)
        for name in ("unexplained", "difference"):
            self._colour(name, "")
        for name in self.beneath:
            self._show_beneath(name, self._context.speech.text("tie_out.recorded") if name == "invoiced" else "")

    def _show_accrual(self) -> None:
        """Leave open what only an invoice can tell: an expectation less nothing is not a difference of nothing."""
        for name in FIGURES:
            if name != "expected":
                self._show_figure(name, BLANK)
                self._colour(name, "")

    def _show_figures(
        self, billed: Decimal, expected: Decimal, difference: Decimal, unexplained: Decimal, words: Words
    ) -> None:
        amounts = {
            "invoiced": words.money(billed),
            "expected": words.money(expected),
            "difference": words.signed_money(difference),
            "explained": words.signed_money(difference - unexplained),
            "unexplained": words.signed_money(unexplained),
        }
        for name, text in amounts.items():
            self._show_figure(name, text)
        self._colour("unexplained", "over" if unexplained else "good")
        self._colour("difference", _tone(difference))

    def _show_figure(self, name: str, text: str) -> None:
        self.figures[name].setText(text)
        self.figures[name].setAccessibleName(f"{self._context.speech.text(f'tie_out.{name}')}: {text}")

    def _show_whole(self, result: Reconciliation, words: Words) -> None:
        """Say of how much the invoice is where more is billed than messages: taxes, say, or a subscription."""
        whole, billed = words.money(sum(result.by_layer.values(), Decimal(0))), words.money(result.billed)
        said = self._context.speech.text("tie_out.whole", amount=whole)
        self._show_beneath("invoiced", said if whole != billed else "")
        layers = (f"{words.domain('layer', layer)}: {words.money(amount)}" for layer, amount in result.by_layer.items())
        self.beneath["invoiced"].setToolTip("\n".join(layers))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Set the figures closer in a narrow window: a figure that is cut is another figure."""
        super().resizeEvent(event)
        wanted = sum(max(text.sizeHint().width(), _FIGURE) for text in self.figures.values())
        tight = self.width() < wanted + _ROOM
        if tight == bool(self.property("tight")):
            return
        self.setProperty("tight", tight)
        self._row.setSpacing(_TIGHT if tight else _SPACING)
        for sign in self._signs:
            sign.setVisible(not tight)
        for text in self.figures.values():
            text.style().polish(text)

    def _figure(self, name: str) -> QVBoxLayout:
        title, amount = QLabel(), QLabel(BLANK)
        title.setProperty("role", "caption")
        amount.setProperty("role", "figure")
        amount.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._context.speech.bind(title.setText, f"tie_out.{name}")
        self._context.speech.bind(amount.setToolTip, f"tie_out.help.{name}")
        self.figures[name] = amount
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(amount)
        if name in self.beneath:
            column.addWidget(self.beneath[name])
        column.addStretch(1)  # what stands beneath one figure must not move it away from the others' line
        return column

    def _show_beneath(self, name: str, said: str) -> None:
        """Show what there is to say of a figure under it; nothing takes no room."""
        self.beneath[name].setText(said)
        self.beneath[name].setHidden(not said)

    def _colour(self, name: str, tone: str) -> None:
        label = self.figures[name]
        label.setProperty("tone", tone)
        label.style().polish(label)


def _tone(difference: Decimal) -> str:
    if not difference:
        return "good"
    return "over" if difference > 0 else "under"
