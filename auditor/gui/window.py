"""The main window: the places in the order the work goes, menus, drops from the desktop, and where messages appear."""

from collections.abc import Sequence
from functools import cached_property
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QCloseEvent
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QVBoxLayout
from PySide6.QtWidgets import QWidget

from auditor.core.problems import AuditorError
from auditor.gui.actions import Actions
from auditor.gui.context import Context
from auditor.gui.frame.commands import Commands
from auditor.gui.frame.drop_veil import DropVeil
from auditor.gui.frame.file_dialogs import FileDialogs
from auditor.gui.frame.handed_files import HandedFiles
from auditor.gui.frame.next_bar import NextBar
from auditor.gui.frame.placed import PlacedWindow
from auditor.gui.frame.refused_files import RefusedFiles
from auditor.gui.frame.top_bar import TopBar
from auditor.gui.frame.typed_notes import TypedNotes
from auditor.gui.frame.waiting_files import audit_of
from auditor.gui.frame.work_bar import WorkBar
from auditor.gui.pieces.controls import refuse_drops
from auditor.gui.pieces.message_bar import MessageBar
from auditor.gui.pieces.outside import open_outside
from auditor.gui.theme import icon
from auditor.language import catalogue

if TYPE_CHECKING:
    from auditor.gui.frame.help_pane import HelpPane
    from auditor.gui.reading.next_empty import NextEmpty

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
    "saved_filters",
)
_NEED_AUDIT = ("recompute", "send_copy", "verify", "claims", "checklist", "facts")
_PAPER = ("print", "save_pdf")
_NEED_RESULT = (
    "next_period",
    *_PAPER,
    "export_workbook",
    "export_charts",
    "export_claim_pack",
    *_LINE_ACTIONS,
)
# A laptop of 1366 x 768 has so little room at 125 %, a screen of 1920 x 1080 at 200 %, less the bars of the desktop.
_LEAST = (960, 500)
# Of files written into a folder so many are named.
_NAMED = 3
_ROW_MENU = ("accept", "dispute", "cause", "note", "attach", "clear", "copy", "copy_heads")


