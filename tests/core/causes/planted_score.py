"""The score of the search for causes on planted errors: how many are found, how many are named that were not planted.

`python -m tests.core.causes.planted_score [SINGLES] [PAIRS] [TRIPLES] [NOISE] [PARTLY] [SEED] [PARTS]` plants so many
of each and prints the score. Cases that nobody can tell from the files (`planted_doubt.py`) are counted apart, but for
what is wrongly named in them.
"""

# ruff: noqa: T201 - a score is printed
import sys
from collections import Counter
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from itertools import count
from random import Random
from time import perf_counter
from typing import Any

from auditor.core.audit import Audited
from auditor.core.audit import Invoice
from auditor.core.audit import audit
from auditor.core.problems import Place
from auditor.core.rates import Tariff
from auditor.core.records import Account
from auditor.core.records import Fee
from auditor.core.records import FxRate
from auditor.core.records import InvoiceLine
from auditor.core.records import Tax
from auditor.core.results import Reconciliation
from auditor.core.terms import Terms
from auditor.readers.rates.cards import meta_card
from auditor.readers.rulebook import market_table
from auditor.readers.rulebook import regimes
from tests.core.as_columns import account_of
from tests.core.as_columns import card_of
from tests.core.as_columns import messages_of
from tests.core.causes.planted import CENT
from tests.core.causes.planted import Case
from tests.core.causes.planted import Line
from tests.core.causes.planted import noisy_case
from tests.core.causes.planted import partly_planted
from tests.core.causes.planted import planted_case
from tests.core.causes.planted import quotient
from tests.core.causes.planted_causes import LINES
from tests.core.causes.planted_causes import PLANTS
from tests.core.causes.planted_doubt import undecidable
from tests.core.causes.planted_parts import PARTS
from tests.core.causes.planted_parts import in_a_part
from tests.core.invoicing import log_of

CAUSES = (*PLANTS, *LINES)
IN_A_PART = -2


def account(case: Case) -> Account:
    """Give the account as agreed."""
    facts = case.books.account
    made = account_of(facts)
    tax = facts.get("tax")
    fees = tuple(Fee(one["layer"], Decimal(one["amount"]), one["currency"], one["per"]) for one in facts.get("fee", ()))
    return replace(
        made, first=case.books.first, last=case.books.last, currency=facts["audit"]["currency"],
        tax=Tax(tax["name"], Decimal(tax["rate"])) if tax else None, fees=fees,
    )  # fmt: skip


def audited(case: Case) -> Audited:
    """Audit a planted case without any file."""
    facts = account(case)
    rows = case.books.rows
    cards = [meta_card() if len(card) > 500 else card_of(card, f"card{n}") for n, card in enumerate(case.books.cards)]
    terms = Terms(facts, regimes(), market_table(), Tariff(cards, meta_card()))
    log = log_of(rows, facts, messages_of(rows, facts))
    fx = [FxRate(day, "USD", "PEN", rate) for day, rate in case.books.fx.items()]
    return audit(log, terms, Invoice(invoice_lines(case)), fx)


def invoice_lines(case: Case) -> tuple[InvoiceLine, ...]:
    """Give the invoice's lines as a reader would."""
    lines = []
    for n, line in enumerate(case.lines):
        about: dict[str, Any] = {name: value for name, value in line.about if value}
        day = about.pop("local_date", "")
        if day:
            about["period_start"] = about["period_end"] = date.fromisoformat(day)
        lines.append(
            InvoiceLine(
                line.amount,
                case.books.account["audit"]["currency"],
                Place("invoice.csv", row=n + 2),
                **about,
                quantity=Decimal(line.quantity) if case.with_quantity else None,
                unit_rate=_printed(case, line),
            )
        )
    return tuple(lines)


def _printed(case: Case, line: Line) -> Decimal | None:
    if case.quotients is not None:
        return quotient(line, case.quotients)
    return line.rate if case.with_rate else None


