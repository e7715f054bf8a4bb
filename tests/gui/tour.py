"""A walk through everything the window can show with an audit open: each place, each tab, each form."""

from collections.abc import Iterator

from pytestqt.qtbot import QtBot

from auditor.gui.window import MainWindow
from tests.gui.conftest import settle


def tour(qtbot: QtBot, window: MainWindow) -> Iterator[str]:
    """Show one view after another and name it; what is worked on for it has ended."""
    for name in _steps(window):
        settle(qtbot, window)
        yield name


def _steps(window: MainWindow) -> Iterator[str]:
    window.go("start")
    yield "start"
    window.start.show_form()
    yield "new audit"
    window.go("sources")
    for place in range(window.sources.tabs.count()):
        window.sources.tabs.setCurrentIndex(place)
        yield f"sources, {window.sources.tabs.tabText(place)}"
    window.go("rates")
    for place in range(window.rates.tabs.count()):
        window.rates.tabs.setCurrentIndex(place)
        yield f"rates, {window.rates.tabs.tabText(place)}"
    window.rates.tabs.setCurrentIndex(0)
    window.rates.tables["rates"].selectRow(0)
    window.rates.override.click()
    yield "a rate by hand"
    yield from _reconciliation(window)
    window.go("charts")
    yield "charts"
    window.go("sign_off")
    for place in range(window.sign_off.tabs.count()):
        window.sign_off.tabs.setCurrentIndex(place)
        yield f"sign-off, {window.sign_off.tabs.tabText(place)}"
    window.help.show_page("pricing")
    yield "help"
    window.help.show_contents()
    yield "contents of the help"
    window.help.hide()


def _reconciliation(window: MainWindow) -> Iterator[str]:
    window.go("reconciliation")
    lines = window.reconciliation
    lines.table.selectRow(1)
    for place in range(lines.detail.tabs.count()):
        lines.detail.tabs.setCurrentIndex(place)
        yield f"reconciliation, {lines.detail.tabs.tabText(place)}"
    lines.detail.tabs.setCurrentIndex(0)
    lines.table.selectAll()
    yield "several lines"
    lines.show_column_filters()
    yield "filters over the columns"
    lines.show_column_filters()
    lines.filter.group_button.choose("market")
    yield "lines in groups"
    lines.filter.group_button.choose("")
    window.help.show_page("differences")
    yield "lines beside the help"
    window.help.hide()
