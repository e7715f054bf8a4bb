"""Background work: order, progress, cancelling, and how its end comes back."""

import gc
import threading
import weakref
from time import monotonic

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from auditor.collector import uncollected
from auditor.core.problems import Cancelled
from auditor.core.problems import Progress
from auditor.gui.jobs import Spare
from auditor.gui.jobs import Worker
from auditor.gui.promptness import Sweep


def raised(error: Exception) -> None:
    """Fail the test: the work was not to fail."""
    raise error


class LongWork:
    """Work that reports, waits until it may go on, and reports again."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        self.reached, self.go_on = threading.Event(), threading.Event()

    def work(self, progress: Progress) -> None:
        """Do it."""
        progress("read", 1, 10)
        self.reached.set()
        self.go_on.wait(5)
        progress("read", 2, 10)


def test_that_jobs_run_off_the_windows_thread_and_answer_on_it(qtbot: QtBot) -> None:
    worker = Worker()
    threads: list[threading.Thread] = []

    def work(_progress: Progress) -> str:
        threads.append(threading.current_thread())
        return "answer"

    def told(answer: str) -> None:
        assert answer == "answer"
        threads.append(threading.current_thread())

    worker.submit(work, told, raised)
    qtbot.waitUntil(lambda: len(threads) == 2, timeout=60_000)
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()
    worker.close()


def test_that_jobs_are_done_one_after_another_in_order(qtbot: QtBot) -> None:
    worker = Worker()
    done: list[int] = []
    for number in range(20):

        def work(_progress: Progress, number: int = number) -> int:
            return number

        worker.submit(work, done.append, raised)
    qtbot.waitUntil(lambda: len(done) == 20, timeout=60_000)
    assert done == list(range(20))
    worker.close()


def test_that_cancelling_stops_the_work_at_its_next_report(qtbot: QtBot) -> None:
    worker = Worker()
    failures: list[Exception] = []
    long = LongWork()
    worker.submit(long.work, lambda _none: None, failures.append, shown=True)
    qtbot.waitUntil(long.reached.is_set, timeout=60_000)
    worker.cancel()
    long.go_on.set()
    qtbot.waitUntil(lambda: len(failures) == 1, timeout=60_000)
    assert isinstance(failures[0], Cancelled)
    worker.close()


def test_that_a_cancel_holds_though_other_work_comes_after_it_which_is_done(qtbot: QtBot) -> None:
    worker = Worker()
    failures: list[Exception] = []
    answers: list[str] = []
    ended: list[int] = []
    worker.ended.connect(lambda: ended.append(len(failures) + len(answers)))
    long = LongWork()

    def next_one(progress: Progress) -> str:
        progress("read", 1, 1)
        return "done"

    worker.submit(long.work, lambda _none: None, failures.append, shown=True)
    qtbot.waitUntil(long.reached.is_set, timeout=60_000)
    worker.cancel()
    worker.submit(next_one, answers.append, raised, shown=True)
    long.go_on.set()
    qtbot.waitUntil(lambda: bool(answers), timeout=60_000)
    assert isinstance(failures[0], Cancelled)
    assert answers == ["done"]
    # The bar that shows progress stays until the last of it has ended: said once, of the second.
    assert ended == [1]
    worker.close()


def test_that_progress_reaches_the_window_and_the_last_report_always_does(qtbot: QtBot) -> None:
    worker = Worker()
    heard: list[tuple[object, ...]] = []
    worker.progressed.connect(lambda *report: heard.append(report))

    def work(progress: Progress) -> None:
        for done in range(10_001):
            progress("read", done, 10_000)

    with qtbot.waitSignal(worker.ended):
        worker.submit(work, lambda _none: None, lambda _error: None, shown=True)
    assert heard[0] == ("read", 0, 10_000)
    assert heard[-1] == ("read", 10_000, 10_000)
    assert len(heard) < 100
    worker.close()


def test_that_work_which_goes_on_at_its_end_does_not_flood_the_window(qtbot: QtBot) -> None:
    worker = Worker()
    heard: list[tuple[object, ...]] = []
    worker.progressed.connect(lambda *report: heard.append(report))

    def work(progress: Progress) -> None:
        for _ in range(10_000):
            progress("read", 100, 100)

    with qtbot.waitSignal(worker.ended):
        worker.submit(work, lambda _none: None, raised, shown=True)
    assert heard[0] == ("read", 100, 100)
    assert len(heard) < 1_000
    worker.close()


def test_that_work_is_not_interrupted_by_the_collector_and_what_comes_after_is(qtbot: QtBot) -> None:
    worker = Worker()
    seen: list[bool] = []

    def broken(_progress: Progress) -> bool:
        raise ValueError("broken")

    worker.submit(lambda _progress: gc.isenabled(), seen.append, raised)
    worker.submit(broken, seen.append, lambda _error: seen.append(gc.isenabled()))
    qtbot.waitUntil(lambda: len(seen) == 2, timeout=60_000)
    assert seen == [False, True]
    worker.close()


class Cycle:
    """What only a search for cycles frees."""

    def __init__(self) -> None:
        """Hold oneself."""
        self.own = self


def test_that_cycles_are_freed_beside_work_that_makes_them_on_the_windows_thread(qtbot: QtBot) -> None:
    worker = Worker()
    freed_by: list[threading.Thread] = []
    ended: list[bool] = []

    def work(_progress: Progress) -> bool:
        until = monotonic() + 30
        held = weakref.ref(Cycle(), lambda _held: freed_by.append(threading.current_thread()))
        kept: list[list[int]] = []
        while held() is not None and monotonic() < until:
            if gc.get_count()[0] < 20_000:
                kept.append([])
            else:
                threading.Event().wait(0.001)  # for the search
        return held() is None

    _ = worker._thread  # what it loads would be taken for loaded by the work, and not be searched
    gc.collect()  # or what other tests have left is passed over, and the cycle with it
    worker.submit(work, ended.append, raised)
    qtbot.waitUntil(lambda: bool(ended), timeout=60_000)
    assert ended == [True]
    assert freed_by == [threading.main_thread()]
    worker.close()


def test_that_data_by_the_ten_thousand_is_passed_over(qapp: QApplication) -> None:
    searched: list[str] = []

    def watch(phase: str, _of: object) -> None:
        searched.append(phase)

    with uncollected():
        gc.collect()
        data: list[list[int]] = [[] for _ in range(60_000)]
        gc.callbacks.append(watch)
        Sweep(qapp).search()
        gc.callbacks.remove(watch)
        assert gc.get_count()[0] < len(data)
    gc.unfreeze()
    assert searched == []


def test_that_steps_in_turn_are_done_apart_in_order_each_once_and_are_waited_for(qtbot: QtBot) -> None:
    worker = Worker()
    done: list[object] = []

    def first() -> None:
        done.append("first")
        # Were the second done in the same pass of the event loop, it would come before this.
        QTimer.singleShot(0, lambda: done.append("between"))

    def second() -> None:
        done.append("second")

    for step in (first, second, first):
        worker.in_turn(step)
    assert (done, worker.waiting) == ([], 2)
    qtbot.waitUntil(lambda: worker.waiting == 0, timeout=60_000)
    qtbot.waitUntil(lambda: len(done) == 3, timeout=60_000)
    assert done == ["first", "between", "second"]
    worker.close()


def test_that_what_is_asked_of_a_closed_window_is_let_go(qtbot: QtBot) -> None:
    worker = Worker()
    worker.close()
    worker.submit(lambda _progress: 1, raised_by, raised)
    assert worker.waiting == 0


def raised_by(_answer: int) -> None:
    """Fail the test: nothing was to be done."""
    raise AssertionError


class Made:
    """Something large, which notes on whose thread it is let go of."""

    def __init__(self, freed: list[str]) -> None:
        """Take what it is noted in."""
        self._freed = freed

    def __del__(self) -> None:
        """Note it."""
        self._freed.append(threading.current_thread().name)


class SpareWork:
    """Three steps that nobody waits for; the second ends only by being broken off, the first time."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        self.done, self.calls = 0, 0
        self.waits, self.broken = threading.Event(), threading.Event()
        self.freed: list[str] = []

    def step(self) -> bool:
        """Do the next one."""
        if self.done == 1 and not self.broken.is_set():
            made = Made(self.freed)
            self.waits.set()
            assert self.broken.wait(60), made
            raise InterruptedError
        self.done += 1
        return self.done < 3

    def break_off(self) -> None:
        """End the step."""
        self.calls += 1
        self.broken.set()