@dataclass
class Score:
    """What was counted over many cases. `doubtful` are those that nobody can tell; some come out right all the same.

    `offered` are causes that are missed, for nothing proves them, and named as possible with their exact amounts.
    """

    cases: int = 0
    planted: int = 0
    found: int = 0
    exact: int = 0
    offered: int = 0
    wrong: int = 0
    clean: int = 0
    doubtful: int = 0
    doubtful_right: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    blamed: Counter[str] = field(default_factory=Counter)
    unexplained: Decimal = Decimal(0)
    difference: Decimal = Decimal(0)

    def add(self, case: Case, seen: dict[str, Decimal], answer: Reconciliation, *, doubtful: bool = False) -> bool:
        """Count a case: a cause is exact when its amount over the invoice is the one planted.

        Of one that nobody can tell only what is wrongly named counts.
        What lines gain by being rounded one by one belongs to `rounding`, planted or not; where some lines stay
        unexplained it is what the others gain, at most half a cent each.
        """
        inherent = case.due - answer.expected
        planted = dict(case.planted)
        if inherent or "rounding" in planted:
            planted["rounding"] = planted.get("rounding", Decimal(0)) + inherent
        seen = {
            cause: amount
            for cause, amount in seen.items()
            if cause != "rounding" or "rounding" in case.planted or not _is_inherent(amount, inherent, case, answer)
        }
        planted = {cause: amount for cause, amount in planted.items() if cause in case.planted}
        missed = [cause for cause, amount in planted.items() if seen.get(cause) != amount]
        wrong = set(seen) - set(case.planted) - {"unexplained"}
        self.wrong += len(wrong)
        self.blamed.update(wrong)
        right = not missed and not wrong
        if doubtful:
            self.doubtful += 1
            self.doubtful_right += right
            return right
        self.cases += 1
        self.planted += len(planted)
        self.tried.update(planted.keys())
        self.found += len(planted.keys() & seen.keys())
        self.exact += len(planted) - len(missed)
        self.missed.update(missed)
        possible = _possible(answer)
        self.offered += sum(planted[cause] == seen.get(cause, 0) + possible[cause] for cause in missed)
        self.clean += right
        self.unexplained += abs(answer.unexplained)
        self.difference += abs(sum(case.planted.values(), Decimal(0)))
        return right

    def __str__(self) -> str:
        """Say it in one paragraph."""

        def share(n: int, of: int) -> str:
            return f"{100 * n / max(of, 1):.1f} %"

        return (
            f"{self.cases} cases (and {self.doubtful} that nobody can tell, {self.doubtful_right} right): "
            f"exact {share(self.exact, self.planted)}, found {share(self.found, self.planted)}, "
            f"only possible {share(self.offered, self.planted)}, "
            f"whole cases right {share(self.clean, self.cases)}, wrongly named {self.wrong}, "
            f"unexplained {share(int(100 * self.unexplained), int(100 * self.difference))}\n"
            f"  missed {dict(self.missed.most_common())} of {dict(self.tried.most_common())}\n"
            f"  blamed {dict(self.blamed)}"
        )


def _is_inherent(amount: Decimal, inherent: Decimal, case: Case, answer: Reconciliation) -> bool:
    """Tell whether an amount is what lines gain by being rounded."""
    return abs(amount) <= CENT / 2 * len(case.lines) if answer.unexplained else amount == inherent


def _possible(answer: Reconciliation) -> Mapping[str, Decimal]:
    """Give what each cause may account for besides what was found."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for cause in (cause for line in answer.differences for cause in line.causes if cause.proof != "found"):
        sums[cause.cause] += cause.amount
    return sums


def named(answer: Audited) -> dict[str, Decimal]:
    """Give the bridge by cause, also those causes whose amounts on several lines come out even."""
    found = {cause.cause for line in answer.result.differences for cause in line.causes if cause.proof == "found"}
    even = dict.fromkeys(sorted(found - {"rounding"}), Decimal(0))
    return even | {step.cause: step.amount for step in answer.result.bridge if step.amount}


def cases(seed: int, size: int) -> Iterator[tuple[int, Case]]:
    """Give cases with `size` causes planted, one seed after another; a cause alone in turn, more by chance.

    Size 0 is noise, -1 a cause on some lines only, -2 one in a part of the business.
    """
    from auditor.core.causes.words import ORDER

    for n in count(seed):
        random = Random(n)
        if size == IN_A_PART:
            case = in_a_part(n, list(PARTS)[n % len(PARTS)])
        elif size <= 0:
            case = partly_planted(n, list(PLANTS)[n % len(PLANTS)]) if size else noisy_case(n)
        else:
            chosen = [CAUSES[n % len(CAUSES)]] if size == 1 else random.sample(CAUSES, size)
            case = planted_case(n, sorted(chosen, key=ORDER.index))
        if case is not None:
            yield n, case


def run(seed: int, size: int, number: int, *, talk: bool) -> Score:
    """Score so many cases."""
    score = Score()
    slowest = 0.0
    for n, case in cases(seed, size):
        if score.cases >= number:
            break
        began = perf_counter()
        answer = audited(case)
        took = perf_counter() - began
        slowest = max(slowest, took)
        seen = named(answer)
        doubt = undecidable(case) if size > 0 else ""
        if not score.add(case, seen, answer.result, doubtful=bool(doubt)) and talk:
            planted = {cause: str(amount) for cause, amount in case.planted.items()}
            print(n, planted, "->", {cause: str(amount) for cause, amount in seen.items()},
                  case.grain, "q" * case.with_quantity + "r" * case.with_rate, f"{took:.1f} s",
                  doubt, flush=True)  # fmt: skip
    print(f"slowest {slowest:.2f} s")
    return score


def main(words: Sequence[str]) -> None:
    """Plant and print."""
    numbers = [int(word) for word in words] + [46, 40, 20, 20, 20, 0, 0][len(words) :]
    for size, number in zip((1, 2, 3, 0, -1, IN_A_PART), [*numbers[:5], numbers[6]], strict=True):
        if number:
            began = datetime.now(UTC)
            print(f"{size} planted:", run(numbers[5], size, number, talk=True))
            print("   ", datetime.now(UTC) - began)


if __name__ == "__main__":
    main(sys.argv[1:])
