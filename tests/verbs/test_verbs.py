"""What can be done to an audit: files in, the answer, evidence, decisions; each step recorded and undone at will."""

import json
from collections.abc import Iterator
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.core.problems import Cancelled
from auditor.core.results import Status
from auditor.core.tables import NEVER
from auditor.core.timeline import DAY
from auditor.core.timeline import instant
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.export import telling_thread
from tests.audit_files import ACCOUNT
from tests.audit_files import INVOICE_COLUMNS
from tests.audit_files import ROWS
from tests.audit_files import UTILITY
from tests.audit_files import Files
from tests.audit_files import write_card
from tests.audit_files import write_invoice
from tests.audit_files import write_log
from tests.audit_files import write_table
from tests.core.invoicing import CHILE
from tests.core.invoicing import PERU
from tests.core.invoicing import priced
from tests.core.invoicing import sent
from tests.core.invoicing import wrote


@pytest.fixture
def audit(files: Files, tmp_path: Path) -> Iterator[Audit]:
    made = Audit.create(tmp_path / "case.audit", *read_account_file(files.account))
    yield made
    made.close()


def lima(text: str) -> int:
    return instant(datetime.fromisoformat(f"{text}-05:00").astimezone(UTC))


# Files in


def test_that_files_are_recognised_and_reconciled(audit: Audit, files: Files) -> None:
    reports = audit.add_files([files.log, files.invoice])
    assert [(report.kind, report.kept, report.refused) for report in reports] == [("log", 17, 0), ("invoice", 2, 0)]
    result = audit.recompute()
    assert audit.result is result
    assert (result.expected, result.billed, result.difference) == (Decimal("1.10"), Decimal("1.35"), Decimal("0.25"))
    assert {line.key: line.status for line in result.differences} == {
        "||Peru||marketing|": Status.MATCHED, UTILITY: Status.DIFFERENT,
    }  # fmt: skip
    assert [(step.cause, step.amount) for step in result.bridge] == [
        ("rate", Decimal("0.25")), ("unexplained", Decimal(0)),
    ]  # fmt: skip


def test_that_usage_is_kept_beside_the_answer_and_changes_no_figure_of_it(
    audit: Audit, files: Files, tmp_path: Path
) -> None:
    # 2026-10-05T05:00Z to the next day, Lima's own day.
    point = {"start": 1791176400, "end": 1791262800, "country": "PE", "pricing_category": "UTILITY", "volume": 5}
    usage = tmp_path / "usage.json"
    usage.write_text(json.dumps({"pricing_analytics": {"data": [{"data_points": [point]}]}}), encoding="utf-8")
    reports = audit.add_files([files.log, files.invoice, usage])
    assert [report.kind for report in reports] == ["log", "invoice", "usage"]
    result = audit.recompute()
    assert (result.expected, result.billed) == (Decimal("1.10"), Decimal("1.35"))
    line = result.usage_lines[0]
    assert (line.quantity, line.waba_id, line.country, line.category) == (Decimal(5), "waba", "PE", "utility")
    assert (line.period_start, line.source.file) == (date(2026, 10, 5), "usage.json")
    audit.remove_file(reports[2].sha256)
    assert audit.recompute().usage_lines == ()
    audit.undo()
    assert audit.recompute().usage_lines == (line,)


