"""Whether the window keeps answering: the longest silence of its event loop in every step of a large audit.

`python tests/benchmarks/window_heartbeat.py [MESSAGES]` makes the log of `reconcile_million.py`, opens the window on it
(on the display there is, or offscreen), and goes through the work while a timer beats every two milliseconds. A gap
between two beats is time in which the window would not have answered. On a busy machine a part of it is waiting for a
core (where Linux tells it): what is left without that is the program's, its own work (by the processor's clock of the
window's thread) and waiting for what the worker holds.

The beat itself asks for Python's attention five hundred times a second, which no user does: work that is beaten through
takes two to three times as long as it does without, the more so as the window is let in sooner.
"""

# ruff: noqa: T201 - a benchmark prints
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import get_native_id
from time import perf_counter
from time import process_time
from time import thread_time

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop  # noqa: E402 - the checkout goes before any installed copy
from PySide6.QtCore import QObject  # noqa: E402
from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtCore import QTimer  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from auditor.gui.application import make_application  # noqa: E402
from auditor.gui.application import make_window  # noqa: E402
from auditor.gui.window import MainWindow  # noqa: E402
from auditor.settings import Preferences  # noqa: E402
from tests.benchmarks.reconcile_million import make  # noqa: E402

BEAT = 0.002
LIMIT = 0.050
FRAME = 0.016
_FALLING = Qt.SortOrder.DescendingOrder


class Queue:
    """Tells how long this thread stood ready and waited for a core; nothing where the system does not tell.

    The file stays open: to open, read and close it would let the interpreter go four times a beat, and to get it back
    from a worker that computes takes five milliseconds each time, which no window would have waited.
    """

    def __init__(self) -> None:
        """Open what the system tells about the thread that asks."""
        try:
            self._file = os.open(f"/proc/self/task/{get_native_id()}/schedstat", os.O_RDONLY)
        except OSError:
            self._file = -1

    def seconds(self) -> float:
        """Give the seconds until now."""
        return int(os.pread(self._file, 99, 0).split()[1]) / 1e9 if self._file >= 0 else 0.0


class Heart(QObject):
    """Beats, and keeps the gaps between its beats: whole, without the wait for a core, and its own work in them."""

    def __init__(self) -> None:
        """Begin to beat."""
        super().__init__()
        self.gaps: list[float] = []
        self.served: list[float] = []
        self.own: list[float] = []
        self._queue = Queue()
        self._last = self._clocks()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(round(BEAT * 1000))

    def start(self) -> None:
        """Forget what was."""
        for kept in (self.gaps, self.served, self.own):
            kept.clear()
        self._last = self._clocks()

    def _clocks(self) -> tuple[float, float, float]:
        return perf_counter(), self._queue.seconds(), thread_time()

    def _beat(self) -> None:
        now = self._clocks()
        gap, waited, own = (new - old for new, old in zip(now, self._last, strict=True))
        self.gaps.append(gap)
        self.served.append(gap - waited)
        self.own.append(own)
        self._last = now


