"""Start-up: what it takes to say the version, to reconcile the sample, and to show the window, against bare Qt.

    .venv/bin/python tests/benchmarks/start_up.py [RUNS]      Linux, macOS

All are run in turn, each in a process of its own; one run beforehand warms the caches. On a busy machine read the
seconds of the processor.
"""

# ruff: noqa: T201 - a benchmark prints

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
_RUNS = 5
BARE = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow()
window.show()
QTimer.singleShot(0, application.quit)
application.exec()
"""
# In the order of `auditor.__main__` and `auditor.gui.application.run`, up to the window shown.
OURS = """
from auditor.collector import uncollected
with uncollected():
    from auditor.gui.application import make_application, make_window
    from auditor.settings import Preferences
    application = make_application()
    window = make_window(Preferences())
    window.show()
from PySide6.QtCore import QTimer
QTimer.singleShot(0, application.quit)
application.exec()
"""


def commands(sample: Path) -> dict[str, list[str]]:
    """Give what is timed, by name."""
    files = {"--account": "account.toml", "--messages": "messages.csv", "--invoice": "invoice.xlsx"}
    stated = [word for option, name in files.items() for word in (option, str(sample / name))]
    return {
        "python alone": ["-c", "pass"],
        "auditor --version": ["-m", "auditor", "--version"],
        "auditor reconcile, the sample": ["-m", "auditor", "reconcile", *stated, "--summary", str(sample / "s.json")],
        "a bare PySide6 window": ["-c", BARE],
        "the auditor's window": ["-c", OURS],
    }


def timed(words: list[str]) -> tuple[float, float]:
    """Give the seconds by the clock and of the processor (its children included) that a command took."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    before, begin = os.times(), time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True, env=environment)
    clock, after = time.perf_counter() - begin, os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return clock, processor


def main() -> None:
    """Run all in turn and say the medians."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else _RUNS
    with TemporaryDirectory() as folder:
        sample = Path(folder) / "sample"
        subprocess.run(
            [sys.executable, "-m", "auditor", "demo", str(sample)], check=True, capture_output=True, cwd=ROOT
        )
        wanted = commands(sample)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in wanted}
        for turn in range(runs + 1):
            for name, words in wanted.items():
                taken = timed(words)
                if turn:
                    found[name].append(taken)
    print(f"{'':32}{'clock s':>10}{'processor s':>14}")
    for name, times in found.items():
        print(f"{name:32}{median(one[0] for one in times):10.2f}{median(one[1] for one in times):14.2f}")


if __name__ == "__main__":
    main()
