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


def test_that_an_account_is_told_of_a_log_wherever_it_is_named_in_it(tmp_path: Path) -> None:
    heads, row = _LOG.splitlines()
    second = row.replace("215880003333444", "215880001111222").replace("m1", "m2")
    log = tmp_path / "log.csv"
    log.write_text("\n".join([heads, *(row.replace("m1", f"a{n}") for n in range(40)), second, ""]), encoding="utf-8")
    assert glimpse([log]).wabas == ("215880003333444", "215880001111222")


def test_that_what_is_said_in_two_ways_is_not_told(tmp_path: Path) -> None:
    both = _invoice(tmp_path, "both.csv", ("A1", "USD"))
    other = _invoice(tmp_path, "other.csv", ("A1", "PEN"))
    assert glimpse([both, other]) == Glimpse("2026-09", "", "", ("A1",))
    assert glimpse([other]) == Glimpse("2026-09", "PEN", "PEN", ("A1",))
    (tmp_path / "note.txt").write_text("no table at all", encoding="utf-8")
    assert glimpse([tmp_path / "note.txt"]) == Glimpse()


def _bill(folder: Path, heads: str, *accounts: str) -> Path:
    path = folder / "named.csv"
    rows = "".join(f"{account},Spain,marketing,10,0.0585,0.59\n" for account in accounts)
    path.write_text(f"{heads},Market,Category,Quantity,Rate (EUR),Amount (EUR)\n{rows}", encoding="utf-8")
    return path


def _log(folder: Path, waba: str) -> Path:
    path = folder / "log.csv"
    path.write_text(_LOG.replace("215880003333444", waba), encoding="utf-8")
    return path


def test_that_the_name_of_an_account_is_told_where_it_is_surely_its_own(tmp_path: Path) -> None:
    both = _bill(tmp_path, "WABA ID,WABA name", "215880001111222,Moda Norte", "215880003333444,Moda Sur")
    assert glimpse([both]).names == {"215880001111222": "Moda Norte", "215880003333444": "Moda Sur"}
    assert glimpse([both]).loose == ()
    # The log has one account and the invoice one name: whichever head it stands under, it is that account's.
    for heads in ("Account", "Cuenta", "Account name", "Cuenta WABA"):
        found = glimpse([_bill(tmp_path, heads, "Moda Norte", "Moda Norte"), _log(tmp_path, "215880001111222")])
        assert (found.wabas, found.names) == (("215880001111222",), {"215880001111222": "Moda Norte"})
    # Of two names, nobody knows which is the one account's.
    two = glimpse([_bill(tmp_path, "Account", "Moda Norte", "Moda Sur"), _log(tmp_path, "215880001111222")])
    assert (two.wabas, two.names, two.loose) == (("215880001111222",), {}, ("Moda Norte", "Moda Sur"))
    # An account of the ledger is no name.
    assert not glimpse([_bill(tmp_path, "Cuenta", "6391", "6391")]).wabas


def test_that_names_stand_for_ids_where_no_file_has_any(tmp_path: Path) -> None:
    found = glimpse([_bill(tmp_path, "Account", "Moda Norte", "Moda Sur"), _log(tmp_path, "")])
    assert (found.wabas, found.names, found.unnamed) == (("Moda Norte", "Moda Sur"), {}, False)
    # An id under the head of an account is one.
    assert glimpse([_bill(tmp_path, "Account", "215880001111222")]).wabas == ("215880001111222",)


def test_that_it_is_told_where_no_file_names_an_account_and_all_were_looked_into(tmp_path: Path) -> None:
    bill = _bill(tmp_path, "Campaign", "Otoño", "Otoño")
    assert glimpse([bill, _log(tmp_path, "")]).unnamed
    assert not glimpse([bill]).unnamed  # the log may name one
    assert not glimpse([bill, _log(tmp_path, "215880001111222")]).unnamed
    assert not glimpse([bill, _log(tmp_path, ""), tmp_path]).unnamed  # a folder is not looked into


def test_that_price_lists_tell_the_currency_of_the_rates_before_metas_cards_do(tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text(
        "Effective from,Currency,Market,Category,Rate\n2026-01-01,PEN,*,marketing,0.29\n", encoding="utf-8"
    )
    bill = _invoice(tmp_path, "bill.csv", ("A1", "USD"))
    assert (glimpse([bill]).rates, glimpse([bill, prices]).rates) == ("USD", "PEN")
    dollars = tmp_path / "dollars.csv"
    dollars.write_text(prices.read_text(encoding="utf-8").replace("PEN", "USD"), encoding="utf-8")
    # Prices in the invoice's currency are those of the invoice.
    assert glimpse([bill, prices, dollars]).rates == "USD"
    soles = _invoice(tmp_path, "soles.csv", ("A1", "PEN"))
    assert glimpse([soles, prices, dollars]).rates == "PEN"
    # Of two accounts, nobody knows whose the prices in another currency are: the invoice's has cards of Meta's.
    assert glimpse([_invoice(tmp_path, "two.csv", ("A1", "USD"), ("B2", "USD")), prices]).rates == "USD"


def test_that_without_price_lists_rates_are_in_the_invoices_currency_unless_exchange_rates_came(tmp_path: Path) -> None:
    soles = _invoice(tmp_path, "soles.csv", ("A1", "PEN"), ("B2", "PEN"))
    rates = tmp_path / "rates.csv"
    rates.write_text("date,from,to,rate\n2026-09-01,USD,PEN,3.75\n", encoding="utf-8")
    assert (glimpse([soles]).rates, glimpse([soles, rates]).rates) == ("PEN", "")
    # Prices that are said to be in another currency are those of one account or of the other.
    prices = tmp_path / "prices.csv"
    prices.write_text(
        "Effective from,Currency,Market,Category,Rate\n2026-01-01,USD,*,marketing,0.07\n", encoding="utf-8"
    )
    assert glimpse([soles, prices]).rates == ""


def test_that_the_company_and_the_currency_of_the_prices_are_told_of_an_invoice(tmp_path: Path) -> None:
    lines = "Perú;Marketing;1000;0.0703;256.60\nPerú;Utilidad;1000;0.0300;109.50\n"
    titles = "Cliente: Boticas Sol S.A.C.\nRUC: 20609876543\nPeriodo: octubre 2026\n\n"
    bill, other = tmp_path / "bill.csv", tmp_path / "other.csv"
    bill.write_text(f"{titles}País;Categoría;Cantidad;Tarifa US$;Importe S/\n{lines}", encoding="utf-8")
    found = glimpse([bill])
    assert (found.entity, found.tax_id, found.currency, found.rates) == (
        "Boticas Sol S.A.C.", "20609876543", "PEN", "USD",
    )  # fmt: skip
    # Of two invoices to two companies neither is told.
    other.write_text(bill.read_text(encoding="utf-8").replace("Sol", "Luna"), encoding="utf-8")
    assert (glimpse([bill, other]).entity, glimpse([bill, other]).tax_id) == ("", "")