def test_that_what_nobody_waits_for_makes_way_and_is_gone_on_with_afterwards(qtbot: QtBot) -> None:
    worker, spare = Worker(), SpareWork()
    worker.when_idle(Spare(spare.step, spare.break_off, raised))
    qtbot.waitUntil(spare.waits.is_set, timeout=60_000)
    answers: list[int] = []
    worker.submit(lambda _progress: spare.done, answers.append, raised)
    worker.submit(lambda _progress: spare.done, answers.append, raised)
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=60_000)
    assert answers == [1, 1]
    assert spare.calls == 1  # once: a second time it would have been the first question that was broken off
    qtbot.waitUntil(lambda: spare.done == 3, timeout=60_000)
    worker.close()
    assert spare.calls == 1
    assert spare.freed == ["audit_0"]  # not on the window's thread, which memory by the gigabyte would hold up


def test_that_work_that_is_cancelled_frees_what_it_had_made_off_the_windows_thread(qtbot: QtBot) -> None:
    worker, freed, told = Worker(), list[str](), list[Exception]()

    def work(_progress: Progress) -> None:
        made = [Made(freed)]
        try:
            made[1].__del__()
        except IndexError as error:
            raise Cancelled from error

    worker.submit(work, lambda _none: None, told.append)
    qtbot.waitUntil(lambda: len(told) == 1, timeout=60_000)
    assert freed == ["audit_0"]
    assert told[0].__traceback__ is not None  # where it happened is still known
    worker.close()


def test_that_a_fault_in_what_nobody_waits_for_is_told_and_ends_it(qtbot: QtBot) -> None:
    worker = Worker()
    faults: list[Exception] = []

    def broken() -> bool:
        raise ValueError("broken")

    worker.when_idle(Spare(broken, lambda: None, faults.append))
    qtbot.waitUntil(lambda: len(faults) == 1, timeout=60_000)
    qtbot.wait(500)
    assert [str(fault) for fault in faults] == ["broken"]
    worker.close()


def test_that_closing_breaks_off_what_nobody_waits_for(qtbot: QtBot) -> None:
    worker, spare = Worker(), SpareWork()
    worker.when_idle(Spare(spare.step, spare.break_off, raised))
    qtbot.waitUntil(spare.waits.is_set, timeout=60_000)
    worker.close()
    assert (spare.calls, spare.done) == (1, 1)
