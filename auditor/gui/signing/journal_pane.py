"""The journal: who did what, when, and to which lines, files or facts; the newest entry stands first."""

from typing import TYPE_CHECKING
from typing import NamedTuple

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.gui.pieces.controls import caption
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.row_heights import RowHeights
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table

if TYPE_CHECKING:
    from auditor.project.store import Entry
    from auditor.verbs import Audit

# As much of a digest as tells two entries apart; the whole one closes the journal in the workbook.
_SHOWN = 12


class Told(NamedTuple):
    """An entry, and in words what it is about."""

    entry: "Entry"
    about: str


COLUMNS: tuple[Column[Told], ...] = (
    Column(
        "number", lambda one, words: words.count(one.entry.number), lambda one: one.entry.number, numeric=True, width=64
    ),
    Column(
        "at",
        lambda one, words: words.moment(one.entry.at),
        width=150,
        moment=lambda one, words: words.at_home(one.entry.at),
    ),
    Column("who", lambda one, _words: one.entry.who or BLANK, width=160),
    Column("what", lambda one, words: words.language.text(f"verbs.{one.entry.name}"), width=220),
    Column("digest", lambda one, _words: one.entry.digest[:_SHOWN] or BLANK, width=110),
    Column("about", lambda one, _words: one.about or BLANK, width=520),
)


class JournalPane(QWidget):
    """Every step of the audit, as the file has it; nothing in it can be changed, and it is read when looked at."""

    def __init__(self, context: Context) -> None:
        """Begin empty."""
        super().__init__()
        self._context = context
        self.model: RecordModel[Told] = RecordModel("journal", COLUMNS, context.speech, self)
        self.table = Table(self.model, context.speech, context.preferences)
        RowHeights(self.table, self.model, "who", "what", "about")
        context.speech.bind(self.table.setAccessibleName, "journal.name")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(10)
        layout.addWidget(caption(context, "journal.text"))
        layout.addWidget(self.table, 1)

    def showEvent(self, event: QShowEvent) -> None:
        """Read it, now that it is looked at."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show the entries as they now are, in the language of now."""
        words, workspace = self._context.words(), self._context.workspace
        if words is None or not self.isVisible():
            return

        def told(audit: "Audit") -> list[Told]:
            from auditor.verbs.journal_words import detail  # noqa: PLC0415 - loads the engine

            return [Told(one, detail(one, words.language, audit.account)) for one in reversed(audit.journal)]

        workspace.ask(told, lambda entries: self.model.show(prepare(COLUMNS, entries, words)))
