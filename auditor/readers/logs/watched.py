"""Long statements of the database, watched while they are at work."""

import threading

import duckdb

from auditor.core.problems import Progress

STEP = "read_log"
_BEAT = 0.1


def watch(connection: duckdb.DuckDBPyConnection, statement: str, progress: Progress) -> list[tuple[object, ...]]:
    """Run a statement beside, telling its progress in percent; what `progress` raises stops the statement.

    Whatever ends it, Ctrl-C while it is begun included, nothing is at work on the connection afterwards.
    """
    answer: list[list[tuple[object, ...]]] = []
    trouble: list[Exception] = []
    at_work, given_up = threading.Lock(), threading.Event()

    def run() -> None:
        with at_work:
            if given_up.is_set():
                return
            try:
                answer.append(connection.execute(statement).fetchall())
            except Exception as error:  # noqa: BLE001 - carried over to the caller's thread and raised there
                trouble.append(error)

    worker = threading.Thread(target=run, name="log")
    try:
        worker.start()
        while worker.is_alive():
            worker.join(_BEAT)
            progress(STEP, max(0, int(connection.query_progress())), 100)
    except BaseException:
        given_up.set()
        _stop(connection, at_work)
        raise
    if trouble:
        raise trouble[0]
    return answer[0]


def _stop(connection: duckdb.DuckDBPyConnection, at_work: threading.Lock) -> None:
    """Stop what is at work on a connection and wait until it has left it, however often Ctrl-C is pressed."""
    while True:
        try:
            connection.interrupt()
            if at_work.acquire(timeout=_BEAT):
                at_work.release()
                return
        except (KeyboardInterrupt, SystemExit):
            continue
