"""Keep `None`, `True` and `False` alive where PySide6 gives back references that it never took.

PySide6 6.12 loses a reference to `True` with every signal emitted from Python and one to `None` with every empty
answer of `QModelIndex.data` (measured: 1,000 of each cost 1,000 references). From Python 3.12 on these objects are
immortal and nothing comes of it; on 3.11 some thousand cells or signals later the interpreter aborts with
"deallocating None".
"""

import ctypes
import sys

_IMMORTAL_SINCE = (3, 12)
# As far away as 3.12 puts them: a loss of a million references a second would take years.
_PLENTY = 1 << 40


def keep_singletons() -> None:
    """Give the three objects so many references that no loss reaches their end; once is enough."""
    if sys.version_info >= _IMMORTAL_SINCE:
        return
    for singleton in (None, True, False):
        if sys.getrefcount(singleton) < _PLENTY // 2:
            # CPython's own layout: the count of references is the first word of every object.
            ctypes.c_ssize_t.from_address(id(singleton)).value += _PLENTY
