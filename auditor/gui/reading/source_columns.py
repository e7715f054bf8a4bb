"""The columns of the files in Sources: what was read of each, what it adds up to, the days it is about, its print."""

from collections.abc import Mapping
from datetime import date

from auditor.core.records import ImportReport
from auditor.gui.tables.rows import BLANK
from auditor.gui.tables.rows import Column
from auditor.gui.words import Words

_HASH_SHOWN = 12


def source_columns(days: Mapping[str, tuple[date, date | None]]) -> tuple[Column[ImportReport], ...]:
    """Give the columns; `days` are the first and last day of files by their names, where no log's report says them.

    A card that is still in force has a first day alone.
    """

    def span(source: ImportReport, words: Words) -> str:
        ends = (words.local(source.first), words.local(source.last))
        first, last = days.get(source.file, (None, None)) if None in ends else ends
        return BLANK if first is None else words.days(first, last)

    def first_day(source: ImportReport) -> date | None:
        if source.first < 0:
            return days.get(source.file, (None, None))[0]
        return date.fromtimestamp(source.first / 1_000_000)  # noqa: DTZ012 - sorts only

    return (
        Column("file", lambda source, _words: source.file, width=240),
        Column("kind", lambda source, words: words.domain("import", source.kind), width=150),
        *(_count(key, width) for key, width in (("kept", 90), ("left_out", 100), ("refused", 100))),
        Column(
            "total",
            lambda source, words: words.figure(source.total),
            lambda source: source.total,
            numeric=True,
            width=110,
        ),
        Column("span", span, first_day, width=192),
        Column("hash", lambda source, _words: source.sha256[:_HASH_SHOWN] or BLANK, width=120),
    )


def _count(key: str, width: int) -> Column[ImportReport]:
    return Column(
        key,
        lambda source, words: words.count(getattr(source, key)),
        lambda source: int(getattr(source, key)),
        numeric=True,
        width=width,
    )
