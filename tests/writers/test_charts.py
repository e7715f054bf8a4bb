"""The charts: what they say and how many shapes say it; pictures themselves are looked at by people."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from auditor.core.results import HourUse
from auditor.core.results import Reconciliation
from auditor.core.timeline import DAY
from auditor.core.timeline import HOUR
from auditor.language import Language
from auditor.writers.charts import Theme
from auditor.writers.charts import charts
from auditor.writers.charts import picture
from auditor.writers.charts import thread
from auditor.writers.charts import write_charts
from tests.writers.sample_result import office_hours
from tests.writers.sample_result import sample_result
from tests.writers.sample_result import sample_thread

NAMES = ("bridge", "categories", "markets", "heat", "pareto", "days", "use", "coverage")
PICTURES = Path(__file__).parent / "pictures"


def drawn(name: str, result: Reconciliation | None = None, language: str = "en") -> Figure:
    """Draw a chart of the sample."""
    return charts(result or sample_result(), Language(language).text)[name]()


def title(figure: Figure) -> str:
    """Give a figure's title."""
    return figure.texts[0].get_text()


def test_that_every_chart_has_a_title_with_the_finding_and_says_unit_period_and_source(language: Language) -> None:
    for name in NAMES:
        figure = drawn(name, language=language.code)
        assert len(title(figure)) > 20
        assert (
            language.text("workbook.period_month", month=language.text("domain.month.10"), year=2026)
            in figure.texts[1].get_text()
        )


def test_that_the_bridge_has_a_bar_for_each_end_and_step_with_its_amount() -> None:
    figure = drawn("bridge")
    assert title(figure) == "Invoiced US$ 1,723.77 is US$ 18.82 more than expected; US$ 29.32 is unexplained"
    axes = figure.axes[0]
    assert len(axes.patches) == 12
    assert [text.get_text() for text in axes.texts][:3] == ["US$ 1,704.95", "+17.58", "+19.00"]
    assert [text.get_text() for text in axes.texts][-2:] == ["+29.32", "US$ 1,723.77"]
    assert axes.get_ylim()[0] == 1620
    assert axes.get_xlabel() == "Axis starts at US$ 1,620.00"


def test_that_a_bridge_whose_steps_are_large_starts_at_zero() -> None:
    result = sample_result(count=1)
    far = replace(
        result, expected=Decimal("100.00"), billed=Decimal("117.58"), bridge=result.bridge, difference=Decimal("17.58")
    )
    assert drawn("bridge", replace(far, expected=Decimal("10.00"), billed=Decimal("27.58"))).axes[0].get_ylim()[0] == 0


def test_that_categories_show_both_sides_and_the_difference_in_money_and_percent() -> None:
    figure = drawn("categories")
    both, absolute, relative = figure.axes
    assert len(both.patches) == 2 * 4
    assert len(absolute.patches) == 4
    assert "+US$ 29.42" in [text.get_text() for text in absolute.texts]
    assert "+15.8%" in [text.get_text() for text in relative.texts]
    assert both.patches[0].get_gid() == "category:marketing"


def test_that_an_accrual_draws_what_is_expected_and_no_invoice_of_nothing() -> None:
    result = replace(office_hours(), invoice_lines=(), billed=Decimal(0), difference=Decimal(0))
    bar, sides, heat = (drawn(name, result) for name in ("bridge", "categories", "heat"))
    assert [text.get_text() for text in bar.axes[0].texts] == ["US$ 1,704.95"]
    assert [len(axes.patches) for axes in sides.axes] == [4]
    assert len([axes for axes in heat.axes if axes.images]) == 1
    assert all(figure.texts[1].get_text().endswith("Source: message log") for figure in (bar, sides, heat))


def test_that_an_invoice_without_a_log_is_drawn_beside_no_expectation_of_nothing() -> None:
    result = replace(sample_result(), has_log=False, expected=Decimal(0), difference=Decimal(0))
    bar, sides = drawn("bridge", result), drawn("markets", result)
    assert [text.get_text() for text in bar.axes[0].texts] == ["US$ 1,723.77"]
    assert len(sides.axes) == 1
    assert bar.texts[1].get_text().endswith("Source: invoice")


