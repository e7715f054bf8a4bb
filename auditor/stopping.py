"""Ctrl-C while the program loads itself: nothing is at work yet, so the process ends at once, and without a word."""

import os
import signal
from types import FrameType

INTERRUPTED = 130


def stop_at_once() -> None:
    """End with status 130 on Ctrl-C, wherever a module is being loaded: an exception there would be shown as a fault.

    A process that was told to pass Ctrl-C over, as by `nohup`, still does.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def stop_in_order() -> None:
    """Let Ctrl-C be an exception again, so that what is half done is taken away."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_signal: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)
