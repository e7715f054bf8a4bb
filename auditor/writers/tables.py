"""Plain tables and figures for other programs: SUMMARY as JSON (formats.md §8). Files are replaced in one step."""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from auditor.core.checks.lines import sentence
from auditor.core.money import plain
from auditor.core.money import to_minor
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.results import Fixed
from auditor.core.results import Health
from auditor.core.results import Reconciliation
from auditor.core.results import Sealed
from auditor.core.results import Support
from auditor.core.results_checks import CrossCheck
from auditor.core.results_checks import LineFinding
from auditor.core.results_checks import ThreeWay
from auditor.core.timeline import iso
from auditor.language import Language
from auditor.writers.whole_file import whole_file


def write_summary(result: Reconciliation, path: Path, fixed: Fixed | None = None) -> Path:
    """Write SUMMARY to `path`, whole or not at all; gives the path.

    Raises `AuditorError` (`file_not_writable`) if the place cannot be written.
    """
    return write_json(summary(result) | {"fixed": _fixed(fixed or Fixed())}, path)


def summary(result: Reconciliation) -> dict[str, object]:
    """Give SUMMARY (formats.md §8): amounts as texts in the invoice's currency, null for what is not broken down."""
    currency = result.account.currency

    def money(amount: Decimal) -> str:
        return format(to_minor(amount, currency), "f")

    return {
        "audit": result.account.name,
        "period": period_of(result.account),
        "first": result.account.first.isoformat(),
        "last": result.account.last.isoformat(),
        "currency": currency,
        "expected": {
            name: money(amount) if result.has_log else None
            for name, amount in (("amount", result.expected), ("low", result.low), ("high", result.high))
        },
        "invoiced": {
            "amount": money(result.billed) if result.invoice_lines else None,
            "by_layer": {layer: money(amount) for layer, amount in result.by_layer.items()},
        },
        "difference": money(result.difference) if result.invoice_lines and result.has_log else None,
        "gross": {
            name: money(amount) if result.invoice_lines and result.has_log else None
            for name, amount in (
                ("overcharged", result.overcharged),
                ("undercharged", result.undercharged),
                ("unexplained_over", result.unexplained_over),
                ("unexplained_under", result.unexplained_under),
            )
        },
        "unexplained": _cause_amount(result.unexplained, currency),
        "lines": [_line(line, result) for line in result.differences],
        "bridge": [{"cause": step.cause, "amount": _cause_amount(step.amount, currency)} for step in result.bridge],
        "health": health_summary(result.health, result.account.currency, Language(result.account.language)),
        "imports": [import_summary(one, Language(result.account.language)) for one in result.imports],
        "regimes": list(result.regimes),
        "tiers_not_on_file": dict(result.tiers_not_on_file),
        "cross_check": cross_check_summary(result.cross_check),
        "line_findings": [_line_finding(one, Language(result.account.language)) for one in result.line_findings],
        "three_way": [_three_way(one) for one in result.three_way],
    }


def _fixed(fixed: Fixed) -> dict[str, object]:
    """Give what was fixed before comparing, and when the invoice was first there."""
    return {
        "thresholds_at": fixed.thresholds_at.isoformat() if fixed.thresholds_at else None,
        "invoice_at": fixed.invoice_at.isoformat() if fixed.invoice_at else None,
        "thresholds_before_invoice": fixed.in_time,
        "sealed": _sealed(fixed.sealed) if fixed.sealed else None,
    }


def _sealed(sealed: Sealed) -> dict[str, object]:
    figures = {name: getattr(sealed, name) for name in ("expected", "low", "high")}
    return {
        "at": sealed.at.isoformat(),
        "who": sealed.who,
        **{name: format(to_minor(amount, sealed.currency), "f") for name, amount in figures.items()},
        "currency": sealed.currency,
        "holds": sealed.holds,
    }


def _three_way(one: ThreeWay) -> dict[str, object]:
    """Give invoice, usage export and log under one key, and which of the three stands alone."""
    return {
        "waba_id": one.waba_id or None,
        "market": one.market or None,
        "category": one.category or None,
        "invoiced_quantity": _quantity(one.billed_quantity),
        "invoiced_amount": plain(one.billed),
        "exported_quantity": _quantity(one.exported_quantity),
        "exported_amount": None if one.exported is None else plain(one.exported),
        "expected_quantity": one.expected_quantity,
        "expected_quantity_with_free": one.expected_all,
        "expected_amount": None if one.expected is None else plain(one.expected),
        "export_counts_free": one.counts_free,
        "exported_first": one.first.isoformat() if one.first else None,
        "exported_last": one.last.isoformat() if one.last else None,
        "stands_alone": one.door,
    }


def _line_finding(one: LineFinding, language: Language) -> dict[str, object]:
    """Give what the invoice's lines say against themselves: the check, what is at stake, and the sentence."""
    return {
        "check": one.code,
        "amount": None if one.amount is None else plain(one.amount),
        "currency": one.currency,
        "places": [
            {"file": place.file, "sheet": place.sheet or None, "row": place.row or None} for place in one.places
        ],
        "text": sentence(one, language.text, language.money),
    }


def period_of(account: Account) -> str:
    """Give the audited month, or the first and last day where it is not one month."""
    first, last = account.first, account.last
    whole = first.day == 1 and (first.year, first.month) == (last.year, last.month) and (last + timedelta(1)).day == 1
    return f"{first:%Y-%m}" if whole else f"{first.isoformat()}/{last.isoformat()}"


def _cause_amount(amount: Decimal, currency: str) -> str:
    """Give a part of a difference: in minor units, or exactly where it is a part of one, so that parts add up."""
    whole = to_minor(amount, currency)
    return format(whole, "f") if whole == amount else plain(amount)