def test_that_many_markets_are_put_into_one_row_of_others() -> None:
    result = sample_result()
    many = tuple(replace(result.differences[0], market=f"Market {n:02}") for n in range(20))
    names = [
        label.get_text() for label in drawn("markets", replace(result, differences=many)).axes[0].get_yticklabels()
    ]
    assert len(names) == 12
    assert names[-1] == "Others (9)"


def test_that_days_mark_a_change_of_regime_and_of_rates() -> None:
    result = sample_result()
    cells = tuple(
        replace(cell, regime="message-v1") if cell.day < date(2026, 10, 10) else cell for cell in result.cells
    )
    rates = (replace(result.rates[0], first=date(2026, 10, 20)), *result.rates[1:])
    axes = drawn("days", replace(result, cells=cells, rates=rates)).axes[0]
    assert [text.get_text() for text in axes.texts] == ["Messages, service charged from here", "new rates"]
    assert len(axes.patches) == 31 * 4


def test_that_coverage_names_the_first_day_without_messages() -> None:
    figure = drawn("coverage")
    assert title(figure) == "Days of a number without messages: 2; the first: number Tienda Trujillo on 18 Oct 2026"
    assert len(figure.axes[0].patches) == 2


def test_that_the_pareto_orders_differences_and_draws_materiality() -> None:
    figure = drawn("pareto")
    assert title(figure) == "6 of 12 lines make 88% of all differences; above materiality of US$ 20.00: 3"
    axes = figure.axes[0]
    lengths = [bar.get_width() for bar in axes.patches]  # type: ignore[attr-defined]
    assert lengths == sorted(lengths, reverse=True)
    assert "Materiality US$ 20.00" in [text.get_text() for text in axes.texts]
    assert axes.patches[0].get_gid() == "line:8"


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("bridge", "heat", "use", "coverage")])
def test_that_nothing_to_draw_is_said(name: str) -> None:
    assert "nothing to draw" in drawn(name, sample_result(count=0)).texts[-1].get_text()


def test_that_the_dark_theme_and_the_font_scale_reach_the_figure() -> None:
    figure = charts(sample_result(), Language("es").text, Theme.dark(1.5))["bridge"]()
    assert to_hex(figure.get_facecolor()) == "#1e2529"
    assert figure.texts[0].get_fontsize() == pytest.approx(12.5 * 1.5)


def test_that_the_scale_of_a_heat_map_has_no_half_messages() -> None:
    figure = drawn("heat", office_hours())
    figure.canvas.draw()
    scales = [axes for axes in figure.axes if axes.get_label() == "<colorbar>"]
    assert scales
    for scale in scales:
        words = [label.get_text() for label in scale.get_yticklabels()]
        assert len(words) > 1
        assert all(word.isdecimal() for word in words), words


def test_that_the_heat_map_shows_a_hole_where_hours_usually_have_messages() -> None:
    assert title(drawn("heat", office_hours())).startswith("Every hour that usually has messages has some")
    figure = drawn("heat", office_hours(d18h14=0, d18h15=0))
    assert title(figure) == "Hours without messages that usually have some: 2; the first: 18 Oct 2026, 14:00"
    assert len(figure.axes[0].patches) == 2
    above, below = (np.asarray(axes.images[0].get_array()) for axes in figure.axes[:2])
    assert (int(above.sum()), int(below.sum())) == (31 * 12 * 10 - 20, 31 * 5)
    assert above[14, 17] == 0  # row: the hour; column: the day from 0


def test_that_a_stripe_at_midnight_is_said_before_all_else() -> None:
    hours = {(date(2026, 10, day), hour): HourUse(90 if not hour else 1, 0) for day in range(1, 32) for hour in (0, 9)}
    figure = drawn("heat", replace(sample_result(), hours=hours), "es")
    assert title(figure).startswith("El 99% de los mensajes figura a medianoche")  # 90 of 91


def test_that_use_runs_up_to_its_limit_and_names_the_day_it_was_passed() -> None:
    figure = drawn("use")
    assert title(figure) == "Limits passed: 2 of 3; the first: 1,000 of Andina Lima · Service on 17 Oct 2026"
    axes = figure.axes[0]
    assert axes.get_title(loc="left") == "Andina Lima · Service: 1,450 of 1,000"
    assert "passed on 17 Oct" in [text.get_text() for text in axes.texts]
    assert np.asarray(axes.lines[0].get_ydata()).tolist()[:3] == [60, 120, 180]


