"""The command line: arguments become verbs, answers become text, trouble becomes one sentence (formats.md §8)."""

import argparse
import errno
import gc
import io
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType

from auditor.cli.arguments import parser
from auditor.collector import uncollected
from auditor.language import Language
from auditor.language import system_language
from auditor.stopping import INTERRUPTED
from auditor.stopping import stop_in_order

DONE, REFUSED, ENDED = 0, 2, 143
# How many objects come between two searches for cycles: a large invoice is millions that stay, and have none.
_OBJECTS_BETWEEN_SEARCHES = 50_000
_STOPPED = "Query interrupted"  # what the database makes of Ctrl-C while it is at work


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit status: 0 done, 1 different (if asked for), 2 refused, 130 interrupted."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a letter that the terminal has not must not end what is done
        sys.stdout.reconfigure(errors="backslashreplace")
    parsed = argparse.Namespace()
    try:
        parser(Language(system_language())).parse_args(arguments, parsed)
        signal.signal(signal.SIGTERM, _end)
        gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES, 20, 100)
        with uncollected():
            # Each command loads what it needs, and `--help` and `--version` no engine at all.
            command = getattr(import_module(f"auditor.cli.{parsed.room}"), parsed.run)
            gc.freeze()  # the program itself is not searched for cycles
        stop_in_order()
        status = int(command(parsed))
        print(end="", flush=True)  # while it can still be said that it could not be written
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one handler: a bug, too, ends in a sentence
        if _has_enough(error):  # say nothing more, not even at exit
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - lives until the process ends
            return DONE
        if str(error) == _STOPPED:
            return INTERRUPTED
        from auditor.cli import console  # noqa: PLC0415

        audit = getattr(parsed, "file", None) or getattr(parsed, "audit", None)
        inspects = getattr(parsed, "room", "") == "inspecting"
        console.refuse(console.known(error, audit), console.language_of(parsed), inspects=inspects)
        return REFUSED
    else:
        return status
    finally:
        gc.unfreeze()


def _has_enough(error: Exception) -> bool:
    """Tell that whoever read our output reads no more; Windows says so by an invalid argument, of no file."""
    if isinstance(error, BrokenPipeError):
        return True
    closed = isinstance(error, OSError) and error.errno == errno.EINVAL and error.filename is None
    return closed and sys.platform == "win32"


def _end(_signal: int, _frame: FrameType | None) -> None:
    """End as after Ctrl-C where the system asks for it: what is half done is taken away."""
    raise SystemExit(ENDED)
