"""Read the scenarios of `tests/scenarios/*.toml` and hold an engine's charges against them.

The notation is described in `tests/scenarios/README.md`. A scenario becomes what `replay` and the engine take: the
rows of a log (formats.md §1), an account (formats.md §7), layered cards (formats.md §5); `complaints` compares the
CHARGES rows (formats.md §8) that came out with those worked out by hand.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.core.twin import instant
from tests.core.twin_log import COLUMNS
from tests.core.twin_tariff import meta_card

FOLDER = Path(__file__).resolve().parents[1] / "scenarios"
RULES = Path(__file__).with_name("rules.toml")
_RULE = re.compile(r"§(\d+(?:\.\d+)?)( [A-Z][a-z]+(?: [a-z]+)*)?")
_COVERAGE_HEAD = """\
# What shows what

Made by `python -m tests.core.scenarios`; a test holds it to the scenarios, and fails if a rule or a case has none.
Case 38 of the research is an error of the account file, which no log can express.
"""
USER = "51987654321"
NUMBER = "number"
WABA = "waba"
ZONE = "America/Lima"
TEMPLATES = ("marketing", "utility", "authentication", "marketing_lite")
INBOUND = ("inbound", "referral")
AS_LOGGED = (
    "country",
    "origin",
    "template_name",
    "conversation_id",
    "max_price",
    "logged_amount",
    "billable",
    "pricing_category",
)
STATUSES = ("delivered", "read", "failed")
CARD_COLUMNS = (
    "effective_from",
    "effective_to",
    "currency",
    "market",
    "category",
    "tier_from",
    "tier_to",
    "rate",
    "factor",
    "plus",
    "basis",
    "source",
)


@dataclass(frozen=True)
class Scenario:
    """A story of an account, what it must cost, and the arithmetic that says so."""

    name: str
    rule: str
    cases: tuple[int, ...]
    worked: str
    file: str
    rows: Sequence[dict[str, str]]
    account: Mapping[str, Any]
    cards: Sequence[Sequence[Mapping[str, str]]]
    expected: Sequence[dict[str, str]]
    summary: Sequence[dict[str, str]]
    total: Decimal
    month: Mapping[str, Any]

    @property
    def rules(self) -> tuple[str, ...]:
        """Give the rules of pricing.md that it shows, as `rules.toml` names them."""
        return tuple("".join(found) for found in _RULE.findall(self.rule.split("formats.md")[0]))

    def complaints(self, charges: Sequence[Mapping[str, str]]) -> list[str]:
        """Say in words where the charges are not as worked out; an empty list is agreement."""
        found = list(self._against_summary(charges) if self.summary else self._against_rows(charges))
        total = sum((Decimal(charge["amount"] or 0) for charge in charges), Decimal(0))
        if total != self.total:
            found.append(f"total: expected {self.total}, charged {total}")
        return found

    def _against_rows(self, charges: Sequence[Mapping[str, str]]) -> Iterator[str]:
        charged = {charge["unit_id"]: charge for charge in charges}
        wanted = {row["unit_id"]: row for row in self.expected}
        yield from (f"{unit}: charged, not expected" for unit in charged if unit not in wanted)
        yield from (f"{unit}: expected, not charged" for unit in wanted if unit not in charged)
        for unit in wanted.keys() & charged.keys():
            for column, text in wanted[unit].items():
                if not _same(column, text, charged[unit][column]):
                    yield f"{unit}.{column}: expected {text!r}, charged {charged[unit][column]!r}"

    def _against_summary(self, charges: Sequence[Mapping[str, str]]) -> Iterator[str]:
        """Compare groups of charges: how many there are and what they cost together."""
        counted = 0
        for group in self.summary:
            facts = {column: text for column, text in group.items() if column not in ("count", "amount")}
            alike = [row for row in charges if all(_same(column, text, row[column]) for column, text in facts.items())]
            amount = sum((Decimal(row["amount"] or 0) for row in alike), Decimal(0))
            counted += len(alike)
            if (len(alike), amount) != (int(group["count"]), Decimal(group["amount"])):
                yield f"{facts}: expected {group['count']} for {group['amount']}, charged {len(alike)} for {amount}"
        if counted != len(charges):
            yield f"the summary speaks of {counted} charges, there are {len(charges)}"


def _same(column: str, wanted: str, charged: str) -> bool:
    """Compare two texts; numbers by value, since 0.0300 and 0.03 are one rate."""
    if column in ("rate", "amount", "amount_low", "amount_high") and wanted and charged:
        return Decimal(wanted) == Decimal(charged)
    return wanted == charged


def load_scenarios() -> list[Scenario]:
    """Load every scenario of every file, in the order of the files."""
    return [
        _scenario(stated, file.name)
        for file in sorted(FOLDER.glob("*.toml"))
        for stated in tomllib.loads(file.read_text(encoding="utf-8"))["scenario"]
    ]


def _scenario(stated: Mapping[str, Any], file: str) -> Scenario:
    account = _account(stated)
    zones = {waba["id"]: ZoneInfo(waba["time_zone"]) for waba in account["waba"]}
    return Scenario(
        stated["name"],
        stated["rule"],
        tuple(stated.get("cases", ())),
        stated["worked"],
        file,
        [row for place, one in enumerate(stated["messages"], 1) for row in _rows(one, f"m{place}", zones)],
        account,
        [_card(card, account["waba"][0]["currency"]) for card in stated.get("cards", ["meta"])],
        [_expected(row, zones) for row in stated.get("expected", ())],
        [{column: str(value) for column, value in group.items()} for group in stated.get("summary", ())],
        Decimal(stated["total"]),
        stated.get("month", {}),
    )


def coverage() -> str:
    """Write the table of what every rule and every case of the research is shown by, as `COVERAGE.md` has it."""
    scenarios = load_scenarios()
    known = tomllib.loads(RULES.read_text(encoding="utf-8"))
    lines = [_COVERAGE_HEAD, "| pricing.md | rule | shown by |", "|---|---|---|"]
    for rule, says in known["rules"].items():
        shown = [scenario for scenario in scenarios if rule in scenario.rules]
        lines.append(f"| §{rule} | {says} | {_shown_by(shown)} |")
    lines += ["", "| case of the research | what | shown by |", "|---|---|---|"]
    for case, says in known["cases"].items():
        shown = [scenario for scenario in scenarios if int(case) in scenario.cases]
        lines.append(f"| {case} | {says} | {_shown_by(shown)} |")
    return "\n".join(lines) + "\n"


def _shown_by(scenarios: Sequence[Scenario]) -> str:
    return "<br>".join(f"`{one.file.removesuffix('.toml')}`: {one.name}" for one in scenarios)


# ---------------------------------------------------------------- account and cards


def _account(stated: Mapping[str, Any]) -> dict[str, Any]:
    wabas = [_waba(waba) for waba in stated.get("wabas", [stated])]
    days = [one["t"] for one in stated["messages"]]
    audit = {"name": stated["name"], "period": min(days)[:7], "currency": wabas[0]["currency"], "language": "en"}
    account: dict[str, Any] = {"audit": audit, "waba": wabas, "rates": {"card": "meta"}}
    if "opening_volume" in stated:
        account["opening_volume"] = stated["opening_volume"]
    return account


def _waba(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the usual account: Lima, dollars, one number."""
    zone = stated.get("zone", ZONE)
    waba = {
        "id": stated.get("id", WABA),
        "time_zone": zone,
        "currency": stated.get("currency", "USD"),
        "numbers": stated.get("numbers", [NUMBER]),
    }
    waba |= {key: stated[key] for key in ("portfolio", "primary_location") if key in stated}
    starts = stated.get("authentication_international", {})
    waba["authentication_international"] = {
        country: _instant(start, ZoneInfo(zone)) for country, start in starts.items()
    }
    return waba


