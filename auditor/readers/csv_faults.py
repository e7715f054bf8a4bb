"""What is wrong with a row of a delimited text that cannot be taken apart; each ends in a sentence."""

import csv

from auditor.core.problems import AuditorError
from auditor.core.problems import Place

TOO_LONG = "field larger than field limit"
"""How Python's reader calls a cell of more letters than it was told to take."""


def csv_fault(error: csv.Error, place: Place, lines: int, otherwise: str) -> AuditorError:
    """Make an error of what `csv` raised at a row of so many lines: `cell_too_long`, or the code for whatever else.

    A quotation mark that is never closed makes a cell just as long, but of many lines.
    """
    if TOO_LONG in str(error) and lines <= 1:
        return AuditorError("cell_too_long", place, letters=f"{csv.field_size_limit():,}")
    return AuditorError(otherwise, place)
