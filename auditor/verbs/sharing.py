"""Copies of an audit to be sent: without the customers in it, or locked with a passphrase (formats.md §9)."""

from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import unwatched
from auditor.project.copies import copy_without_people
from auditor.project.copies import lock_with_passphrase
from auditor.project.copies import unlock_with_passphrase
from auditor.verbs.audit import Audit
from auditor.working import put_in_place
from auditor.working import working_file
from auditor.working import working_folder

_SHORTEST_PASSPHRASE = 12


def save_without_people(audit: Audit, path: Path) -> Path:
    """Save a copy without personal data that gives the same figures; it is computed, so that it can be verified."""
    if path.exists():
        raise AuditorError("audit_exists", Place(str(path)))
    with working_file(path) as working:
        working.unlink()
        copy_without_people(audit.store, working)
        copy = Audit.open(working)
        try:
            copy.recompute(unwatched)
            copy.store.make_whole()
        finally:
            copy.close()
        put_in_place(working, path)
    return path


def save_locked(audit: Audit, path: Path, passphrase: str, *, without_people: bool = False) -> Path:
    """Save a copy that only the passphrase opens. Raises `AuditorError`: `audit_exists`, `passphrase_short`."""
    if path.exists():
        raise AuditorError("audit_exists", Place(str(path)))
    if len(passphrase) < _SHORTEST_PASSPHRASE:
        raise AuditorError("passphrase_short", least=_SHORTEST_PASSPHRASE)
    with working_folder() as folder, working_file(path) as working:
        plain = folder / "copy.audit"
        if without_people:
            save_without_people(audit, plain)
        else:
            audit.store.save_copy(plain)
        lock_with_passphrase(plain, working, passphrase)
        put_in_place(working, path)
    return path


def open_locked(path: Path, target: Path, passphrase: str) -> Path:
    """Write the audit of a locked copy to `target`. Raises `AuditorError`: `audit_exists`, `passphrase_wrong`."""
    if target.exists():
        raise AuditorError("audit_exists", Place(str(target)))
    with working_file(target) as working:
        unlock_with_passphrase(path, working, passphrase)
        put_in_place(working, target)
    return target
