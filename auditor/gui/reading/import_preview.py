"""How a file is read: sheet, header, a meaning per column, the first rows as values, refused rows beside their reason.

Beside them stands what was decided of units, signs and marks, and what the lines add up to. All else can be changed;
each change is read again at once, and nothing is kept before the button is pressed.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtCore import QTimer
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.problems import AuditorError
from auditor.core.records import ImportReport
from auditor.gui.context import Context
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import in_scroll
from auditor.gui.pieces.controls import tabbed
from auditor.gui.pieces.controls import told_label
from auditor.gui.pieces.message_bar import MessageBar
from auditor.gui.pieces.panes import Panes
from auditor.gui.reading.column_meanings import EDITABLE
from auditor.gui.reading.column_meanings import IGNORE
from auditor.gui.reading.column_meanings import LOG
from auditor.gui.reading.column_meanings import ColumnMeanings
from auditor.gui.reading.column_meanings import field_names
from auditor.gui.reading.reading_fields import ReadingFields
from auditor.gui.reading.seen_rows import RowsModel
from auditor.gui.reading.seen_rows import seen_columns
from auditor.gui.reading.told_reading import count_told
from auditor.gui.reading.told_reading import told_reading
from auditor.gui.tables.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence

    from auditor.core.problems import Problem
    from auditor.verbs import Audit
    from auditor.verbs.inspection import Inspection
    from auditor.verbs.inspection import ReadOptions
    from auditor.verbs.seen import SeenRow

# What a log may lack that the facts of the account can state.
_LACKING, _NUMBER, _NO_ACCOUNT = "log_columns_missing", "phone_number_id", "log_no_waba"
_ONLY_THAT = "log_number_open"
# Here the reason stands with the rows, and only with them.
_NOTHING = "log_nothing_usable"
# A change settles for this long before the file is read again: a wheel turned in a field makes many.
_SETTLE = 180


class ImportPreview(QWidget):
    """Shows one file as it is read. `taken` hands on the options for the file at hand, and what it is to be read as.

    `stopped` comes when a file cannot be read as it is, and the preview says why; `unseen` when not even its cells
    can be shown. `facts_wanted` comes where what the file lacks can be stated of the account.
    """

    taken = Signal(object, str)
    stopped = Signal()
    unseen = Signal()
    facts_wanted = Signal()

    def __init__(self, context: Context) -> None:
        """Begin with no file."""
        super().__init__()
        self._context = context
        self._source: ImportReport | None = None
        self._path: Path | None = None
        self._seen: Inspection | None = None
        self._mapping: dict[str, str] = {}
        self._types: dict[str, str] = {}
        self._profiles: tuple[str, ...] = ()
        # The file that was taken in as the user explained its columns, until a profile is made of that.
        self._explained = ""
        # How a file of the audit was said to be read; the fields are still to say so.
        self._taken: ReadOptions | None = None
        self._fresh = False
        self._asked = 0
        self.bar = MessageBar(context, flush=True)
        self.facts = caption(context, "preview.none")
        self.fields = ReadingFields(context)
        self.columns = ColumnMeanings(context)
        self.rows = RowsModel("seen", context.speech, self)
        self.refused = RowsModel("refused", context.speech, self)
        self.left_out = RowsModel("left_out", context.speech, self)
        self.told = told_label()
        self.told.setContentsMargins(8, 6, 8, 6)
        self.tabs = tabbed(context, "preview.parts")
        self.take = button(context, "preview.take", "accept", primary=True)
        self.reset = button(context, "preview.reset", "undo")
        self.profile = QLineEdit()
        self.save = button(context, "preview.save", "file")
        self._later = QTimer(self, singleShot=True, interval=_SETTLE)
        self._build()
        self._connect()

    # -- what is looked at

    def show_source(self, source: ImportReport | None, path: Path | None) -> None:
        """Look at a file of the audit (or, where a log's file is still known, at that), as it was said to be read."""
        if (source, path) == (self._source, self._path):
            return
        self._source, self._path = source, path
        self._forget()
        self._fresh = source is not None
        if self.isVisible():
            self.look()

    def show_path(self, path: Path) -> None:
        """Look at a file that is not in the audit yet, since it could not be read as it is.

        Why that is has been told; where not even its cells can be shown, nothing is added to it.
        """
        self._source, self._path = None, path
        self._forget()
        self._show(None)
        self._look(lambda _error: self.unseen.emit())

    def look(self) -> None:
        """Read the file again as the fields say, off the window's thread."""
        self._look(None)

    def _look(self, refused: "Callable[[AuditorError], object] | None") -> None:
        source, path = self._source, self._path
        self._asked += 1
        asked = self._asked
        if path is None and (source is None or source.kind == "log"):
            self._show(None)
            return
        options, fresh = self._options(), self._fresh
        kind = source.kind if source else self.fields.stated_kind()
        told = refused or self._tell
        sha256 = source.sha256 if source else ""

        def query(audit: "Audit") -> "tuple[Inspection, ReadOptions]":
            from auditor.verbs.inspection import preview  # noqa: PLC0415 - loads the readers, on the worker's thread
            from auditor.verbs.inspection import preview_of  # noqa: PLC0415

            said = audit.stated(sha256) if fresh else options
            return preview(path, said, audit.account, kind=kind) if path else preview_of(audit, sha256, said), said

        def arrived(found: "tuple[Inspection, ReadOptions]") -> None:
            if asked == self._asked:
                self._show(found[0], found[1] if fresh else None)

        self._context.workspace.ask(query, arrived, lambda error: told(error) if asked == self._asked else None)

    def _tell(self, error: AuditorError) -> None:
        """Say beside the columns why not even the cells can be shown: what is said over all is about what was done."""
        self._show(None)
        self.bar.tell_error(error)

    @property
    def path(self) -> Path | None:
        """Give the file, where it is not (or not only) in the audit."""
        return self._path

    # -- what is shown

    def _show(self, seen: "Inspection | None", taken: "ReadOptions | None" = None) -> None:
        self._seen = seen
        self.facts.setText(self._told(seen))
        # Empty tables would ask for heads to be stated where there is nothing to state them of.
        self._body.setVisible(seen is not None)
        self.fields.fill(seen)
        if seen is not None and taken is not None:
            self._adopt(taken, seen)
        self.columns.fill(seen)
        self._fill_rows(seen)
        # Of a log that is no table, such as webhooks, no column can be stated.
        table = seen is not None and (seen.stopped is not None or any(column.letters for column in seen.columns))
        editable = seen is not None and seen.kind in EDITABLE and table
        for widget in (self.columns, self.profile):
            widget.setEnabled(editable)
        self.fields.show_for(seen if editable else None, is_new=self._source is None)
        readable = seen is not None and seen.stopped is None
        self.take.setEnabled(readable and (self._source is None or self._options() != self._taken))
        self.reset.setEnabled(self._changed())
        self.save.setEnabled(editable and readable)
        if seen is not None and seen.stopped is not None:
            self._tell_stopped(seen.stopped, seen.refused)
            self.stopped.emit()
        elif seen is not None and taken is not None and seen.file == self._explained:
            self.bar.tell(self._context.speech.text("preview.keep"))
        else:
            self.bar.hide()

    def _tell_stopped(self, problem: "Problem", rows: "Sequence[SeenRow]") -> None:
        """Say why nothing of a file was read, and of its rows; a log that names no number may be of the only one."""
        speech = self._context.speech
        reasons = [row.problem for row in rows if row.problem and problem.code == _NOTHING]
        lacks = problem.code == _LACKING and _NUMBER in str(problem.values["columns"])
        if lacks or problem.code == _ONLY_THAT:
            text = f"{speech.problem(problem)} {speech.text('preview.one_number')}"
            self.bar.tell(text, kind="problem", action=speech.text("sources.facts"), act=self.facts_wanted.emit)
            return
        of_account = any(one.code == _NO_ACCOUNT for one in reasons)
        self.bar.tell_refusals(
            [AuditorError(problem.code, problem.place, reasons, **problem.values)],
            action="sources.facts" if of_account else "",
            act=self.facts_wanted.emit,
        )

    def _told(self, seen: "Inspection | None") -> str:
        """Say what the file is: kind, encoding, span, zones and counts."""
        speech = self._context.speech
        if seen is None:
            log = self._source is not None and self._source.kind == "log"
            return speech.text("preview.log_gone" if log else "preview.none")
        form = seen.format
        marks = [form.kind.upper(), form.encoding.upper(), form.compression]
        parts = [
            seen.file,
            speech.language.text(f"domain.import.{seen.kind}"),
            " ".join(mark for mark in marks if mark),
        ]
        if seen.zones:
            parts.append(speech.text("preview.zones", zones=", ".join(seen.zones)))
        if seen.local_times:
            parts.append(speech.text("preview.local_times", count=speech.language.number(seen.local_times)))
        report, number = seen.report, speech.language.number
        counts = {name: number(getattr(report, name)) for name in ("kept", "left_out", "refused")}
        parts.append(speech.text("preview.counts", **counts))
        parts += [speech.text("preview.profile", name=seen.profile)] if seen.profile else []
        parts += map(speech.language.said, self._source.warnings if self._source else ())
        return "  ·  ".join(parts)

    def _adopt(self, taken: "ReadOptions", seen: "Inspection") -> None:
        """Let the fields say how the file was said to be read: it was read so just now, too."""
        self._fresh = False
        letters = {column.letters for column in seen.columns}
        of_head = {column.head: column.letters for column in seen.columns}
        self._mapping, self._types = (
            {key if key in letters else of_head.get(key, key): one for key, one in stated.items()}
            for stated in (taken.mapping, taken.types)
        )
        self._profiles = taken.profile
        self.fields.adopt(taken)
        self._taken = self._options()

    def _fill_rows(self, seen: "Inspection | None") -> None:
        language = self._context.speech.language
        shown = seen_columns(seen) if seen else ()
        names = field_names(language.code, seen.kind if seen else "")
        log, words = bool(seen and seen.kind == LOG), self._context.words()
        self.rows.show_rows(seen.rows if seen else (), shown, names, language, words=words, of_log=log)
        for model, rows in ((self.refused, "refused"), (self.left_out, "left_out")):
            told, columns = (getattr(seen, rows), seen.columns) if seen else ((), ())
            model.show_rows(told, (), names, language, columns, of_log=log)
        counts = {
            "rows": len(seen.rows) if seen else 0,
            "refused": len(seen.refused) if seen else 0,
            "left_out": len(seen.left_out) if seen else 0,
        }
        for place, (name, count) in enumerate(counts.items()):
            table = self.tabs.widget(place)
            assert isinstance(table, Table)
            if place == 0:
                # What stands over the heads is a scroll away; what will be read is in view.
                first = next((n for n, row in enumerate(self.rows.rows) if row.record.kind == "line"), 0)
                at = self.rows.index(max(0, first - 1), 0)
                table.scrollTo(at, Table.ScrollHint.PositionAtTop)
            self.tabs.setTabText(place, self._context.speech.text(f"preview.tab.{name}", count=count))
        self.told.setText(told_reading(seen, self._context) if seen else "")
        told = self._context.speech.text("preview.tab.told", count=count_told(seen) if seen else 0)
        self.tabs.setTabText(len(counts), told)
        # The columns beside it can be scrolled; a tab that is cut off would not be found.
        self.tabs.setMinimumWidth(self.tabs.tabBar().sizeHint().width())

    # -- what is changed

    def _options(self) -> "ReadOptions":
        mapping, types = (
            {self._stated(letters): one for letters, one in stated.items()} for stated in (self._mapping, self._types)
        )
        return replace(self.fields.stated(), mapping=mapping, types=types, profile=self._profiles)

    def _stated(self, letters: str) -> str:
        """Name a column as it is stated: of a log by its head, by which the row of heads is found, too."""
        columns = self._seen.columns if self._seen and self._seen.kind == LOG else ()
        heads = [column.head for column in columns]
        own = next((column.head for column in columns if column.letters == letters), "")
        return own if own.strip() and heads.count(own) == 1 else letters

    def _changed(self) -> bool:
        return bool(self._mapping or self._types) or self.fields.say_anything()

    def _settle(self) -> None:
        """Read the file again as the fields say, once they are no longer changed."""
        self._fresh = False
        self._later.start()

    def _assign(self, letters: str, field: str) -> None:
        for other in [other for other, meaning in self._mapping.items() if meaning == field != IGNORE]:
            del self._mapping[other]
        for column in self._seen.columns if self._seen else ():
            # A meaning has one column: the one that had it gives it up.
            if column.field == field != IGNORE and column.letters != letters:
                self._mapping[column.letters] = IGNORE
        self._mapping[letters] = field
        self._settle()

    def _type(self, letters: str, stated: str) -> None:
        self._types.pop(letters, None)
        if stated:
            self._types[letters] = stated
        self._settle()

    def _restate(self, is_another: bool) -> None:
        if is_another:
            self._mapping.clear()
            self._types.clear()
        self._settle()

    def _forget(self) -> None:
        """Leave all as the program finds it by itself."""
        self._mapping.clear()
        self._types.clear()
        self._profiles, self._fresh = (), False
        self.fields.forget()
        self.profile.clear()

    def _take(self) -> None:
        kept = bool(self.profile.text().strip())
        self._explained = self._seen.file if self._seen and (self._mapping or self._types) and not kept else ""
        self.taken.emit(self._options(), self.fields.stated_kind())

    def _reset(self) -> None:
        self._forget()
        self.look()

    def _save_profile(self) -> None:
        name = self.profile.text().strip()
        if not name:
            self.bar.tell(self._context.speech.text("preview.name_first"))
            self.profile.setFocus()
            return
        options, source, path, kind = self._options(), self._source, self._path, self.fields.stated_kind()

        def query(audit: "Audit") -> "Inspection":
            from auditor.verbs.inspection import preview  # noqa: PLC0415 - see `look`
            from auditor.verbs.inspection import preview_of  # noqa: PLC0415

            if path:
                return preview(path, options, audit.account, name, kind)
            return preview_of(audit, source.sha256 if source else "", options, name)

        def saved(seen: "Inspection") -> None:
            # A log with our own columns is read as it is, by no profile.
            kept = seen.saved or seen.kind != LOG
            text = self._context.speech.text("preview.saved" if kept else "preview.not_saved", name=name)
            self._explained = ""
            self.bar.tell(text, kind="done" if kept else "info")

        self._context.workspace.ask(query, saved)

    # -- building

    def _connect(self) -> None:
        self._later.timeout.connect(self.look)
        self.fields.changed.connect(self._restate)
        self.columns.meant.connect(self._assign)
        self.columns.typed.connect(self._type)
        self.take.clicked.connect(self._take)
        self.reset.clicked.connect(self._reset)
        self.save.clicked.connect(self._save_profile)
        self.profile.returnPressed.connect(self._save_profile)
        self._context.speech.switched.connect(lambda: self._show(self._seen))
        self._show(None)

    def _build(self) -> None:
        columns, rows = self.columns, self._rows_side()
        sides = {columns: 640, rows: 600}
        split = Panes("preview", Qt.Orientation.Horizontal, sides, rows, self._context.preferences)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(split, 1)
        body.addLayout(self._saving())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.bar)
        layout.addWidget(self.facts)
        layout.addWidget(self.fields)
        layout.addWidget(self._body, 1)
        layout.addStretch()

    def _saving(self) -> QHBoxLayout:
        speech = self._context.speech
        speech.bind(self.profile.setPlaceholderText, "preview.profile_name")
        speech.bind(self.profile.setAccessibleName, "preview.profile_name")
        saving = QHBoxLayout()
        saving.setSpacing(8)
        saving.addWidget(self.profile)
        saving.addWidget(self.save)
        saving.addStretch(1)
        saving.addWidget(self.reset)
        saving.addWidget(self.take)
        self.profile.setMinimumWidth(260)
        return saving

    def _rows_side(self) -> QWidget:
        for model in (self.rows, self.refused, self.left_out):
            table = Table(model, self._context.speech, self._context.preferences)
            table.setSortingEnabled(False)
            self._context.speech.bind(table.setAccessibleName, f"preview.name.{model.name}")
            table.say_when_empty(f"preview.empty.{model.name}")
            self.tabs.addTab(table, "")
        self.tabs.addTab(in_scroll(self.told), "")
        return self.tabs
