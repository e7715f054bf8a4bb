"""Beside the columns of a file stands what was decided of its units and signs, and what its lines add up to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from auditor.settings import Preferences
from tests.gui.conftest import settle
from tests.gui.conftest import window_of

_ACCOUNT = """
[audit]
name = "Comercial Sur"
currency = "USD"
period = "2026-10"
[[waba]]
id = "102290129340398"
time_zone = "America/Lima"
currency = "USD"
"""
# Two thousand messages at 30 a thousand are 60; the total is stated once as it is, once as it is not.
_LINES = "País;Categoría;Cantidad (miles);Precio por mil;Importe USD\nPerú;Utilidad;2;30.00;60.00\nTotal;;;;{total}\n"


@pytest.fixture
def window(qtbot: QtBot, preferences: Preferences, tmp_path: Path) -> Iterator[MainWindow]:
    """Give a window with an audit of one account, at the preview of its files."""
    yield from window_of(qtbot, preferences, tmp_path, _ACCOUNT)


def told(qtbot: QtBot, window: MainWindow, total: str, folder: Path) -> str:
    """Take an invoice in, and give what stands beside its columns."""
    invoice = folder / f"factura {total}.csv"
    invoice.write_text(_LINES.format(total=total), encoding="utf-8")
    window.add([invoice])
    settle(qtbot, window)
    window.sources.tabs.setCurrentWidget(window.sources.preview)
    settle(qtbot, window)
    return window.sources.preview.told.text()


def test_that_units_sums_and_the_total_are_told_in_both_languages(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    said = told(qtbot, window, "60.00", tmp_path)
    assert "USD, WhatsApp charges: 60.00 (lines: 1)" in said
    assert "Stated as “Total” in row 3: 60.00: the lines add up to it" in said
    assert "these columns are in thousands" in said
    window.context.speech.switch("es")
    settle(qtbot, window)
    assert "Indicado como «Total» en la fila 3: 60.00: las líneas lo suman" in window.sources.preview.told.text()


def test_that_a_total_that_the_lines_do_not_come_to_is_told_as_a_doubt(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    said = told(qtbot, window, "61.00", tmp_path)
    assert "Stated as “Total” in row 3: 61.00: the lines do not add up to it" in said
    assert said.index("What is in doubt") < said.index("The invoice states 61")


def test_that_the_tab_counts_what_was_decided_and_is_empty_without_a_file(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    preview = window.sources.preview
    assert preview.told.text() == ""
    said = told(qtbot, window, "61.00", tmp_path)
    points = said[said.index("What was decided") :].count("•")
    assert preview.tabs.tabText(3) == f"How it was taken ({points})"


def test_that_the_table_of_the_files_says_which_days_each_is_about(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    invoice, rates = tmp_path / "factura.csv", tmp_path / "cambio.csv"
    invoice.write_text(f"Periodo: octubre 2026\n\n{_LINES.format(total='60.00')}", encoding="utf-8")
    rates.write_text("Fecha,Compra,Venta\n15/10/2026,3.70,3.75\n18/10/2026,3.70,3.75\n", encoding="utf-8")
    card, old = tmp_path / "contrato.csv", tmp_path / "anterior.csv"
    heads = "effective_from,effective_to,currency,market,category,rate\n"
    card.write_text(
        f"{heads}2026-09-01,,USD,Argentina,utility,0.0113\n2026-07-01,2026-08-31,USD,Argentina,utility,0.01\n"
    )
    old.write_text(f"{heads}2026-07-01,2026-08-31,USD,Brazil,utility,0.01\n")
    window.add([invoice, rates, card, old])
    settle(qtbot, window)
    window.sources.next.action.click()
    settle(qtbot, window)
    place = [column.key for column in window.sources.model.columns].index("span")
    days = {row.record.file: row.texts[place] for row in window.sources.model.rows}
    # The title of the invoice says its month.
    assert days["factura.csv"] == "01 Oct 2026 – 31 Oct 2026"
    assert days["cambio.csv"] == "15 Oct 2026 – 18 Oct 2026"
    assert (days["contrato.csv"], days["anterior.csv"]) == ("from 01 Jul 2026", "01 Jul 2026 – 31 Aug 2026")
