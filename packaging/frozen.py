"""Where a frozen bundle begins: readers' child processes first, then the kernels' warm cache, then the program."""

import contextlib
import multiprocessing
import os
import shutil
import sys
import time
from functools import partial
from pathlib import Path

_LONG_UNUSED = 60 * 86_400  # seconds


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
    if not made:
        return
    with contextlib.suppress(OSError):  # a full disk is told by whatever wants to write to it
        if not kept.exists():
            _put(shipped, kept)
        os.utime(kept)  # so that it is known to be in use


def _put(shipped: Path, kept: Path) -> None:
    """Put the shipped kernels where they are kept, in one step: a start that is ended leaves nothing half done.

    Those of bundles that were not started for long are taken away, in one step each; who still has one compiles anew.
    """
    from auditor.working import patiently  # noqa: PLC0415 - as above
    from auditor.working import temporary_folder  # noqa: PLC0415 - as above

    with temporary_folder(kept.parent) as draft:
        ready = Path(draft, kept.name)
        shutil.copytree(shipped, ready)
        os.utime(ready)  # else as old as the bundle
        try:
            patiently(partial(ready.rename, kept))
        except OSError:  # another start was faster
            if not kept.exists():
                raise
        for other in kept.parent.glob("kernels-*-*"):
            if time.time() - other.stat().st_mtime > _LONG_UNUSED:
                other.rename(Path(draft, other.name))


if __name__ == "__main__":
    sys.exit(main())
