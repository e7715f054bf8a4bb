"""Files that are written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place


@contextmanager
def whole_file(path: Path, suffix: str = "") -> Iterator[Path]:
    """Give a file beside `path` to write to, which takes its place in one step if all went well.

    It ends in `suffix`, or as `path` does: some programs go by it.
    Raises `AuditorError` (`file_not_writable`) if the place cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".auditor-", suffix=suffix or path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise AuditorError("file_not_writable", Place(str(path)), reason=error.strerror or str(error)) from error


@cache
def _umask() -> int:
    """Give what the system takes from a new file's rights: a temporary file has fewer than others would have."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
