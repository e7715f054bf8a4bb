"""The ledger beneath all verbs: the open audit file, its journal folded up, and the answer as long as it holds."""

import getpass
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Any
from zoneinfo import ZoneInfo

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.project.plain import from_plain
from auditor.project.spill import Spill
from auditor.project.state import Decided
from auditor.project.state import State
from auditor.project.state import state_of
from auditor.project.store import Entry
from auditor.project.store import Store
from auditor.verbs.decision import Decision
from auditor.verbs.room import Room

if TYPE_CHECKING:
    from auditor.core.audit import Audited
    from auditor.core.results import Reconciliation
    from auditor.project.log import StoredLog
    from auditor.verbs.evidence import Evidence
    from auditor.verbs.kept_answers import KeptAnswers


_CHANGE_NOTHING = frozenset({"unlock", "claim_pack"})  # of what the audit says


class Ledger:
    """What is there in an open audit, and how a step is written down; the verbs are in the classes made of it."""

    def __init__(self, store: Store, room: Room | None = None) -> None:
        """Take an open store; use `create` or `open` instead."""
        self.store = store
        self.room = room or Room()
        self._spill = Spill(self.room.folder)
        self.result: Reconciliation | None = None
        self._audited: Audited | None = None
        self._log: StoredLog | None = None
        self._evidence: Evidence | None = None
        self._kept: KeptAnswers | None = None
        self._charges_file = ""
        # Where each invoice line of the answer comes from: the file's number, and the line's place in it.
        self._origins: list[tuple[int, int]] = []
        self._reports: dict[int, ImportReport] = {}
        self._state = State()
        self._refresh()

    # What is there -------------------------------------------------------------------------------------------------

    @property
    def account(self) -> Account:
        """Give the account facts in force."""
        return from_plain(Account, self.store.facts_of(self._state.account)["account"])

    @property
    def sources(self) -> tuple[ImportReport, ...]:
        """Give what became of every file in force."""
        return tuple(self._report(number) for number in self._state.files)

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """Give the decisions by the key of their difference."""
        return {key: Decision(d.decision, d.cause, d.note) for key, d in self._state.decisions.items() if _any(d)}

    @property
    def lead_notes(self) -> Mapping[str, str]:
        """Give the notes on rows of the lead schedule by their key (`Lead.key`)."""
        return {key: note for key, note in self._state.lead_notes.items() if note}

    @property
    def undo_name(self) -> str:
        """Name the step that undo would take back, as a key of the catalogue's `verbs` table; empty: nothing."""
        return self._state.undo.name if self._state.undo else ""

    @property
    def redo_name(self) -> str:
        """Name the step that redo would do again, as a key of the catalogue's `verbs` table; empty: nothing."""
        return self._state.redo.name if self._state.redo else ""

    @property
    def undo_count(self) -> int:
        """Count what undo would take back: lines decided on, files taken in."""
        return _size(self._state.undo)

    @property
    def redo_count(self) -> int:
        """Count what redo would do again."""
        return _size(self._state.redo)

    @property
    def journal(self) -> Sequence[Entry]:
        """Give the journal in order."""
        return self.store.journal()

    def _refresh(self) -> None:
        """Fold the journal up anew; an answer to other inputs is no answer any more."""
        before = _inputs(self._state)
        self._reports.clear()
        self._state = state_of(self.store.journal())
        if before != _inputs(self._state):
            self.result = self._audited = self._log = self._evidence = None

    @property
    def files(self) -> tuple[int, ...]:
        """Give the numbers of the files in force."""
        return tuple(self._state.files)

    def brought(self) -> list[int]:
        """Give the files that the account in force brought along, in the order in which it names them."""
        accounts = {entry.facts["file"]: entry.facts for entry in self.store.journal() if entry.verb == "set_account"}
        facts = accounts[self._state.account]
        while "follows" in facts:  # of the account before, some facts were changed and the files stayed
            facts = accounts[facts["follows"]]
        return list(facts["files"])

    def _report(self, number: int) -> ImportReport:
        if number not in self._reports:  # asked for again and again, and kept beside all lines of the file
            self._reports[number] = from_plain(ImportReport, self.store.facts_of(number)["report"])
        return self._reports[number]

    def _write(self, verb: str, who: str = "", /, **facts: Any) -> None:
        """Record a verb, in the transaction that is open; the account's preparer does it, or the system's user."""
        self._check_open(verb)
        who = who or (self.account.preparer if self._state.account else "")
        self.store.write(verb, who or getpass.getuser(), facts)

    def _step(self, verb: str, by: str = "", /, **facts: Any) -> None:
        with self.store.transaction():
            self._write(verb, by, **facts)
        self._refresh()

    def _check_open(self, verb: str) -> None:
        """Refuse what would change a locked audit."""
        lock = self._state.lock
        if lock and verb not in _CHANGE_NOTHING:
            zone = ZoneInfo(self.account.wabas[0].time_zone)
            at = datetime.fromisoformat(lock.at).astimezone(zone).isoformat()
            raise AuditorError("audit_locked", Place(self.store.path.name), who=lock.who, when=at)

    # Back and forth -------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Undo the last verb (its name: `undo_name`)."""
        if self._state.undo:
            self._step("undo", entry=self._state.undo.number)

    def redo(self) -> None:
        """Do again what was undone last (its name: `redo_name`)."""
        if self._state.redo:
            self._step("redo", entry=self._state.redo.number)


def _any(decided: Decided) -> bool:
    return decided != Decided()


def _inputs(state: State) -> tuple[object, ...]:
    """Give all that an answer hangs on."""
    return state.account, tuple(state.files), tuple(state.rates), tuple(state.matches.items())


def _size(entry: Entry | None) -> int:
    """Count what a step is about."""
    facts = entry.facts if entry else {}
    return max((len(facts[name]) for name in ("keys", "lines", "names") if name in facts), default=1)
