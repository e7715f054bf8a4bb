"""What is in force in an audit: the journal folded up. Undo and redo are entries like others (architecture.md §3)."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from auditor.project.store import Entry

_DECISIONS = {"accept": "accepted", "dispute": "disputed"}
_STEPS = frozenset(
    {"set_account", "add_files", "remove_file", "accept", "dispute", "assign_cause", "annotate", "clear"}
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What stands decided about one difference."""

    decision: str = ""
    cause: str = ""
    note: str = ""


@dataclass(slots=True)
class State:
    """The files in force by number, the account's, the decisions by key, and the entries undo and redo would meet."""

    account: int = 0
    files: list[int] = field(default_factory=list)
    decisions: dict[str, Decided] = field(default_factory=dict)
    undo: Entry | None = None
    redo: Entry | None = None


def state_of(journal: Sequence[Entry]) -> State:
    """Fold the journal up. The account an audit was made with, its first entry, cannot be undone away."""
    done: list[Entry] = []
    undone: list[Entry] = []
    for entry in journal:
        if entry.verb == "undo" and len(done) > 1:
            undone.append(done.pop())
        elif entry.verb == "redo" and undone:
            done.append(undone.pop())
        elif entry.verb in _STEPS:
            done.append(entry)
            undone.clear()
    state = State()
    for entry in done:
        _apply(state, entry)
    state.undo = done[-1] if len(done) > 1 else None
    state.redo = undone[-1] if undone else None
    return state


def _apply(state: State, entry: Entry) -> None:
    facts = entry.facts
    if entry.verb == "set_account":
        state.account = facts["file"]
        state.files = [number for number in state.files if number not in facts.get("replaces", ())]
        state.files += facts.get("files", [])
    elif entry.verb == "add_files":
        state.files += facts["files"]
    elif entry.verb == "remove_file":
        state.files = [number for number in state.files if number != facts["file"]]
    else:
        for key in facts["keys"]:
            state.decisions[key] = _decided(state.decisions.get(key, Decided()), entry.verb, facts)


def _decided(old: Decided, verb: str, facts: Mapping[str, str]) -> Decided:
    if verb == "clear":
        return Decided()
    if verb == "assign_cause":
        return Decided(old.decision, facts["cause"], old.note)
    if verb == "annotate":
        return Decided(old.decision, old.cause, facts["note"])
    return Decided(_DECISIONS[verb], old.cause, facts.get("note") or old.note)
