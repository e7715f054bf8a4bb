"""Sources: the files of the audit, how each is read and what became of it, and how far the log can be trusted."""

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QStackedWidget
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.problems import AuditorError
from auditor.core.records import ImportReport
from auditor.gui.context import Context
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import Empty
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.controls import caption
from auditor.gui.pieces.controls import in_scroll
from auditor.gui.pieces.controls import tabbed
from auditor.gui.pieces.controls import told_label
from auditor.gui.pieces.message_bar import MessageBar
from auditor.gui.pieces.panes import Panes
from auditor.gui.reading.checklist import Checklist
from auditor.gui.reading.findings_pane import FindingsPane
from auditor.gui.reading.health_pane import HealthPane
from auditor.gui.reading.import_preview import ImportPreview
from auditor.gui.reading.next_step import LED
from auditor.gui.reading.next_step import NextStep
from auditor.gui.reading.next_step import next_step
from auditor.gui.reading.source_columns import source_columns
from auditor.gui.reading.three_way_pane import ThreeWayPane
from auditor.gui.reading.told_file import told_file
from auditor.gui.tables.record_model import RecordModel
from auditor.gui.tables.rows import prepare
from auditor.gui.tables.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.core.records import Account
    from auditor.gui.forms.account_form import AccountForm
    from auditor.readers.tables.layouts import ReadOptions

# The invoice and its log stand side by side in the least window, too.
_FILES_IN_VIEW = 2
_READING = 2  # the page that says that files are being read
_OTHER_CURRENCY, _NO_EXCHANGE = "invoice_currency", "fx_missing"
_PROBLEMS, _COMPARED = {"obstacle", "unrated", "uncategorised"}, {"differ", "agree", "claim", "close"}
_TABS = ("detail", "preview", "health", "findings", "three_way", "checklist")


