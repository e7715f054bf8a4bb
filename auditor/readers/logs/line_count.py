"""How many lines a text has: a database that reads it does not say where a row begins."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import numpy as np

from auditor.core.problems import Progress
from auditor.core.problems import unwatched
from auditor.readers.logs.watched import STEP
from auditor.readers.sniff import Sniffed

# So many bytes stay near the processor between being read and being counted.
_BLOCK = 1 << 18
_TAIL = 4096
_LINE_END = ord("\n")


def line_count(path: Path, sniffed: Sniffed, progress: Progress) -> int:
    """Count the lines of a file, blank ones at its end left out: of a plain one both halves at once."""
    if sniffed.compression:
        with gzip.open(path) as unpacked:
            ends, tail = _line_ends(unpacked, None, progress)
    else:
        half = path.stat().st_size // 2
        with path.open("rb") as first, path.open("rb") as second, ThreadPoolExecutor(1, "lines") as pool:
            second.seek(half)
            beside = pool.submit(_line_ends, second, None, unwatched)
            ends, before = _line_ends(first, half, progress)
            more, after = beside.result()
            ends, tail = ends + more, (before + after)[-_TAIL:]
    return ends + 1 - tail[len(tail.rstrip()) :].count(b"\n")


def _line_ends(file: BinaryIO | gzip.GzipFile, most: int | None, progress: Progress) -> tuple[int, bytes]:
    """Count the ends of lines in the next bytes of a file, `most` of them or all, and give the last ones."""
    ends, tail, left = 0, b"", most
    while block := file.read(_BLOCK if left is None else min(_BLOCK, left)):
        progress(STEP, 100, 100)
        left = None if left is None else left - len(block)
        ends += int(np.count_nonzero(np.frombuffer(block, np.uint8) == _LINE_END))
        tail = (tail + block[-_TAIL:])[-_TAIL:]
    return ends, tail
