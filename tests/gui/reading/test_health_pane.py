"""The pane on the log's health: what lost events do to the expected total, each gap, and the rule beside the figure."""

from dataclasses import replace
from decimal import Decimal

from pytestqt.qtbot import QtBot

from auditor.core.results import LogGap
from auditor.gui.context import Context
from auditor.gui.reading.health_pane import HealthPane
from auditor.gui.words import Words
from auditor.language import Language
from tests.gui.fake_audit import ACCOUNT
from tests.gui.fake_audit import sample_result

NINE = 1_791_986_400_000_000  # 2026-10-14 09:00 in Lima
HOUR = 3_600_000_000


def test_that_each_gap_is_told_with_the_rule(qtbot: QtBot, context: Context) -> None:
    number = ACCOUNT.wabas[0].numbers[0]
    gaps = (
        LogGap("block", number.id, NINE, NINE + 4 * HOUR, 341, 12, Decimal(0), Decimal("4.00")),
        LogGap("loss", "", NINE, NINE + 9 * HOUR, 77, 9, Decimal("0.10"), Decimal("1.00")),
    )
    result = sample_result()
    pane = HealthPane(context)
    qtbot.addWidget(pane)
    pane.show_result(replace(result, health=replace(result.health, gaps=gaps)), Words(Language("en"), ACCOUNT))
    told = pane.text.text()
    widened = "Lost events widen the expected total by up to US$ 0.10 below and US$ 5.00 above."
    assert widened in told.replace("\N{NO-BREAK SPACE}", " ")
    assert "silent from 14 Oct 2026 09:00:00 to 14 Oct 2026 13:00:00: about 341 events missing" in told
    assert "Events missing at random: about 77, by 9 messages whose sending is not in the log" in told
    assert "The range of the expected total is widened where the log shows traces of lost events" in told
    pane.show_result(result, Words(Language("en"), ACCOUNT))
    assert "widen the expected total" not in pane.text.text()
