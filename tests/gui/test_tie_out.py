"""The footer: what is set off in the difference stands under it."""

from dataclasses import replace

from pytestqt.qtbot import QtBot

from auditor.gui.context import Context
from auditor.gui.tie_out import TieOut
from auditor.gui.words import Words
from auditor.language import Language
from tests.gui.fake_audit import ACCOUNT
from tests.gui.fake_audit import sample_result


def test_that_what_is_over_and_what_is_under_stand_beneath_the_net(qtbot: QtBot, context: Context) -> None:
    foot, result, words = TieOut(context), sample_result(), Words(Language("en"), ACCOUNT)
    qtbot.addWidget(foot)
    foot.show_result(result, words)
    # Over: 23.80 + 20.00 + 0.25 + 0.01 + 56.90 + 8.88; under: 2,510 x 0.0131 = 32.88 and 310 x 0.0260 = 8.06.
    assert foot.beneath["difference"].text() == "+109.84 and -40.94"
    one_way = replace(result, differences=tuple(line for line in result.differences if line.difference >= 0))
    foot.show_result(one_way, words)
    assert foot.beneath["difference"].isHidden()
