"""Working files and folders, called after the program that made them: what a killed one left is cleared by the next.

They hold customers' messages, so they must not stay. Each name tells the machine and the process it belongs to.
"""

import contextlib
import errno
import os
import re
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from functools import partial
from pathlib import Path

_NAME = re.compile(r"\.?auditor-([0-9a-f]{8})-([0-9]+)-")
_DAY = 86_400
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: so Windows refuses what another program has open.
_HELD = {5, 32, 33}
_PAUSES = (0.01, 0.05, 0.1, 0.3, 0.5)  # seconds
OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
"""What every database is told: else it fetches from the network what a stranger's audit asks for."""


@contextmanager
def working_folder() -> Iterator[Path]:
    """Give a folder of our own among the system's temporary ones, which goes with the work."""
    with temporary_folder() as name:
        yield Path(name)


def temporary_folder(place: Path | None = None) -> "tempfile.TemporaryDirectory[str]":
    """Make such a folder for a work that does not end where it begins; what others left there is cleared first.

    It is among the system's temporary ones, or in a `place`.
    """
    within = place or Path(tempfile.gettempdir())
    clear(within)
    return tempfile.TemporaryDirectory(prefix=_mark(), dir=within, ignore_cleanup_errors=True)


def kept_folder() -> Path:
    """Give such a folder that stays while another program may look into it, until a later start of ours."""
    clear(Path(tempfile.gettempdir()))
    return Path(tempfile.mkdtemp(prefix=_mark()))


def writable(folder: Path) -> Path:
    """Give a folder back, or one that is kept (`kept_folder`) where it cannot be written: a service has no home."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return kept_folder()
    return folder


@contextmanager
def working_file(target: Path, suffix: str = "") -> Iterator[Path]:
    """Give a path beside `target` to write to; what is there at the end (or is called after it) is removed.

    It ends in `suffix`, or as `target` does: some programs go by it. What others left beside it is cleared first.
    Raises `OSError` if the folder cannot be written.
    """
    clear(target.parent)
    handle, name = tempfile.mkstemp(prefix=f".{_mark()}", suffix=suffix or target.suffix, dir=target.parent)
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        for left in (path, path.with_name(f"{path.name}.wal")):
            with contextlib.suppress(PermissionError):  # a later start of ours takes it away
                patiently(partial(left.unlink, missing_ok=True))


def is_device(path: Path) -> bool:
    """Tell whether a path is neither file nor folder: what takes its place would put an end to a device or a pipe."""
    return path.exists() and not path.is_file() and not path.is_dir()


def is_full(error: OSError) -> bool:
    """Tell whether a write failed for want of room: on the disk, in what a user may have of it, or in one file."""
    return error.errno in _FULL


def patiently(step: Callable[[], object]) -> None:
    """Take a step with a file, again for a second while Windows says that another program has it.

    Whatever looks for viruses, or puts files into a cloud, opens each new file for an instant.
    """
    for pause in _PAUSES:
        try:
            step()
        except OSError as error:
            if getattr(error, "winerror", None) not in _HELD:
                raise
            time.sleep(pause)  # noqa: TID251 - nobody tells when the other program is done
        else:
            return
    step()


def database_words(error: Exception) -> str:
    """Give what the database says of its failure.

    On a Windows that speaks another language than English the system's words in it are no UTF-8, and Python raises
    `UnicodeDecodeError` in the place of the database's own error.
    """
    return error.object.decode(errors="replace") if isinstance(error, UnicodeDecodeError) else str(error)


def put_in_place(working: Path, target: Path) -> None:
    """Let a working file take its place in one step, with the rights that other new files have."""
    working.chmod(0o666 & ~_umask())
    patiently(partial(working.replace, target))


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all. Raises `OSError`."""
    with working_file(target) as working:
        shutil.copy2(source, working)
        patiently(partial(working.replace, target))


def clear(folder: Path) -> None:
    """Remove from a folder what programs left that were killed; what cannot be removed stays."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            found = _NAME.match(entry.name)
            if found and found[1] == _machine() and not _is_at_work(int(found[2]), entry):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    Path(entry.path).unlink(missing_ok=True)


def _mark() -> str:
    return f"auditor-{_machine()}-{os.getpid()}-"


@cache
def _machine() -> str:
    """Tell this machine from others that write into the same folder: a process is known on its own one only."""
    import platform  # noqa: PLC0415 - the window's start does without

    return f"{zlib.crc32(platform.node().encode()):08x}"


def _is_at_work(process: int, entry: "os.DirEntry[str]") -> bool:
    """Tell whether the process is still there; Windows cannot be asked harmlessly, so there a day must have passed."""
    if sys.platform == "win32":
        return time.time() - entry.stat().st_mtime < _DAY
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


@cache
def _umask() -> int:
    """Give what the system takes from a new file's rights: a temporary file has fewer than others would have."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
