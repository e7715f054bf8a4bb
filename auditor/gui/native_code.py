"""Load the large libraries of native code without keeping the window from drawing.

Python's own way to open a library holds the interpreter until all of it is read from the disk and bound: on the first
start after the machine's own, a tenth of a second and more for each of these, in which the window cannot answer. Opened
beforehand by a call that lets the interpreter go, they are there already when their packages ask for them.
"""

import ctypes
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

# By the package that has it: where the library lies beside the package's first file (empty: it is that file).
_LARGE = {
    "numpy": "_core/_multiarray_umath.*",
    "_duckdb": "",
    "llvmlite": "binding/libllvmlite.*",
}


def large_libraries() -> Iterator[Path]:
    """Give the files of native code that are large, of the packages that are there."""
    for package, place in _LARGE.items():
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            yield from Path(spec.origin).parent.glob(place) if place else (Path(spec.origin),)


def load_native_code() -> None:
    """Open them for this process; one that cannot be opened here is opened, or refused, with its package.

    Windows has no such call among those of C: its libraries are loaded with their packages.
    """
    if os.name != "posix":
        return
    # A function of a `CDLL` lets the interpreter go while it runs; to make a `CDLL` of the library would not.
    open_library = ctypes.CDLL(None).dlopen
    open_library.restype = ctypes.c_void_p
    for library in large_libraries():
        open_library(os.fsencode(library), ctypes.c_int(os.RTLD_NOW | os.RTLD_LOCAL))
