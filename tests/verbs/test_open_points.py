"""The checklist before a signature."""

from dataclasses import replace
from decimal import Decimal

from auditor.core.results import HealthFinding
from auditor.verbs import Decision
from auditor.verbs.open_points import open_points
from tests.gui.fake_audit import report
from tests.gui.fake_audit import sample_result

SOURCES = (report("mensajes.csv"), report("factura.xlsx"))


def test_that_an_empty_audit_lacks_log_and_invoice() -> None:
    points = {point.code: point.met for point in open_points(None, (), {})}
    assert points == {"log": False, "invoice": False, "refused_rows": True}


def test_that_lines_that_wait_are_counted_with_the_money_they_hold() -> None:
    result = sample_result()
    # Seven lines differ or are one-sided (23.80, 20.00, 32.88, 0.25, 56.90, 8.06, 8.88) and one cannot be compared (0).
    point = {point.code: point for point in open_points(result, SOURCES, {})}["undecided"]
    assert (point.met, point.count, point.amount) == (False, 8, Decimal("150.77"))
    decided = {line.key: Decision("accepted") for line in result.differences}
    assert {point.code: point for point in open_points(result, SOURCES, decided)}["undecided"].met


def test_that_nothing_is_said_of_decisions_and_causes_before_there_is_an_invoice() -> None:
    points = {point.code: point for point in open_points(sample_result(), SOURCES[:1], {})}
    assert not points["invoice"].met
    # "Every line that differs is decided" would be said of none.
    assert points.keys() & {"undecided", "unexplained"} == set()


def test_that_a_dispute_without_a_reason_is_a_point() -> None:
    result = sample_result()
    decisions = {"line-1": Decision("disputed"), "line-2": Decision("disputed", note="see the contract")}
    point = {point.code: point for point in open_points(result, SOURCES, decisions)}["bare_disputes"]
    assert (point.met, point.count) == (False, 1)


def test_that_signs_on_the_log_that_change_nothing_are_no_point() -> None:
    result = sample_result()
    health = replace(
        result.health,
        findings=(HealthFinding("duplicates", "", None, 3), HealthFinding("unmapped_users", "", None, 2)),
    )
    point = {point.code: point for point in open_points(replace(result, health=health), SOURCES, {})}["log_health"]
    assert (point.met, point.count) == (False, 1)
