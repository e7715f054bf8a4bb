"""Files that were refused: why is said, and the user says how they are to be read; a reviewed workbook is ours."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.gui.desk import Refusal
    from auditor.gui.window import MainWindow

_OURS = "workbook_is_ours"
_TWICE = "file_twice"
_TWO_SIDED = "fx_side_open"
_OF_OTHERS = "log_all_of_unknown_waba"


class RefusedFiles:
    """Leads from refusals to where each is put right."""

    def __init__(self, window: "MainWindow") -> None:
        """Do so in `window`."""
        self._window = window
        window.context.workspace.unread.connect(self._show)

    def _show(self, refusals: "Sequence[Refusal]") -> None:
        window = self._window
        # A table of exchange rates needs but to be told its side; that is asked where the next step is said.
        two_sided = next((one.path for one in refusals if one.reason.code == _TWO_SIDED), None)
        if two_sided is not None:
            window.go("sources")
            window.context.workspace.waits.await_side(two_sided)
            refusals = [one for one in refusals if one.reason.code != _TWO_SIDED]
        # However it were read, one that came twice is there already.
        unread = [one.path for one in refusals if one.path is not None and one.reason.code not in {_OURS, _TWICE}]
        reviewed = next((one.path for one in refusals if one.reason.code == _OURS), None)
        if unread:
            window.go("sources")
        elif reviewed is not None:
            window.show_sign_off("review")
            window.context.workspace.read_reviewed(reviewed, window.sign_off.review.show_reviewed)
        of_others = [one.path for one in refusals if one.path is not None and one.reason.code == _OF_OTHERS]
        told = [one.reason for one in refusals if unread or one.reason.code != _OURS]
        if of_others:
            # Nothing can be stated of how it is read: it is the facts that may have to be others.
            window.bar().tell_refusals(told, action="sources.facts", act=window.sources.show_facts)
        elif told:
            window.bar().tell_refusals(told)
        if unread:
            window.sources.await_facts(of_others)
            window.sources.show_unread(unread, told_alone=len(told) == 1)
