"""Where a frozen bundle begins: readers' child processes first, then the kernels' warm cache, then the program."""

import contextlib
import multiprocessing
import os
import shutil
import sys
import tempfile
import zlib
from pathlib import Path


def main() -> int:
    """Run the program as `auditor` does."""
    multiprocessing.freeze_support()
    _warm(Path(getattr(sys, "_MEIPASS", "")))
    from auditor.__main__ import program  # noqa: PLC0415 - after the cache has its place

    return program()


def _warm(bundle: Path) -> None:
    """Let compiled kernels be kept in the user's folder, and put those there that the bundle was shipped with.

    The bundle's own folder may be read-only. Kernels are compiled for any processor of the kind, so that what was
    compiled where the bundle was made serves everywhere. numba keeps them by the place of their code, so each place
    of a bundle, and each bundle that comes to lie there, has a folder of its own.
    """
    from auditor import __version__  # noqa: PLC0415 - heavy imports come after the variables are set
    from auditor.paths import user_cache  # noqa: PLC0415
    from auditor.working import writable  # noqa: PLC0415

    cache = writable(user_cache())
    os.environ.setdefault("MPLCONFIGDIR", str(cache))  # where matplotlib keeps its list of fonts
    os.environ.setdefault("NUMBA_CPU_NAME", "generic")
    os.environ.setdefault("NUMBA_CPU_FEATURES", "")
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    shipped = bundle / "kernels"
    made = shipped.stat().st_mtime_ns if shipped.is_dir() else 0
    kept = cache / f"kernels-{__version__}-{zlib.crc32(f'{bundle} {made}'.encode()):08x}"
    os.environ["NUMBA_CACHE_DIR"] = str(kept)
    if made and not kept.exists():
        with contextlib.suppress(OSError):  # a full disk is told by whatever wants to write to it
            _put(shipped, kept, bundle)


def _put(shipped: Path, kept: Path, bundle: Path) -> None:
    """Put the shipped kernels where they are kept, in one step: a start that is ended leaves nothing half done."""
    from numba.core.caching import _CacheLocator  # noqa: PLC0415 - numba names the folders after where the code lies

    with tempfile.TemporaryDirectory(dir=kept.parent, ignore_cleanup_errors=True) as draft:
        for folder in shipped.iterdir():
            package = folder.name.rpartition("_")[0]  # behind it stands the digest of where it lay when it was compiled
            code = bundle / "auditor" / package / "kernel.py"
            name = _CacheLocator.get_suitable_cache_subpath(str(code))  # type: ignore[no-untyped-call] # numba
            shutil.copytree(folder, Path(draft, "kernels", name))
        try:
            Path(draft, "kernels").rename(kept)
        except OSError:  # another start was faster
            if not kept.exists():
                raise


if __name__ == "__main__":
    sys.exit(main())