def test_that_files_come_in_all_or_none(audit: Audit, files: Files, tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("just,a,note\n", encoding="utf-8")
    with pytest.raises(AuditorError):
        audit.add_files([files.log, tmp_path / "notes.csv"])
    assert [source.kind for source in audit.sources] == ["card"]
    assert audit.store.connection.execute("select count(*) from message").fetchall() == [(0,)]
    assert [entry.verb for entry in audit.journal] == ["set_account"]
    audit.add_files([files.log])
    assert [source.kind for source in audit.sources] == ["card", "log"]


def test_that_a_file_that_is_not_there_is_named(audit: Audit, tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        audit.add_files([tmp_path / "nothing.csv"])
    assert caught.value.code == "file_missing"


def test_that_an_account_file_is_not_taken_as_a_source(audit: Audit, files: Files) -> None:
    with pytest.raises(AuditorError) as caught:
        audit.add_files([files.account])
    assert caught.value.code == "account_is_set_apart"


@pytest.mark.parametrize("kind", ["log", "invoice"])
def test_that_the_same_file_twice_is_refused_also_under_another_name(
    audit: Audit, files: Files, tmp_path: Path, kind: str
) -> None:
    first = files.log if kind == "log" else files.invoice
    again = tmp_path / "again.csv"
    again.write_bytes(first.read_bytes())
    audit.add_files([first])
    with pytest.raises(AuditorError) as caught:
        audit.add_files([again])
    assert (caught.value.code, caught.value.values["other"]) == ("file_twice", first.name)


@pytest.mark.parametrize("kind", ["log", "invoice"])
def test_that_the_same_file_twice_in_one_go_is_refused(audit: Audit, files: Files, tmp_path: Path, kind: str) -> None:
    first = files.log if kind == "log" else files.invoice
    again = tmp_path / "again.csv"
    again.write_bytes(first.read_bytes())
    for some in ([first, first], [first, again]):
        with pytest.raises(AuditorError) as caught:
            audit.add_files(some)
        assert (caught.value.code, caught.value.values["other"]) == ("file_twice", first.name)
    assert [source.kind for source in audit.sources] == ["card"]


@pytest.mark.parametrize("kind", ["card", "fx"])
def test_that_a_table_of_prices_that_is_there_is_refused(audit: Audit, tmp_path: Path, kind: str) -> None:
    rates = [["date", "from", "to", "rate"], ["2026-10-01", "USD", "PEN", "3.75"]]
    first = write_table(tmp_path / "bank.csv", rates[0], rates[1:]) if kind == "fx" else tmp_path / "contract.csv"
    if kind == "fx":  # the account itself brought its card along
        audit.add_files([first])
    with pytest.raises(AuditorError) as caught:
        audit.add_files([first])
    assert (caught.value.code, caught.value.values["other"]) == ("file_twice", first.name)
    assert [source.file for source in audit.sources].count(first.name) == 1


def test_that_a_removed_file_may_come_back(audit: Audit, files: Files) -> None:
    audit.add_files([files.log, files.invoice])
    (log,) = [source for source in audit.sources if source.kind == "log"]
    audit.remove_file(log.sha256)
    assert audit.recompute().expected == 0
    audit.undo()
    assert audit.recompute().expected == Decimal("1.10")
    audit.redo()
    audit.add_files([files.log])
    assert audit.recompute().expected == Decimal("1.10")


def test_that_removing_a_file_that_is_not_there_changes_nothing(audit: Audit) -> None:
    audit.remove_file("nothing")
    assert [entry.verb for entry in audit.journal] == ["set_account"]


def test_that_a_log_may_come_in_parts_and_in_any_order(audit: Audit, tmp_path: Path) -> None:
    parts = [write_log(tmp_path / f"part{n}.csv", ROWS[n::3]) for n in (2, 0, 1)]
    audit.add_files(parts)
    assert audit.recompute().expected == Decimal("1.10")


def test_that_work_that_is_stopped_leaves_nothing(audit: Audit, files: Files) -> None:
    def stop(step: str, done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        audit.add_files([files.log], stop)
    assert [source.kind for source in audit.sources] == ["card"]
    audit.add_files([files.log])
    with pytest.raises(Cancelled):
        audit.recompute(stop)
    assert audit.recompute().expected == Decimal("1.10")


def test_that_what_is_written_is_never_older_than_the_files(audit: Audit, files: Files, tmp_path: Path) -> None:
    audit.add_files([files.log])
    audit.recompute()
    audit.add_files([write_log(tmp_path / "more.csv", sent("utility", 5, user=CHILE))])
    target = tmp_path / "charges.csv"
    audit.export_charges(target)
    assert len(target.read_text(encoding="utf-8").splitlines()) == 1 + 16 + 5
    audit.undo()
    audit.export_charges(target)
    assert len(target.read_text(encoding="utf-8").splitlines()) == 1 + 16


# Account and cards


def layered(tmp_path: Path, *cards: str) -> str:
    """Give an account whose cards are these; `double` is marketing at 0.40, `half` at 0.05."""
    write_card(tmp_path / "double.csv", [priced("*", "marketing", "0.40")])
    write_card(tmp_path / "half.csv", [priced("*", "marketing", "0.05")])
    named = ", ".join(f'"{card}"' for card in cards)
    return ACCOUNT.replace('card = "contract.csv"', f"card = [{named}]")


def set_account(audit: Audit, tmp_path: Path, text: str, *extra: Path) -> None:
    path = tmp_path / "account.toml"
    path.write_text(text, encoding="utf-8")
    audit.set_account(*read_account_file(path), extra_cards=extra)


def marketing(audit: Audit) -> Decimal:
    return sum((cell.amount or Decimal(0) for cell in audit.recompute().cells if cell.category == "marketing"),
               Decimal(0))  # fmt: skip


def test_that_the_cards_an_account_names_are_layered_in_its_order(audit: Audit, files: Files, tmp_path: Path) -> None:
    audit.add_files([files.log])
    assert marketing(audit) == Decimal("1.00")
    set_account(audit, tmp_path, layered(tmp_path, "contract.csv", "double.csv"))
    assert marketing(audit) == Decimal("4.00")
    set_account(audit, tmp_path, layered(tmp_path, "double.csv", "contract.csv"))
    assert marketing(audit) == Decimal("1.00")
    audit.undo()
    assert marketing(audit) == Decimal("4.00")
    audit.undo()
    assert marketing(audit) == Decimal("1.00")


def test_that_cards_handed_in_go_before_those_of_the_account(audit: Audit, files: Files, tmp_path: Path) -> None:
    audit.add_files([files.log])
    text = layered(tmp_path, "contract.csv", "double.csv")
    set_account(audit, tmp_path, text, tmp_path / "half.csv")
    assert marketing(audit) == Decimal("0.50")


def test_that_a_card_that_was_added_goes_before_those_of_a_new_account(
    audit: Audit, files: Files, tmp_path: Path
) -> None:
    text = layered(tmp_path, "contract.csv", "double.csv")
    audit.add_files([files.log, tmp_path / "half.csv"])
    assert marketing(audit) == Decimal("0.50")
    set_account(audit, tmp_path, text)
    assert marketing(audit) == Decimal("0.50")


def test_that_a_card_of_the_account_may_be_taken_out(audit: Audit, files: Files, tmp_path: Path) -> None:
    audit.add_files([files.log])
    set_account(audit, tmp_path, layered(tmp_path, "contract.csv", "double.csv"))
    (double,) = [source for source in audit.sources if source.file == "double.csv"]
    audit.remove_file(double.sha256)
    assert marketing(audit) == Decimal("1.00")
    (contract,) = [source for source in audit.sources if source.file == "contract.csv"]
    audit.remove_file(contract.sha256)
    assert marketing(audit) == 0
    audit.undo()
    audit.undo()
    assert marketing(audit) == Decimal("4.00")


def test_that_an_account_with_a_card_that_is_not_there_is_refused_whole(files: Files, tmp_path: Path) -> None:
    files.card.unlink()
    target = tmp_path / "new.audit"
    with pytest.raises(AuditorError) as caught:
        Audit.create(target, *read_account_file(files.account))
    assert caught.value.code == "file_missing"
    assert not target.exists()


def test_that_metas_own_card_serves_by_name(files: Files, tmp_path: Path) -> None:
    files.account.write_text(ACCOUNT.replace("contract.csv", "meta"), encoding="utf-8")
    audit = Audit.create(None, *read_account_file(files.account))
    audit.add_files([files.log])
    assert audit.recompute().expected == Decimal("0.85")  # 10 x 0.0703 + 5 x 0.03 = 0.853
    audit.close()


def test_that_exchange_rates_come_with_the_account(files: Files, tmp_path: Path) -> None:
    (tmp_path / "fx.csv").write_text("date,from,to,rate,source\n2026-10-05,USD,PEN,3.75,SBS\n", encoding="utf-8")
    fx = '\n[fx]\nmethod = "daily"\nfile = "fx.csv"\n'
    files.account.write_text(ACCOUNT.replace('"USD"\nlanguage', '"PEN"\nlanguage') + fx, encoding="utf-8")
    audit = Audit.create(None, *read_account_file(files.account))
    audit.add_files([files.log])
    result = audit.recompute()
    assert (result.expected, result.fx[0].source) == (Decimal("4.13"), "SBS")  # 1.10 x 3.75 = 4.125
    audit.close()


def test_that_a_wrong_exchange_rate_is_told_where_prices_stand_in_dollars_beside_soles(
    files: Files, tmp_path: Path
) -> None:
    days = "".join(f"2026-10-{day:02d},USD,PEN,3.41,SBS\n" for day in range(1, 32))
    (tmp_path / "fx.csv").write_text(f"date,from,to,rate,source\n{days}", encoding="utf-8")
    text = ACCOUNT.replace('"USD"\nlanguage', '"PEN"\nlanguage').replace("contract.csv", "meta")
    files.account.write_text(text + '\n[fx]\nmethod = "daily"\nfile = "fx.csv"\n', encoding="utf-8")
    # 10 x 0.0703 and 5 x 0.03 at 3.65: 2.57 and 0.55; at 3.41 they are 2.40 and 0.51.
    rows = "Perú,Marketing,10,0.0703,2.57\nPerú,Utilidad,5,0.03,0.55\n"
    files.invoice.write_text(f"País,Categoría,Mensajes,Tarifa US$,Importe S/\n{rows}", encoding="utf-8")
    audit = Audit.create(None, *read_account_file(files.account))
    audit.add_files([files.log, files.invoice])
    result = audit.recompute()
    assert (result.expected, result.difference) == (Decimal("2.91"), Decimal("0.21"))
    # Where every day has one rate a mark-up fits as well; that the price is wrong does not.
    assert {one.cause for line in result.differences for one in line.causes} == {"fx", "mark_up"}
    audit.close()


# Opening and reopening


def test_that_an_audit_is_not_made_over_another(audit: Audit, files: Files) -> None:
    with pytest.raises(AuditorError) as caught:
        Audit.create(audit.store.path, *read_account_file(files.account))
    assert caught.value.code == "audit_exists"


def test_that_an_audit_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        Audit.open(tmp_path / "nothing.audit")
    assert caught.value.code == "file_missing"


def test_that_all_is_there_again_without_the_files(audit: Audit, files: Files) -> None:
    audit.add_files([files.log, files.invoice])
    audit.dispute([UTILITY], "rate of no card")
    audit.annotate([UTILITY], "asked on 3 November")
    before = audit.recompute()
    audit.close()
    for path in (files.log, files.invoice, files.card, files.account):
        path.unlink()
    again = Audit.open(audit.store.path)
    decision = again.decisions[UTILITY]
    assert (decision.decision, decision.note) == ("disputed", "asked on 3 November")
    assert again.recompute() == before
    assert [entry.who for entry in again.journal[1:]] == ["Rosa Quispe"] * 3
    again.close()


# Decisions


def test_that_decisions_can_be_undone_and_done_again(audit: Audit) -> None:
    audit.accept([UTILITY], "agreed")
    audit.assign_cause([UTILITY], "fx")
    assert (audit.decisions[UTILITY].decision, audit.decisions[UTILITY].cause) == ("accepted", "fx")
    audit.undo()
    assert audit.decisions[UTILITY].cause == ""
    assert (audit.undo_name, audit.redo_name) == ("accept", "assign_cause")
    audit.undo()
    assert audit.decisions == {}
    assert (audit.undo_name, audit.redo_name) == ("", "accept")
    audit.undo()  # the account stays
    audit.redo()
    audit.redo()
    audit.redo()
    assert audit.decisions[UTILITY].cause == "fx"
    audit.clear([UTILITY])
    assert audit.decisions == {}
    verbs = [entry.verb for entry in audit.journal]
    assert verbs == ["set_account", "accept", "assign_cause", "undo", "undo", "redo", "redo", "clear"]


# Evidence


def test_that_evidence_goes_down_to_the_rows_of_the_file(audit: Audit, files: Files) -> None:
    audit.add_files([files.log, files.invoice])
    audit.recompute()
    assert audit.evidence_count(UTILITY) == 5
    rows = audit.evidence(UTILITY)
    # The head is row 1, so ROWS begin in row 2; utility are the last five.
    assert [(row.file, row.source_row) for row in rows] == [("messages.csv", n) for n in range(14, 19)]
    assert [row.unit_id for row in rows] == [row["message_id"] for row in ROWS[-5:]]
    assert {(row.amount, row.rate, row.pricing_type, row.certainty) for row in rows} == {
        ("0.02", "0.02", "regular", "certain")
    }
    assert rows[0].billed_at == lima("2026-10-05T10:00:00")
    assert rows[0].ends_at == NEVER


def test_that_evidence_comes_a_page_at_a_time_in_order_of_billing(audit: Audit, tmp_path: Path) -> None:
    rows = sent("utility", 25)
    audit.add_files([write_log(tmp_path / "log.csv", rows[::-1]), write_invoice(tmp_path / "invoice.csv")])
    audit.recompute()
    pages = [audit.evidence(UTILITY, offset, 10) for offset in (0, 10, 20, 30)]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert [row.unit_id for page in pages for row in page] == [row["message_id"] for row in rows]


def test_that_there_is_no_evidence_of_what_is_not_there(audit: Audit, files: Files) -> None:
    assert (audit.evidence_count(UTILITY), audit.evidence(UTILITY)) == (0, ())
    audit.add_files([files.log, files.invoice])
    audit.recompute()
    assert (audit.evidence_count("||Peru||service|"), audit.evidence("nothing")) == (0, ())


def test_that_the_evidence_of_all_lines_is_every_charge_of_the_period_that_costs(audit: Audit, files: Files) -> None:
    audit.add_files([files.log, files.invoice])
    result = audit.recompute()
    assert sum(audit.evidence_count(line.key) for line in result.differences) == 15


# One thread


def test_that_a_thread_is_told_with_its_windows_and_charges(audit: Audit, tmp_path: Path) -> None:
    rows = [
        *wrote("2026-10-05 09:00"), *wrote("2026-10-05 20:00"), *wrote("2026-10-08 09:00", referral="true"),
        *sent("marketing", 1, at="2026-10-05 10:00"), *sent("", 1, at="2026-10-08 09:30"),
        *sent("utility", 1, at="2026-10-20 10:00", origin="app"), *sent("utility", 3, user=CHILE),
    ]  # fmt: skip
    audit.add_files([write_log(tmp_path / "log.csv", rows)])
    audit.recompute()
    thread = audit.thread("number", PERU)
    assert [(event.at, event.direction, event.category, event.referral) for event in thread.events] == [
        (lima("2026-10-05T09:00:00"), "inbound", "service", False),
        (lima("2026-10-05T10:00:00"), "outbound", "marketing", False),
        (lima("2026-10-05T20:00:00"), "inbound", "service", False),
        (lima("2026-10-08T09:00:00"), "inbound", "service", True),
        (lima("2026-10-08T09:30:00"), "outbound", "service", False),
    ]
    assert thread.windows == (
        (lima("2026-10-05T09:00:00"), lima("2026-10-05T20:00:00") + DAY),
        (lima("2026-10-08T09:00:00"), lima("2026-10-09T09:00:00")),
    )
    assert [(charge.category, charge.pricing_type) for charge in thread.charges] == [
        ("marketing", "regular"), ("service", "free_entry_point"),
    ]  # fmt: skip
    assert [event.charge for event in thread.events] == [-1, 0, -1, -1, 1]


def test_that_the_thread_that_is_drawn_has_a_charge_that_costs_where_there_is_one(audit: Audit, tmp_path: Path) -> None:
    other = "51999888777"
    free = [*wrote("2026-10-05 09:00", referral="true"), *sent("", 1, at="2026-10-05 09:10")]
    log = write_log(tmp_path / "log.csv", [*free, *sent("utility", 2, at="2026-10-07 10:00", user=other)])
    # 5.00 too much for an answer that is free, 0.10 too much for two messages of 0.02.
    lines = [
        ("Peru", "Service", "free_entry_point", "1", "5.00", "5.00"),
        ("Peru", "Utility", "regular", "2", "0.07", "0.14"),
    ]  # fmt: skip
    columns = (*INVOICE_COLUMNS[:2], "Pricing type", *INVOICE_COLUMNS[2:])
    audit.add_files([log, write_table(tmp_path / "invoice.csv", columns, lines)])
    largest = max(audit.recompute().differences, key=lambda line: line.difference)
    assert [(row.user, row.amount) for row in audit.evidence(largest.key)] == [(PERU, "0")]
    drawn = telling_thread(audit.answer())
    assert drawn is not None
    assert drawn.user == other


def test_that_a_thread_that_is_not_there_is_empty(audit: Audit, files: Files) -> None:
    assert audit.thread("number", PERU).events == ()
    audit.add_files([files.log])
    audit.recompute()
    assert audit.thread("number", "51900000000").events == ()
