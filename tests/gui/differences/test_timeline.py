"""The picture of a thread stays quick, and says the same, however much a customer wrote."""

from dataclasses import replace
from time import thread_time

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetricsF

from auditor.core.tables import NEVER
from auditor.gui.context import Context
from auditor.gui.differences.thread_drawing import room_beside
from auditor.gui.differences.timeline import ThreadTimeline
from auditor.gui.words import Words
from auditor.language import Language
from auditor.verbs.evidence import EvidenceRow
from auditor.verbs.evidence import Thread
from auditor.verbs.evidence import ThreadEvent
from tests.gui.fake_audit import ACCOUNT

MANY, SECOND = 20_000, 1_000_000
START = 1_791_000_000 * SECOND


def charge(n: int) -> EvidenceRow:
    return EvidenceRow(
        f"m{n}", "51999888777", "number", "waba", "per_message", "marketing", "regular", "Peru",
        START + n * 10 * SECOND, "2026-10-03", NEVER, 1, "0.07", "0.07", "certain", "", "log.csv", n + 2,
    )  # fmt: skip


def test_that_a_customer_of_many_messages_does_not_hold_up_the_window(context: Context) -> None:
    charges = tuple(map(charge, range(MANY)))
    events = tuple(
        ThreadEvent(one.billed_at, "outbound", "marketing", referral=False, message_id=one.unit_id, charge=n)
        for n, one in enumerate(charges)
    )
    timeline = ThreadTimeline(context)
    timeline.resize(420, 160)
    before = thread_time()
    timeline.show_thread(Thread("number", "51999888777", events, (), charges), None, charges[MANY // 2])
    whole = timeline.grab().toImage()
    # Each held against all others these took nine seconds; drawn once for a spot they take a seventh of one.
    assert thread_time() - before < 3
    # What lies out of view leaves the picture as it is.
    far = tuple(one for one in events if abs(one.at - charges[MANY // 2].billed_at) < 200 * 3600 * SECOND)
    timeline.show_thread(Thread("number", "51999888777", far, (), charges), None, charges[MANY // 2])
    assert timeline.grab().toImage() == whole


def test_that_no_time_on_the_axis_is_cut_at_the_edge(context: Context) -> None:
    one = charge(0)
    timeline = ThreadTimeline(context)
    timeline.resize(420, 160)
    words = Words(Language("en"), ACCOUNT)
    for hour in range(24):
        timeline.show_thread(Thread("number", "51999888777", (), (), (one,)), words, one)
        timeline._move(hour * 3600 * SECOND)
        image = timeline.grab().toImage()
        for edge in (0, image.width() - 1):
            assert len({image.pixel(edge, y) for y in range(2, 18)}) == 1


def test_that_a_message_is_told_where_it_lies(context: Context) -> None:
    one = charge(0)
    event = ThreadEvent(one.billed_at, "outbound", "marketing", referral=False, message_id="m0", charge=0)
    timeline = ThreadTimeline(context)
    timeline.resize(420, 160)
    timeline.show_thread(Thread("number", "51999888777", (event,), (), (one,)), None, one)
    drawing = timeline._drawing()
    assert drawing is not None
    middle = drawing.view.width / 2
    assert [found.message_id for found in drawing.events(middle - 9, middle + 9)] == ["m0"]
    assert not drawing.events(0, middle - 9)
    assert timeline._under(QPointF(0, 0)) == ""


@pytest.mark.parametrize(
    ("starts", "inside", "begin"),
    [
        ([100.0, 160.0], False, 110.0),  # 30 wide, it ends at 140: clear of the next by 20
        ([100.0, 143.0], False, 60.0),  # by 3 alone: before it, at 100 - 10 - 30
        ([57.0, 100.0, 143.0], False, None),
        ([100.0, 100.0, 102.0], False, 110.0),  # charges on one spot are one
        ([100.0, 139.0], True, None),  # what lasts has it in its bar or not at all
    ],
)
def test_that_an_amount_hides_no_other_charge(starts: list[float], inside: bool, begin: float | None) -> None:
    assert room_beside(100.0, 30.0, starts, inside=inside) == begin


def test_that_who_cannot_see_it_hears_the_charge_that_was_picked_and_what_is_around_it(context: Context) -> None:
    one, other = charge(0), replace(charge(1), amount="0", rate="0")
    event = ThreadEvent(one.billed_at, "outbound", "marketing", referral=False, message_id="m0", charge=0)
    timeline = ThreadTimeline(context)
    timeline.show_thread(
        Thread("number", "51999888777", (event,), (), (one, other)), Words(Language("en"), ACCOUNT), one
    )
    assert timeline.accessibleDescription().startswith("Marketing · ")
    assert "0.07" in timeline.accessibleDescription().split("\n")[1]
    assert timeline.accessibleDescription().endswith(
        "Whole thread. Messages of the customer: 0; of the business: 1; customer service windows: 0; "
        "charges that cost something: 1."
    )


def test_that_lanes_and_times_grow_with_the_letters(context: Context) -> None:
    timeline = ThreadTimeline(context)
    usual = timeline.minimumHeight()
    larger = timeline.font()
    larger.setPointSizeF(2 * larger.pointSizeF())
    timeline.setFont(larger)
    timeline.show_thread(Thread("number", "51999888777", (), (), (charge(0),)), None, charge(0))
    drawing = timeline._drawing()
    assert drawing is not None
    # A lane holds its name over its marks, and what each charge costs beside them.
    small, figures = (QFontMetricsF(font).height() for font in (drawing.look.small, drawing.look.letters))
    assert drawing.lane("charges").height() >= small + figures / 2 + 7
    assert drawing.lane("windows").top() >= figures
    assert drawing.lane("charges").bottom() <= timeline.minimumHeight() < 2 * usual + 16
