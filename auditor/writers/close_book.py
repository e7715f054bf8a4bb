"""The end of a workbook that XlsxWriter writes."""

from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.workbook import Workbook

from auditor.working import working_folder


def close_book(book: Workbook) -> None:
    """Write a workbook out. Raises `OSError` as the system gives it: XlsxWriter hides it in an error of its own.

    Its parts are first laid into a folder of ours, else a full disk or an end by force would leave them for good.
    """
    with working_folder() as parts:
        book.tmpdir = str(parts)
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] from error
