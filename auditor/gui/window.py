"""The main window: the places in the order the work goes, menus, drops from the desktop, and where messages appear."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray
from PySide6.QtCore import Qt
from PySide6.QtCore import QUrl
from PySide6.QtGui import QCloseEvent
from PySide6.QtGui import QDesktopServices
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QMessageBox
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor import __version__
from auditor.core.problems import AuditorError
from auditor.gui.actions import PLACES
from auditor.gui.actions import Actions
from auditor.gui.context import Context
from auditor.gui.file_dialogs import FileDialogs
from auditor.gui.help_pages import PAGE_OF
from auditor.gui.help_pane import HelpPane
from auditor.gui.message_bar import MessageBar
from auditor.gui.paper import Paper
from auditor.gui.pieces import refuse_drops
from auditor.gui.placed import PlacedWindow
from auditor.gui.theme import THEMES
from auditor.gui.theme import icon
from auditor.gui.top_bar import TopBar
from auditor.gui.work_bar import WorkBar
from auditor.language import LANGUAGES
from auditor.language import catalogue

if TYPE_CHECKING:
    from auditor.gui.table import Table

_LINE_ACTIONS = (
    "accept",
    "dispute",
    "cause",
    "note",
    "clear",
    "attach",
    "next_open",
    "previous_open",
    "find",
    "clear_filter",
    "column_filters",
)
OURS = "workbook_is_ours"
_NEED_AUDIT = ("add_files", "recompute", "send_copy", "verify", "claims", "checklist")
_NEED_RESULT = (
    "next_period",
    "print",
    "save_pdf",
    "export_workbook",
    "export_charts",
    "export_claim_pack",
    *_LINE_ACTIONS,
)
_ROW_MENU = ("accept", "dispute", "cause", "note", "attach", "clear", "copy", "copy_heads")


class MainWindow(PlacedWindow):
    """The window. It asks and shows; whatever takes time is done by the workspace."""

    def __init__(self, context: Context) -> None:
        """Build the window on the given workspace, language, looks and preferences."""
        super().__init__(context)
        self._saved: Path | None = None
        self._had_audit: Path | None = None
        self.actions_ = Actions(self, context)
        self.work = WorkBar(context)
        self.files = FileDialogs(self, context)
        self.files.opened.connect(self.open)
        self.files.added.connect(self.add)
        self.files.audit_missing.connect(self._ask_for_audit)
        self.top = TopBar(context, self.actions_.by_key)
        self.tabs = self.top.tabs
        self.help = HelpPane(context)
        self.paper = Paper(self)
        self._build()
        self._connect()
        self.view("start")
        self._restore()
        self.refresh()

    # -- where one is

    def go(self, place: str) -> None:
        """Show a place."""
        self._stack.setCurrentWidget(self.view(place))
        self.place = place
        self.tabs[place].setChecked(True)
        if place == "charts":
            self.charts.mark(self.reconciliation.selected_lines())
        if place == "start":
            self.start.show_welcome()

    def refresh(self) -> None:
        """Bring title and actions in line with the audit."""
        opened = self.context.workspace.opened
        name = opened.account.name if opened else self.context.speech.text("app.no_audit")
        self.setWindowTitle(f"{name} — {self.context.speech.text('app.name')}")
        self.top.show_name(name if opened else "", str(opened.path or "") if opened else "")
        self.actions_.enable(_NEED_AUDIT, on=opened is not None)
        self.actions_.enable(_NEED_RESULT, on=opened is not None and opened.result is not None)
        self.top.export.setVisible(opened is not None and opened.result is not None)
        for step in ("undo", "redo"):
            name, count = (getattr(opened, f"{step}_{part}") if opened else "" for part in ("name", "count"))
            self._name_step(step, name, int(count or 0))
        for key in self.top.tools:
            self.top.follow(key)

    # -- files

    def open(self, path: Path) -> None:
        """Open an audit, or make one of an account file."""
        if path.suffix.lower() == ".toml":
            self.context.workspace.open_account(path, path.with_suffix(".audit"))
        else:
            self.context.workspace.open(path)

    def add(self, files: Sequence[Path]) -> None:
        """Take files in and show what becomes of them."""
        self.context.preferences.change(folder=str(files[0].parent))
        self.go("sources")
        self.context.workspace.add_files(files)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let files be dropped anywhere."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take dropped files in: an audit or account file opens, the rest joins the open audit."""
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if len(files) == 1 and files[0].suffix.lower() in {".audit", ".toml"}:
            self.open(files[0])
        elif files and self.context.workspace.opened is not None:
            self.add(files)
        elif files:
            self._ask_for_audit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the window's place, stop what runs and leave the audit whole."""
        state = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self.context.preferences.change(geometry=state)
        self.context.workspace.close()
        super().closeEvent(event)

    # -- what happened

    def _changed(self) -> None:
        opened = self.context.workspace.opened
        self.refresh()
        if opened is None or opened.path == self._had_audit:
            return
        self._had_audit = opened.path
        if opened.path is not None:
            self.context.preferences.remember_audit(opened.path)
        self.start.show_welcome()
        self.go("reconciliation" if opened.result else "sources")

    def _failed(self, error: Exception) -> None:
        if isinstance(error, AuditorError) and error.code in {"audit_is_locked_copy", "passphrase_wrong"}:
            self.go("start")
            self.start.ask_passphrase(self.context.workspace.asked)
        if isinstance(error, AuditorError) and error.code == OURS:
            return  # what is to be done with it follows
        view = self._stack.currentWidget()
        if view is self.start:
            self.start.tell_error(error)
        else:
            self._bar().tell_error(error)

    def tell_fault(self, error: BaseException) -> None:
        """Say that something unexpected happened, beside where the user is."""
        self._bar().tell_error(error)

    def _ask_for_audit(self) -> None:
        self.go("start")
        self.start.bar.tell(self.context.speech.text("message.audit_first"))

    def _cancelled(self) -> None:
        self._bar().tell(self.context.speech.text("message.cancelled"))

    def _told_saved(self, path: Path) -> None:
        self._saved = path
        speech = self.context.speech
        text = speech.text("message.saved", name=path.name, folder=path.parent)
        self._bar().tell(text, kind="done", action=speech.text("message.open"))

    def _open_saved(self) -> None:
        if self._saved is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._saved)))

    def _bar(self) -> MessageBar:
        bar = getattr(self._stack.currentWidget(), "bar", None)
        return bar if isinstance(bar, MessageBar) else self.start.bar

    # -- what is asked of it

    def _copy(self, *, heads: bool = False) -> None:
        """Copy from the table that has the keyboard, else from the one of the place."""
        if self.place == "charts":
            self.charts.copy()
            return
        table = self.table_in_view()
        if table is not None:
            table.copy(heads=heads)

    def table_in_view(self) -> "Table | None":
        """Give the table that has the keyboard, else the one of the place."""
        from auditor.gui.table import Table  # noqa: PLC0415 - with it comes numpy, which the start does without

        focused = QApplication.focusWidget()
        if isinstance(focused, Table):
            return focused
        return {
            "sources": self.sources.table,
            "rates": self.rates.table_in_view(),
            "reconciliation": self.reconciliation.table,
        }.get(self.place)

    def _help(self) -> None:
        """Bring the page about where one is, or take the help away if that is what it shows."""
        page = PAGE_OF[self.place]
        if self.help.isVisible() and self.help.page == page:
            self.help.hide()
        else:
            self.help.show_page(page)

    def _show_unread(self, path: Path, reason: AuditorError) -> None:
        """Let the user say how a file is to be read that could not be read as it is; a reviewed workbook is ours."""
        if reason.code == OURS:
            self._show_sign_off("review")
            self.context.workspace.read_reviewed(path, self.sign_off.review.show_reviewed)
            return
        self.go("sources")
        self.sources.show_unread(path)

    def _decide(self, kind: str) -> None:
        """Bring a decision's control forward: press the button, or put the cursor into its field."""
        self.go("reconciliation")
        card = self.reconciliation.detail.decision
        if kind in {"cause", "note"}:
            self.reconciliation.detail.tabs.setCurrentIndex(0)
        if kind == "cause":
            card.cause.setFocus()
            card.cause.showPopup()
        elif kind == "note":
            card.note.setFocus()
        else:
            {"accept": card.accept, "dispute": card.dispute, "clear": card.clear}[kind].click()

    def _show_picked(self, shape: str) -> None:
        self.go("reconciliation")
        self.reconciliation.show_only(shape)

    def _lead(self, where: str) -> None:
        """Go where an open point is worked on."""
        if where in {"sources", "health"}:
            self.go("sources")
            if where == "health":
                self.sources.show_health()
            return
        self.go("reconciliation")
        self.reconciliation.show_work(where)

    def _show_rate(self, market: str, category: str, rate: str) -> None:
        """Go to the rate that priced a charge."""
        self.go("rates")
        self.rates.show_rate(market, category, rate)

    def _show_sign_off(self, tab: str) -> None:
        self.go("sign_off")
        self.sign_off.show_tab(tab)

    def _show_checklist(self) -> None:
        self.go("sources")
        self.sources.show_checklist()

    def _verify(self) -> None:
        self._show_sign_off("hand_over")
        self.sign_off.hand_over.proof.perform()

    def _fill_recent(self) -> None:
        menu = self.actions_.recent
        menu.clear()
        for name in self.context.preferences.settings.recent:
            menu.addAction(Path(name).stem).triggered.connect(partial(self.open, Path(name)))
        if menu.isEmpty():
            menu.addAction(self.context.speech.text("start.no_recent")).setEnabled(False)

    def _new(self) -> None:
        self.go("start")
        self.start.show_form()

    def _find(self) -> None:
        self.go("reconciliation")
        self.reconciliation.find_text()

    def _clear_filter(self) -> None:
        self.reconciliation.filter.clear()

    def _filter_columns(self) -> None:
        self.go("reconciliation")
        self.reconciliation.show_column_filters()

    def _choose_theme(self, choice: str) -> None:
        self.context.appearance.choose(choice)
        self.context.preferences.change(theme=choice)

    def _choose_language(self, code: str) -> None:
        self.context.speech.switch(code)
        self.context.preferences.change(language=code)

    def _tell_about(self) -> None:
        self._box("about", self.context.speech.text("about.text", version=__version__))

    def _tell_shortcuts(self) -> None:
        lines = [
            f"<tr><td style='padding-right:24px'>{action.text().replace('&', '')}</td>"
            f"<td><b>{action.shortcut().toString()}</b></td></tr>"
            for action in self.actions_.by_key.values()
            if not action.shortcut().isEmpty()
        ]
        self._box("shortcuts", f"<table cellspacing='3'>{''.join(lines)}</table>")

    def _box(self, key: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, self.context.speech.text(f"{key}.title"), text, parent=self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.RichText)
        box.open()

    # -- building

    def _name_step(self, step: str, name: str, count: int) -> None:
        action = self.actions_.by_key[step]
        speech = self.context.speech
        text = speech.text(f"menu.{step}")
        # The verb's own name stands in the journal's words: "Undo: Accept (14)".
        named = catalogue(speech.language.code).get(f"verbs.{name}", "")
        size = speech.text("menu.step_size", count=speech.language.number(count)) if count > 1 else ""
        action.setText(f"{text}: {named}{size}" if named else text)
        action.setEnabled(bool(name))

    def _build(self) -> None:
        self.setAcceptDrops(True)
        self.setWindowIcon(icon("auditor", "#000000"))
        self.resize(1280, 720)
        self.setMinimumSize(1000, 600)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._stack, 1)
        middle.addWidget(self.help)
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.top)
        layout.addLayout(middle, 1)
        self.setCentralWidget(whole)
        refuse_drops(self.help)
        self.statusBar().addPermanentWidget(self.work)
        self.statusBar().setSizeGripEnabled(False)
        self.hint = QLabel()
        self.hint.setProperty("role", "caption")
        self.context.speech.bind(self.hint.setText, "app.autosave")
        self.statusBar().addWidget(self.hint)

    def _connect(self) -> None:
        self.built.connect(self._wire)
        workspace = self.context.workspace
        workspace.changed.connect(self._changed)
        workspace.failed.connect(self._failed)
        workspace.cancelled.connect(self._cancelled)
        workspace.worker.began.connect(self._begin)
        workspace.saved.connect(self._told_saved)
        workspace.unread.connect(self._show_unread)
        self.top.went.connect(self.go)
        self.files.saved_pdf.connect(self.paper.save)
        self.actions_.recent.aboutToShow.connect(self._fill_recent)
        self.context.speech.switched.connect(self.refresh)
        self._connect_actions()

    def _begin(self) -> None:
        """Be ready for what the work will bring; what was said about the last step is out of date."""
        self.hasten()
        self._bar().hide()

    def _wire(self, place: str) -> None:
        wire = {
            "start": self._wire_start,
            "sources": self._wire_sources,
            "reconciliation": self._wire_reconciliation,
            "charts": self._wire_charts,
            "sign_off": self._wire_sign_off,
        }.get(place)
        if wire is not None:
            wire()
        bar = getattr(self.view(place), "bar", None)
        if isinstance(bar, MessageBar):
            bar.acted.connect(self._open_saved)

    def _wire_start(self) -> None:
        self.start.open_wanted.connect(self.files.ask_open)

    def _wire_sources(self) -> None:
        self.sources.files_wanted.connect(self.files.ask_files)
        self.sources.checklist.file_wanted.connect(self.files.ask_proof)
        self.files.shown_by.connect(self.sources.checklist.take_file)

    def _wire_reconciliation(self) -> None:
        self.reconciliation.sources_wanted.connect(self.files.ask_files)
        self.reconciliation.detail.evidence.rate_wanted.connect(self._show_rate)
        self.reconciliation.offer_actions(self.actions_.by_key[key] for key in _ROW_MENU)
        self.files.attached.connect(self.reconciliation.attach)

    def _wire_charts(self) -> None:
        self.charts.export_wanted.connect(self.files.ask_charts_folder)
        self.charts.save_wanted.connect(self.files.ask_chart)
        self.charts.picked.connect(self._show_picked)
        self.files.saved_chart.connect(self.charts.save)

    def _wire_sign_off(self) -> None:
        self.sign_off.led.connect(self._lead)
        self.sign_off.export_wanted.connect(lambda name: self.actions_.by_key[f"export_{name}"].trigger())
        self.sign_off.hand_over.send.wanted.connect(self.files.ask_copy)
        self.files.saved_copy.connect(self.sign_off.hand_over.send.save_to)

    def _connect_actions(self) -> None:
        workspace = self.context.workspace
        self.actions_.connect(
            {
                "new": self._new,
                "open": self.files.ask_open,
                "sample": self.start.open_sample,
                "add_files": self.files.ask_files,
                "export_workbook": self.files.ask_workbook,
                "export_charts": self.files.ask_charts_folder,
                "export_claim_pack": self.files.ask_claim_folder,
                "quit": self.close,
                "undo": workspace.undo,
                "redo": workspace.redo,
                "copy": self._copy,
                "copy_heads": lambda: self._copy(heads=True),
                "find": self._find,
                "clear_filter": self._clear_filter,
                "column_filters": self._filter_columns,
                "recompute": workspace.recompute,
                "next_period": partial(self._show_sign_off, "hand_over"),
                "send_copy": partial(self._show_sign_off, "hand_over"),
                "checklist": self._show_checklist,
                "claims": partial(self._show_sign_off, "claims"),
                "verify": self._verify,
                "next_open": lambda: self.reconciliation.next_open(1),
                "previous_open": lambda: self.reconciliation.next_open(-1),
                "print": self.paper.print,
                "save_pdf": self.paper.ask_pdf,
                "attach": self.files.ask_evidence,
                "help": self._help,
                "help_contents": self.help.show_contents,
                "shortcuts": self._tell_shortcuts,
                "about": self._tell_about,
                **{key: partial(self._decide, key) for key in ("accept", "dispute", "cause", "note", "clear")},
                **{f"go_{place}": partial(self.go, place) for place in PLACES},
                **{f"theme_{name}": partial(self._choose_theme, name) for name in THEMES},
                **{f"language_{code}": partial(self._choose_language, code) for code in LANGUAGES},
            }
        )

    def _restore(self) -> None:
        state = self.context.preferences.settings.geometry
        if state:
            self.restoreGeometry(QByteArray.fromBase64(state.encode("ascii")))
