"""Files that are written whole or not at all, and the folders that they go into."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.working import is_device
from auditor.working import is_full
from auditor.working import put_in_place
from auditor.working import working_file


def made_folder(folder: Path) -> Path:
    """Make a folder that is to be written into, with those above it; give it back.

    Raises `AuditorError`: `target_is_file` if a file has its name, `file_not_writable` if it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise AuditorError("target_is_file", Place(str(folder))) from error
    except OSError as error:
        raise AuditorError("file_not_writable", Place(str(folder)), reason=error.strerror or str(error)) from error
    return folder


@contextmanager
def whole_file(path: Path, suffix: str = "") -> Iterator[Path]:
    """Give a file beside `path` to write to, which takes its place in one step if all went well.

    It ends in `suffix`, or as `path` does: some programs go by it.
    Raises `AuditorError`: `output_full` if the disk is, `file_not_writable` if the place cannot be written,
    `target_is_device` if it is no file's.
    """
    if is_device(path):
        raise AuditorError("target_is_device", Place(str(path)))
    try:
        with working_file(path, suffix) as working:
            yield working
            put_in_place(working, path)
    except OSError as error:
        if is_full(error):
            raise AuditorError("output_full", Place(str(path))) from error
        raise AuditorError("file_not_writable", Place(str(path)), reason=error.strerror or str(error)) from error
