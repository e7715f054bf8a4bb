"""The help: the same pages in both languages, every link leads somewhere, and the search finds."""

import re

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from auditor.core.causes.words import ORDER
from auditor.gui.frame.help_pages import PAGE_OF
from auditor.gui.frame.help_pages import PAGES
from auditor.gui.frame.help_pages import search
from auditor.gui.frame.help_pages import text_of
from auditor.gui.frame.help_pages import title_of
from auditor.gui.window import MainWindow
from auditor.language import LANGUAGES
from auditor.language import catalogue
from tests.gui.conftest import settle

FIGURES = re.compile(r"\d+[.,]\d{2,3}(?!\d)")


def heads(page: str, language: str) -> list[int]:
    """Give the depth of every heading of a page."""
    return [len(marks) for marks in re.findall(r"^(#+) ", text_of(page, language), re.MULTILINE)]


@pytest.mark.parametrize("page", PAGES)
def test_that_both_languages_have_the_same_sections_figures_and_links(page: str) -> None:
    english, spanish = (text_of(page, language) for language in ("en", "es"))
    assert heads(page, "en") == heads(page, "es")
    assert sorted(FIGURES.findall(english)) == sorted(FIGURES.findall(spanish))
    linked = [re.findall(r"\]\(([\w-]+)\.md\)", text) for text in (english, spanish)]
    assert linked[0] == linked[1]
    assert set(linked[0]) <= set(PAGES)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_that_every_cause_is_told_by_the_name_it_bears_in_the_window(language: str) -> None:
    told = text_of("differences", language).casefold()
    names = [catalogue(language)[f"domain.cause.{cause}"] for cause in ORDER]
    assert [name for name in names if name.casefold() not in told] == []


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_that_the_search_finds_without_accents_and_titles_come_first(language: str) -> None:
    words = {"en": ("service window", "rounding"), "es": ("ventana atencion", "redondeo")}[language]
    for sought in words:
        assert search(sought, language)
    titled = title_of("glossary", language)
    assert search(titled, language)[0].title == titled
    assert search("xyzzy", language) == ()


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_that_the_search_shows_whole_words_only(language: str) -> None:
    found = search({"en": "tolerance", "es": "tolerancia"}[language], language)
    assert found
    for hit in found:
        known = set(re.findall(r"\w+", text_of(hit.page, language)))
        assert set(re.findall(r"\w+", hit.around)) <= known


def test_that_every_place_has_its_page_and_f1_brings_it(qtbot: QtBot, opened: MainWindow) -> None:
    for place, page in PAGE_OF.items():
        opened.go(place)
        settle(qtbot, opened)
        opened.actions_.by_key["help"].trigger()
        assert opened.help.page == page
        opened.actions_.by_key["help"].trigger()
        assert not opened.help.isVisible()


def test_that_what_the_search_finds_opens_at_its_section(qtbot: QtBot, opened: MainWindow) -> None:
    opened.actions_.by_key["help_contents"].trigger()
    QTest.keyClicks(opened.help.field, "time zone matters")
    item = opened.help.found.item(0)
    assert item is not None
    opened.help.found.itemActivated.emit(item)
    assert opened.help.page == "pricing"
    assert opened.help.browser.verticalScrollBar().value() > 0


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_that_no_page_is_wider_than_its_pane(qtbot: QtBot, window: MainWindow, language: str) -> None:
    window.context.speech.switch(language)
    for page in PAGES:
        window.help.show_page(page)
        QApplication.processEvents()
        assert window.help.browser.horizontalScrollBar().maximum() == 0, page
