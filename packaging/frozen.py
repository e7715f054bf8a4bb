"""Where a frozen bundle begins: readers' child processes first, then the kernels' warm cache, then the program."""

import multiprocessing
import os
import shutil
import sys
from pathlib import Path


def main() -> int:
    """Run the program as `auditor` does."""
    multiprocessing.freeze_support()
    _warm()
    from auditor.__main__ import program  # noqa: PLC0415 - after the cache has its place

    return program()


def _warm() -> None:
    """Let compiled kernels be kept in the user's folder, and put those there that the bundle was shipped with.

    The bundle's own folder may be read-only. Kernels are compiled for any processor of the kind, so that what was
    compiled where the bundle was made serves everywhere.
    """
    from auditor import __version__  # noqa: PLC0415 - heavy imports come after the variables are set
    from auditor.paths import user_cache  # noqa: PLC0415

    os.environ.setdefault("NUMBA_CPU_NAME", "generic")
    os.environ.setdefault("NUMBA_CPU_FEATURES", "")
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    kept = user_cache() / f"kernels-{__version__}"
    os.environ["NUMBA_CACHE_DIR"] = str(kept)
    shipped = Path(getattr(sys, "_MEIPASS", "")) / "kernels"
    if kept.exists() or not shipped.is_dir():
        return
    from numba.core.caching import _CacheLocator  # noqa: PLC0415 - numba names the folders after where the code lies

    for folder in shipped.iterdir():
        package = folder.name.rpartition("_")[0]  # behind it stands the digest of where it lay when it was compiled
        code = Path(getattr(sys, "_MEIPASS", "")) / "auditor" / package / "kernel.py"
        name = _CacheLocator.get_suitable_cache_subpath(str(code))  # type: ignore[no-untyped-call] # numba
        shutil.copytree(folder, kept / name)


if __name__ == "__main__":
    sys.exit(main())
