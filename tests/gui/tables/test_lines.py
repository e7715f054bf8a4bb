"""The lines of the reconciliation: search, facets, totals, materiality, and how they read."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from auditor.core.results import CauseAmount
from auditor.core.results import Status
from auditor.core.results import Support
from auditor.gui.differences.why import Why
from auditor.gui.speech import Speech
from auditor.gui.tables.lines import COLUMNS
from auditor.gui.tables.lines import FACETS
from auditor.gui.tables.lines import Facets
from auditor.gui.tables.lines import Least
from auditor.gui.tables.lines import LineFilter
from auditor.gui.tables.lines import LineRow
from auditor.gui.tables.lines import facet_values
from auditor.gui.tables.lines import line_rows
from auditor.gui.tables.lines import passing
from auditor.gui.tables.lines import thresholds
from auditor.gui.tables.lines import totals
from auditor.gui.tables.rows import plain
from auditor.gui.theme import LIGHT
from auditor.gui.words import Words
from auditor.language import Language
from auditor.verbs import Decision
from tests.gui.fake_audit import ACCOUNT
from tests.gui.fake_audit import sample_result


@pytest.fixture
def rows() -> tuple[LineRow, ...]:
    """Give the thirteen lines of the sample in Spanish."""
    return line_rows(sample_result(), {}, Words(Language("es"), ACCOUNT))


def text_of(row: LineRow, key: str) -> str:
    return row.texts[[column.key for column in COLUMNS].index(key)]


def test_that_lines_that_need_work_come_first_and_the_largest_of_them_leads(rows: tuple[LineRow, ...]) -> None:
    assert [row.record.difference.key for row in rows[:3]] == ["line-4", "line-1", "line-2"]
    assert text_of(rows[-1], "status") == "Conforme"


def test_that_every_word_must_be_found_and_accents_and_case_do_not_matter(rows: tuple[LineRow, ...]) -> None:
    assert len(passing(rows, LineFilter("peru"))) == 4
    assert len(passing(rows, LineFilter("PERU utilidad"))) == 1
    assert not passing(rows, LineFilter("peru francia"))


def test_that_a_facet_lets_any_of_its_chosen_values_through(rows: tuple[LineRow, ...]) -> None:
    chosen = LineFilter(facets={"market": frozenset({"Peru", "Mexico"})})
    assert len(passing(rows, chosen)) == 6


def test_that_a_facets_own_choice_does_not_change_its_counts_but_the_others_do(rows: tuple[LineRow, ...]) -> None:
    chosen = LineFilter(facets={"market": frozenset({"Peru"}), "status": frozenset({"different"})})
    counts = Facets(rows).counts(chosen)
    assert counts["status"] == {"matched": 2, "different": 2}
    assert counts["market"]["Mexico"] == 1


@pytest.mark.parametrize("text", ["", "marketing"])
def test_that_counts_are_those_of_asking_each_facet_apart(rows: tuple[LineRow, ...], text: str) -> None:
    chosen = {"market": frozenset({"Peru", "Chile"}), "category": frozenset({"marketing"}), "cause": frozenset({"fx"})}
    for some in (["market"], ["market", "category"], ["market", "category", "cause"]):
        facets = {name: chosen[name] for name in some}
        counts = Facets(rows).counts(LineFilter(text, facets))
        for facet in FACETS:
            others = {name: codes for name, codes in facets.items() if name != facet}
            left = passing(rows, LineFilter(text, others))
            assert counts[facet] == Counter(value for row in left for value in facet_values(row.record, facet))


def test_that_what_no_cause_explains_is_a_cause_to_filter_by(rows: tuple[LineRow, ...]) -> None:
    left = passing(rows, LineFilter(facets={"cause": frozenset({"unexplained"})}))
    # 120 messages at 0.0740 without any cause; 0.25 of Colombia of which 0.15 is explained.
    assert [row.record.difference.unexplained for row in left] == [Decimal("8.88"), Decimal("0.10")]


def test_that_totals_add_up_and_weigh_over_and_under_alike(rows: tuple[LineRow, ...]) -> None:
    # Utility 186.20 - 162.40 = 23.80 over; Mexico marketing 76.56 - 109.44 = 32.88 under.
    total = totals(
        passing(rows, LineFilter(least=Least(Decimal("23.80")), facets={"status": frozenset({"different"})}))
    )
    assert (total.lines, total.difference, total.weight) == (2, Decimal("-9.08"), Decimal("56.68"))


def test_that_materiality_moves_from_nothing_through_each_size_of_difference(rows: tuple[LineRow, ...]) -> None:
    steps = [step.size for step in thresholds(rows, percent=False)]
    assert steps[:3] == [Decimal(0), Decimal("0.01"), Decimal("0.25")]
    assert steps[-1] == Decimal("56.90")


@pytest.mark.parametrize(
    ("percent", "left"),
    [
        # In per cent of what was expected: utility 23.80 of 162.40 14.7, service 20.00 of 102.00 19.6, Mexico 32.88
        # of 109.44 30.04, Colombia 0.25 of 41.25 0.6 and 0.01 of 0.73 1.4, the rest 8.88 of 95.46 9.3, what is
        # missing 8.06 of 8.06 100; and 56.90 where nothing was expected. What does not differ passes none but 0.
        ("0", 13),
        ("0.1", 8),
        ("1", 7),
        ("15", 4),
        ("30", 3),
        ("40", 2),
        ("100", 2),
    ],
)
def test_that_a_tolerance_lets_through_what_is_off_by_its_share_of_what_was_expected(
    rows: tuple[LineRow, ...], percent: str, left: int
) -> None:
    wanted = LineFilter(least=Least(Decimal(percent), percent=True))
    assert len(passing(rows, wanted)) == left
    assert sum(Facets(rows).counts(wanted)["account"].values()) == left
    assert wanted.active == (percent != "0")
    assert wanted.least in thresholds(rows, percent=True)


def test_that_figures_are_copied_as_plain_numbers_and_dashes_as_nothing(rows: tuple[LineRow, ...]) -> None:
    peru = next(row for row in rows if row.record.difference.key == "line-0")
    copied = {column.key: plain(peru, place, column) for place, column in enumerate(COLUMNS)}
    assert text_of(peru, "billed") == "1,294.93"
    assert copied["billed"] == Decimal("1294.93")
    assert copied["billed_rate"] == Decimal("0.0703")
    assert copied["causes"] == ""


def test_that_a_decision_is_shown_and_closes_the_line() -> None:
    words = Words(Language("en"), ACCOUNT)
    rows = line_rows(sample_result(), {"line-1": Decision("disputed", "fx", "Ask for a credit note")}, words)
    row = next(row for row in rows if row.record.difference.key == "line-1")
    assert not row.record.open
    assert text_of(row, "decision") == "Disputed"
    assert text_of(row, "causes").startswith("Exchange rate")
    assert passing(rows, LineFilter("credit note")) == [row]


def test_that_a_cause_that_is_only_possible_is_told_from_one_that_was_found(language: Language) -> None:
    possible = CauseAmount("month_cut", Decimal("9.00"), "possible")
    found = CauseAmount("fx", Decimal("0.25"))
    line = replace(sample_result().differences[0], causes=(possible, found))
    result = replace(sample_result(), differences=(line,))
    words = Words(language, ACCOUNT)
    told = {
        "en": ("Exchange rate, Month cut-off (possible)", "Month cut-off, Exchange rate"),
        "es": ("Tipo de cambio, Corte de mes (posible)", "Corte de mes, Tipo de cambio"),
    }[language.code]
    (row,) = line_rows(result, {}, words)
    assert text_of(row, "causes") == told[0]
    # Whoever decided that it is the cause has said so: it is not named again as possible.
    (row,) = line_rows(result, {line.key: Decision("disputed", "month_cut", "")}, words)
    assert text_of(row, "causes") == told[1]


def test_that_what_speaks_for_a_cause_that_competes_is_told(language: Language) -> None:
    rival = CauseAmount("fx", Decimal("9.00"), "possible", support=Support(2, 4, Decimal("0.5"), 1))
    line = replace(sample_result().differences[0], causes=(rival,))
    words = Words(language, ACCOUNT)
    (row,) = line_rows(replace(sample_result(), differences=(line,)), {}, words)
    told = {
        "en": "For it: lines that differ and come right: 2 of 4, with 50\N{NO-BREAK SPACE}% of the amounts that "
        "differ. Against it: lines that it changes and that do not come right: 1.",
        "es": "A favor: líneas con diferencia que quedan conformes: 2 de 4, con el 50\N{NO-BREAK SPACE}% de los "
        "importes que difieren. En contra: líneas que cambia y que no quedan conformes: 1.",
    }[language.code]
    assert told in Why(Speech(language.code), LIGHT, words).one(row)


def test_that_no_cell_shows_a_raw_code(rows: tuple[LineRow, ...], language: Language) -> None:
    del rows
    for row in line_rows(sample_result(), {}, Words(language, ACCOUNT)):
        assert not [text for text in row.texts if "_" in text]


def test_that_a_line_that_no_invoice_is_held_against_shows_what_is_expected_and_no_difference(qtbot: QtBot) -> None:
    result, words = sample_result(), Words(Language("en"), ACCOUNT)
    alone = replace(
        result.differences[0],
        status=Status.NOT_COMPARABLE,
        lines=(),
        billed=Decimal(0),
        difference=Decimal(0),
        causes=(),
    )
    (row,) = line_rows(replace(result, differences=(alone,)), {}, words)
    assert text_of(row, "decision") == "—"  # there is nothing to decide on
    assert facet_values(row.record, "decision") == ("none",)
    assert [text_of(row, key) for key in ("billed", "difference", "unexplained")] == ["—"] * 3
    assert text_of(row, "expected") == words.figure(alone.expected)
    assert plain(row, [column.key for column in COLUMNS].index("billed"), COLUMNS[3]) == ""
    told = Why(Speech("en"), LIGHT, words)
    assert "No invoice line is held against this" in told.one(row)
    assert "agree" not in told.one(row)
    page = QTextDocument()
    page.setHtml(told.one(row))
    reason, head = page.begin(), page.find("Quantity").block()
    places = [page.documentLayout().blockBoundingRect(block) for block in (reason, head)]
    assert places[1].top() - places[0].bottom() >= 10  # the figures stand off from the reason above them
    unrated = replace(alone, lines=(0,))
    (row,) = line_rows(replace(result, differences=(unrated,)), {}, words)
    assert "One side lacks a rate" in told.one(row)


def test_that_what_is_expected_without_a_rate_is_unknown_and_not_nothing(language: Language) -> None:
    result, words = sample_result(), Words(language, ACCOUNT)
    bare = replace(
        result.differences[0],
        status=Status.NOT_COMPARABLE,
        expected_rate=None,
        expected=Decimal(0),
        difference=result.differences[0].billed,
        causes=(),
    )
    (row,) = line_rows(replace(result, differences=(bare,)), {}, words)
    assert text_of(row, "expected") == "—"
    assert text_of(row, "decision") == {"en": "Open", "es": "Pendiente"}[language.code]
    told = Why(Speech(language.code), LIGHT, words).one(row)
    assert {"en": "There is no rate in USD", "es": "no hay tarifa en USD"}[language.code] in told
    priced = replace(bare, expected_rate=Decimal("0.0703"), expected=Decimal("70.30"))
    (row,) = line_rows(replace(result, differences=(priced,)), {}, words)
    assert text_of(row, "expected") == "70.30"
