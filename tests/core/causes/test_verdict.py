"""What is named of a line by several pieces of evidence is told as one."""

from decimal import Decimal

from auditor.core.causes.verdict import Part
from auditor.core.causes.verdict import joined


def test_that_parts_of_one_cause_are_added_up_and_their_counts_too_and_other_figures_said_one_after_another() -> None:
    first = Part("duplicate_line", Decimal("1.20"), {"count": "2", "rows": "4, 5"})
    other = Part("duplicate_line", Decimal("0.30"), {"count": "3", "rows": "9"})
    again = Part("duplicate_line", Decimal("0.01"), {})
    slip = Part("rate", Decimal("-0.10"))
    assert joined([first, slip, other, again]) == [
        Part("duplicate_line", Decimal("1.51"), {"count": "5", "rows": "4, 5, 9"}),
        slip,
    ]
