"""Files that are in the audit, read anew: as the user states, and what was matched by hand goes along."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Progress
from auditor.core.problems import Said
from auditor.core.problems import unwatched
from auditor.core.records import Card
from auditor.core.records import FxRate
from auditor.core.records import ImportReport
from auditor.core.records import InvoiceLine
from auditor.core.records import UsageLine
from auditor.project.lines import from_columns
from auditor.project.plain import from_plain
from auditor.readers.files import digest
from auditor.readers.invoices.invoices import ReadOptions
from auditor.readers.recognise import CARD
from auditor.readers.recognise import FX
from auditor.readers.recognise import LOG
from auditor.readers.recognise import USAGE
from auditor.verbs.intake import Facts
from auditor.verbs.intake import Intake
from auditor.verbs.intake import Read
from auditor.verbs.intake import kept_facts
from auditor.verbs.proving import Proving
from auditor.working import working_folder


class Rereading(Proving):
    """The verbs that look into a file of the audit once more; part of `Audit`."""

    def _number_of(self, sha256: str) -> int:
        return next((number for number in self._state.files if self._report(number).sha256 == sha256), 0)

    def kept_file(self, sha256: str) -> tuple[str, str, bytes]:
        """Give name, kind and content of a file in force. Raises `AuditorError("file_not_kept")` for a log."""
        number = self._number_of(sha256)
        kind = self._report(number).kind if number else LOG
        if kind == LOG:
            raise AuditorError("file_not_kept")
        return Path(self.store.name_of(number)).name, kind, self.store.content_of(number)

    def days_of_files(self) -> Mapping[str, tuple[date, date | None]]:
        """Give the first and last day that files are about, by their names: of an invoice, a usage export, rates.

        A log says them in its report; what states no day is left out. A card that is still in force has no last day.
        """
        spans: dict[str, tuple[date, date]] = {}
        for name, day in self._days():
            first, last = spans.get(name, (day, day))
            spans[name] = (min(first, day), max(last, day))
        reports = ((number, self._report(number)) for number in self._state.files)
        cards = {report.file: self._in_force(number) for number, report in reports if report.kind == CARD}
        return {**spans, **cards}

    def _in_force(self, number: int) -> tuple[date, date | None]:
        rows = from_plain(Card, self.store.facts_of(number)["card"]).rows
        ends = [row.last for row in rows if row.last is not None]
        return min(row.first for row in rows), max(ends) if len(ends) == len(rows) else None

    def _days(self) -> Iterator[tuple[str, date]]:
        lines: list[InvoiceLine | UsageLine] = [*self.result.invoice_lines] if self.result else []
        for number in self._state.files:
            report = self._report(number)
            if report.kind == USAGE:
                lines += from_columns(UsageLine, kept_facts(self.store, number)["lines"])
            elif report.kind == FX:
                yield from ((report.file, from_plain(FxRate, one).day) for one in self.store.facts_of(number)["rates"])
        yield from ((line.source.file, day) for line in lines for day in (line.period_start, line.period_end) if day)

    def stated(self, sha256: str) -> ReadOptions:
        """Give what was stated of a file in force when it was read; of one that is not there, nothing."""
        number = self._number_of(sha256)
        return self._stated(number) if number else ReadOptions()

    def read_again(
        self, sha256: str, options: ReadOptions, progress: Progress = unwatched, log: Path | None = None
    ) -> ImportReport:
        """Read a file that is in the audit anew, as `options` say. Raises `AuditorError` where it cannot be read so.

        Of a message log only the rows are kept: it is read from where it lies (`log`). Lines that were matched by hand
        stay so where the new reading has their rows; a warning of its report counts those that it has not.
        """
        old = self._number_of(sha256)
        with working_folder() as folder:
            if log is not None:
                path, kind = log, LOG
                if digest(log)[0] != sha256:
                    raise AuditorError("log_file_changed", Place(log.name))
            else:
                _, kind, _ = self.kept_file(sha256)
                path = self._laid_out(old, folder)
            read = Intake(self.store, self.account, (), progress).read(path, kind, options)
            with self.store.transaction():
                reading = self._put_in_place(old, read)
                self._write("read_again", **reading, names=[path.name])
        self._refresh()
        return self._report(reading["file"])

    def _put_in_place(self, old: int, read: Read) -> dict[str, Any]:
        """Keep a new reading of a file, and give what the journal says of it (`state.readings`)."""
        before, after = _rows(kept_facts(self.store, old)), {row: n for n, row in enumerate(_rows(read.facts))}
        matched = sorted(place for file, place in self._state.matches if file == old)
        moved = [[place, after[before[place]]] for place in matched if before[place] in after]
        lost = len(matched) - len(moved)
        kept = (read.warned(Said("verbs.matches_lost", {"count": lost})) if lost else read).keep()
        return {"file": kept, "replaces": old, "moved": moved}


def _rows(facts: Facts) -> list[tuple[object, ...]]:
    """Name the lines of an invoice (of a receipt, its totals) by where they stand; several of one place are counted."""
    met: Counter[tuple[object, ...]] = Counter()
    rows: list[tuple[object, ...]] = []
    kept = facts["lines"]["columns"].get("source") if "lines" in facts else None
    controls = (from_plain(Place, control["source"]) for control in facts.get("controls", ()))
    for source in from_columns(Place, kept) if kept else controls:
        place = (source.sheet, source.row, source.column)
        rows.append((*place, met[place]))
        met[place] += 1
    return rows
