"""The journal in the window: every step, the newest first, undone ones too, in the language of the window."""

from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.verbs.journal_words import detail
from tests.gui.conftest import settle


def _whats(window: MainWindow) -> list[str]:
    return [row.texts[3] for row in window.sign_off.journal.model.rows]


def test_that_every_step_is_listed_the_newest_first_and_undone_ones_too(qtbot: QtBot, sample: MainWindow) -> None:
    lines = sample.reconciliation
    lines.table.selectRow(0)
    lines.detail.decision.dispute.click()
    settle(qtbot, sample)
    sample.context.workspace.undo()
    settle(qtbot, sample)
    sample.show_sign_off("journal")
    settle(qtbot, sample)
    pane = sample.sign_off.journal
    assert _whats(sample)[:2] == ["Undo", "Dispute"]
    numbers = [row.record.entry.number for row in pane.model.rows]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 1
    words = sample.context.words()
    opened = sample.context.workspace.opened
    assert words is not None
    assert opened is not None
    # The line is named as everywhere, and so are the files that came in.
    assert pane.model.rows[1].texts[5] == detail(pane.model.rows[1].record.entry, words.language, opened.account)
    assert "Peru" in pane.model.rows[1].texts[5]
    assert any("invoice.xlsx" in row.texts[5] for row in pane.model.rows)
    assert sample.sign_off.table_in_view() is pane.table  # so it is printed
    # What is done while it is looked at is added, and it speaks the language of the window.
    sample.context.workspace.redo()
    settle(qtbot, sample)
    assert len(pane.model.rows) == len(numbers) + 1
    sample.actions_.by_key["language_es"].trigger()
    settle(qtbot, sample)
    assert _whats(sample)[2] == "Observar"


def test_that_what_was_done_and_by_whom_is_read_whole(qtbot: QtBot, sample: MainWindow) -> None:
    sample.show_sign_off("journal")
    settle(qtbot, sample)
    pane = sample.sign_off.journal
    heights = pane.table.verticalHeader()
    for key in ("who", "what"):
        place = pane.model.place_of(key)
        row = next(at for at, one in enumerate(pane.model.rows) if " " in one.texts[place])
        pane.table.setColumnWidth(place, 60)
        qtbot.waitUntil(lambda: heights.sectionSize(row) > heights.defaultSectionSize())  # noqa: B023
        pane.table.setColumnWidth(place, 400)
        qtbot.waitUntil(lambda: heights.sectionSize(row) == heights.defaultSectionSize())  # noqa: B023
