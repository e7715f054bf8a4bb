"""Files that are handed to the window, dropped on it or chosen: they open an audit, begin one, or join what is open."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.gui.frame.waiting_files import WaitingFiles
from auditor.gui.frame.waiting_files import audit_of

if TYPE_CHECKING:
    from auditor.gui.opened import Opened
    from auditor.gui.window import MainWindow


class HandedFiles:
    """Leads files to where each belongs."""

    def __init__(self, window: "MainWindow") -> None:
        """Do so in `window`."""
        self._window = window
        self._waiting = WaitingFiles()

    def take(self, files: Sequence[Path]) -> None:
        """Take files: an audit or account file opens, the rest joins it or what is open.

        An account file alone, beside an audit that is open, may be meant for that one: it is asked.
        """
        window = self._window
        is_open = window.context.workspace.opened is not None
        to_open = [file for file in files if file.suffix.lower() in {".audit", ".toml"}]
        if is_open and len(files) == 1 and files[0].suffix.lower() == ".toml":
            self._ask(files[0])
        elif len(to_open) == 1 and (len(files) == 1 or not is_open):
            self._waiting.keep([file for file in files if file not in to_open], audit_of(to_open[0]))
            window.open(to_open[0])
        elif files and is_open:
            window.add(files)
        elif files:
            self._keep_waiting(files)

    def hand_on(self, opened: "Opened") -> tuple[Path, ...]:
        """Give, once, what an audit that was opened takes in."""
        return self._waiting.hand_on(opened)

    def _keep_waiting(self, files: Sequence[Path]) -> None:
        """Ask the facts of the audit that files are to belong to which were added where none is open."""
        window = self._window
        self._waiting.keep(files)
        window.go("start")
        window.start.show_form()
        window.start.bar.tell(window.context.speech.text("message.audit_for_files"))
        window.start.fill_from(files)

    def _ask(self, file: Path) -> None:
        """Ask what the facts in an account file are for; any other file of settings is refused as it was."""
        window, say = self._window, self._window.context.speech.text

        def look() -> bool:
            from auditor.readers.recognise import ACCOUNT  # noqa: PLC0415 - loads the readers, on the worker's thread
            from auditor.readers.recognise import recognise  # noqa: PLC0415

            return recognise(file) == ACCOUNT

        def looked(is_account: bool) -> None:
            opened = window.context.workspace.opened
            if not is_account or opened is None:
                window.open(file)
                return
            bar = window.bar()
            text = say("message.account_for", file=file.name, name=opened.account.name)
            bar.tell(text, action=say("message.account_here"), act=partial(self._put_in_force, file))
            bar.offer_otherwise(say("message.account_apart"), partial(window.open, file))

        window.context.workspace.compute(look, looked)

    def _put_in_force(self, file: Path) -> None:
        window = self._window

        def tell() -> None:
            window.bar().tell(window.context.speech.text("sources.facts_changed"), kind="done")

        window.context.workspace.set_account(file, tell)