def test_that_use_within_all_limits_says_who_is_nearest() -> None:
    few = replace(sample_result().allowances[1], used=312)
    assert title(drawn("use", replace(sample_result(), allowances=(few,)))).endswith("used 31%")
    assert "nothing to draw" in drawn("use", replace(sample_result(), allowances=())).texts[-1].get_text()


def test_that_a_thread_shows_messages_windows_and_each_charge_where_it_arises() -> None:
    figure = thread(sample_result(), sample_thread(), Language("en").text)
    assert title(figure) == "Messages in: 2; out: 3; charges: 2, US$ 0.0903 in all"
    axes = figure.axes[0]
    assert "5198•••••21" in figure.texts[1].get_text()
    assert "amounts in USD" in figure.texts[1].get_text()
    assert [round(bar.get_width() / HOUR) for bar in axes.patches] == [26, 72]  # type: ignore[attr-defined]
    assert [text.get_text() for text in axes.texts] == ["Marketing\n0.0703", "Utility\n0.02", "Service\nfree"]


def test_that_a_long_thread_is_drawn_for_the_week_with_most_charges() -> None:
    one = sample_thread()
    early = replace(one.charges[0], billed_at=one.charges[0].billed_at - 60 * DAY)
    figure = thread(sample_result(), replace(one, charges=(early, *one.charges)), Language("en").text)
    assert title(figure) == "Messages in: 2; out: 3; charges: 2, US$ 0.0903 in all"
    empty = thread(sample_result(), replace(one, events=()), Language("en").text)
    assert "nothing to draw" in empty.texts[-1].get_text()


@pytest.mark.parametrize("name", ["use", "coverage"])
def test_that_long_names_of_numbers_stay_within_the_figure_and_off_each_other(name: str) -> None:
    result = sample_result()
    long = "Atención al cliente de provincias y zona norte, turno de noche y feriados"
    wabas = tuple(
        replace(waba, numbers=tuple(replace(one, name=f"{long} {one.id}") for one in waba.numbers))
        for waba in result.account.wabas
    )
    figure = drawn(name, replace(result, account=replace(result.account, wabas=wabas)), "es")
    figure.draw_without_rendering()
    beside = [
        one for axes in figure.axes for one in axes.get_children() if isinstance(one, Text) and len(one.get_text()) > 60
    ]
    boxes = [one.get_window_extent() for one in (*figure.texts, *beside)]
    assert "\n" in title(figure)
    assert len(beside) == (2 if name == "use" else 0)
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in boxes)
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("name", [*NAMES, "thread"])
def test_that_a_chart_looks_as_it_did_when_it_was_looked_at(name: str, tmp_path: Path) -> None:
    """Compare with the picture kept in `pictures/`; after a wanted change, look at the new one and put it there."""
    figure = thread(office_hours(), sample_thread(), Language("es").text) if name == "thread" else drawn(
        name, office_hours(d18h14=0), "es"
    )  # fmt: skip
    made = tmp_path / f"{name}.png"
    made.write_bytes(picture(figure))
    kept, now = (np.asarray(Image.open(path).convert("L").resize((250, 120)), float) for path in
                 (PICTURES / f"{name}.png", made))  # fmt: skip
    assert float(np.sqrt(np.mean((kept - now) ** 2))) < 4, f"look at {made}"


def test_that_a_chart_whose_writing_is_broken_off_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(_figure: Figure, target: Path, **_how: object) -> None:
        target.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Figure, "savefig", half)
    with pytest.raises(KeyboardInterrupt):
        write_charts(sample_result(count=3), Language("es").text, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_that_every_chart_is_written_three_ways_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    result = sample_result(count=3)
    say = Language("es").text
    first = write_charts(result, say, tmp_path / "one", sample_thread())
    again = write_charts(result, say, tmp_path / "two", sample_thread())
    names = [*NAMES, "thread"]
    assert [path.name for path in first] == [f"{name}.{suffix}" for name in names for suffix in ("png", "svg", "pdf")]
    assert all(one.read_bytes() == two.read_bytes() for one, two in zip(first, again, strict=True))