def live(seconds: float) -> None:
    """Let the window live for a while, as on a desk: `QTest.qWait` would keep the interpreter while it sleeps."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def settle(window: MainWindow) -> None:
    """Let the window live until nothing is being worked on and nothing is left to draw."""
    quiet = 0
    while quiet < 5:
        live(0.005)
        quiet = quiet + 1 if window.context.workspace.worker.waiting == 0 else 0


def measure(heart: Heart, window: MainWindow, name: str, step: Callable[[], object]) -> None:
    """Do a step, wait for its end, and print what it took and how long the window was silent."""
    heart.start()
    begun, used = perf_counter(), process_time()
    step()
    settle(window)
    took, used = perf_counter() - begun, process_time() - used
    heart._beat()
    kept = (heart.gaps, heart.served, heart.own)
    told = " | ".join(f"{max(gaps) * 1000:.0f} | {sum(gap > LIMIT for gap in gaps)}" for gaps in kept)
    print(f"| {name} | {took:.2f} | {used:.2f} | {told} |", flush=True)


def type_in(window: MainWindow) -> None:
    """Type a filter letter by letter, and take it away."""
    for letter in "peru marketing":
        QTest.keyClicks(window.reconciliation.filter.text, letter)
        QApplication.processEvents()
    window.reconciliation.filter.clear()


def slide(window: MainWindow) -> None:
    """Draw the materiality slider over all its steps and back."""
    slider = window.reconciliation.filter.slider
    for value in (*range(slider.maximum() + 1), *range(slider.maximum(), -1, -1)):
        slider.setValue(value)
        QApplication.processEvents()


def scroll(window: MainWindow) -> None:
    """Scroll through the charges of the largest line, and print how long a repaint takes."""
    table = window.reconciliation.detail.evidence.table
    bar = table.verticalScrollBar()
    frames = []
    for step in range(300):
        bar.setValue(bar.maximum() * (step * 37 % 300) // 300 if step % 10 == 0 else bar.value() + 60)
        begun = thread_time()
        table.viewport().repaint()
        frames.append(thread_time() - begun)
        QApplication.processEvents()
    slow = statistics.quantiles(frames, n=20)[-1]
    late = sum(frame > FRAME for frame in frames)
    print(f"| - repaint while scrolling, 95th percentile of the own | | | | | | | {slow * 1000:.1f} | {late} |")


def find_customer(window: MainWindow) -> None:
    """Type a part of a number over the evidence, and wait until the pause in typing is over."""
    window.reconciliation.detail.evidence.search.setText("5190000")
    live(0.2)


def largest(window: MainWindow) -> None:
    """Select the line with the most charges behind it, with its evidence in view."""
    lines = window.reconciliation
    counts = [int(row.record.difference.expected_quantity or 0) for row in lines.model.rows]
    lines.detail.tabs.setCurrentIndex(2)
    lines.table.selectRow(counts.index(max(counts)))


def main() -> None:
    """Go through the work."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="auditor-heartbeat-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        count = make(folder, messages)
        print(f"{messages:,} messages in {count:,} rows\n")
        silences = ("longest silence, ms", "without waiting for a core, ms", "longest of the window's own, ms")
        print(f"| step | s | s of the processor | {' | '.join(f'{silence} | over 50 ms' for silence in silences)} |")
        print("|---|---|---|---|---|---|---|---|---|")
        make_application()
        window = make_window(Preferences(folder / "settings.json"))
        window.show()
        heart = Heart()
        workspace = window.context.workspace
        window.complete_idly()  # as the program does
        measure(heart, window, "load the engine", workspace.warm_up)
        measure(heart, window, "new audit", lambda: workspace.open_account(folder / "account.toml", folder / "a.audit"))
        files = [folder / "log.csv", folder / "invoice.csv"]
        measure(heart, window, "import, charge and find causes", lambda: window.add(files))
        measure(heart, window, "recompute", workspace.recompute)
        window.go("reconciliation")
        measure(heart, window, "filter by typing", lambda: type_in(window))
        measure(heart, window, "materiality slider", lambda: slide(window))
        measure(heart, window, "open the evidence of the largest line", lambda: largest(window))
        evidence = window.reconciliation.detail.evidence
        print(f"| - charges behind it: {evidence.model.rowCount():,} | | | | | | | | |")
        measure(heart, window, "scroll the evidence", lambda: scroll(window))
        measure(heart, window, "sort the evidence by amount", lambda: evidence.table.sortByColumn(1, _FALLING))
        measure(heart, window, "sort the evidence by customer", lambda: evidence.table.sortByColumn(2, _FALLING))
        measure(heart, window, "find a customer in the evidence", lambda: find_customer(window))
        measure(heart, window, "select every line", window.reconciliation.table.selectAll)
        measure(heart, window, "decide", window.reconciliation.detail.decision.accept.click)
        measure(heart, window, "charts", lambda: window.go("charts"))
        measure(heart, window, "export the workbook", lambda: workspace.export_workbook(folder / "book.xlsx"))
        window.close()
        opened = make_window(Preferences(folder / "settings.json"))
        opened.show()
        opened.complete_idly()
        settle(opened)
        measure(heart, opened, "open the audit again", lambda: opened.open(folder / "a.audit"))
        opened.close()


if __name__ == "__main__":
    main()
