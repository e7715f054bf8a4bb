"""What every view is built with: the open audit, the language, the looks and the preferences."""

from dataclasses import dataclass

from auditor.gui.speech import Speech
from auditor.gui.theme import Appearance
from auditor.gui.words import Words
from auditor.gui.workspace import Workspace
from auditor.settings import Preferences


@dataclass(frozen=True, slots=True)
class Context:
    """The four things a view may reach."""

    workspace: Workspace
    speech: Speech
    appearance: Appearance
    preferences: Preferences

    def words(self) -> Words | None:
        """Give the words of the open audit in the present language, if one is open."""
        opened = self.workspace.opened
        return Words(self.speech.language, opened.account) if opened else None
