"""What the window does without until it stands: the libraries of the engine, which take longer to load than it does."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("numpy", "babel", "duckdb", "numba", "matplotlib", "openpyxl", "concurrent.futures.thread", "html.entities")
STARTED = """
import ctypes, gc, sys, weakref
from pathlib import Path
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from auditor.gui.application import make_application, make_window
from auditor.settings import Preferences
SLACK = 30  # asks of prctl how late waits may end
class Cycle: pass
def cycle():
    one = Cycle()
    one.self = one
    return one
application = make_application()
window = make_window(Preferences(Path(sys.argv[1])))
window.show()
assert QTest.qWaitForWindowExposed(window)
assert not window.grab().isNull()
assert window.start.isVisible()
print(*sorted(sys.modules))
assert sys.getswitchinterval() < 0.0001  # else work in Python that lets go more often never lets a repaint in
assert sys.platform != "linux" or ctypes.CDLL(None).prctl(SLACK, 0, 0, 0, 0) == 1  # nanosecond that its waits end late
assert not gc.isenabled()  # on whatever thread it would be, among all that work has made
held = weakref.ref(cycle())
application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)
assert held() is None  # all are looked through when the user is elsewhere
assert application.style().name() == "fusion"  # whatever the desktop's is
window.close()
"""


def test_that_the_start_place_is_painted_without_the_libraries_of_the_engine(tmp_path: Path) -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_STYLE_OVERRIDE": "windows", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", STARTED, str(tmp_path / "settings.json")]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == 0, ended.stderr
    loaded = set(ended.stdout.split())
    assert "auditor.gui.views.start" in loaded
    assert loaded.isdisjoint(HEAVY)