def _card(stated: str | Sequence[Mapping[str, str]], currency: str) -> Sequence[Mapping[str, str]]:
    if isinstance(stated, str):
        return meta_card()
    usual = dict.fromkeys(CARD_COLUMNS, "") | {
        "effective_from": "2020-01-01",
        "currency": currency,
        "market": "*",
        "basis": "contract",
        "source": "contract",
    }
    return [usual | {column: str(value) for column, value in row.items()} for row in stated]


# ---------------------------------------------------------------- messages


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """Read a time: local to the account, unless it states its offset."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _rows(stated: Mapping[str, Any], name: str, zones: Mapping[str, ZoneInfo]) -> Iterator[dict[str, str]]:
    """Write a message, or its repetitions, as canonical rows."""
    times = stated.get("repeat", 1)
    every = timedelta(seconds=stated.get("every", 0))
    name = stated.get("id", name)
    for turn in range(times):
        one = dict(stated)
        one["id"] = f"{name}.{turn + 1}" if times > 1 else name
        if isinstance(stated.get("number"), list):
            one["number"] = stated["number"][turn % len(stated["number"])]
        if stated.get("new_user"):
            one["user"] = str(int(stated.get("user", USER)) + turn)
        users = one.get("user", USER)
        for user in [users] if isinstance(users, str) else users:
            yield _row(one | {"user": user}, every * turn, zones)


def _row(stated: Mapping[str, Any], later: timedelta, zones: Mapping[str, ZoneInfo]) -> dict[str, str]:
    kind = stated["kind"]
    waba = stated.get("waba", next(iter(zones)))
    row = dict.fromkeys(COLUMNS, "") | {
        "message_id": stated["id"],
        "waba_id": stated.get("waba", ""),  # else the account says whose the number is
        "phone_number_id": stated.get("number", NUMBER),
        "user": stated["user"],
        "direction": "inbound" if kind in INBOUND else "outbound",
        "template_category": kind if kind in TEMPLATES else "",
        "referral": "true" if kind == "referral" else "",
        "group_id": stated.get("group", ""),
    }
    row |= {column: stated[column] for column in AS_LOGGED if column in stated}
    times = {"sent": stated["t"]} | {status: stated[status] for status in STATUSES if status in stated}
    if kind not in INBOUND and not {"delivered", "read"} & stated.keys():
        times["delivered"] = stated["t"]
    if "sent" in stated:
        times["sent"] = stated["sent"]
    for status, text in times.items():
        if text:
            row[f"{status}_at"] = instant(_instant(text, zones[waba]) + later)
    if "expires" in stated:
        row["conversation_expires_at"] = instant(_instant(stated["expires"], zones[waba]))
    return row


# ---------------------------------------------------------------- what is expected


def _expected(stated: Mapping[str, Any], zones: Mapping[str, ZoneInfo]) -> dict[str, str]:
    """Write an expected charge as columns of CHARGES; what goes without saying is filled in."""
    row = {column: str(value) for column, value in stated.items()}
    zone = zones[row.get("waba_id", next(iter(zones)))]
    row["unit_id"] = row.pop("unit")
    if "range" in stated:
        row.pop("range")
        row["amount_low"], row["amount_high"] = stated["range"]
    for local, column in (("billed", "billed_at"), ("ends", "ends_at")):
        if local in row:
            row[column] = instant(_instant(row.pop(local), zone))
    usual = {
        "pricing_type": "regular",
        "amount_low": row["amount"],
        "amount_high": row["amount"],
        "certainty": "uncertain" if "range" in stated or row["amount"] == "" else "certain",
        "reason": "",
    }
    return usual | row


if __name__ == "__main__":
    (FOLDER / "COVERAGE.md").write_text(coverage(), encoding="utf-8")
    sys.stdout.write(f"{FOLDER / 'COVERAGE.md'}\n")
