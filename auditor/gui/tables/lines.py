"""The lines of the reconciliation as the window shows them: columns, filter, facets, totals, materiality."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING
from typing import TypeAlias

from auditor.core.results import CauseAmount
from auditor.core.results import Difference
from auditor.core.results import Reconciliation
from auditor.core.results import Status
from auditor.core.totals import LineSum
from auditor.core.totals import sum_of
from auditor.gui.tables.column_filter import Passes
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.tables.rows import Row
from auditor.gui.tables.rows import folded
from auditor.gui.tables.rows import prepare
from auditor.gui.words import Words

if TYPE_CHECKING:
    from auditor.verbs import Decision

_ALL: Mapping[str, frozenset[str]] = MappingProxyType({})
FACETS = ("status", "cause", "market", "category", "account", "decision")
# The statuses in the order of their weight: what needs work first.
STATUS_ORDER = (
    Status.DIFFERENT,
    Status.UNEXPECTED,
    Status.MISSING,
    Status.NOT_COMPARABLE,
    Status.WITHIN_TOLERANCE,
    Status.MATCHED,
)
NEEDS_WORK = frozenset(STATUS_ORDER[:4])
# The tolerances that one chooses from, in per cent of what was expected.
_PERCENTS = (*map(Decimal, ("0.1", "0.2", "0.5", "1", "1.5", "2", "3", "4", "5", "7.5")),
             *map(Decimal, (10, 15, 20, 25, 30, 40, 50, 75, 100)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A reconciled line with what the user decided about it."""

    difference: Difference
    decision: "Decision"

    @property
    def open(self) -> bool:
        """Tell whether the line still waits for a decision."""
        waits = self.difference.status in NEEDS_WORK and is_compared(self.difference)
        return waits and not self.decision.decision


LineRow: TypeAlias = Row[Line]


def is_compared(entry: Difference) -> bool:
    """Tell whether anything is held against a line: of an accrual nothing is (formats.md §8)."""
    return entry.status != Status.NOT_COMPARABLE or bool(entry.lines) or bool(entry.difference)


def lacks_rate(entry: Difference) -> bool:
    """Tell whether what is expected of a line is unknown: none of its units has a rate on file."""
    return entry.status == Status.NOT_COMPARABLE and bool(entry.expected_quantity) and entry.expected_rate is None


@dataclass(frozen=True, slots=True)
class Least:
    """What differences are let through from: an amount of money, or so many per cent of what was expected."""

    size: Decimal = Decimal(0)
    percent: bool = False

    def lets(self, entry: Difference) -> bool:
        """Tell whether a line's difference is as much; beside an expected 0 any difference is more than any per cent.

        Where nothing is the least, what does not differ is let through, too.
        """
        weight = abs(entry.difference)
        least = self.size * abs(entry.expected) / 100 if self.percent else self.size
        return weight >= least and (bool(weight) or not self.size)


@dataclass(frozen=True, slots=True)
class LineFilter:
    """What is let through: every word of `text`, any chosen value of each facet, differences from `least` on.

    `columns` are the tests of what is typed over single columns.
    """

    text: str = ""
    facets: Mapping[str, frozenset[str]] = field(default_factory=lambda: _ALL)
    least: Least = Least()
    columns: tuple[Passes, ...] = ()

    @property
    def active(self) -> bool:
        """Tell whether anything is held back."""
        return bool(self.text.strip() or self.least.size or self.columns or any(self.facets.values()))


def line_rows(result: Reconciliation, decisions: "Mapping[str, Decision]", words: Words) -> tuple[LineRow, ...]:
    """Make the rows of a reconciliation, largest difference first."""
    from auditor.verbs import Decision  # noqa: PLC0415 - loads the engine, which the window does without at its start

    lines = [Line(entry, decisions.get(entry.key, Decision())) for entry in result.differences]
    lines.sort(key=lambda line: (STATUS_ORDER.index(line.difference.status), -abs(line.difference.difference)))
    return prepare(COLUMNS, lines, words)


def facet_values(line: Line, facet: str) -> tuple[str, ...]:
    """Give the codes a line has under a facet; a line may have several causes."""
    entry = line.difference
    if facet == "cause":
        causes = tuple(cause.cause for cause in entry.causes if cause.amount or cause.proof == "possible")
        own = (line.decision.cause,) if line.decision.cause else ()
        rest = ("unexplained",) if entry.unexplained else ()
        return tuple(dict.fromkeys(causes + own + rest))
    if facet == "account":
        return (entry.waba_id,)
    if facet == "decision":
        return (line.decision.decision or ("open" if line.open else "none"),)
    return (str(getattr(entry, facet)),)


def passing(rows: Iterable[LineRow], wanted: LineFilter) -> list[LineRow]:
    """Give the rows a filter lets through."""
    terms = folded(wanted.text).split()
    facets = {name: chosen for name, chosen in wanted.facets.items() if chosen}
    return [
        row
        for row in rows
        if _passes(row, terms, facets, wanted.least) and all(passes(row) for passes in wanted.columns)
    ]


