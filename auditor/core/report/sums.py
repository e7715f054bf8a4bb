"""Formulas that sum the rows of another sheet which belong to one number: a line's, a row's of the lead schedule.

Usually such a formula goes over the whole column by its name, so that the sheet may be sorted in any way. But it looks
through all rows for each number: a hundred thousand numbers in as many rows keep a spreadsheet program busy for half
an hour. Where there are so many, a formula names only the rows among which its number stands. It still asks for the
number, so that in a sheet that was sorted otherwise it finds nothing, and the tie-out says so.
"""

from collections.abc import Mapping
from functools import cached_property

from auditor.core.report.cells import DefinedName
from auditor.core.report.cells import Page
from auditor.core.report.cells import Table
from auditor.core.report.cells import Value

SUMS_OF_A_LINE = 2
"""Formulas of a line of F over the charges, and over the invoice's lines: the units and the amount."""

_MOST_LOOKED_AT = 100_000_000
"""Rows that the formulas of a sheet may look at in all: about seven seconds in LibreOffice 7.4."""


def many(formulas: int, rows: int) -> bool:
    """Tell whether so many formulas, each over so many rows, would keep a spreadsheet program too long."""
    return formulas * rows > _MOST_LOOKED_AT


class RowSums:
    """Makes the formulas that sum or count the rows of a sheet that bear a number, `formulas` of them in all."""

    def __init__(self, page: Page, numbers: str, formulas: int) -> None:
        """Take the sheet with the rows, and the defined name of the column with their numbers."""
        self._names = {name.name: name for name in page.names}
        self._numbers = self._names[numbers]
        self._table = next(table for table in page.tables if table.first == self._numbers.area[0])
        self.sliced = many(formulas, self._table.last - self._table.first + 1)

    def summed(self, amounts: str, number: int, cell: str) -> str:
        """Give the sum of a named column over the rows that bear the number, which stands in `cell`."""
        return f"SUMIFS({self._area(self._names[amounts], number)},{self._area(self._numbers, number)},{cell})"

    def counted(self, number: int, cell: str) -> str:
        """Give how many rows bear the number, which stands in `cell`."""
        return f"COUNTIFS({self._area(self._numbers, number)},{cell})"

    def _area(self, name: DefinedName, number: int) -> str:
        if not self.sliced:
            return name.name
        first, last = self._rows.get(number, (self._table.first, self._table.first))
        column = name.area[1]
        return DefinedName("", name.sheet, (first, column, last, column)).reference

    @cached_property
    def _rows(self) -> Mapping[Value, tuple[int, int]]:
        """Give the first and the last row that bear each number."""
        assert isinstance(self._table, Table)
        column = self._numbers.area[1]
        found: dict[Value, tuple[int, int]] = {}
        for row, entries in enumerate(self._table.rows, self._table.first):
            number = entries[column].value
            found[number] = (found.get(number, (row, row))[0], row)
        return found
