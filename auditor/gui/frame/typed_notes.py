"""A note that was being typed when the program was ended: it is written down where its audit is opened again."""

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.gui.window import MainWindow


class TypedNotes:
    """Writes down what `DecisionCard` left in the preferences, as the step that it was going to be, and says so."""

    def __init__(self, window: "MainWindow") -> None:
        """Do so in `window`."""
        self._window = window
        self._of: Path | None = None
        self._said = ""
        window.context.workspace.changed.connect(self._look)
        window.ready.connect(lambda _place: self._say())

    def _look(self) -> None:
        """Look for one as soon as an audit is open; one that is locked takes none."""
        workspace, preferences = self._window.context.workspace, self._window.context.preferences
        path = workspace.opened.path if workspace.opened else None
        if workspace.opened is None or path is None or path == self._of:
            return
        self._of = path
        draft = preferences.draft(path)
        if draft is not None and workspace.opened.lock is None:
            workspace.annotate(*draft, partial(self._written, path, draft[1]))

    def _written(self, path: "Path", note: str) -> None:
        self._window.context.preferences.forget_draft(path)
        self._said = self._window.context.speech.text("message.note_kept", note=note)
        if not self._window.bound:  # else it is said in the place that is on its way
            self._say()

    def _say(self) -> None:
        said, self._said = self._said, ""
        if said:
            self._window.tell(said)
