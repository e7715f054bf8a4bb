"""Where to open from and save to: the file dialogs. None of them blocks; each answers by a signal when it is done."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtCore import QSize
from PySide6.QtCore import Qt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog
from PySide6.QtWidgets import QMessageBox
from PySide6.QtWidgets import QTreeView
from PySide6.QtWidgets import QWidget

from auditor.gui.context import Context
from auditor.language import catalogue

_PICTURES = ("png", "svg", "pdf")
_DIALOG = QSize(840, 480)
# Name, size, kind and day of a file, in pixels.
_COLUMNS = (280, 90, 150, 160)


class FileDialogs(QObject):
    """Asks for files over a window."""

    opened = Signal(object)
    added = Signal(object)
    saved_chart = Signal(object)
    saved_pdf = Signal(object)
    attached = Signal(object)
    saved_copy = Signal(object)
    saved_messages = Signal(object)
    shown_by = Signal(object)

    def __init__(self, window: QWidget, context: Context) -> None:
        """Ask over `window`."""
        super().__init__(window)
        self._window, self._context = window, context

    def ask_open(self) -> None:
        """Ask for an audit file, or an account file to make one of."""
        pattern = f"{self._context.speech.text('dialog.audits')} (*.audit *.toml)"
        dialog = self._dialog("open", pattern, QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.opened.emit(Path(name)))
        dialog.open()

    def ask_files(self) -> None:
        """Ask for files to take in, or to begin an audit with."""
        dialog = self._dialog("add_files", "", QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.added.emit([Path(name) for name in names]))
        dialog.open()

    def ask_workbook(self) -> None:
        """Ask where to write the workbook: by itself where the last one of this audit was written."""
        opened, preferences = self._context.workspace.opened, self._context.preferences
        audit = opened.path if opened else None
        dialog = self._save_dialog(
            "export_workbook", "Excel (*.xlsx)", audit.stem if audit else "reconciliation", "xlsx"
        )
        last = Path(preferences.settings.workbooks.get(str(audit and audit.absolute()), ""))
        if last.name and last.parent.is_dir():
            dialog.setDirectory(str(last.parent))
            dialog.selectFile(last.name)

        def write(name: str) -> None:
            if audit is not None:
                preferences.remember_workbook(audit, Path(name))
            self._context.workspace.export_workbook(Path(name))

        dialog.fileSelected.connect(write)
        dialog.open()

    def ask_charts_folder(self) -> None:
        """Ask for the folder of the charts."""
        dialog = self._dialog("export_charts", "", QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self._context.workspace.export_charts(Path(name)))
        dialog.open()

    def ask_claim_folder(self) -> None:
        """Ask for the folder of the claim pack."""
        dialog = self._dialog("export_claim_pack", "", QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self._claim_to(Path(name)))
        dialog.open()

    def ask_chart(self, name: str) -> None:
        """Ask where to save the chart that is shown."""
        patterns = ";;".join(f"{ending.upper()} (*.{ending})" for ending in _PICTURES)
        dialog = self._save_dialog("export_charts", patterns, name, _PICTURES[0])
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(chosen.split("*.")[-1].rstrip(")")))
        dialog.fileSelected.connect(lambda file: self.saved_chart.emit(Path(file)))
        dialog.open()

    def ask_pdf(self, name: str) -> None:
        """Ask where to save what is shown as PDF."""
        dialog = self._save_dialog("save_pdf", "PDF (*.pdf)", name, "pdf")
        dialog.fileSelected.connect(lambda file: self.saved_pdf.emit(Path(file)))
        dialog.open()

    def ask_copy(self) -> None:
        """Ask where to save the copy that is to be sent."""
        opened = self._context.workspace.opened
        speech, stem = self._context.speech, opened.path.stem if opened and opened.path else "audit"
        pattern, name = f"{speech.text('dialog.audits')} (*.audit)", f"{stem} ({speech.text('send.suffix')})"
        dialog = self._save_dialog("send_copy", pattern, name, "audit")
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # an audit is never written over, and that is said
        dialog.fileSelected.connect(lambda name: self.saved_copy.emit(Path(name)))
        dialog.open()

    def ask_messages(self) -> None:
        """Ask where to write the messages behind a cause."""
        dialog = self._save_dialog("export_reasons", "CSV (*.csv)", self._context.speech.text("reasons.file"), "csv")
        dialog.fileSelected.connect(lambda name: self.saved_messages.emit(Path(name)))
        dialog.open()

    def ask_proof(self) -> None:
        """Ask for the file that shows what a condition of a business number is."""
        dialog = self._dialog("attach", "", QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.shown_by.emit(Path(name)))
        dialog.open()

    def ask_evidence(self) -> None:
        """Ask for files to keep as evidence beside the selected lines."""
        dialog = self._dialog("attach", "", QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.attached.emit([Path(name) for name in names]))
        dialog.open()

    def _claim_to(self, folder: Path) -> None:
        """Write the claim pack; ask first where its letter is there already, which may have been gone over by hand."""
        opened, speech = self._context.workspace.opened, self._context.speech
        stem = catalogue(opened.account.language if opened else speech.language.code)["claim.file.letter"]
        write = partial(self._context.workspace.export_claim_pack, folder)
        if not (folder / f"{stem}.docx").exists():
            write()
            return
        text = speech.text("dialog.replace_pack", folder=folder, letter=f"{stem}.docx")
        box = QMessageBox(QMessageBox.Icon.Warning, speech.text("dialog.export_claim_pack"), text, parent=self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        replace = box.addButton(speech.text("dialog.replace"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        replace.clicked.connect(write)
        box.open()

    def _remember(self, names: Sequence[str]) -> None:
        """Begin in the same folder the next time, whatever is asked for then."""
        chosen = Path(names[0])
        self._context.preferences.change(folder=str(chosen if chosen.is_dir() else chosen.parent))

    def _save_dialog(self, key: str, pattern: str, name: str, suffix: str) -> QFileDialog:
        dialog = self._dialog(key, pattern, QFileDialog.FileMode.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{name}.{suffix}")
        return dialog

    def _dialog(self, key: str, pattern: str, mode: QFileDialog.FileMode) -> QFileDialog:
        title = self._context.speech.text(f"dialog.{key}")
        folder = self._context.preferences.settings.folder or str(Path.home())
        dialog = QFileDialog(self._window, title, folder, pattern)
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(self._remember)
        # Where the desktop has no dialog of its own, Qt's is shown: too narrow for its columns, in words of its own.
        dialog.resize(_DIALOG)
        details: QTreeView | None = dialog.findChild(QTreeView)
        if details is not None:
            head = details.header()
            for place, width in enumerate(_COLUMNS):
                head.resizeSection(place, max(width, head.sectionSizeHint(place)))
        dialog.setLabelText(QFileDialog.DialogLabel.LookIn, self._context.speech.text("dialog.look_in"))
        if mode is not QFileDialog.FileMode.Directory:
            dialog.setLabelText(QFileDialog.DialogLabel.FileName, self._context.speech.text("dialog.file_name"))
        dialog.setLabelText(QFileDialog.DialogLabel.FileType, self._context.speech.text("dialog.file_type"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog
