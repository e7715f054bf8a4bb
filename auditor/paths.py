"""Where the program's own data and the user's folders are: checkout, wheel or frozen bundle."""

import contextlib
import re
import sys
from functools import cache
from pathlib import Path

import platformdirs

_NAME = "auditor"
# Names that Windows keeps for its devices, whatever ending follows.
_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|(COM|LPT)[0-9¹²³]) *(\.|$)", re.IGNORECASE)
_LONGEST = 80, 200  # of a stem, in letters and in bytes: systems take 255, and an ending and a number come after it


@cache
def resources() -> Path:
    """Give the folder of the packaged data: `resources/` of a checkout, else inside the wheel or the bundle."""
    package = Path(__file__).resolve().parent
    bundle = getattr(sys, "_MEIPASS", None)
    homes = [package / "_resources", package.parent / "resources"]
    if bundle:
        homes.insert(0, Path(bundle) / "resources")
    return next(home for home in homes if (home / "tariffs").is_dir())


def user_data() -> Path:
    """Give the user's folder for saved profiles and rate cards (made on first use)."""
    return _made(platformdirs.user_data_path(_NAME, appauthor=False))


def user_cache() -> Path:
    """Give the user's folder for what can be made again (made on first use)."""
    return _made(platformdirs.user_cache_path(_NAME, appauthor=False))


def user_settings() -> Path:
    """Give the user's folder for preferences (made on first use)."""
    return _made(platformdirs.user_config_path(_NAME, appauthor=False))


def _made(folder: Path) -> Path:
    """Make a folder where that is possible: who has no home, as a service, reads nothing there and writes nothing."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def free_audit_file(name: str) -> Path:
    """Give a new file in the user's folder of audits, called after the audit."""
    folder = user_data() / "audits"
    stem = file_stem(name) or "audit"
    path, copy = folder / f"{stem}.audit", 2
    while path.exists():
        path, copy = folder / f"{stem} ({copy}).audit", copy + 1
    return path


def file_stem(name: str) -> str:
    """Make of a name what every system takes as a file's, without its ending; empty if nothing of it can stay."""
    letters, length = _LONGEST
    kept = re.sub(r"[^\w.-]+", " ", name).strip(" .")[:letters]
    kept = kept.encode()[:length].decode(errors="ignore").rstrip(" .")
    return f"_{kept}" if _DEVICE.match(kept) else kept
