"""Preferences: what the window remembers between two starts. Nothing here changes a result (architecture.md §3)."""

import json
import time
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from dataclasses import replace
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import Any

from auditor.paths import user_cache
from auditor.paths import user_data
from auditor.paths import user_settings

_RECENT = 8
_PATIENCE = 0.5  # seconds
_BY_NAME = ("tables", "panes", "filters", "workbooks", "drafts")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Settings:
    """The preferences. Empty texts mean "not chosen yet": the machine's own language, the platform's own folder.

    `theme` is system, light or dark; `recent` are audit files, newest first; `geometry`, `tables` and `panes` hold what
    Qt gives to restore a window, the columns of a table and the edges of panes by their names, as base64. `filters` are
    those over the lines that were saved, by the names they were given (`gui/differences/saved_filters.py`), `workbooks`
    the files that the workbooks of recent audits were last saved as, by the audits' own, and `drafts` the notes that
    are being typed in audits, by theirs (`gui/frame/typed_notes.py`). `memory` is
    in MiB: a log that needs more is charged in parts, laid aside in the folder `temporary` (see `verbs/room.py`).
    """

    language: str = ""
    theme: str = "system"
    recent: tuple[str, ...] = ()
    folder: str = ""
    geometry: str = ""
    tables: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    panes: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    filters: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    workbooks: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    drafts: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    memory: str = ""
    temporary: str = ""


def load(file: Path | None = None) -> Settings:
    """Read the preferences; a missing or damaged file gives the defaults, since nothing of worth is lost with it."""
    try:
        stored = json.loads((file or _file()).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    return _settings(stored) if isinstance(stored, dict) else Settings()


def save(settings: Settings, file: Path | None = None) -> None:
    """Write the preferences, whole or not at all."""
    target = file or _file()
    draft = target.with_suffix(".new")
    draft.write_text(json.dumps(asdict(_plain(settings)), ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(target)


class Preferences:
    """The settings as the running program holds them: read once, written at every change."""

    def __init__(self, file: Path | None = None) -> None:
        """Read `file`, or the user's own settings."""
        self._file = file
        self.settings = load(file)

    @property
    def cache(self) -> Path:
        """Give the folder for what can be made again: the user's own, or beside other settings than theirs."""
        return self._file.parent / "cache" if self._file else user_cache()

    @property
    def answers(self) -> Path:
        """Give the folder of the answers that this machine has computed (`verbs/kept_answers.py`)."""
        return self.cache / "answers"

    def change(self, **values: Any) -> None:
        """Replace some values and write all down; a full or locked disk costs only the memory of it."""
        self.settings = replace(self.settings, **values)
        try:
            save(self.settings, self._file)
        except OSError:
            return

    @property
    def recent(self) -> list[Path]:
        """Give the audits opened last that are still there: a disk may be back tomorrow, so none is forgotten.

        The window waits for the answer, and a server that is out of reach gives none for half a minute: an audit of
        which nothing is told by then may be there.
        """
        paths, gone = [Path(name) for name in self.settings.recent], set[Path]()
        asked = [Thread(target=_note_if_gone, args=(path, gone), daemon=True) for path in paths]
        for one in asked:
            one.start()
        until = time.monotonic() + _PATIENCE
        for one in asked:
            one.join(max(0.0, until - time.monotonic()))
        return [path for path in paths if path not in gone]

    def remember_audit(self, path: Path) -> None:
        """Put an audit file at the head of the recent ones; a path as it was typed would lead elsewhere next time.

        Its folder is where files are looked for next, unless it is the program's own: there are none of the user's.
        """
        path = path.absolute()
        others = tuple(name for name in self.settings.recent if name != str(path))
        folder = self.settings.folder if path.is_relative_to(user_data()) else str(path.parent)
        self.change(recent=(str(path), *others)[:_RECENT], folder=folder)

    def remember_workbook(self, audit: Path, workbook: Path) -> None:
        """Keep what the workbook of an audit was saved as, for as long as that audit is among the recent ones."""
        kept = {name: file for name, file in self.settings.workbooks.items() if name in self.settings.recent}
        self.change(workbooks={**kept, str(audit.absolute()): str(workbook.absolute())})

    def keep_draft(self, audit: Path, keys: Sequence[str], note: str) -> None:
        """Keep a note on differences of an audit as far as it was typed; the one before is forgotten."""
        written = json.dumps({"keys": list(keys), "note": note}, ensure_ascii=False)
        self.change(drafts={**self.settings.drafts, str(audit.absolute()): written})

    def draft(self, audit: Path) -> tuple[tuple[str, ...], str] | None:
        """Give the note that is kept of an audit, and the keys of its differences; None if there is none."""
        try:
            kept = json.loads(self.settings.drafts[str(audit.absolute())])
            return tuple(map(str, kept["keys"])), str(kept["note"])
        except (KeyError, TypeError, ValueError):
            return None

    def forget_draft(self, audit: Path) -> None:
        """Forget the note that is kept of an audit: it was written down."""
        name = str(audit.absolute())
        if name in self.settings.drafts:
            self.change(drafts={known: one for known, one in self.settings.drafts.items() if known != name})

    def remember_table(self, name: str, state: str) -> None:
        """Keep the columns of a table as the user left them."""
        self.change(tables={**self.settings.tables, name: state})

    def forget_table(self, name: str) -> None:
        """Let the columns of a table be again as they were before the user changed them."""
        self.change(tables={known: state for known, state in self.settings.tables.items() if known != name})

    def remember_filter(self, name: str, written: str) -> None:
        """Keep a filter under a name; what was kept under it before is forgotten."""
        self.change(filters={**self.settings.filters, name: written})

    def forget_filter(self, name: str) -> None:
        """Forget the filter of a name."""
        self.change(filters={known: one for known, one in self.settings.filters.items() if known != name})

    def remember_panes(self, name: str, state: str) -> None:
        """Keep the edges of panes as the user left them."""
        self.change(panes={**self.settings.panes, name: state})


def _note_if_gone(path: Path, gone: set[Path]) -> None:
    try:
        is_there = path.exists()
    except OSError:  # as a broken disk or a lost server has it
        is_there = False
    if not is_there:
        gone.add(path)


def _file() -> Path:
    return user_settings() / "settings.json"


def _plain(settings: Settings) -> Settings:
    named: dict[str, Any] = {name: dict(getattr(settings, name)) for name in _BY_NAME}
    return replace(settings, **named)


def _settings(stored: Mapping[str, Any]) -> Settings:
    """Take what fits; a value of another type (a hand-made or newer file) is left at its default."""
    kept: dict[str, Any] = {}
    for entry in fields(Settings):
        value = stored.get(entry.name)
        if entry.name == "recent" and isinstance(value, list):
            kept["recent"] = tuple(str(name) for name in value)
        elif entry.name in _BY_NAME and isinstance(value, dict):
            kept[entry.name] = {str(name): str(state) for name, state in value.items()}
        elif isinstance(value, str) and entry.name not in {"recent", *_BY_NAME}:
            kept[entry.name] = value
    return Settings(**kept)
