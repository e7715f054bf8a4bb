"""Answers that this machine has computed, kept so that an audit opens without being computed anew.

They are kept in the user's own folder and never in the audit file, so that nobody opens a file to figures that somebody
else put there. Each is named by the digest of all that it hangs on: the inputs in force, the rules, the program and the
clocks of its zones. It is taken up only if it is whole, and the audit file's own record of the outcome has its digest.
"""

import hashlib
import json
import sys
import zlib
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from auditor import __version__
from auditor.core.records import Account
from auditor.core.results import Reconciliation
from auditor.core.timeline import transitions
from auditor.project.chain import canonical
from auditor.project.chain import digest_of
from auditor.project.plain import from_plain
from auditor.project.plain import to_plain
from auditor.readers.rulebook import rules_digest
from auditor.verbs.outcome import Outcome
from auditor.verbs.outcome import outcome_digest

_MAGIC = b"AUDITOR ANSWER 2\n"
# So many answers are kept, those that were wanted last.
_MOST = 24
# Items of a list are written and read so many at a time: JSON made as a whole holds up every other thread.
_AT_ONCE = 1_000
_ENGINE = ("core", "project", "readers", "verbs")


class KeptAnswers:
    """The answers in a folder; what is damaged or out of date there counts as not there."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made with the first answer."""
        self._folder = folder

    def find(self, inputs: str, account: Account, known: Outcome) -> Reconciliation | None:
        """Give the answer to inputs, if it is there and the audit file knows its outcome as this one."""
        file = self._file(inputs, account)
        try:
            content = file.read_bytes()
            file.touch()
        except OSError:
            return None
        seal, body = content[len(_MAGIC) : len(_MAGIC) + 32], content[len(_MAGIC) + 32 :]
        if not content.startswith(_MAGIC) or hashlib.sha256(body).digest() != seal:
            return None
        plain = _joined(zlib.decompress(body).decode())
        return from_plain(Reconciliation, plain) if outcome_digest(plain) == known["digest"] else None

    def keep(self, inputs: str, account: Account, result: Reconciliation) -> None:
        """Keep an answer, whole or not at all; a full or locked disk costs only the time to compute it again."""
        body = zlib.compress("\n".join(_pieces(to_plain(result))).encode(), 1)
        file = self._file(inputs, account)
        draft = file.with_suffix(".new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(_MAGIC + hashlib.sha256(body).digest() + body)
            draft.replace(file)
            for old in sorted(self._folder.glob("*.answer"), key=_when)[:-_MOST]:
                old.unlink(missing_ok=True)
        except OSError:
            return

    def forget(self, inputs: str, account: Account) -> None:
        """Throw an answer away."""
        self._file(inputs, account).unlink(missing_ok=True)

    def _file(self, inputs: str, account: Account) -> Path:
        clocks = {waba.time_zone: transitions(waba.time_zone) for waba in account.wabas}
        return self._folder / f"{digest_of(inputs, rules_digest(), _program(), canonical(clocks))}.answer"


def _pieces(plain: Mapping[str, Any]) -> Iterator[str]:
    """Write every field as JSON with its name, a long list as several."""
    for name, value in plain.items():
        long = isinstance(value, list) and len(value) > _AT_ONCE
        for part in (value[n : n + _AT_ONCE] for n in range(0, len(value), _AT_ONCE)) if long else (value,):
            yield json.dumps([name, part], ensure_ascii=False)


def _joined(text: str) -> dict[str, Any]:
    """Read fields from their pieces."""
    plain: dict[str, Any] = {}
    for line in text.split("\n"):
        name, part = json.loads(line)
        if name in plain:
            plain[name] += part
        else:
            plain[name] = part
    return plain


def _when(file: Path) -> int:
    return file.stat().st_mtime_ns


@cache
def _program() -> str:
    """Name the program to the byte: its version, and the engine's text or, where it is frozen, the files it is in.

    Those are two on Windows, one for the window and one for the command line, which keeps answers for the window.
    """
    if getattr(sys, "frozen", False):
        own = Path(sys.executable)
        frozen = [file.stat() for file in sorted(own.parent.glob(f"auditor*{own.suffix}"))]
        return " ".join((__version__, *(f"{file.st_size} {file.st_mtime_ns}" for file in frozen)))
    package = Path(__file__).resolve().parents[1]
    texts = sorted(file for part in _ENGINE for file in (package / part).rglob("*.py"))
    return digest_of(__version__, *(file.name + "\n" + file.read_text(encoding="utf-8") for file in texts))
