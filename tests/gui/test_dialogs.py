"""Every dialog, in both languages: its words are those of the language, and nothing of it is cut."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from PySide6.QtWidgets import QDialog
from PySide6.QtWidgets import QFileDialog
from PySide6.QtWidgets import QLabel
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QMessageBox
from PySide6.QtWidgets import QPushButton
from PySide6.QtWidgets import QTreeView
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.language import catalogue
from tests.gui.conftest import settle

# What Qt says by itself where nobody translates it.
_ENGLISH = {"Look in", "File name", "Files of type", "Directory", "Open", "Save", "Cancel", "Choose", "OK", "Name"}
_FILES: dict[str, Callable[[MainWindow], None]] = {
    "open": lambda window: window.files.ask_open(),
    "add_files": lambda window: window.files.ask_files(),
    "export_workbook": lambda window: window.files.ask_workbook(),
    "export_charts": lambda window: window.files.ask_charts_folder(),
    "export_claim_pack": lambda window: window.files.ask_claim_folder(),
    "save_pdf": lambda window: window.files.ask_pdf("lines"),
    "send_copy": lambda window: window.files.ask_copy(),
    "export_reasons": lambda window: window.files.ask_messages(),
    "attach": lambda window: window.files.ask_evidence(),
}


def close(window: MainWindow, kind: type[QDialog]) -> None:
    for dialog in window.findChildren(kind):
        dialog.close()
    QApplication.sendPostedEvents(None, 52)  # those that are deleted later are deleted now


@pytest.mark.qt_log_ignore("does not support", extend=True)
@pytest.mark.parametrize("language", ["en", "es"])
def test_that_every_file_dialog_is_whole_and_in_the_language(qtbot: QtBot, opened: MainWindow, language: str) -> None:
    opened.context.speech.switch(language)
    settle(qtbot, opened)
    for key, ask in _FILES.items():
        ask(opened)
        QApplication.processEvents()
        (dialog,) = opened.findChildren(QFileDialog)
        assert dialog.windowTitle() == catalogue(language)[f"window.dialog.{key}"]
        buttons: list[QPushButton] = [one for one in dialog.findChildren(QPushButton) if one.isVisible()]
        labels: list[QLabel] = [one for one in dialog.findChildren(QLabel) if one.isVisible() and one.text()]
        widgets: list[QPushButton | QLabel] = [*buttons, *labels]
        assert len(buttons) == 2, key
        assert len(labels) >= 3, key
        for widget in widgets:
            said = widget.text().replace("&", "").rstrip(":")
            assert widget.width() >= widget.sizeHint().width() - 1, (key, said)
            assert language == "en" or said not in _ENGLISH, (key, said)
        tree = dialog.findChild(QTreeView)
        assert tree is not None
        head = tree.header()
        for section in range(head.count()):
            assert head.sectionSize(section) >= head.sectionSizeHint(section), (key, section)
        close(opened, QFileDialog)


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_that_a_dialog_offers_to_write_over_a_file_but_never_over_an_audit(qtbot: QtBot, opened: MainWindow) -> None:
    for key, offers in (("save_pdf", True), ("export_workbook", True), ("send_copy", False)):
        _FILES[key](opened)
        (dialog,) = opened.findChildren(QFileDialog)
        assert dialog.testOption(QFileDialog.Option.DontConfirmOverwrite) is not offers, key
        close(opened, QFileDialog)


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_that_every_dialog_begins_where_the_last_one_ended(qtbot: QtBot, opened: MainWindow, tmp_path: Path) -> None:
    folder = tmp_path / "para la gerencia"
    folder.mkdir()
    opened.files.ask_pdf("lines")
    (dialog,) = opened.findChildren(QFileDialog)
    dialog.filesSelected.emit([str(folder / "lines.pdf")])
    close(opened, QFileDialog)
    opened.files.ask_charts_folder()
    (dialog,) = opened.findChildren(QFileDialog)
    assert Path(dialog.directory().absolutePath()) == folder
    dialog.filesSelected.emit([str(tmp_path)])
    close(opened, QFileDialog)
    assert opened.context.preferences.settings.folder == str(tmp_path)


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_that_a_workbook_is_offered_to_be_saved_as_it_was_the_last_time(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    def offered() -> tuple[Path, str]:
        opened.files.ask_workbook()
        (dialog,) = opened.findChildren(QFileDialog)
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        assert isinstance(field, QLineEdit)
        return Path(dialog.directory().absolutePath()), field.text()

    folder = tmp_path / "october"
    folder.mkdir()
    assert offered()[1] == "andina.xlsx"
    (dialog,) = opened.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(folder / "for the board.xlsx"))
    close(opened, QFileDialog)
    settle(qtbot, opened)
    opened.context.preferences.change(folder=str(tmp_path))  # files were added from elsewhere since
    assert offered() == (folder, "for the board.xlsx")
    close(opened, QFileDialog)
    # Where that folder is gone, it is as it was at first.
    audit = opened.context.workspace.opened
    assert audit is not None
    assert audit.path is not None
    opened.context.preferences.remember_workbook(audit.path, folder / "gone" / "a.xlsx")
    assert offered() == (tmp_path, "andina.xlsx")
    close(opened, QFileDialog)


@pytest.mark.qt_log_ignore("does not support", extend=True)
@pytest.mark.parametrize("language", ["en", "es"])
def test_that_every_box_is_whole_and_in_the_language(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, language: str
) -> None:
    opened.context.speech.switch(language)
    settle(qtbot, opened)
    (tmp_path / f"{catalogue('es')['claim.file.letter']}.docx").touch()
    for ask in (
        opened.actions_.by_key["about"].trigger,
        opened.actions_.by_key["shortcuts"].trigger,
        lambda: opened.files._claim_to(tmp_path),
    ):
        ask()
        QApplication.processEvents()
        (box,) = opened.findChildren(QMessageBox)
        assert box.text()
        room = opened.screen().availableSize()
        assert box.width() <= room.width()
        for button in box.buttons():
            said = button.text().replace("&", "")
            assert button.width() >= button.sizeHint().width() - 1, said
            assert language == "en" or said not in _ENGLISH - {"OK"}, said
        close(opened, QMessageBox)
