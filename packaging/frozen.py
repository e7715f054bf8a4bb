"""Where a frozen bundle begins: readers' child processes first, then the kernels' warm cache, then the program."""

import contextlib
import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Run the program as `auditor` does."""
    multiprocessing.freeze_support()
    _warm(Path(getattr(sys, "_MEIPASS", "")) / "kernels")
    from auditor.__main__ import program  # noqa: PLC0415 - after the cache has its place

    return program()


def _warm(shipped: Path) -> None:
    """Let compiled kernels be kept in the user's folder, and put those there that the bundle was shipped with.

    The bundle's own folder may be read-only. Kernels are compiled for any processor of the kind, so that what was
    compiled where the bundle was made serves everywhere (`frozen_kernels.py`).
    """
    from auditor import __version__  # noqa: PLC0415 - heavy imports come after the variables are set
    from auditor.paths import user_cache  # noqa: PLC0415
    from auditor.working import writable  # noqa: PLC0415

    os.environ.setdefault("NUMBA_CPU_NAME", "generic")
    os.environ.setdefault("NUMBA_CPU_FEATURES", "")
    # What numba itself keeps stands in no file here: that is for its own class.
    os.environ["NUMBA_CACHE_LOCATOR_CLASSES"] = "frozen_kernels.BundledKernels,UserWideCacheLocator"
    cache = writable(user_cache())
    os.environ.setdefault("MPLCONFIGDIR", str(cache))  # where matplotlib keeps its list of fonts
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    made = shipped.stat().st_mtime_ns if shipped.is_dir() else 0
    kept = cache / f"kernels-{__version__}-{made:x}"
    os.environ["NUMBA_CACHE_DIR"] = str(kept)
    if made and not kept.exists():
        with contextlib.suppress(OSError):  # a full disk is told by whatever wants to write to it
            _put(shipped, kept)


def _put(shipped: Path, kept: Path) -> None:
    """Put the shipped kernels where they are kept, in one step: a start that is ended leaves nothing half done."""
    with tempfile.TemporaryDirectory(dir=kept.parent, ignore_cleanup_errors=True) as draft:
        ready = Path(draft, kept.name)
        shutil.copytree(shipped, ready)
        try:
            ready.rename(kept)
        except OSError:  # another start was faster
            if not kept.exists():
                raise


if __name__ == "__main__":
    sys.exit(main())
