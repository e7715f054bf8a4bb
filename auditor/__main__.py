"""`auditor` alone opens the window, `auditor FILE.audit` opens that audit in it; anything else is the command line."""

import atexit
import contextlib
import importlib.util
import os
import sys
from pathlib import Path

from auditor import __version__
from auditor.collector import uncollected
from auditor.stopping import stop_at_once
from auditor.stopping import stop_in_order


def program() -> int:
    """Run as a process of its own, as `main` does.

    A command that is done ends at once: to take the engine apart object by object would take a tenth of its time, and
    the system takes all of it back. What was put off to the end of the process is done before.
    """
    done: list[int] = []
    atexit.register(_leave, done)  # of all put off to the end, what came first is done last
    stop_at_once()
    try:
        status = main()
    finally:
        stop_in_order()
    if "auditor.gui" not in sys.modules:  # Qt gives the clipboard away when it is taken apart
        done.append(status)
    return status


def _leave(done: list[int]) -> None:
    """End the process with the status of a command that is done, if there is one."""
    if done:
        if sys.stdout is not None:  # as it is on Windows beside a window
            with contextlib.suppress(OSError):
                sys.stdout.flush()
        os._exit(done[0])


def main() -> int:
    """Choose between window and command line, and give the exit status."""
    _keep_kernels()
    arguments = sys.argv[1:]
    file = Path(arguments[0]) if len(arguments) == 1 and arguments[0].lower().endswith(".audit") else None
    if arguments and file is None:
        from auditor.cli import main as command_line  # noqa: PLC0415 - the command line loads no Qt

        return command_line(arguments)
    if not _has_screen():
        return _refused("no_screen")
    try:
        _link_to_screen()
        with uncollected():
            from auditor.gui.application import run  # noqa: PLC0415 - only the window loads Qt
    except (ImportError, OSError) as error:
        library, _, reason = str(error).partition(": ")
        if ".so" not in library or "cannot open" not in reason:
            raise
        return _refused("window_library_missing", library=library)
    stop_in_order()
    return run(file)


def _keep_kernels() -> None:
    """Find a place for compiled kernels where the program's own folder is closed, as one that root installed.

    numba would use the home, and where there is none, as a service has it, refuse to be imported.
    """
    if "NUMBA_CACHE_DIR" in os.environ or os.access(Path(__file__).parent, os.W_OK):
        return
    from auditor.paths import user_cache  # noqa: PLC0415 - as above
    from auditor.working import writable  # noqa: PLC0415 - as above

    home = user_cache()
    kept = writable(home)
    os.environ["NUMBA_CACHE_DIR"] = str(kept / f"kernels-{__version__}")
    if kept != home:  # matplotlib would say on the console that it looked for one in vain
        os.environ.setdefault("MPLCONFIGDIR", str(kept))


def _refused(code: str, library: str = "") -> int:
    """Say why there is no window, and give the exit status."""
    from auditor.cli import REFUSED  # noqa: PLC0415 - as above
    from auditor.cli.console import refuse  # noqa: PLC0415 - as above
    from auditor.core.problems import AuditorError  # noqa: PLC0415 - as above
    from auditor.language import system_language  # noqa: PLC0415 - as above

    refuse(AuditorError(code, library=library), system_language())
    return REFUSED


def _has_screen() -> bool:
    """Tell whether there is a screen for the window: without one Qt ends the process before a word can be said."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def _link_to_screen() -> None:
    """Load what Qt shows windows with under X11: where a library of the system lacks, Qt itself would end the process.

    Raises `OSError`, which names the library.
    """
    if not sys.platform.startswith("linux") or any(map(os.environ.get, ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))):
        return
    found = importlib.util.find_spec("PySide6")
    for folder in (found and found.submodule_search_locations) or ():
        plugin = Path(folder, "Qt", "plugins", "platforms", "libqxcb.so")
        if plugin.exists():
            import ctypes  # noqa: PLC0415 - the command line does without

            ctypes.CDLL(str(plugin))


if __name__ == "__main__":
    sys.exit(program())
