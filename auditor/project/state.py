"""What is in force in an audit: the journal folded up. Undo and redo are entries like others (architecture.md §3)."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any

from auditor.project.store import Entry

_DECISIONS = {"accept": "accepted", "dispute": "disputed"}
_BY_HAND = frozenset({"attach", "set_rate", "withdraw_rate", "match", "unmatch", "settle", "set_due"})
_STEPS = frozenset(
    {
        "set_account", "add_files", "remove_file", "read_again", "accept", "dispute", "assign_cause", "annotate",
        "clear", "condition", "review", *_BY_HAND,
    }
)  # fmt: skip
_ON_FILES = frozenset({"set_account", "add_files", "remove_file", "read_again"})


@dataclass(frozen=True, slots=True)
class Decided:
    """What stands decided about one difference."""

    decision: str = ""
    cause: str = ""
    note: str = ""


@dataclass(slots=True)
class State:
    """The files in force by number, the account's, the decisions by key, and the entries undo and redo would meet.

    `accounts` are the account's versions that were not undone; the last is the one in force.

    By hand: `rates` by the number of their entry, `matches` (a difference's key) by file and place of an invoice line,
    `attached` files by key.

    `conditions` are the entries of the account checklist, by business number and check; `lead_notes` are the notes on
    rows of the lead schedule, by account, month and category.

    `claims` came from the audit before; by the claim's name, `settled` is what was credited since and `due` the day by
    which it is to be answered, empty where that was taken away.

    `signatures` are the entries of sign-offs by role, `lock` is the entry that locked the audit: they are no steps to
    be undone, but taken back by entries of their own. `packed` is what the last claim pack claimed.
    """

    account: int = 0
    accounts: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    decisions: dict[str, Decided] = field(default_factory=dict)
    rates: dict[int, Mapping[str, str]] = field(default_factory=dict)
    matches: dict[tuple[int, int], str] = field(default_factory=dict)
    attached: dict[str, list[int]] = field(default_factory=dict)
    lead_notes: dict[str, str] = field(default_factory=dict)
    claims: list[Mapping[str, str]] = field(default_factory=list)
    settled: dict[str, Decimal] = field(default_factory=dict)
    due: dict[str, str] = field(default_factory=dict)
    conditions: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    undo: Entry | None = None
    redo: Entry | None = None
    signatures: dict[str, Entry] = field(default_factory=dict)
    lock: Entry | None = None
    packed: Mapping[str, Any] = field(default_factory=dict)


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
    for entry in journal:
        _stand(state, entry)
    return state


def _stand(state: State, entry: Entry) -> None:
    """Apply what stands outside undo and redo: signatures, the lock, claims that came along, the claim pack."""
    if entry.verb == "sign":
        state.signatures[entry.facts["role"]] = entry
    elif entry.verb == "withdraw":
        state.signatures.pop(entry.facts["role"], None)
    elif entry.verb == "lock":
        state.lock = entry
    elif entry.verb == "unlock":
        state.lock = None
    elif entry.verb == "carry":
        state.claims = list(entry.facts["claims"])
    elif entry.verb == "claim_pack":
        state.packed = entry.facts


def _apply(state: State, entry: Entry) -> None:
    facts = entry.facts
    if entry.verb in _ON_FILES:
        _files_in_force(state, entry.verb, facts)
    elif entry.verb == "condition":
        state.conditions[facts["number"], facts["check"]] = facts
    elif entry.verb in _BY_HAND:
        _by_hand(state, entry)
    elif entry.verb == "review":
        _reviewed(state, facts)
    else:
        for key in facts["keys"]:
            state.decisions[key] = _decided(state.decisions.get(key, Decided()), entry.verb, facts)


def _reviewed(state: State, facts: Mapping[str, Any]) -> None:
    """Apply what was taken over from a reviewed workbook; an earlier version took decisions and notes of lines only."""
    for one in facts["decided"]:
        old = state.decisions.get(one["key"], Decided())
        state.decisions[one["key"]] = Decided(one["decision"], one.get("cause", old.cause), one["note"])
    state.lead_notes.update({one["key"]: one["note"] for one in facts.get("notes", ())})
    state.conditions.update({(one["number"], one["check"]): one for one in facts.get("conditions", ())})


def _by_hand(state: State, entry: Entry) -> None:
    facts = entry.facts
    if entry.verb == "set_rate":
        state.rates[entry.number] = facts
    elif entry.verb == "withdraw_rate":
        state.rates.pop(facts["entry"], None)
    elif entry.verb == "match":
        state.matches.update(dict.fromkeys(_lines(facts), facts["key"]))
    elif entry.verb == "unmatch":
        for line in _lines(facts):
            state.matches.pop(line, None)
    elif entry.verb == "settle":
        state.settled[facts["claim"]] = state.settled.get(facts["claim"], Decimal(0)) + Decimal(facts["amount"])
    elif entry.verb == "set_due":
        state.due[facts["claim"]] = facts["due"]
    elif entry.verb == "attach":
        for key in facts["keys"]:
            state.attached[key] = [*state.attached.get(key, ()), facts["file"]]


def _files_in_force(state: State, verb: str, facts: Mapping[str, Any]) -> None:
    if verb == "set_account":
        state.account = facts["file"]
        state.accounts.append(state.account)
        state.files = [number for number in state.files if number not in facts.get("replaces", ())]
        state.files += facts.get("files", [])
    elif verb == "add_files":
        state.files += facts["files"]
    elif verb == "remove_file":
        state.files = [number for number in state.files if number != facts["file"]]
    for reading in readings(verb, facts):
        _read_anew(state, reading)


def readings(verb: str, facts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the new readings that a verb brought: a `file` that `replaces` another.

    In `moved` are the places of lines matched by hand, in the old reading and in the new one.
    """
    if verb == "read_again":
        yield facts
    elif verb == "set_account":
        yield from facts.get("read_again", ())


def _read_anew(state: State, reading: Mapping[str, Any]) -> None:
    """Put a new reading in the place of the old one; what was matched by hand stays so."""
    old, new = reading["replaces"], reading["file"]
    state.files = [new if number == old else number for number in state.files]
    for before, after in reading.get("moved", ()):
        state.matches[new, after] = state.matches.pop((old, before))


def _lines(facts: Mapping[str, Any]) -> list[tuple[int, int]]:
    return [(file, place) for file, place in facts["lines"]]


def _decided(old: Decided, verb: str, facts: Mapping[str, str]) -> Decided:
    if verb == "clear":
        return Decided()
    if verb == "assign_cause":
        return Decided(old.decision, facts["cause"], old.note)
    if verb == "annotate":
        return Decided(old.decision, old.cause, facts["note"])
    return Decided(_DECISIONS[verb], old.cause, facts.get("note") or old.note)
