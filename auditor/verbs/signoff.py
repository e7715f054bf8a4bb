"""Sign-offs: who stands behind the audit, on what exactly it rested, and what has changed beneath it since.

A sign-off keeps a manifest of everything the answer rests on. It stands as long as the manifest is the same; when a
file, a rate or a decision beneath it changes it falls, and the two manifests say what changed (window.md §1.6).
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auditor.core.problems import AuditorError
from auditor.project.store import Entry
from auditor.verbs.proving import Manifest
from auditor.verbs.proving import Proving

PREPARER, REVIEWER = "preparer", "reviewer"
ROLES = (PREPARER, REVIEWER)


@dataclass(frozen=True, slots=True)
class Change:
    """What changed since a sign-off: a `kind` of the manifest, `how` (added, removed or changed), and its name."""

    kind: str
    how: str
    name: str


@dataclass(frozen=True, slots=True)
class SignOff:
    """A signature in a role, with its note; it stands while nothing beneath it has changed."""

    role: str
    who: str
    at: str
    note: str
    changes: tuple[Change, ...]

    @property
    def stands(self) -> bool:
        """Tell whether what was signed is still what is there."""
        return not self.changes


@dataclass(frozen=True, slots=True)
class Lock:
    """Who locked the audit, when and why."""

    who: str
    at: str
    reason: str


def signed(signatures: Mapping[str, Entry], now: Manifest) -> tuple[SignOff, ...]:
    """Give the signatures that were not taken back, in the order of the roles."""
    return tuple(
        SignOff(role, entry.who, entry.at, entry.facts["note"], changes(entry.facts["manifest"], now))
        for role in ROLES
        if (entry := signatures.get(role))
    )


def changes(before: Manifest, now: Manifest) -> tuple[Change, ...]:
    """Give what differs between two manifests, by kind and name."""
    found = []
    for kind in sorted({*before, *now}):
        old, new = before.get(kind, {}), now.get(kind, {})
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                how = "added" if name not in old else "removed" if name not in new else "changed"
                found.append(Change(kind, how, name))
    return tuple(found)


def check_signer(role: str, who: str, standing: Sequence[SignOff]) -> None:
    """Refuse a signature without a name, of a role that does not exist, or of one person in both roles."""
    if role not in ROLES:
        raise ValueError(role)
    if not who.strip():
        raise AuditorError("sign_needs_name")
    if any(one.role != role and one.stands and _same_person(one.who, who) for one in standing):
        raise AuditorError("sign_same_person", who=who)
    if role == REVIEWER and not any(one.role == PREPARER and one.stands for one in standing):
        raise AuditorError("sign_preparer_first")


def check_lock(standing: Sequence[SignOff]) -> None:
    """Refuse to lock what preparer and reviewer do not both stand behind."""
    if {one.role for one in standing if one.stands} != set(ROLES):
        raise AuditorError("lock_needs_signatures")


def _same_person(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


class Signing(Proving):
    """The verbs of sign-off and lock; part of `Audit`."""

    @property
    def sign_offs(self) -> tuple[SignOff, ...]:
        """Give the signatures, and for each what has changed beneath it since: it stands only if nothing has."""
        return signed(self._state.signatures, self._manifest())

    @property
    def lock_in_force(self) -> Lock | None:
        """Give the lock that keeps the audit from being changed; None: it is open."""
        entry = self._state.lock
        return Lock(entry.who, entry.at, entry.facts["reason"]) if entry else None

    def sign(self, role: str, who: str, note: str = "") -> None:
        """Sign the audit as `preparer` or `reviewer`; they are two people, and the preparer signs first."""
        if self.result is None and self.kept_outcome() is None:
            raise AuditorError("sign_needs_result")
        check_signer(role, who, self.sign_offs)
        self._step("sign", who, role=role, note=note, manifest=manifest_facts(self._manifest()))

    def withdraw(self, role: str, who: str, reason: str) -> None:
        """Take a signature back; the journal keeps both."""
        self._step("withdraw", who, role=role, reason=reason)

    def lock(self, who: str, reason: str = "") -> None:
        """Lock the audit, once both have signed: nothing in it can be changed until it is unlocked."""
        check_lock(self.sign_offs)
        self._step("lock", who, reason=reason)

    def unlock(self, who: str, reason: str) -> None:
        """Open a locked audit again; the reason is kept in the journal."""
        if not reason.strip():
            raise AuditorError("unlock_needs_reason")
        self._step("unlock", who, reason=reason)


def manifest_facts(manifest: Manifest) -> dict[str, Any]:
    """Give a manifest as the journal keeps it."""
    return {kind: dict(names) for kind, names in manifest.items()}
