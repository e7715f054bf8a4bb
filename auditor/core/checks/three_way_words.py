"""The three-way tie-out, and what Meta logged itself, in words: the same on the command line and in the workbook."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator

from auditor.core.day_words import day_words
from auditor.core.results_checks import LoggedPattern
from auditor.core.results_checks import ThreeWay

_ENDED_SHORT = ("part", "part_off")


def short_exports(held: Iterable[ThreeWay], say: Callable[..., str], account: Callable[[str], str]) -> Iterator[str]:
    """Say of each account of which the export has a part of the period which days it has; `account` names one."""
    spans = dict.fromkeys((one.waba_id, one.first, one.last) for one in held if one.door in _ENDED_SHORT)
    for waba, first, last in spans:
        if first and last:
            days = {"first": day_words(first, say), "last": day_words(last, say)}
            yield say("checks.export_days", account=account(waba), **days) if waba else say("checks.export_all", **days)


def logged_sentence(pattern: LoggedPattern, say: Callable[..., str]) -> str:
    """Say what messages are by the rules, and what they are by the words that Meta logged with them."""
    ours = (say(f"domain.category.{pattern.category}"), say(f"domain.pricing_type.{pattern.pricing_type}"))
    kind = pattern.logged_type
    if kind:
        charged = say("checks.logged_other") if kind == "other" else say(f"domain.pricing_type.{kind}")
    elif pattern.billable is None:
        charged = ""
    else:
        charged = say("checks.logged_billable" if pattern.billable else "checks.logged_not_billable")
    known = pattern.logged_category not in {"", "other"}
    category = say(f"domain.category.{pattern.logged_category}") if known else ""
    theirs = " · ".join(word for word in (category, charged) if word)
    code = "logged_covered" if pattern.covered else "logged"
    return say(f"checks.{code}", ours=" · ".join(ours), theirs=theirs or say("checks.logged_other"))
