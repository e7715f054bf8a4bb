"""What files say of their audit before there is one."""

from pathlib import Path

from auditor.verbs.glimpse import Glimpse
from auditor.verbs.glimpse import glimpse

_HEADS = "waba_id,period_start,period_end,market,category,quantity,rate,amount,currency\n"
_LINE = "{waba},2026-09-01,2026-09-30,Spain,marketing,10,0.0585,0.59,{currency}\n"
_LOG = """message_id,waba_id,phone_number_id,user,direction,template_category,sent_at,delivered_at
m1,215880003333444,51987654321,34600000001,outbound,marketing,2026-09-15T10:00:00Z,2026-09-15T10:00:02Z
"""


def _invoice(folder: Path, name: str, *lines: tuple[str, str]) -> Path:
    path = folder / name
    path.write_text(_HEADS + "".join(_LINE.format(waba=w, currency=c) for w, c in lines), encoding="utf-8")
    return path


def test_that_month_currency_and_accounts_are_told_of_an_invoice_and_further_accounts_of_the_log(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log.csv"
    log.write_text(_LOG, encoding="utf-8")
    invoice = _invoice(tmp_path, "bill.csv", ("215880001111222", "EUR"), ("215880001111222", "EUR"))
    found = glimpse([log, invoice, tmp_path / "missing.csv", tmp_path])
    # There are cards of Meta's in euros; of what is no file nothing is said.
    assert found == Glimpse("2026-09", "EUR", "EUR", ("215880001111222", "215880003333444"))


def test_that_what_is_said_in_two_ways_is_not_told_and_prices_in_soles_are_no_card_of_metas(tmp_path: Path) -> None:
    both = _invoice(tmp_path, "both.csv", ("A1", "USD"))
    other = _invoice(tmp_path, "other.csv", ("A1", "PEN"))
    assert glimpse([both, other]) == Glimpse("2026-09", "", "", ("A1",))
    assert glimpse([other]) == Glimpse("2026-09", "PEN", "", ("A1",))
    (tmp_path / "note.txt").write_text("no table at all", encoding="utf-8")
    assert glimpse([tmp_path / "note.txt"]) == Glimpse()
