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
from collections.abc import Iterator
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any

from auditor.core.problems import AuditorError
from auditor.core.problems import Place

MEMORY = 4 << 30
SECONDS = 300.0
_TICK = 0.1
_STARTING = threading.Lock()


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
    task's own `AuditorError`; `reader_too_slow` after `seconds`, `reader_out_of_memory`, and `reader_crashed` when
    the child died or failed in any other way. All of them name `place`.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_serve, args=(theirs, task, arguments), daemon=True)
    with _bare_main():
        child.start()
    theirs.close()
    try:
        return _outcome(_wait(ours, seconds, watch, place), place)
    finally:
        child.kill()
        child.join()
        child.close()
        ours.close()


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


def _wait(ours: Connection, seconds: float, watch: Callable[[], None], place: Place) -> tuple[Any, ...]:
    """Wait for the child's one answer; an end without an answer is a crash."""
    deadline = time.monotonic() + seconds
    while not ours.poll(_TICK):
        watch()
        if time.monotonic() > deadline:
            raise AuditorError("reader_too_slow", place, seconds=round(seconds))
    try:
        answer: tuple[Any, ...] = ours.recv()
    except (EOFError, OSError):
        return ("crashed",)
    return answer


def _outcome(answer: tuple[Any, ...], place: Place) -> Any:
    """Turn the child's answer into a value or an error."""
    word, *rest = answer
    if word == "done":
        return rest[0]
    if word == "refused":
        code, at, values = rest
        raise AuditorError(code, at or place, **values)
    raise AuditorError("reader_out_of_memory" if word == "memory" else "reader_crashed", place)


def _serve(theirs: Connection, task: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Do the task in the child and send what came of it."""
    _withdraw()
    answer: tuple[Any, ...]
    try:
        answer = ("done", task(*arguments))
    except AuditorError as error:
        answer = ("refused", error.code, error.place, error.values)
    except MemoryError:
        answer = ("memory",)
    except BaseException:  # noqa: BLE001 - Rust panics are no Exception; the parent says the sentence
        answer = ("crashed",)
    with contextlib.suppress(OSError):
        theirs.send(answer)


def _withdraw() -> None:
    """Bound the child's memory, keep its dying words off the terminal, and leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - Windows has none

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