class SourcesView(QWidget):
    """The files and, for the one selected, all that was said in reading it."""

    files_wanted = Signal()
    lines_wanted = Signal()
    led = Signal(str)

    def __init__(self, context: Context, preview: ImportPreview) -> None:
        """Build the empty place and the list, around the preview."""
        super().__init__()
        self._context = context
        # Files that could not be read as they are, and a table of exchange rates; the preview is on `_unread` of them.
        self._waits = context.workspace.waits
        self._unread: Path | None = None
        self._told_alone = True
        # The facts that are being changed, as they were when they were shown.
        self._shown: Account | None = None
        self._refused: tuple[Path, ...] = ()
        self._tab_before = 0
        self._audit: Path | None = None
        self.bar, self.next = MessageBar(context), MessageBar(context)
        self._told_next = ""
        self._days: dict[str, tuple[date, date | None]] = {}
        # The files that these days were asked of, as they then were, and whether something was in the way.
        self._dated: tuple[tuple[ImportReport, ...], bool] = ((), False)
        self._columns = source_columns(self._days)
        self.model: RecordModel[ImportReport] = RecordModel("sources", self._columns, context.speech, self)
        self.table = Table(self.model, context.speech, context.preferences)
        context.speech.bind(self.table.setAccessibleName, "places.sources")
        self.table.keep_in_view(_FILES_IN_VIEW)
        self.remove = button(context, "sources.remove", "remove")
        self.remove.clicked.connect(self._remove)
        self.detail = told_label()
        self.detail.setContentsMargins(2, 10, 2, 4)
        self.preview = preview
        self.health = HealthPane(context)
        self.findings, self.three_way = FindingsPane(context), ThreeWayPane(context)
        self.checklist = Checklist(context)
        self.tabs = tabbed(context, "sources.parts")
        self._build()
        self.next.closed.connect(self._waits.forget_all)
        self._waits.changed.connect(self._tell_next)
        self.preview.taken.connect(self._take)
        # It says beside the columns what the bar would say over all.
        self.preview.stopped.connect(self._hush)
        self.preview.unseen.connect(self._leave_unread)
        self.preview.facts_wanted.connect(self.show_facts)
        self.tabs.currentChanged.connect(self._bring_preview)
        self.table.selectionModel().currentRowChanged.connect(self._show_detail)
        self.table.clicked.connect(lambda: self._show_detail() if self._in_preview() else None)
        context.workspace.worker.ended.connect(self._leave_reading)
        context.workspace.follow(self)
        context.speech.switched.connect(self.refresh)
        context.appearance.changed.connect(self._show_detail)
        self.refresh()

    def refresh(self) -> None:
        """Show the files as they now are."""
        opened, words = self._context.workspace.opened, self._context.words()
        sources = opened.sources if opened else ()
        self._leave_other_audit(opened.path if opened else None)
        kept = self.table.current_row()
        known = {row.record.sha256 for row in self.model.rows}
        self._ask_days(sources)
        rows = prepare(self._columns, sources, words) if words else ()
        self.model.show(rows, opened.account.currency if opened else "")
        self._panes.fit(self.table, self.table.height_of_rows())
        if opened is None or opened.account != self._shown:  # undone meanwhile, say, or in force by now
            self._shown = None
            none = self._stack.currentIndex() if self._stack.currentIndex() == _READING else 0
            self._stack.setCurrentIndex(1 if sources or self._unread else none)
        files = {row.record.file: n for n, row in enumerate(self.model.rows)}
        # What was just added is what the user wants to see.
        added = [n for n, row in enumerate(self.model.rows) if known and row.record.sha256 not in known]
        place = added[0] if added else files.get(kept.record.file, 0) if kept else 0
        if rows:
            self.table.selectRow(place)
        self._show_detail()
        self._tell_next()
        self.checklist.show_account(words)
        self._context.workspace.worker.in_turn(self._show_result)

    def _show_result(self) -> None:
        """Show what the answer says about the files, in the tabs beside them."""
        opened, words = self._context.workspace.opened, self._context.words()
        result = opened.result if opened else None
        self.health.show_result(result, words)
        counts = {
            "health": len(result.health.findings) if result else 0,
            "findings": self.findings.show_findings(words),
            "three_way": self.three_way.show_result(result, words),
        }
        for tab, key in enumerate(_TABS):
            name, count = self._context.speech.text(f"sources.tab.{key}"), counts.get(key, 0)
            self.tabs.setTabText(tab, f"{name} ({count})" if count else name)

    def _ask_days(self, sources: tuple[ImportReport, ...]) -> None:
        """Find out which days the files are about, once they are others than before."""
        asked = (sources, self._context.workspace.obstacle is not None)
        if asked == self._dated or not sources:
            return
        self._dated = asked

        def found(days: Mapping[str, tuple[date, date | None]]) -> None:
            if asked == self._dated and days != self._days:
                self._days.clear()
                self._days.update(days)
                self.refresh()

        self._context.workspace.ask(lambda audit: audit.days_of_files(), found)

    def _tell_next(self) -> None:
        """Say what to do next: what is still to be read, in the way or to be added, or that the differences are there.

        Once, not at each step.
        """
        # Beside the facts that are being changed nothing else is next.
        step = next_step(self._context, self._in_preview()) if self._shown is None else None
        if (step.text if step else "") == self._told_next:
            return
        self._told_next = step.text if step else ""
        if step is None:
            self.next.hide()
        else:
            self._tell_step(step)

    def _tell_step(self, step: NextStep) -> None:
        """Say the next step, with a button for it, and a second where there is a choice."""
        ways = self._ways(step.code)
        kind = "problem" if step.code in _PROBLEMS else "done" if step.code in _COMPARED else "info"
        action, act = ways[0] if ways else ("", None)
        self.next.tell(step.text, kind=kind, action=action, act=act)
        for otherwise in ways[1:]:
            self.next.offer_otherwise(*otherwise)

    def _ways(self, code: str) -> "list[tuple[str, Callable[[], object]]]":
        """Give what can be done about a step, each by the text of its button."""
        say = self._context.speech.text
        ways: dict[str, list[tuple[str, Callable[[], object]]]] = {
            "obstacle": self._remedies(),
            "unread": [(say("sources.next.read"), self._show_waiting)],
            "side": [(say(f"sources.next.{side}"), partial(self._take_rates, side)) for side in ("sell", "buy")],
            "unrated": [(say("sources.next.card"), self.files_wanted.emit)],
            "uncategorised": [(say("sources.next.column"), self.show_log)],
            "differ": [(say("sources.next.action"), self.lines_wanted.emit)],
            "agree": [(say("sources.next.action"), self.lines_wanted.emit)],
        }
        led = [(say(LED[code]), partial(self.led.emit, code))] if code in LED else []
        return [*ways.get(code, []), *led]

    def _remedies(self) -> "list[tuple[str, Callable[[], object]]]":
        """Give what puts right what is in the way, where a button can."""
        workspace, say = self._context.workspace, self._context.speech.text
        found, values = workspace.obstacle, workspace.obstacle.values if workspace.obstacle else {}
        if found is not None and found.code == _NO_EXCHANGE:
            source, target = str(values["source"]), str(values["target"])
            own = partial(workspace.price_in, target, source)
            return [
                (say("sources.next.own_prices", currency=target), own),
                (say("sources.next.exchange"), self.files_wanted.emit),
            ]
        if found is not None and found.code == _OTHER_CURRENCY:
            currency = str(values["currency"])
            return [(say("sources.next.currency", currency=currency), partial(workspace.set_currency, currency))]
        return []

    @cached_property
    def facts(self) -> "AccountForm":
        """The facts of the account, to be changed; made when they are first asked for."""
        from auditor.gui.forms.account_form import AccountForm  # noqa: PLC0415 - the start does without

        form = AccountForm(self._context, "facts")
        form.submitted.connect(self._change_facts)
        form.dismissed.connect(self._leave_facts)
        self._stack.addWidget(form)
        return form

    def await_facts(self, refused: Sequence[Path]) -> None:
        """Keep files that were refused for the facts there are, to be taken in with others."""
        self._refused = tuple(refused)

    def show_facts(self) -> None:
        """Show the facts of the account, to be changed."""
        opened = self._context.workspace.opened
        if opened is not None:
            self.bar.hide()
            self._shown = opened.account
            self._stack.setCurrentWidget(self.facts)
            self.facts.show_account(opened.account)
            self._tell_next()

    def _change_facts(self, _name: str, text: str) -> None:
        self._context.workspace.change_account(text, self._facts_changed)

    def _facts_changed(self) -> None:
        """Say that other facts are in force, and take in what was refused for those before."""
        self._leave_facts()
        self.bar.tell(self._context.speech.text("sources.facts_changed"), kind="done")
        if self._unread is not None:
            self.preview.look()  # with these it may be read
        refused, self._refused = self._refused, ()
        if refused:
            self.forget_unread(refused)
            self._context.workspace.add_files(refused)

    def _leave_facts(self) -> None:
        self._shown = None
        self.refresh()

    def tell_error(self, error: Exception) -> None:
        """Say why something failed: beside the fields of the facts, if they are shown."""
        if self._shown is not None and isinstance(error, AuditorError):
            self.facts.refuse(error)
        else:
            self.bar.tell_error(error)

    def show_unread(self, paths: Sequence[Path], *, told_alone: bool) -> None:
        """Open the preview on the first of the files that could not be read as they are; the others wait for it.

        `told_alone`: the bar over all says the reason of that file and no other, as the preview does.
        """
        if self._unread is None:
            self._tab_before = self.tabs.currentIndex()
        self._told_alone = told_alone
        self._waits.await_reading(paths)
        self._show_list()
        self._show_waiting()

    def forget_unread(self, paths: Sequence[Path]) -> None:
        """Let files no longer wait for how they are read: they are taken in, or handed in anew."""
        if self._unread in paths:
            self._unread = None
        self._waits.forget(paths)

    def _show_waiting(self) -> None:
        """Open the preview on the first of the files that wait."""
        self._unread = self._waits.files[0]
        self.tabs.setCurrentIndex(_TABS.index("preview"))
        self.preview.show_path(self._unread)
        self._tell_next()

    def _in_preview(self) -> Path | None:
        """Give the file of which the preview, in view, asks how it is read."""
        return self._unread if self.tabs.currentWidget() is self.preview else None

    def _take_rates(self, side: str) -> None:
        """Take in the table that waits for its side; it was chosen, and is not asked for again."""
        table = self._waits.two_sided
        if table is not None:
            self._context.workspace.take_rates(table, side)
        self._waits.await_side(None)
        self._told_next = ""
        self.next.hide()

    def _hush(self) -> None:
        """Hide the bar's word of a file that the preview says, too, beside its columns."""
        if self._told_alone:
            self.bar.hide()

    def _leave_unread(self) -> None:
        """Pass on from a file of which nothing can be shown: to the next, or to where the user was before."""
        if self._unread is not None:
            self.forget_unread([self._unread])
        if self._waits.files:
            self._told_alone = False  # what the bar says is of the one that is passed on from
            self._show_waiting()
            return
        self.tabs.setCurrentIndex(self._tab_before)
        self.refresh()

    def _leave_other_audit(self, path: Path | None) -> None:
        """Let nothing wait that was handed to another audit than the one that is open now."""
        if path != self._audit:
            self._audit, self._unread, self._refused = path, None, ()

    def show_reading(self) -> None:
        """Say that the first files are being read, where there would be none yet; what comes of it is shown after."""
        if self._stack.currentIndex() == 0:
            self._stack.setCurrentIndex(_READING)

    def _leave_reading(self) -> None:
        """Say no longer that files are being read; where something came of it, that is shown at once."""
        if self._stack.currentIndex() == _READING:
            self._stack.setCurrentIndex(0)

    def show_checklist(self) -> None:
        """Bring the account checklist forward."""
        self._show_list()
        self.tabs.setCurrentIndex(_TABS.index("checklist"))

    def _show_list(self) -> None:
        self._shown = None
        self._stack.setCurrentIndex(1)
        self._tell_next()

    def show_log(self) -> None:
        """Show how the message log is read."""
        self._show_list()
        log = next((n for n, row in enumerate(self.model.rows) if row.record.kind == "log"), 0)
        self.table.selectRow(log)
        self.tabs.setCurrentIndex(_TABS.index("preview"))

    def show_health(self) -> None:
        """Bring the health of the log forward."""
        self.tabs.setCurrentIndex(_TABS.index("health"))

    def _build(self) -> None:
        choose = button(self._context, "sources.add", "add", primary=True)
        choose.clicked.connect(self.files_wanted)
        guide = button(self._context, "sources.guide", "help")
        guide.clicked.connect(lambda: self._context.guide.wanted.emit("files"))
        empty = Empty(self._context, "sources", "sources.empty", choose, guide)
        self._stack = QStackedWidget()
        self._stack.addWidget(_drop_frame(empty))
        self._stack.addWidget(self._list())
        self._stack.addWidget(Empty(self._context, "sources", "sources.reading"))
        self._stack.setContentsMargins(16, 12, 16, 12)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.next)
        layout.addWidget(self._stack, 1)

    def _list(self) -> QWidget:
        add = button(self._context, "sources.add", "add", primary=True)
        add.clicked.connect(self.files_wanted)
        facts = button(self._context, "sources.facts", "file")
        facts.clicked.connect(self.show_facts)
        bar = QHBoxLayout()
        bar.setSpacing(10)
        bar.addWidget(add)
        bar.addWidget(self.remove)
        bar.addWidget(facts)
        bar.addWidget(caption(self._context, "sources.drop_hint"), 1)
        panes = (self.preview, self.health, self.findings, self.three_way, self.checklist)
        for widget in (in_scroll(self.detail), *panes):
            self.tabs.addTab(widget, "")
        card = Card(margin=10)
        card.body.addWidget(self.tabs)
        preferences = self._context.preferences
        self._panes = Panes("sources", Qt.Orientation.Vertical, {self.table: 170, card: 420}, card, preferences)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(bar)
        layout.addWidget(self._panes, 1)
        return page

    def _take(self, options: "ReadOptions", kind: str) -> None:
        """Take a file in as the preview reads it: one that is there already anew, one that was refused for once."""
        path, row = self._unread, self.table.current_row()
        if path is not None and self.preview.path == path:
            self.forget_unread([path])
            self._context.workspace.add_files([path], options, kind)
            if self._waits.files:
                self._show_waiting()
        elif row is not None:
            log = self._context.workspace.path_of(row.record)
            self._context.workspace.read_again(row.record.sha256, options, log)

    def _bring_preview(self) -> None:
        """Look into the selected file once its preview is in view."""
        if self.tabs.currentWidget() is self.preview and self._unread is None:
            row = self.table.current_row()
            source = row.record if row else None
            self.preview.show_source(source, self._context.workspace.path_of(source))
            self.preview.look()
        self._tell_next()

    def _remove(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self._context.workspace.remove_file(row.record.sha256)

    def _show_detail(self) -> None:
        if self.table.hasFocus():
            self._unread = None
        row, words = self.table.current_row(), self._context.words()
        self.remove.setEnabled(row is not None)
        self.detail.setText(told_file(row.record, words, self._context) if row and words else "")
        self._bring_preview()


def _drop_frame(inside: QWidget) -> QFrame:
    frame = QFrame()
    frame.setObjectName("drop")
    layout = QVBoxLayout(frame)
    layout.addWidget(inside)
    return frame
