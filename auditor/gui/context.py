"""What every view is built with: the open audit, the language, the looks and the preferences."""

from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtCore import Signal

from auditor.gui.speech import Speech
from auditor.gui.theme import Appearance
from auditor.gui.workspace import Workspace
from auditor.settings import Preferences

if TYPE_CHECKING:
    from auditor.gui.words import Words


class Guide(QObject):
    """Brings help from wherever it is needed: `wanted` names the page, as in `resources/help`."""

    wanted = Signal(str)


@dataclass(frozen=True, slots=True)
class Context:
    """The five things a view may reach."""

    workspace: Workspace
    speech: Speech
    appearance: Appearance
    preferences: Preferences
    guide: Guide = field(default_factory=Guide)

    def words(self) -> "Words | None":
        """Give the words of the open audit in the present language, if one is open."""
        # Here rather than above: with the core comes numpy, and the window need not wait for it.
        from auditor.gui.words import Words  # noqa: PLC0415

        opened = self.workspace.opened
        return Words(self.speech.language, opened.account) if opened else None
