"""What the actions of the menus do: each answer goes where the work is and calls what is there."""

from collections.abc import Callable
from collections.abc import Mapping
from functools import cached_property
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from auditor import __version__
from auditor.gui.actions import PLACES
from auditor.gui.theme import THEMES
from auditor.language import LANGUAGES

if TYPE_CHECKING:
    from auditor.gui.differences.timeline import ThreadTimeline
    from auditor.gui.frame.paper import Paper
    from auditor.gui.tables.table import Table
    from auditor.gui.window import MainWindow


class Commands:
    """The answers of a window to its actions."""

    def __init__(self, window: "MainWindow") -> None:
        """Answer for `window`, once its actions are there."""
        self._window = window
        window.actions_.connect(self._answers())
        window.actions_.recent.aboutToShow.connect(self._fill_recent)

    @cached_property
    def paper(self) -> "Paper":
        """What prints, made when it is first asked for."""
        from auditor.gui.frame.paper import Paper  # noqa: PLC0415 - the start does without

        return Paper(self._window)

    def _answers(self) -> Mapping[str, Callable[[], object]]:
        window, workspace = self._window, self._window.context.workspace
        return {
            "new": self._new,
            "open": window.files.ask_open,
            "sample": window.start.open_sample,
            "add_files": window.files.ask_files,
            "export_workbook": window.files.ask_workbook,
            "export_charts": window.files.ask_charts_folder,
            "export_claim_pack": window.files.ask_claim_folder,
            "quit": window.close,
            "undo": workspace.undo,
            "redo": workspace.redo,
            "copy": self._copy,
            "copy_heads": lambda: self._copy(heads=True),
            "find": self._find,
            "clear_filter": self._clear_filter,
            "column_filters": self._filter_columns,
            "saved_filters": self._list_filters,
            "recompute": workspace.recompute,
            "next_period": partial(window.show_sign_off, "hand_over"),
            "send_copy": partial(window.show_sign_off, "hand_over"),
            "facts": self._show_facts,
            "checklist": self._show_checklist,
            "claims": partial(window.show_sign_off, "claims"),
            "verify": self._verify,
            "next_open": lambda: window.reconciliation.next_open(1),
            "previous_open": lambda: window.reconciliation.next_open(-1),
            "print": self._print,
            "save_pdf": self._ask_pdf,
            "attach": window.files.ask_evidence,
            "help": self._help,
            "help_contents": self._list_help,
            "shortcuts": self._tell_shortcuts,
            "about": self._tell_about,
            **{key: partial(self._decide, key) for key in ("accept", "dispute", "cause", "note", "clear")},
            **{f"go_{place}": partial(window.go, place) for place in PLACES},
            **{f"theme_{name}": partial(self._choose_theme, name) for name in THEMES},
            **{f"language_{code}": partial(self._choose_language, code) for code in LANGUAGES},
        }

    def _print(self) -> None:
        self.paper.print()

    def _ask_pdf(self) -> None:
        self.paper.ask_pdf()

    def save_pdf(self, path: Path) -> None:
        """Write what is in view as PDF."""
        self.paper.save(path)

    def _copy(self, *, heads: bool = False) -> None:
        """Copy from the table that has the keyboard, else from the one of the place."""
        if self._window.place == "charts":
            self._window.charts.copy()
            return
        table = self.table_in_view()
        if table is not None:
            table.copy(heads=heads)

    def table_in_view(self) -> "Table | None":
        """Give the table that has the keyboard, else one beside what has it, else the one of the place."""
        from auditor.gui.tables.table import Table  # noqa: PLC0415 - with it comes numpy, which the start does without

        own, around = self._own_table(), QApplication.focusWidget()
        if isinstance(around, Table):
            return around
        while around is not None and not (own and around.isAncestorOf(own)):
            shown = next((table for table in around.findChildren(Table) if table.isVisible()), None)
            if shown is not None:
                return shown
            around = around.parentWidget()
        return own

    def timeline_in_view(self) -> "ThreadTimeline | None":
        """Give the timeline of a thread, if that has the keyboard."""
        from auditor.gui.differences.timeline import ThreadTimeline  # noqa: PLC0415 - the start does without

        focus = QApplication.focusWidget()
        return focus if isinstance(focus, ThreadTimeline) else None

    def _own_table(self) -> "Table | None":
        return {
            "sources": self._window.sources.table,
            "rates": self._window.rates.table_in_view(),
            "reconciliation": self._window.reconciliation.table,
            "sign_off": self._window.sign_off.table_in_view(),
        }.get(self._window.place)

    def _help(self) -> None:
        """Bring the page about where one is, or take the help away if that is what it shows."""
        from auditor.gui.frame.help_pages import PAGE_OF  # noqa: PLC0415 - the start does without

        page = PAGE_OF[self._window.place]
        if self._window.help.isVisible() and self._window.help.page == page:
            self._window.help.hide()
        else:
            self._window.help.show_page(page)

    def _list_help(self) -> None:
        self._window.help.show_contents()

    def _decide(self, kind: str) -> None:
        """Bring a decision's control forward: press the button, or put the cursor into its field."""
        self._window.go("reconciliation")
        card = self._window.reconciliation.detail.decision
        if kind in {"cause", "note"}:
            self._window.reconciliation.bring_detail()
            self._window.reconciliation.detail.tabs.setCurrentIndex(0)
            card.show_brief(brief=False)
        if kind == "cause":
            card.cause.setFocus()
            card.cause.showPopup()
        elif kind == "note":
            card.note.setFocus()
        else:
            asked = {"accept": card.accept, "dispute": card.dispute, "clear": card.clear}[kind]
            asked.click()
            if not asked.isEnabled() and asked.toolTip():  # the keys say as well why nothing comes of them
                self._window.reconciliation.bar.tell(asked.toolTip())

    def _show_facts(self) -> None:
        self._window.go("sources")
        self._window.sources.show_facts()

    def _show_checklist(self) -> None:
        self._window.go("sources")
        self._window.sources.show_checklist()

    def _verify(self) -> None:
        self._window.show_sign_off("hand_over")
        self._window.sign_off.hand_over.proof.perform()

    def _fill_recent(self) -> None:
        menu = self._window.actions_.recent
        menu.clear()
        for path in self._window.context.preferences.recent:
            menu.addAction(path.stem).triggered.connect(partial(self._window.open, path))
        if menu.isEmpty():
            menu.addAction(self._window.context.speech.text("start.no_recent")).setEnabled(False)

    def _new(self) -> None:
        self._window.go("start")
        self._window.start.show_form()

    def _find(self) -> None:
        self._window.go("reconciliation")
        self._window.reconciliation.find_text()

    def _clear_filter(self) -> None:
        self._window.reconciliation.filter.clear()

    def _list_filters(self) -> None:
        self._window.go("reconciliation")
        self._window.reconciliation.filter.saved.open_list()

    def _filter_columns(self) -> None:
        self._window.go("reconciliation")
        self._window.reconciliation.show_column_filters()

    def _choose_theme(self, choice: str) -> None:
        self._window.context.appearance.choose(choice)
        self._window.context.preferences.change(theme=choice)

    def _choose_language(self, code: str) -> None:
        self._window.context.speech.switch(code)
        self._window.context.preferences.change(language=code)

    def _tell_about(self) -> None:
        self._box("about", self._window.context.speech.text("about.text", version=__version__))

    def _tell_shortcuts(self) -> None:
        native = QKeySequence.SequenceFormat.NativeText
        cells = [
            f"<td style='padding-right:16px'>{action.text().replace('&', '')}</td>"
            f"<td style='padding-right:32px'><b>{action.shortcut().toString(native)}</b></td>"
            for action in self._window.actions_.by_key.values()
            if not action.shortcut().isEmpty()
        ]
        # In two columns: in one they would be higher than a small laptop's screen.
        half = (len(cells) + 1) // 2
        rows = zip_longest(cells[:half], cells[half:], fillvalue="")
        lines = "".join(f"<tr style='white-space:nowrap'>{left}{right}</tr>" for left, right in rows)
        self._box("shortcuts", f"<table cellspacing='3'>{lines}</table>")

    def _box(self, key: str, text: str) -> None:
        from PySide6.QtWidgets import QMessageBox  # noqa: PLC0415 - the start does without

        box = QMessageBox(
            QMessageBox.Icon.NoIcon, self._window.context.speech.text(f"{key}.title"), text, parent=self._window
        )
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.RichText)
        box.open()
