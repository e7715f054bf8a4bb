"""How far the log can be trusted: coverage per number and day, and each warning with what it means for the result."""

from decimal import Decimal
from html import escape

from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.results import HealthFinding
from auditor.core.results import LogGap
from auditor.core.results import Reconciliation
from auditor.gui.context import Context
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import in_scroll
from auditor.gui.pieces.controls import told_label
from auditor.gui.reading.coverage import CoverageMap
from auditor.gui.words import Words
from auditor.language import catalogue


class HealthPane(QWidget):
    """The heat map over the warnings."""

    def __init__(self, context: Context) -> None:
        """Begin without a log."""
        super().__init__()
        self._context = context
        self._shown: tuple[Reconciliation | None, Words | None] = (None, None)
        self.map = CoverageMap(context)
        self.text = told_label()
        self._hint = caption(context, "coverage.hint")
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(4, 8, 8, 4)
        column.setSpacing(8)
        column.addWidget(self._hint)
        column.addWidget(self.map)
        column.addWidget(self.text)
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(in_scroll(inside))
        context.appearance.changed.connect(self._show_text)

    def show_result(self, result: Reconciliation | None, words: Words | None) -> None:
        """Show the health of a reconciliation's log."""
        self.map.show_result(result, words)
        self._hint.setVisible(result is not None)
        self._shown = (result, words)
        self._show_text()

    def _show_text(self) -> None:
        result, words = self._shown
        if result is None or words is None:
            self.text.setText(escape(self._context.speech.text("health.none")))
            return
        told = [self._told(finding, words) for finding in result.health.findings]
        told += [self._gap(result, words)] if result.health.gaps else []
        self.text.setText("".join(told) or escape(self._context.speech.text("health.clean")))

    def _told(self, finding: HealthFinding, words: Words) -> str:
        speech, theme = self._context.speech, self._context.appearance.theme
        sentence = speech.language.text(f"domain.health.{finding.code}", **finding.values)
        where = [words.phone(finding.phone_number_id)] if finding.phone_number_id else []
        where += [speech.language.day(finding.day)] if finding.day else []
        where += [speech.text("sources.times", count=words.count(finding.count))] if finding.count else []
        means = catalogue(speech.language.code).get(f"window.health.means.{finding.code}", "")
        return (
            f"<p style='margin:6px 0 2px 0'><b>{escape(sentence)}</b> <span style='color:{theme.muted}'>"
            f"{escape(', '.join(where))}</span>" + (f"<br>{escape(means)}" if means else "") + "</p>"
        )

    def _gap(self, result: Reconciliation, words: Words) -> str:
        """Say by how much lost events widen the expected total, what each gap is, and the rule."""
        speech, theme, gaps = self._context.speech, self._context.appearance.theme, result.health.gaps
        below = sum((gap.below for gap in gaps), Decimal(0))
        above = sum((gap.above for gap in gaps), Decimal(0))
        text = speech.text("health.widened", below=words.money(below), above=words.money(above))
        each = "".join(f"<br>{escape(_told_gap(gap, words))}" for gap in gaps)
        rule = escape(speech.language.text("domain.widening.rule"))
        return (
            f"<p style='margin:6px 0 2px 0'><b style='color:{theme.over}'>{escape(text)}</b>{each}"
            f"<br><span style='color:{theme.muted}'>{rule}</span></p>"
        )


def _told_gap(gap: LogGap, words: Words) -> str:
    """Say what a gap is."""
    return words.language.text(
        f"domain.widening.{gap.kind}",
        number=words.phone(gap.phone_number_id),
        first=words.instant(gap.first),
        last=words.instant(gap.last),
        missing=words.count(gap.missing),
        traces=words.count(gap.traces),
    )