class Facets:
    """The values of every line under every facet, found once: a filter that is typed asks for them at every letter."""

    def __init__(self, rows: Sequence[LineRow]) -> None:
        """Look at the lines."""
        self._rows = tuple(rows)
        self._values = [{facet: facet_values(row.record, facet) for facet in FACETS} for row in rows]

    def codes(self, facet: str) -> set[str]:
        """Give the values that any line has under a facet."""
        return {value for values in self._values for value in values[facet]}

    def counts(self, wanted: LineFilter) -> Mapping[str, Counter[str]]:
        """Count the lines behind each value of each facet, under everything else that is chosen."""
        found: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
        chosen = {facet: codes for facet, codes in wanted.facets.items() if codes}
        terms = folded(wanted.text).split()
        for row, values in zip(self._rows, self._values, strict=True):
            if not _passes(row, terms, {}, wanted.least) or not all(passes(row) for passes in wanted.columns):
                continue
            failed = [facet for facet, codes in chosen.items() if codes.isdisjoint(values[facet])]
            # What fails one facet alone counts there: its own choice does not bear on its counts.
            if len(failed) <= 1:
                for facet in failed or FACETS:
                    found[facet].update(values[facet])
        return found


def named(facet: str, code: str, words: Words) -> str:
    """Give a facet value's word."""
    if facet == "market":
        return words.market(code)
    return words.waba(code) if facet == "account" else words.domain(facet, code)


def totals(rows: Iterable[LineRow]) -> LineSum:
    """Add up lines as the audit's own totals are."""
    return sum_of([row.record.difference for row in rows])


def thresholds(rows: Iterable[LineRow], *, percent: bool) -> tuple[Least, ...]:
    """Give the steps of the slider, small to large, after nothing: each size of difference there is, or tolerances."""
    sizes = _PERCENTS if percent else sorted({abs(row.record.difference.difference) for row in rows} - {Decimal(0)})
    return tuple(Least(size, percent) for size in (Decimal(0), *sizes))


def _passes(row: LineRow, terms: Sequence[str], facets: Mapping[str, frozenset[str]], least: Least) -> bool:
    if not least.lets(row.record.difference):
        return False
    if not all(term in row.haystack for term in terms):
        return False
    return all(chosen.intersection(facet_values(row.record, name)) for name, chosen in facets.items())


def _causes(line: Line, words: Words) -> str:
    own = line.decision.cause
    named = [words.cause(cause) for cause in _by_weight(line.difference.causes) if cause.cause != own]
    if own:
        named.insert(0, words.domain("cause", own))
    return ", ".join(dict.fromkeys(named)) or BLANK


def _by_weight(causes: Iterable[CauseAmount]) -> list[CauseAmount]:
    """Put causes in order: what was found first, then what is only possible, the largest of each first."""
    return sorted(causes, key=lambda cause: (cause.proof != "found", -abs(cause.amount)))


def _compared(line: Line, amount: Decimal) -> Decimal | None:
    """Give an amount of a comparison, None where there is none: nothing billed is another thing."""
    return amount if is_compared(line.difference) else None


def _expected(line: Line) -> Decimal | None:
    """Give what is expected, None where it is unknown: that is another thing than nothing."""
    return None if lacks_rate(line.difference) else line.difference.expected


def _range(line: Line, words: Words) -> str:
    entry = line.difference
    return BLANK if entry.low == entry.high else f"{words.figure(entry.low)} – {words.figure(entry.high)}"


def _decision(line: Line, words: Words) -> str:
    if line.decision.decision:
        return words.domain("decision", line.decision.decision)
    return words.domain("decision", "open") if line.open else BLANK


COLUMNS: tuple[Column[Line], ...] = (
    Column(
        "status",
        lambda line, words: words.domain("status", line.difference.status),
        lambda line: STATUS_ORDER.index(line.difference.status),
        width=168,
    ),
    # In view where there are several: the same market stands once for each of them.
    Column("account", lambda line, words: words.waba(line.difference.waba_id), width=104),
    Column("market", lambda line, words: words.place(line.difference.market, line.difference.country), width=106),
    Column("category", lambda line, words: words.domain("category", line.difference.category), width=107),
    Column(
        "billed",
        lambda line, words: words.figure(_compared(line, line.difference.billed)),
        lambda line: _compared(line, line.difference.billed),
        numeric=True,
        width=80,
    ),
    Column(
        "expected",
        lambda line, words: words.figure(_expected(line)),
        _expected,
        numeric=True,
        width=84,
    ),
    Column(
        "difference",
        lambda line, words: words.signed(line.difference.difference) if is_compared(line.difference) else BLANK,
        lambda line: _compared(line, line.difference.difference),
        numeric=True,
        width=94,
    ),
    Column(
        "unexplained",
        lambda line, words: words.signed(line.difference.unexplained) if is_compared(line.difference) else BLANK,
        lambda line: _compared(line, line.difference.unexplained),
        numeric=True,
        width=96,
    ),
    Column("decision", _decision, width=84),
    Column("causes", _causes, width=190),
    Column(
        "billed_quantity",
        lambda line, words: words.count(line.difference.billed_quantity),
        lambda line: line.difference.billed_quantity,
        numeric=True,
    ),
    Column(
        "expected_quantity",
        lambda line, words: words.count(line.difference.expected_quantity),
        lambda line: line.difference.expected_quantity,
        numeric=True,
    ),
    Column(
        "billed_rate",
        lambda line, words: words.rate(line.difference.billed_rate),
        lambda line: line.difference.billed_rate,
        numeric=True,
        width=88,
    ),
    Column(
        "expected_rate",
        lambda line, words: words.rate(line.difference.expected_rate),
        lambda line: line.difference.expected_rate,
        numeric=True,
        width=104,
    ),
    Column("range", _range, lambda line: line.difference.low, width=140),
    Column("note", lambda line, _words: line.decision.note or BLANK, width=160),
    Column(
        "period",
        lambda line, words: words.period(line.difference.period),
        lambda line: line.difference.period,
        width=80,
    ),
    Column("pricing_type", lambda line, words: words.domain("pricing_type", line.difference.pricing_type), width=150),
)