class MainWindow(PlacedWindow):
    """The window. It asks and shows; whatever takes time is done by the workspace."""

    def __init__(self, context: Context) -> None:
        """Build the window on the given workspace, language, looks and preferences."""
        super().__init__(context)
        self.handed = HandedFiles(self)
        self._had_audit: Path | None = None
        self._awaited = False
        self.actions_ = Actions(self, context)
        self.work = WorkBar(context)
        self.files = FileDialogs(self, context)
        self.files.opened.connect(self.open)
        self.files.added.connect(self.take)
        self.top = TopBar(context, self.actions_.by_key)
        self.tabs = self.top.tabs
        self.next = NextBar(context)
        self._build()
        self._connect()
        self.view("start")
        self._restore()
        self.refresh()

    @cached_property
    def help(self) -> "HelpPane":
        """The pane at the side that shows the pages of the help, made when it is first asked for."""
        from auditor.gui.frame.help_pane import HelpPane  # noqa: PLC0415 - the start does without

        pane = HelpPane(self.context)
        refuse_drops(pane)
        self._middle.addWidget(pane)
        return pane

    def show_fitting(self) -> None:
        """Show the window: over the whole screen where there is no room for its own size, as on a laptop at 125 %."""
        room = self.screen().availableSize()
        if self.width() > room.width() or self.height() > room.height():
            self.showMaximized()
        else:
            self.show()

    # -- where one is

    def go(self, place: str) -> None:
        """Show a place. The keyboard, where it was in the place before, comes along."""
        view, focus = self.view(place), QApplication.focusWidget()
        left = focus in self.tabs.values() or (focus is not None and self._stack.isAncestorOf(focus))
        self._stack.setCurrentWidget(view)
        self.bound = ""
        if left and place != self.place and focus is not self.tabs[place]:
            view.setFocus()  # its first control is a Tab away
        self.place = place
        self.next.look_from(place)
        self.tabs[place].setChecked(True)
        if place == "reconciliation":
            self.reconciliation.table.setFocus()  # the next line is an arrow away, not behind a dozen filters
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
        self._hint_at_saving()
        self.top.export.setVisible(opened is not None and opened.result is not None)
        for step in ("undo", "redo"):
            name, count = (getattr(opened, f"{step}_{part}") if opened else "" for part in ("name", "count"))
            self._name_step(step, name, int(count or 0))
        for key in self.top.tools:
            self.top.follow(key)

    def _hint_at_saving(self) -> None:
        """Say that all is saved and, of an audit whose window was ended, up to which step it is there again."""
        opened, say = self.context.workspace.opened, self.context.speech.text
        last, hint = opened.recovered if opened else None, say("app.autosave")
        words = self.context.words() if last else None  # they bring the engine's libraries along
        if last and words:
            step = say("app.recovered", step=words.language.text(f"verbs.{last.name}"), at=words.moment(last.at))
            hint = f"{step} {hint}"
        self.hint.setText(hint)

    # -- files

    def open(self, path: Path) -> None:
        """Open an audit, or make one of an account file."""
        if path.suffix.lower() == ".toml":
            self.context.workspace.open_account(path, audit_of(path))
        else:
            self.context.workspace.open(path)

    def add(self, files: Sequence[Path]) -> None:
        """Take files in and show what becomes of them."""
        self.context.preferences.change(folder=str(files[0].parent))
        self.go("sources")
        self.sources.forget_unread(files)
        self.sources.show_reading()
        self.context.workspace.add_files(files)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let files be dropped anywhere, and show so."""
        self.veil.greet(event, self.context.workspace.opened is not None)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self.veil.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take dropped files in."""
        self.take(self.veil.dropped(event))

    def take(self, files: Sequence[Path]) -> None:
        """Take files that are dropped or chosen."""
        self.handed.take(files)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the window's place, stop what runs and leave the audit whole."""
        state = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self.context.preferences.change(geometry=state)
        if "reconciliation" not in self._unbuilt:
            self.reconciliation.detail.decision.keep_note()
        self.context.workspace.close()
        super().closeEvent(event)

    # -- what happened

    def _changed(self) -> None:
        opened = self.context.workspace.opened
        self._unsay()
        self.refresh()
        if opened is None or opened.path == self._had_audit:
            self._show_awaited()
            return
        self._had_audit = opened.path
        if opened.path is not None:
            self.context.preferences.remember_audit(opened.path)
        self.start.show_welcome()
        self.head_for("reconciliation" if opened.result or opened.recorded else "sources")
        if waiting := self.handed.hand_on(opened):
            self.add(waiting)
            return
        # An audit that comes with its log is on its way to its differences.
        self._awaited = opened.result is None and any(source.kind == "log" for source in opened.sources)

    def _unsay(self) -> None:
        """Hide what was said of the audit as it was; what Sources says of files that wait stays until they are seen."""
        for place in self.tabs:
            if place in vars(self) and (place == self.place or place != "sources"):
                vars(self)[place].bar.hide()

    def _show_awaited(self) -> None:
        """Go on to the differences of an audit that was opened, unless the user went elsewhere meanwhile."""
        opened = self.context.workspace.opened
        if self._awaited and opened is not None and opened.result is not None:
            self._awaited = False
            if "sources" in {self.place, self.bound}:
                self.head_for("reconciliation")

    def _failed(self, error: Exception) -> None:
        if isinstance(error, AuditorError) and error.code in {"audit_is_locked_copy", "passphrase_wrong"}:
            self.go("start")
            self.start.ask_passphrase(self.context.workspace.asked)
        else:
            self.start.unlock.hide()  # whatever it is about, it is no longer that copy
        if error is self.context.workspace.obstacle and self.place == "sources":
            return  # it is said there for as long as it is in the way
        view = self._stack.currentWidget()
        if isinstance(error, AuditorError) and error.code == "audit_exists" and error.place is not None:
            there = partial(self.open, Path(error.place.file))
            self.bar().tell_refusals([error], action="message.open", act=there)
        elif self.place == "sources":
            self.sources.tell_error(error)
        elif view is self.start:
            self.start.tell_error(error)
        else:
            self.bar().tell_error(error)

    def tell_fault(self, error: BaseException) -> None:
        """Say that something unexpected happened, beside where the user is."""
        self.bar().tell_error(error)

    def tell(self, text: str) -> None:
        """Say something beside where the user is."""
        self.bar().tell(text)

    def _cancelled(self) -> None:
        self.tell(self.context.speech.text("message.cancelled"))

    def _told_saved(self, path: Path, files: Sequence[Path] = ()) -> None:
        """Say what was saved; of files in a folder, which may hold others, the first by their names."""
        speech, names = self.context.speech, ", ".join(file.name for file in files[:_NAMED])
        text = speech.text("message.saved", name=path.name, folder=path.parent)
        if files:
            more = ", …" if len(files) > _NAMED else "."
            text = speech.text("message.saved_in", folder=path, count=len(files), names=names + more)
        self.bar().tell(text, kind="done", action=speech.text("message.open"), act=partial(open_outside, path))

    def bar(self) -> MessageBar:
        """Give the bar beside where the user is."""
        bar = getattr(self._stack.currentWidget(), "bar", None)
        return bar if isinstance(bar, MessageBar) else self.start.bar

    # -- what is asked of it

    def _show_help(self, page: str) -> None:
        self.help.show_page(page)

    def _show_picked(self, shape: str) -> None:
        self.go("reconciliation")
        self.reconciliation.show_only(shape)

    def _lead(self, where: str) -> None:
        """Go where an open point is worked on, or a step is taken."""
        if where in {"sources", "health"}:
            self.go("sources")
            if where == "health":
                self.sources.show_health()
        elif where == "unrated":
            self.go("rates")
            self.rates.ask_lacking()
        elif where == "claim":
            self.actions_.by_key["export_claim_pack"].trigger()
        elif where == "close":
            self.show_sign_off("closing")
        else:
            self.go("reconciliation")
            self.reconciliation.show_work(where)

    def _make_room(self) -> None:
        self.help.hide()

    def _show_rate(self, market: str, category: str, rate: str) -> None:
        """Go to the rate that priced a charge."""
        self.go("rates")
        self.rates.show_rate(market, category, rate)

    def show_sign_off(self, tab: str) -> None:
        """Go to a part of the sign-off."""
        self.go("sign_off")
        self.sign_off.show_tab(tab)

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
        self.setMinimumSize(*_LEAST)
        self._middle = QHBoxLayout()
        self._middle.setSpacing(0)
        places = QVBoxLayout()
        places.setSpacing(0)
        places.addWidget(self.next)
        places.addWidget(self._stack, 1)
        self._middle.addLayout(places, 1)
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.top)
        layout.addLayout(self._middle, 1)
        self.setCentralWidget(whole)
        self.veil = DropVeil(whole, self.context)
        self.statusBar().addPermanentWidget(self.work)
        self.statusBar().setSizeGripEnabled(False)
        self.hint = QLabel()
        self.hint.setProperty("role", "caption")
        self.statusBar().addWidget(self.hint)

    def _connect(self) -> None:
        self.built.connect(self._wire)
        self.ready.connect(self.go)
        workspace = self.context.workspace
        workspace.changed.connect(self._changed)
        workspace.failed.connect(self._failed)
        workspace.cancelled.connect(self._cancelled)
        workspace.worker.began.connect(self._begin)
        workspace.saved.connect(self._told_saved)
        workspace.saved_in.connect(self._told_saved)
        self.top.went.connect(self.go)
        self.context.guide.wanted.connect(self._show_help)
        self.context.speech.switched.connect(self.refresh)
        self.commands, self.refused, self.typed = Commands(self), RefusedFiles(self), TypedNotes(self)
        self.files.saved_pdf.connect(self.commands.save_pdf)
        self._wire_empty(self.next)
        self.next.led.connect(self._lead)
        QApplication.instance().focusChanged.connect(self._hold_keyboard)  # type: ignore[union-attr] # it runs

    def _hold_keyboard(self, left: QWidget | None, now: QWidget | None) -> None:
        """Keep the keyboard in its place where what had it goes away: Qt hands it on to whatever comes next."""
        if left is None or now not in self.tabs.values() or not self._stack.isAncestorOf(left):
            return
        if not (left.isVisibleTo(self) and left.isEnabledTo(self)):
            self.view(self.place).setFocus()

    def _begin(self) -> None:
        """Be ready for what the work will bring; what was said about the last step is out of date."""
        self.hasten()
        self.bar().hide()

    def _wire(self, place: str) -> None:
        wire = {
            "start": self._wire_start,
            "sources": self._wire_sources,
            "rates": self._wire_rates,
            "reconciliation": self._wire_reconciliation,
            "charts": self._wire_charts,
            "sign_off": self._wire_sign_off,
        }.get(place)
        if wire is not None:
            wire()

    def _wire_start(self) -> None:
        self.start.open_wanted.connect(self.files.ask_open)
        self.start.files_wanted.connect(self.files.ask_files)

    def _wire_sources(self) -> None:
        self.sources.files_wanted.connect(self.files.ask_files)
        self.sources.lines_wanted.connect(partial(self.go, "reconciliation"))
        self.sources.led.connect(self._lead)
        self.sources.checklist.file_wanted.connect(self.files.ask_proof)
        self.files.shown_by.connect(self.sources.checklist.take_file)

    def _wire_rates(self) -> None:
        self._wire_empty(self.rates.empty)

    def _wire_empty(self, empty: "NextEmpty | NextBar") -> None:
        """Let what says the next step lead to it."""
        empty.files_wanted.connect(self.files.ask_files)
        empty.sources_wanted.connect(partial(self.go, "sources"))

    def _wire_reconciliation(self) -> None:
        self._wire_empty(self.reconciliation.empty)
        self.reconciliation.detail.evidence.rate_wanted.connect(self._show_rate)
        self.reconciliation.detail.reasons.export_wanted.connect(self.files.ask_messages)
        self.files.saved_messages.connect(self.reconciliation.detail.reasons.export)
        self.actions_.dress()
        self.reconciliation.offer_actions(self.actions_.by_key[key] for key in _ROW_MENU)
        self.reconciliation.detail.evidence.timeline.addActions([self.actions_.by_key[key] for key in _PAPER])
        self.files.attached.connect(self.reconciliation.attach)
        self.reconciliation.room_wanted.connect(self._make_room)

    def _wire_charts(self) -> None:
        self._wire_empty(self.charts.empty)
        self.charts.export_wanted.connect(self.files.ask_charts_folder)
        self.charts.save_wanted.connect(self.files.ask_chart)
        self.charts.picked.connect(self._show_picked)
        self.files.saved_chart.connect(self.charts.save)

    def _wire_sign_off(self) -> None:
        self.sign_off.led.connect(self._lead)
        self.sign_off.export_wanted.connect(lambda name: self.actions_.by_key[f"export_{name}"].trigger())
        self.sign_off.hand_over.send.wanted.connect(self.files.ask_copy)
        self.files.saved_copy.connect(self.sign_off.hand_over.send.save_to)

    def _restore(self) -> None:
        state = self.context.preferences.settings.geometry
        if state:
            self.restoreGeometry(QByteArray.fromBase64(state.encode("ascii")))
