"""Lines under heads: grouped by what they have in common, each head with the sums of its lines."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from dataclasses import replace

from auditor.core.results import CauseAmount
from auditor.core.totals import LineSum
from auditor.gui.tables.lines import COLUMNS
from auditor.gui.tables.lines import STATUS_ORDER
from auditor.gui.tables.lines import Line
from auditor.gui.tables.lines import LineRow
from auditor.gui.tables.lines import facet_values
from auditor.gui.tables.lines import named
from auditor.gui.tables.lines import totals
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Row
from auditor.gui.tables.rows import Value
from auditor.gui.words import Words

GROUPS = ("status", "market", "category", "cause", "account", "period", "decision")
_SUMMED = ("billed", "expected", "difference", "unexplained")
_SIGNED = ("difference", "unexplained")
_OPEN, _CLOSED = "▾", "▸"


@dataclass(frozen=True, slots=True)
class Group(Line):
    """A head: it behaves as a line that holds the sums of its own, and stands for them when it is selected."""

    code: str = ""
    rows: tuple[LineRow, ...] = ()

    @property
    def open(self) -> bool:
        """Say no: a head waits for no decision, its lines do."""
        return False


def lines_of(row: LineRow) -> tuple[LineRow, ...]:
    """Give the lines that a row stands for: its own, or all under it."""
    return row.record.rows if isinstance(row.record, Group) else (row,)


def grouped(rows: Sequence[LineRow], by: str, closed: AbstractSet[str], words: Words) -> list[LineRow]:
    """Put lines under heads, the groups in the order in which their first lines come; closed ones show the head alone.

    A line with several causes stands under the first, so that no amount is counted twice.
    """
    parts: dict[str, list[LineRow]] = {}
    for row in rows:
        parts.setdefault(_code(row.record, by), []).append(row)
    shown: list[LineRow] = []
    for code, members in parts.items():
        shown.append(_head(code, by, members, code in closed, words))
        shown += () if code in closed else members
    return shown


def _code(line: Line, by: str) -> str:
    if by == "period":
        return line.difference.period
    return next(iter(facet_values(line, by)), "")


def _head(code: str, by: str, members: Sequence[LineRow], is_closed: bool, words: Words) -> LineRow:
    total = totals(members)
    first = members[0].record
    worst = min((row.record.difference.status for row in members), key=STATUS_ORDER.index)
    sums = {name: getattr(total, name) for name in _SUMMED}
    entry = replace(
        first.difference,
        key=f"group:{code}",
        status=worst,
        billed=total.billed,
        expected=total.expected,
        difference=total.difference,
        causes=(CauseAmount("", total.difference - total.unexplained),),
    )
    name = words.period(code) if by == "period" else named(by, code, words)
    title = f"{_CLOSED if is_closed else _OPEN} {name} ({words.count(total.lines)})"
    values: list[Value] = [sums.get(column.key, "") for column in COLUMNS]
    texts = sum_texts(total, title, words)
    return Row(Group(entry, first.decision, code, tuple(members)), texts, tuple(values), "")


def sum_texts(total: LineSum, title: str, words: Words) -> tuple[str, ...]:
    """Give the texts of sums under their columns, a title in the first; nothing stands in the others."""
    texts = [BLANK] * len(COLUMNS)
    texts[0] = title
    for place, column in enumerate(COLUMNS):
        if column.key in _SUMMED:
            amount = getattr(total, column.key)
            texts[place] = words.signed(amount) if column.key in _SIGNED else words.figure(amount)
    return tuple(texts)
