"""Files that are written whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.working import is_device
from auditor.working import put_in_place
from auditor.working import working_file


@contextmanager
def whole_file(path: Path, suffix: str = "") -> Iterator[Path]:
    """Give a file beside `path` to write to, which takes its place in one step if all went well.

    It ends in `suffix`, or as `path` does: some programs go by it.
    Raises `AuditorError`: `file_not_writable` if the place cannot be written, `target_is_device` if it is no file's.
    """
    if is_device(path):
        raise AuditorError("target_is_device", Place(str(path)))
    try:
        with working_file(path, suffix) as working:
            yield working
            put_in_place(working, path)
    except OSError as error:
        raise AuditorError("file_not_writable", Place(str(path)), reason=error.strerror or str(error)) from error
