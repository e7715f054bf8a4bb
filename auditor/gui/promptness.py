"""What keeps the window's thread from waiting for work in Python beside it (window.md §2)."""

import ctypes
import gc
import sys

from PySide6.QtCore import QObject
from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

# A repaint asks the model some hundred times, and each time may wait as long as this for work in Python beside it. Work
# that lets go of the interpreter for an instant now and then, as to write eight thousand bytes, has it again before the
# window's thread wakes. Only who has waited this long without such an instant is let in: so it has to be shorter than
# they are apart. Much shorter, and the window's thread does nothing but ask.
_TURN = 0.00001
# Linux lets waits end fifty microseconds late, which is five turns: `prctl` with this number says by how many
# nanoseconds they may.
_TIMER_SLACK, _AT_ONCE = 29, 1
# Milliseconds between two searches for cycles while there is work, in which it makes objects by the ten thousand.
_OFTEN = 20
# So many new objects are searched in a millisecond or two, and once in so many searches those of the last few again.
_NEW_OBJECTS, _ROUNDS = 10_000, 3
# So many at once are data, of which a search would find nothing for a tenth of a second: they are passed over.
_DATA = 50_000


def answer_at_once(app: QGuiApplication) -> None:
    """Have the calling thread, the window's, let in at once by others, and held up by no long search for cycles.

    From now on cycles are searched for by `Sweep` alone, and all there are when the user turns to another program.
    """
    sys.setswitchinterval(_TURN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_TIMER_SLACK, _AT_ONCE, 0, 0, 0)
    gc.disable()
    app.applicationStateChanged.connect(_search_all)


def _search_all(state: Qt.ApplicationState) -> None:
    if state != Qt.ApplicationState.ApplicationActive:
        gc.unfreeze()  # also what was passed over
        gc.collect()
        gc.freeze()


class Sweep(QTimer):
    """Searches for cycles among new objects while work makes them: a few at a time, and on the window's thread.

    Python would search on whatever thread makes one object too many, where parts of the window must not be freed, and
    after work that was not to be interrupted among all that it has made. What libraries make that the work loads is not
    searched: it stays.
    """

    def __init__(self, parent: QObject) -> None:
        """Be ready; `begin` begins, `stop` ends."""
        super().__init__(parent, interval=_OFTEN)
        self._searches = 0
        self._modules = 0
        self.timeout.connect(self._beside)

    def begin(self) -> None:
        """Search beside work that begins, ever again until it ends or loads a library."""
        self._modules = len(sys.modules)
        self.start()

    def search(self) -> None:
        """Search once, if there is anything worth it."""
        new = gc.get_count()[0]
        if new >= _DATA:
            gc.freeze()
        elif new >= _NEW_OBJECTS:
            self._searches += 1
            gc.collect(0 if self._searches % _ROUNDS else 1)

    def _beside(self) -> None:
        if len(sys.modules) == self._modules:
            self.search()
