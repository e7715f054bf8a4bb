"""Meta's cards that the user has imported: kept in the user's folder, they go on from the built-in ones.

`card = "meta"` in an account stands for the built-in card and these in one succession: on each day, whatever began
last. An audit takes that in like any other card, whole and journalled, so it gives the same answer on a machine that
never imported anything, and goes on giving it when more is imported.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from auditor.core.money import plain
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.core.records import Card
from auditor.core.records import RateRow
from auditor.core.succession import in_succession
from auditor.core.succession import rate_key
from auditor.paths import user_data
from auditor.readers.rates.cards import meta_card
from auditor.readers.rates.cards import read_card
from auditor.readers.rates.cards import refuse_card
from auditor.working import put_in_place
from auditor.working import working_file

_COLUMNS = (
    "effective_from", "effective_to", "currency", "market", "category", "tier_from", "tier_to", "rate", "basis",
    "source",
)  # fmt: skip
_IN_FORCE = "meta-imported.csv"


def kept_cards() -> tuple[Path, ...]:
    """List the cards that were imported, by the day on which they begin."""
    folder = user_data() / "rates"
    return tuple(sorted(folder.glob("*.csv"))) if folder.is_dir() else ()


def kept_card(path: Path) -> Card:
    """Read a card that was imported. One that was damaged since is named by its whole path: nobody knows its folder.

    Raises `AuditorError` as `read_card` does.
    """
    try:
        return read_card(path)
    except AuditorError as error:
        raise AuditorError(error.code, Place(str(path)), error.problems, **error.values) from error


def imported_layer() -> Path | None:
    """Give the file of what goes on top of the built-in card, made anew if it is out of date; None if nothing does.

    It holds, for everything that an imported card speaks of, the built-in rates and the imported ones in succession:
    a built-in card of a later quarter ends an older import.
    """
    cards = [kept_card(path).rows for path in kept_cards()]
    if not cards:
        return None
    spoken_of = {rate_key(row) for rows in cards for row in rows}
    built_in = [row for row in meta_card().rows if rate_key(row) in spoken_of]
    text = _text(in_succession([built_in, *cards]))
    target = user_data() / "rates" / "in force" / _IN_FORCE
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        _write(target, text)
    return target


def refuse_odd_card(card: Card) -> None:
    """Refuse a card that cannot be kept as Meta's: a contract's, or one that contradicts a card imported before.

    Raises `AuditorError` with every such row as a `Problem`.
    """
    problems = [Problem("card_is_a_contract", row.place) for row in card.rows if _of_a_contract(row)]
    refuse_card(problems or list(_contradictions(card)))


def keep_card(card: Card) -> Path:
    """Write a card into the user's folder as canonical CSV (formats.md §5), whole or not at all, and give its file.

    The same card twice is kept once; the past is never overwritten.
    """
    refuse_odd_card(card)
    known = kept_before(card)
    if known:
        return known
    target = _free_name(card)
    _write(target, _text(card.rows))
    return target


def kept_before(card: Card) -> Path | None:
    """Name the kept card that says all that this one says already; None if none does.

    It is the rates that count, not the source: that has the name of the file, and a browser names a download that is
    fetched twice `Pricing (1)`.
    """
    own = _statements(card.rows)
    for path in kept_cards():
        theirs = _statements(kept_card(path).rows)
        if all(_facts(rows) == _facts(theirs.get(key, ())) for key, rows in own.items()):
            return path
    return None


def _of_a_contract(row: RateRow) -> bool:
    return row.market == "*" or row.rate is None or row.basis == "contract"


def _contradictions(card: Card) -> Iterator[Problem]:
    """Name the rows for which a card imported before says something else from the same day on."""
    own = _statements(card.rows)
    for path in kept_cards():
        theirs = _statements(kept_card(path).rows)
        for key in sorted(own.keys() & theirs.keys()):
            if _facts(own[key]) != _facts(theirs[key]):
                yield Problem("card_kept_otherwise", own[key][0].place, {"other": str(path)})


def _statements(rows: Iterable[RateRow]) -> dict[tuple[object, ...], list[RateRow]]:
    """Put together what a card says of a key from a day on: a list rate, or all its tiers."""
    found: dict[tuple[object, ...], list[RateRow]] = defaultdict(list)
    for row in rows:
        found[*rate_key(row), row.tier_from is not None, row.first].append(row)
    return found


def _facts(rows: Iterable[RateRow]) -> set[tuple[object, ...]]:
    return {(row.last, row.tier_from, row.tier_to, row.rate) for row in rows}


def _free_name(card: Card) -> Path:
    first = min(row.first for row in card.rows)
    currencies = "-".join(sorted({row.currency for row in card.rows}))
    tiers = "_tiers" if any(row.tier_from is not None for row in card.rows) else ""
    names = (f"{first.isoformat()}_{currencies}{tiers}{f'_{n}' if n > 1 else ''}.csv" for n in count(1))
    return next(path for name in names if not (path := user_data() / "rates" / name).exists())


def _text(rows: Iterable[RateRow]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_cells(row) for row in rows)
    return written.getvalue()


def _cells(row: RateRow) -> tuple[str, ...]:
    assert row.rate is not None
    return (
        row.first.isoformat(),
        row.last.isoformat() if row.last else "",
        row.currency,
        row.market,
        row.category,
        _whole(row.tier_from),
        _whole(row.tier_to),
        plain(row.rate),
        row.basis,
        row.source,
    )


def _whole(number: int | None) -> str:
    return "" if number is None else str(number)


def _write(target: Path, text: str) -> None:
    """Put a file in its place in one step."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with working_file(target, ".part") as working:
            working.write_text(text, encoding="utf-8", newline="")
            put_in_place(working, target)
    except OSError as error:
        raise AuditorError("cannot_write", Place(str(target))) from error
