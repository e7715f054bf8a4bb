"""`auditor` alone opens the window, `auditor FILE.audit` opens that audit in it; anything else is the command line."""

import gc
import importlib.util
import os
import sys
from pathlib import Path


def main() -> int:
    """Choose between window and command line, and give the exit status."""
    arguments = sys.argv[1:]
    file = Path(arguments[0]) if len(arguments) == 1 and arguments[0].lower().endswith(".audit") else None
    if arguments and file is None:
        from auditor.cli import main as command_line  # noqa: PLC0415 - the command line loads no Qt

        # One command makes many objects and few cycles: looking for these at the usual pace takes a tenth of its time.
        gc.set_threshold(100_000, 50, 50)
        return command_line(arguments)
    if not _has_screen():
        return _refused("no_screen")
    try:
        _link_to_screen()
        from auditor.gui.application import run  # noqa: PLC0415 - only the window loads Qt
    except (ImportError, OSError) as error:
        library, _, reason = str(error).partition(": ")
        if ".so" not in library or "cannot open" not in reason:
            raise
        return _refused("window_library_missing", library=library)
    return run(file)


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
    sys.exit(main())