def _line(line: Difference, result: Reconciliation) -> dict[str, object]:
    currency, has_log = result.account.currency, result.has_log
    compared = has_log and bool(result.invoice_lines)
    amount = None if not line.lines else format(to_minor(line.billed, currency), "f")
    return {
        "waba_id": line.waba_id or None,
        "period": line.period or None,
        "market": line.market or None,
        "country": line.country or None,
        "category": line.category or None,
        "pricing_type": line.pricing_type or None,
        "expected_quantity": line.expected_quantity if has_log else None,
        "expected_amount": format(to_minor(line.expected, currency), "f") if has_log else None,
        "expected_low": format(to_minor(line.low, currency), "f") if has_log else None,
        "expected_high": format(to_minor(line.high, currency), "f") if has_log else None,
        "invoiced_quantity": _quantity(line.billed_quantity),
        "invoiced_amount": amount,
        "difference": format(to_minor(line.difference, currency), "f") if compared else None,
        "status": line.status.value,
        "causes": _causes(line, currency),
        "possible_causes": _possible(line, currency),
        "key": line.key,
    }


def _causes(line: Difference, currency: str) -> list[dict[str, str]]:
    """Give what was found to cause a difference, and the unexplained rest: together they are the difference."""
    rest = [CauseAmount("unexplained", line.unexplained)] if line.unexplained else []
    return _listed([*(cause for cause in line.causes if cause.proof == "found"), *rest], currency)


def _possible(line: Difference, currency: str) -> list[dict[str, object]]:
    """Give what may cause a difference as well; of causes that compete also what speaks for each."""
    possible = [cause for cause in line.causes if cause.proof != "found"]
    return [
        named | ({"support": _support(cause.support)} if cause.support else {})
        for cause, named in zip(possible, _listed(possible, currency), strict=True)
    ]


def _support(support: Support) -> dict[str, object]:
    return {
        "lines_right": support.exact,
        "lines_different": support.off,
        "share": plain(support.share),
        "lines_against": support.against,
        "beside": list(support.beside),
    }


def _listed(causes: Sequence[CauseAmount], currency: str) -> list[dict[str, str]]:
    return [{"cause": cause.cause, "amount": _cause_amount(cause.amount, currency)} for cause in causes]


def _quantity(quantity: Decimal | None) -> int | str | None:
    """Give a quantity as a number if it is whole, else exactly as a text."""
    if quantity is None:
        return None
    return int(quantity) if quantity == quantity.to_integral_value() else plain(quantity)


def health_summary(health: Health, currency: str, language: Language) -> dict[str, object]:
    """Give what is known of the log: its findings, gaps with the rule in words, and coverage (formats.md §6).

    `currency` is that of what gaps may hide.
    """
    return {
        "messages": health.messages,
        "first": iso(health.first) or None,
        "last": iso(health.last) or None,
        "findings": [
            {
                "code": one.code,
                "phone_number_id": one.phone_number_id or None,
                "day": one.day.isoformat() if one.day else None,
                "count": one.count,
                "values": dict(one.values),
            }
            for one in health.findings
        ],
        "near_ends": health.near_ends,
        "rule": language.text(f"domain.widening.{'rule' if health.gaps else 'no_trace'}"),
        "currency": currency,
        "gaps": [
            {
                "kind": one.kind,
                "phone_number_id": one.phone_number_id or None,
                "first": iso(one.first),
                "last": iso(one.last),
                "missing": one.missing,
                "traces": one.traces,
                "below": plain(one.below),
                "above": plain(one.above),
            }
            for one in health.gaps
        ],
        "widened": [
            {
                "phone_number_id": one.phone_number_id,
                "day": one.day.isoformat(),
                "below": plain(one.below),
                "above": plain(one.above),
            }
            for one in health.widened
        ],
        "coverage": [
            {
                "phone_number_id": one.phone_number_id,
                "day": one.day.isoformat(),
                "messages": one.messages,
                "usual": one.usual,
                "silent_hours": one.silent_hours,
            }
            for one in health.coverage
        ],
    }


def cross_check_summary(found: CrossCheck) -> dict[str, object]:
    """Give where Meta's logged pricing disagrees, by pattern (pricing.md §11); exact amounts in the rate's currency."""
    return {
        "compared": found.compared,
        "disagreeing": found.disagreeing,
        "patterns": [
            {
                "regime": one.regime,
                "category": one.category,
                "pricing_type": one.pricing_type,
                "covered": one.covered,
                "logged_model": one.logged_model or None,
                "logged_category": one.logged_category or None,
                "logged_type": one.logged_type or None,
                "billable": one.billable,
                "messages": one.messages,
                "unrated": one.unrated,
                "currency": one.currency,
                "expected": plain(one.expected),
                "logged": None if one.logged is None else plain(one.logged),
                "difference": None if one.difference is None else plain(one.difference),
            }
            for one in found.patterns
        ],
    }


def import_summary(one: ImportReport, language: Language) -> dict[str, object]:
    """Give what became of a file (formats.md §8)."""
    return {
        "file": one.file,
        "kind": one.kind,
        "sha256": one.sha256,
        "read": one.read,
        "kept": one.kept,
        "left_out": one.left_out,
        "refused": one.refused,
        "total": None if one.total is None else plain(one.total),
        "decisions": [language.said(said) for said in one.decisions],
        "warnings": [language.said(said) for said in one.warnings],
    }


def write_json(content: Mapping[str, object], path: Path) -> Path:
    """Write JSON readable by people, in UTF-8, replacing an older file in one step."""
    with whole_file(path) as beside, beside.open("w", encoding="utf-8", newline="\n") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
        file.write("\n")
    return path
