"""Where a bundle keeps compiled kernels, and by what it knows them; `NUMBA_CACHE_LOCATOR_CLASSES` leads numba here."""

import hashlib
from functools import cache
from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator


class BundledKernels(UserProvidedCacheLocator):
    """Kernels of the modules of one package, known by what stands in their module, wherever the bundle lies.

    Of a frozen program numba would take the place of the code for the one, and what the program itself consists of for
    the other: a bundle that is moved, or signed after it was made, would compile all of them anew, for half a minute.
    """

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """Give the folder for a module's kernels: the name of its package."""
        return Path(py_file).parent.name

    def get_source_stamp(self) -> str:
        """Give the digest of the module's source, of which its kernels were compiled."""
        return _digest(self._py_file)


@cache
def _digest(file: str) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()
