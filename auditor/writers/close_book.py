"""The end of a workbook that XlsxWriter writes."""

from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.workbook import Workbook


def close_book(book: Workbook) -> None:
    """Write a workbook out. Raises `OSError` as the system gives it: XlsxWriter hides it in an error of its own."""
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from error
