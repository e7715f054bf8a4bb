"""What PySide6 takes from `None`, `True` and `False`, and that the program outlives it."""

import subprocess
import sys

_COSTS = """
import auditor.gui
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Signal

class Teller(QObject):
    told = Signal()

class Model(QAbstractTableModel):
    def rowCount(self, parent=QModelIndex()):
        return 1
    def columnCount(self, parent=QModelIndex()):
        return 1
    def data(self, index, role=0):
        return None

teller, model = Teller(), Model()
for _ in range(60_000):
    teller.told.emit()
    model.index(0, 0).data()
print("alive")
"""


def test_that_tens_of_thousands_of_signals_and_empty_cells_do_not_end_the_program() -> None:
    script = _COSTS
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert (run.returncode, run.stdout) == (0, "alive\n"), run.stderr
