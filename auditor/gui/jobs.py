"""Background work: one thread for all that touches the audit, its progress and its end brought back to the window."""

import gc
import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtCore import Signal

from auditor.collector import uncollected
from auditor.core.problems import Cancelled
from auditor.core.problems import Progress
from auditor.gui.promptness import Sweep

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Answer = TypeVar("Answer")
# Reports closer together than this are not worth a repaint.
_PAUSE = 0.08
# Milliseconds without work after which what nobody waits for may be done.
_REST = 300
# Milliseconds between two steps that are done in turn: what the user does comes in between.
_TURN = 5


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work: what to do off the window's thread, and whom to tell of its end, on it.

    `shown` work is numbered from 1 on; it has a progress bar and can be cancelled. The rest, of number 0, is a question
    answered in passing.
    """

    work: Callable[[Progress], Any]
    done: Callable[[Any], object]
    failed: Callable[[Exception], object]
    shown: int


@dataclass(frozen=True, slots=True)
class Spare:
    """Work that nobody waits for, done a step at a time while there is nothing else to do.

    `step` does a part of it and tells whether there is more. `break_off`, called on the window's thread, ends the step
    that is being done with an exception, after which it is begun again; `failed` is told of any other.
    """

    step: Callable[[], bool]
    break_off: Callable[[], object]
    failed: Callable[[Exception], object]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Do work without the collector of cycles, which holds up the window while it goes through all objects there are.

    What the work has loaded (libraries hold half a million objects) is then left out of all further collections.
    """
    before = len(sys.modules)
    with uncollected():
        try:
            yield
        finally:
            if len(sys.modules) > before:
                gc.freeze()


def _let_go(error: BaseException | None) -> None:
    """Free what work that failed had made, which its fault holds: by the gigabyte, that would hold up the window."""
    from traceback import clear_frames  # noqa: PLC0415 - the start does without

    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


class Worker(QObject):
    """Does jobs one after another on its one thread. Never touches a widget from there.

    `began` is said of each work that is shown, `ended` when none of it is left.
    """

    began = Signal()
    progressed = Signal(str, int, int)
    ended = Signal()
    _back = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin with nothing to do."""
        super().__init__(parent)
        # The number of the last work that was shown, of the last that was called off, and how much of it is left.
        self._shown = 0
        self._called_off = 0
        self._left = 0
        self._last_report = 0.0
        self._last_step = ""
        self._was_at_end = False
        self.waiting = 0
        self._over = False
        # What is done when nothing else is, and that of it which is being done.
        self._spare: Spare | None = None
        self._doing: Spare | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self._use_the_rest)
        self._turns: list[Callable[[], object]] = []
        self._turn = QTimer(self, singleShot=True, interval=_TURN)
        self._turn.timeout.connect(self._take_turn)
        self._sweep = Sweep(self)
        self._back.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @cached_property
    def _thread(self) -> "ThreadPoolExecutor":
        """The one thread, begun with the first job."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - the start does without

        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")

    def submit(
        self,
        work: Callable[[Progress], Answer],
        done: Callable[[Answer], object],
        failed: Callable[[Exception], object],
        *,
        shown: bool = False,
    ) -> None:
        """Queue a job. `done` or `failed` is called later, on the window's thread; after `close` nothing is begun."""
        if self._over:
            return
        self.waiting += 1
        if not self._sweep.isActive():
            self._sweep.begin()
        if shown:
            self._shown += 1
            self._left += 1
            self.began.emit()
        job = Job(work, done, failed, self._shown if shown else 0)
        self._break_off()
        self._thread.submit(self._run, job)

    def when_idle(self, spare: Spare) -> None:
        """Do this, and no more what was to be done before, whenever nothing else is to do."""
        self._break_off()
        self._spare = spare
        self._rest.start()

    def in_turn(self, step: Callable[[], object]) -> None:
        """Do a step on the window's thread later, apart from others: together they would hold it up. Waited for."""
        if step not in self._turns:
            self._turns.append(step)
            self.waiting += 1
            self._turn.start()

    def cancel(self) -> None:
        """Ask the shown work there is to stop at its next report; it leaves nothing half done."""
        self._called_off = self._shown

    def finish(self, work: Callable[[], object], seconds: float) -> None:
        """Stop what runs, then do work on the thread and return when it is done, or after so many seconds."""
        if self._over or not self.has_begun:
            return
        self.cancel()
        self._break_off()
        with suppress(Exception):  # who waits for no answer can do nothing about a fault either
            self._thread.submit(work).result(seconds)

    def close(self) -> None:
        """Stop what runs and end the thread. What waits in the queue is still done: closing the file is part of it."""
        self._over = True
        self.cancel()
        self._break_off()
        if self.has_begun:
            self._thread.shutdown(wait=True)

    @property
    def has_begun(self) -> bool:
        """Tell whether there ever was anything to do."""
        return "_thread" in vars(self)

    def _run(self, job: Job) -> None:
        self._last_step = ""
        try:
            with _undisturbed():
                answer = job.work(partial(self._report, job.shown) if job.shown else self._quiet)
        except Exception as error:  # noqa: BLE001 - the one place where a fault of any kind is brought to the window
            _let_go(error)
            fault = error
            self._back.emit(lambda: self._finish(job, lambda: job.failed(fault)))
        else:
            self._back.emit(lambda: self._finish(job, lambda: job.done(answer)))

    def _finish(self, job: Job, tell: Callable[[], object]) -> None:
        self.waiting -= 1
        if job.shown:
            self._left -= 1
            if not self._left:
                self.ended.emit()
        tell()
        self._rest_if_done()

    def _take_turn(self) -> None:
        self.waiting -= 1
        step = self._turns.pop(0)
        if self._turns:
            self._turn.start()
        self._rest_if_done()
        step()

    def _rest_if_done(self) -> None:
        if not self.waiting:
            self._sweep.stop()
            self._rest.start()

    def _use_the_rest(self) -> None:
        if self.waiting or self._doing or self._over:
            return
        self._sweep.search()
        if self._spare is not None:
            self._doing = self._spare
            self._thread.submit(self._do_spare, self._spare)

    def _do_spare(self, spare: Spare) -> None:
        fault = None
        try:
            with _undisturbed():
                more = spare.step()
        except Exception as error:  # noqa: BLE001 - as in `_run`
            _let_go(error)
            more, fault = True, error
        self._back.emit(lambda: self._spared(spare, more=more, fault=fault))

    def _spared(self, spare: Spare, *, more: bool, fault: Exception | None) -> None:
        if self._doing is not spare:
            return  # broken off: it is begun again when there is nothing else to do
        self._doing = None
        if fault is not None or not more:
            self._spare = None
        if fault is not None:
            spare.failed(fault)
        self._use_the_rest()

    def _break_off(self) -> None:
        """End the spare step that is being done: once, for what is done next must not be hit."""
        doing, self._doing = self._doing, None
        if doing is not None:
            doing.break_off()

    def _deliver(self, call: Callable[[], object]) -> None:
        call()

    def _quiet(self, _step: str, _done: int, _total: int) -> None:
        return

    def _report(self, number: int, step: str, done: int, total: int) -> None:
        if number <= self._called_off:
            raise Cancelled
        now = monotonic()
        at_end = done == total and not self._was_at_end  # said once: some work goes on there and says so each time
        if step != self._last_step or now - self._last_report >= _PAUSE or at_end:
            self._last_step, self._last_report, self._was_at_end = step, now, done == total
            self.progressed.emit(step, done, total)
