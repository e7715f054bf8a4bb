"""Work in a process of its own that can be killed, so that a hostile file can end in a sentence and nothing worse.

A workbook of two cells can make a reader ask for 550 GB, which aborts the process: no exception can catch that. So
readers of foreign formats run here, with bounded memory and time.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

from auditor.core.problems import AuditorError
from auditor.core.problems import Place

MEMORY = 4 << 30
SECONDS = 300.0
_TICK = 0.1
# What most tasks are in: loaded once, by the server that forks their processes.
_LOADED = ["auditor.readers.apart", "auditor.readers.books.workbook", "auditor.readers.books.ubl"]
_STARTING = threading.Lock()
_NOTHING = object()
_READY: list["_Child"] = []


def no_watch() -> None:
    """Watch nothing."""


def run_apart(
    task: Callable[..., Any],
    *arguments: object,
    place: Place,
    seconds: float = SECONDS,
    watch: Callable[[], None] = no_watch,
) -> Any:
    """Call `task(*arguments)` in a child process and give its answer.

    `watch` is called about ten times a second and may raise to stop the work; the child is killed then. Raises the
    task's own `AuditorError`; `reader_not_started` where the system lets no child begin, `reader_too_slow` after
    `seconds`, `reader_out_of_memory`, and `reader_crashed` when the child died or failed in any other way. All of them
    name `place`.
    """
    with contextlib.closing(_answers(task, arguments, place, seconds, watch, iter(()))) as answers:
        return next(answers)


def stream_apart(
    task: Callable[..., Iterator[Any]],
    *arguments: object,
    place: Place,
    seconds: float = SECONDS,
    watch: Callable[[], None] = no_watch,
    beside: Iterable[None] = (),
) -> Iterator[Any]:
    """Give what `task(*arguments)` yields in a child process, as `run_apart` does with its one answer.

    `beside` is work to do here while the child has nothing to give, a step at a time. It is finished before the end,
    and before a failure of the child is told: what it raises goes before.
    """
    return _answers(task, arguments, place, seconds, watch, iter(beside))


def _answers(
    task: Callable[..., Any],
    arguments: tuple[object, ...],
    place: Place,
    seconds: float,
    watch: Callable[[], None],
    beside: Iterator[None],
) -> Generator[Any]:
    """Give a task to a child and give its answers until the last one; end it in any case."""
    child = _READY.pop() if _READY else _started(place)
    has_begun = False
    try:
        child.take(task, arguments)
        deadline = time.monotonic() + seconds
        while True:
            word, *rest = _wait(child.pipe, deadline, watch, beside)
            if word == "begun":
                has_begun = True
                continue
            if word == "crashed" and not has_begun:
                raise AuditorError("reader_not_started", place)
            if word == "late":
                raise AuditorError("reader_too_slow", place, seconds=round(seconds))
            if word == "part":
                yield rest[0]
                continue
            for _ in beside:
                watch()
            if word == "end":
                return
            yield _outcome(word, rest, place)
    finally:
        child.end()


def _started(place: Place) -> "_Child":
    try:
        return _Child()
    except OSError as error:  # no process more is allowed, or Python's own program is not to be found
        raise AuditorError("reader_not_started", place) from error


@contextlib.contextmanager
def child_ready(*tasks: Callable[..., Any]) -> Iterator[None]:
    """Start a child that knows `tasks` while other things are done: whoever is first to need one takes it.

    To start Python and load a reader takes longer than to read a small file. It is ended if nobody took it.
    """
    try:
        child = _Child(*tasks)
    except OSError:  # whoever needs one says so
        yield
        return
    _READY.append(child)
    try:
        yield
    finally:
        if child in _READY:
            _READY.remove(child)
            child.end()


class _Child:
    """A process that waits for its one task; `tasks` are those whose modules it loads meanwhile."""

    def __init__(self, *tasks: Callable[..., Any]) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self._process = _begun(theirs, *tasks)
        theirs.close()

    def take(self, task: Callable[..., Any], arguments: tuple[object, ...]) -> None:
        with contextlib.suppress(OSError):  # one that is dead already will give no answer, which is told
            self.pipe.send((task, arguments))

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self.pipe.close()


def _begun(*arguments: object) -> BaseProcess:
    """Begin a child: on Linux as a fork of a server that has loaded the readers, which takes a tenth of the time.

    That server is a fresh Python like any other child, with nothing of this process in it, and ends with it. Where
    there is no room for its socket, as on a full disk, a child begins by itself.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, EOFError):
            multiprocessing.set_forkserver_preload(_LOADED)
            return _started_as(multiprocessing.get_context("forkserver").Process, arguments)
    return _started_as(multiprocessing.get_context("spawn").Process, arguments)


def _started_as(kind: type[BaseProcess], arguments: tuple[object, ...]) -> BaseProcess:
    process = kind(target=_serve, args=arguments, daemon=True)
    with _bare_main():
        process.start()
    return process


@contextlib.contextmanager
def _bare_main() -> Iterator[None]:
    """Hide the main module while a child is started.

    The child would load it anew, which costs a second in the window's process and fails where the program was
    started in an unusual way; the tasks here need nothing of it.
    """
    with _STARTING:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _wait(ours: Connection, deadline: float, watch: Callable[[], None], beside: Iterator[None]) -> tuple[Any, ...]:
    """Wait for the child's next answer; an end without an answer is a crash."""
    busy = True
    while not _has_come(ours, 0 if busy else _TICK):
        busy = next(beside, _NOTHING) is not _NOTHING
        watch()
        if time.monotonic() > deadline:
            return ("late",)
    try:
        answer: tuple[Any, ...] = ours.recv()
    except (EOFError, OSError):
        return ("crashed",)
    return answer


def _has_come(ours: Connection, seconds: float) -> bool:
    """Tell whether there is an answer, or the child's end: Windows fails where it is asked of a pipe that has ended."""
    try:
        return ours.poll(seconds)
    except OSError:
        return True


def _outcome(word: str, rest: Sequence[Any], place: Place) -> Any:
    """Turn the child's answer into a value or an error."""
    if word == "done":
        return rest[0]
    if word == "refused":
        code, at, values = rest
        raise AuditorError(code, at or place, **values)
    raise AuditorError("reader_out_of_memory" if word == "memory" else "reader_crashed", place)


def _serve(theirs: Connection, *_tasks: Callable[..., Any]) -> None:
    """Do the task that comes in the child and send what comes of it: each part that it yields, or its answer."""
    _withdraw()
    last: tuple[Any, ...]
    try:
        theirs.send(("begun",))
        task, arguments = theirs.recv()
        answer = task(*arguments)
        if isinstance(answer, Generator):
            for part in answer:
                theirs.send(("part", part))
            last = ("end",)
        else:
            last = ("done", answer)
    except AuditorError as error:
        last = ("refused", error.code, error.place, error.values)
    except MemoryError:
        last = ("memory",)
    except BaseException:  # noqa: BLE001 - Rust panics are no Exception; the parent says the sentence
        last = ("crashed",)
    with contextlib.suppress(OSError):
        theirs.send(last)


def _withdraw() -> None:
    """Bound the child's memory, keep its dying words off the terminal, and leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - Windows has none

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
