"""What stands where there is no result yet: the file to add or, where one that was handed in waits, where it does."""

from PySide6.QtCore import Signal

from auditor.gui.context import Context
from auditor.gui.pieces.controls import Empty
from auditor.gui.pieces.controls import button
from auditor.gui.reading.next_step import waiting_step


class NextEmpty(Empty):
    """An empty place with the one button that is the way on."""

    files_wanted = Signal()
    sources_wanted = Signal()

    def __init__(self, context: Context, icon: str, key: str) -> None:
        """Say `<key>.title` and `<key>.text` for as long as nothing waits."""
        self.add = button(context, "sources.add", "add", primary=True)
        self.leave = button(context, "sources.next.go", "sources", primary=True)
        super().__init__(context, icon, key, self.add, self.leave)
        self._context, self._key = context, key
        self.add.clicked.connect(self.files_wanted)
        self.leave.clicked.connect(self.sources_wanted)
        for changed in (context.workspace.changed, context.workspace.waits.changed, context.speech.switched):
            changed.connect(self._follow)
        self._follow()

    def say(self, key: str) -> None:
        """Say `<key>.title` and `<key>.text` from now on."""
        self._key = key
        self._follow()

    def _follow(self) -> None:
        step, say = waiting_step(self._context), self._context.speech.text
        self.title.setText(say("sources.next.waits" if step else f"{self._key}.title"))
        self.text.setText(step.text if step else say(f"{self._key}.text"))
        self.leave.setVisible(step is not None)
        self.add.setVisible(step is None)
