"""Why a line differs, in words: what a person found stands first."""

from auditor.gui.differences.why import Why
from auditor.gui.speech import Speech
from auditor.gui.tables.lines import line_rows
from auditor.gui.theme import LIGHT
from auditor.gui.words import Words
from auditor.language import Language
from auditor.verbs import Decision
from tests.gui.fake_audit import ACCOUNT
from tests.gui.fake_audit import sample_result


def test_that_the_cause_a_person_assigned_is_told_before_those_that_were_found() -> None:
    words = Words(Language("en"), ACCOUNT)
    rows = line_rows(sample_result(), {"line-1": Decision("", "fx", "")}, words)
    told = {row.record.difference.key: Why(Speech("en"), LIGHT, words).one(row) for row in rows}
    assert told["line-1"].index("Cause by your decision") < told["line-1"].index("Exchange rate")
    assert told["line-1"].index("Exchange rate") < told["line-1"].index("Why it differs")
    assert "Cause by your decision" not in told["line-2"]
