"""Carry-forward: the next audit begins with what this one knows, and with its open claims (formats.md §9)."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import Account
from auditor.core.records import OpeningVolume
from auditor.project.plain import to_plain
from auditor.project.store import Store
from auditor.readers.recognise import ACCOUNT
from auditor.readers.recognise import CARD
from auditor.readers.recognise import FX
from auditor.verbs.audit import Audit
from auditor.verbs.claims import carried_facts


def carry_forward(old: Audit, path: Path, name: str, first: date, last: date) -> Audit:
    """Make the audit of a later period: accounts, contract, rates and open claims go along; logs do not.

    Volumes that were counted in a month which the new period goes on with become opening volumes. Raises
    `AuditorError`: `audit_exists`, `carry_needs_result`, `carry_goes_back` (a period that is not after the old one).
    """
    if old.result is None:
        raise AuditorError("carry_needs_result", Place(old.store.path.name))
    if first <= old.account.last or last < first:
        raise AuditorError("carry_goes_back", last=old.account.last.isoformat())
    account = replace(old.account, name=name, first=first, last=last, opening_volumes=_opening(old, first))
    if path.exists():
        raise AuditorError("audit_exists", Place(str(path)))
    store = Store(path)
    try:
        _take_along(old, store, account)
        return Audit(store)
    except BaseException:
        store.close()
        path.unlink(missing_ok=True)
        raise


def _opening(old: Audit, first: date) -> tuple[OpeningVolume, ...]:
    """Give the volumes that a month had when the new period begins in the middle of it."""
    month = f"{first:%Y-%m}"
    kept = [one for one in old.account.opening_volumes if one.month > month]
    used = [one for one in (old.result.allowances if old.result else ()) if one.kind == "tier" and one.period == month]
    volumes = {(one.owner, one.market, one.category): one.used for one in used}
    return (*kept, *(OpeningVolume(*key, month, volume) for key, volume in volumes.items()))


def _take_along(old: Audit, store: Store, account: Account) -> None:
    """Copy cards and exchange rates, and write the account down with them; then rates set by hand, and the claims."""
    in_force = [number for number in old.files if old.store.facts_of(number)["report"]["kind"] in {CARD, FX}]
    named = [number for number in old.brought() if number in in_force]
    extra = [number for number in in_force if number not in named]
    who = account.preparer or old.journal[-1].who
    with store.transaction():
        number = store.add_file("", account.name, ACCOUNT, b"", {"account": to_plain(account)})
        files = [_copied(old.store, store, one) for one in named]
        store.write("set_account", who, {"file": number, "files": files, "replaces": []})
        if extra:
            names = [old.store.name_of(one) for one in extra]
            store.write("add_files", who, {"files": [_copied(old.store, store, one) for one in extra], "names": names})
        for rate in old.rates_by_hand.values():
            if rate.last is None or rate.last >= account.first:
                store.write("set_rate", who, rate.facts())
        for found in old.conditions.values():
            store.write("condition", who, found.facts())
        origin = {"audit": old.store.path.name, "digest": old.store.digest}
        store.write("carry", who, {**origin, "claims": carried_facts(old.claims)})


def _copied(source: Store, target: Store, number: int) -> int:
    facts = source.facts_of(number)
    report = facts["report"]
    return target.add_file(report["sha256"], report["file"], report["kind"], source.content_of(number), facts)
