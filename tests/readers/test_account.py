"""The account file: what it may say, and the sentence for each thing it may not (formats.md §7)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.core.problems import AuditorError
from auditor.core.records import Fee
from auditor.core.records import Number
from auditor.core.records import OpeningVolume
from auditor.core.records import Tax
from auditor.core.records import Tolerance
from auditor.language import Language
from auditor.readers.account import read_account
from auditor.verbs import read_account_file

AUDIT = '[audit]\nname = "Andina"\nperiod = "2026-10"\ncurrency = "USD"\n'
WABA = '[[waba]]\nid = "102"\ntime_zone = "America/Lima"\ncurrency = "USD"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "account.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> tuple[str, str]:
    """Give the code and the key of the refusal, and see that both languages have its sentence."""
    with pytest.raises(AuditorError) as caught:
        read_account(write(folder, text))
    error = caught.value
    for language in ("en", "es"):
        assert Language(language).text(f"problems.{error.code}", **error.values)
    assert error.place is not None
    assert error.place.file == "account.toml"
    return error.code, error.place.column


def test_that_what_is_not_stated_gets_its_default(tmp_path: Path) -> None:
    account = read_account(write(tmp_path, AUDIT + WABA))
    assert (account.name, account.language, account.cards) == ("Andina", "en", ("meta",))
    assert (account.first, account.last) == (date(2026, 10, 1), date(2026, 10, 31))
    assert account.tolerance == Tolerance(Decimal("0.01"), Decimal(0))
    assert account.materiality == Tolerance(Decimal(0), Decimal(0))
    assert (account.tax, account.fees, account.opening_volumes, account.fx.method) == (None, (), (), "daily")
    assert account.wabas[0].numbers == ()


def test_that_everything_stated_is_read(tmp_path: Path) -> None:
    account = read_account(
        write(
            tmp_path,
            """
[audit]
name = "Andina Retail, octubre 2026"
entity = "Andina Retail S.A.C."
tax_id = "20123456789"
preparer = "Ana"
reviewer = "Luis"
first = 2026-10-01
last = "2026-10-15"
currency = "PEN"
language = "es"
tolerance = { amount = "0.02", percent = 0.5 }
materiality = { amount = 50, percent = "1" }
[[tolerance]]
category = "utility"
market = "peru"
amount = "0.05"
percent = "0"
[tax]
name = "IGV"
rate = "18"
included = true
[[fee]]
layer = "subscription"
amount = "250.00"
currency = "PEN"
per = "month"
[[waba]]
id = 102290129340398
name = "Andina"
time_zone = "America/Lima"
currency = "USD"
portfolio = "andina"
primary_location = "pe"
numbers = ["106540352242922", { id = "106540352242923", phone = "+51 999 888 777", name = "Sur", cost_centre = "C1" }]
authentication_international = { IN = 2025-03-01T00:00:00-05:00, ID = 2025-03-01, EG = 2025-03-01T06:00:00 }
[[opening_volume]]
portfolio = "andina"
market = "Mexico"
category = "utility"
month = "2026-10"
volume = 900000
[rates]
card = ["meta", "contract.csv"]
[fx]
method = "invoice_rate"
rate = "3.7520"
from = "USD"
to = "PEN"
source = "SBS"
""",
        )
    )
    waba = account.wabas[0]
    assert (account.first, account.last, account.language) == (date(2026, 10, 1), date(2026, 10, 15), "es")
    assert account.tolerance == Tolerance(Decimal("0.02"), Decimal("0.5"))
    assert account.materiality == Tolerance(Decimal(50), Decimal(1))
    assert account.tolerances == (Tolerance(Decimal("0.05"), Decimal(0), "utility", "Peru"),)
    assert account.tax == Tax("IGV", Decimal(18), included=True)
    assert account.fees == (Fee("subscription", Decimal("250.00"), "PEN", "month"),)
    assert (waba.id, waba.primary_location) == ("102290129340398", "PE")
    assert waba.numbers == (Number("106540352242922"), Number("106540352242923", "+51 999 888 777", "Sur", "C1"))
    # 2025-03-01 00:00 in Lima is 05:00 UTC, 1740805200 seconds after 1970; Egypt's start is six hours later.
    midnight = 1_740_805_200_000_000
    assert waba.authentication_international == {"IN": midnight, "ID": midnight, "EG": midnight + 6 * 3_600_000_000}
    assert account.opening_volumes == (OpeningVolume("andina", "Mexico", "utility", "2026-10", 900_000),)
    assert account.cards == ("meta", str((tmp_path / "contract.csv").resolve()))
    assert (account.fx.rate, account.fx.source_currency, account.fx.target_currency) == (
        Decimal("3.7520"),
        "USD",
        "PEN",
    )


def test_that_the_notepad_mark_and_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "account.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (AUDIT + WABA).replace("\n", "\r\n").encode())
    assert read_account(path).currency == "USD"


def test_that_a_february_ends_on_its_last_day(tmp_path: Path) -> None:
    account = read_account(write(tmp_path, AUDIT.replace("2026-10", "2024-02") + WABA))
    assert account.last == date(2024, 2, 29)


def test_that_the_invoice_currency_may_be_that_of_the_only_waba_currency(tmp_path: Path) -> None:
    assert read_account(write(tmp_path, AUDIT.replace('currency = "USD"\n', "") + WABA)).currency == "USD"


def test_that_an_fx_file_lies_beside_the_account_file(tmp_path: Path) -> None:
    account = read_account(write(tmp_path, AUDIT + WABA + '[fx]\nfile = "tc/fx.csv"\n'))
    assert account.fx.file == str((tmp_path / "tc" / "fx.csv").resolve())


@pytest.mark.parametrize("table", ["[fx]\nfile = ", "[rates]\ncard = "])
def test_that_a_zero_in_the_name_of_a_file_is_one_sentence(tmp_path: Path, table: str) -> None:
    with pytest.raises(AuditorError) as caught:
        read_account(write(tmp_path, f'{AUDIT}{WABA}{table}"a\\u0000b.csv"\n'))
    assert (caught.value.code, caught.value.place and caught.value.place.file) == ("file_name_no_text", "a?b.csv")


def test_that_an_ambiguous_local_start_is_the_first_of_the_two(tmp_path: Path) -> None:
    zone = WABA.replace("America/Lima", "America/New_York")
    account = read_account(
        write(tmp_path, AUDIT + zone + "authentication_international = { IN = 2025-11-02T01:30:00 }")
    )
    # The first 01:30 of 2 November 2025 in New York is still summer time: 05:30 UTC.
    assert account.wabas[0].authentication_international["IN"] == 1_762_061_400_000_000


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        (AUDIT + WABA + 'colour = "red"\n', "settings_unknown_key", "waba[0].colour"),
        ("[audits]\n" + WABA, "settings_unknown_key", "audits"),
        (AUDIT + WABA.replace("America/Lima", "Lima"), "settings_unknown_zone", "waba[0].time_zone"),
        (AUDIT + WABA.replace("America/Lima", "../../etc"), "settings_unknown_zone", "waba[0].time_zone"),
        (AUDIT.replace("USD", "US$") + WABA, "settings_unknown_currency", "audit.currency"),
        (AUDIT + WABA.replace("USD", "usd"), "settings_unknown_currency", "waba[0].currency"),
        (AUDIT + WABA + WABA, "settings_waba_twice", "waba[1].id"),
        (
            AUDIT + WABA + 'numbers = ["1"]\n' + WABA.replace("102", "103") + 'numbers = ["2", "1"]\n',
            "settings_number_twice",
            "waba[1].numbers[1]",
        ),
        (AUDIT.replace("2026-10", "2026-13") + WABA, "settings_not_a_month", "audit.period"),
        (AUDIT.replace("2026-10", "October") + WABA, "settings_not_a_month", "audit.period"),
        (AUDIT + "first = 2026-10-01\n" + WABA, "settings_two_periods", "audit.first"),
        ('[audit]\ncurrency = "USD"\n' + WABA, "settings_no_period", "audit.period"),
        (
            '[audit]\ncurrency = "USD"\nfirst = 2026-10-02\nlast = 2026-10-01\n' + WABA,
            "settings_period_backwards",
            "audit.last",
        ),
        (AUDIT.replace("2026-10", "9999-12") + WABA, "settings_period_odd", "audit.period"),
        (
            '[audit]\ncurrency = "USD"\nfirst = 2026-10-02\nlast = 9998-12-31\n' + WABA,
            "settings_period_odd",
            "audit.last",
        ),
        ('[audit]\nfirst = 2026-10-02\ncurrency = "USD"\n' + WABA, "settings_missing_key", "audit.last"),
        (AUDIT + 'tolerance = { amount = "0,01" }\n' + WABA, "settings_not_a_decimal", "audit.tolerance.amount"),
        (AUDIT + 'tolerance = { amount = "-1" }\n' + WABA, "settings_negative", "audit.tolerance.amount"),
        (AUDIT + "tolerance = nan\n" + WABA, "settings_not_a_table", "audit.tolerance"),
        (AUDIT + "tolerance = { percent = nan }\n" + WABA, "settings_not_a_decimal", "audit.tolerance.percent"),
        (AUDIT + 'language = "fr"\n' + WABA, "settings_not_a_choice", "audit.language"),
        (AUDIT, "settings_no_waba", "waba"),
        (AUDIT + WABA.replace("[[waba]]", "[waba]"), "settings_not_tables", "waba"),
        (AUDIT + WABA.replace('id = "102"\n', ""), "settings_missing_key", "waba[0].id"),
        (AUDIT + WABA.replace('"102"', "true"), "settings_not_text", "waba[0].id"),
        (AUDIT + WABA.replace('"102"', '" "'), "settings_missing_key", "waba[0].id"),
        (AUDIT + WABA + 'primary_location = "Peru"\n', "settings_unknown_country", "waba[0].primary_location"),
        (
            AUDIT + WABA + "authentication_international = { XX = 2025-03-01 }\n",
            "settings_unknown_country",
            "waba[0].authentication_international.XX",
        ),
        (
            AUDIT + WABA + 'authentication_international = { IN = "soon" }\n',
            "settings_not_an_instant",
            "waba[0].authentication_international.IN",
        ),
        (
            AUDIT
            + WABA.replace("America/Lima", "America/New_York")
            + "authentication_international = { IN = 2025-03-09T02:30:00 }\n",
            "settings_time_does_not_exist",
            "waba[0].authentication_international.IN",
        ),
        (AUDIT + WABA + "numbers = [[1]]\n", "settings_not_a_table", "waba[0].numbers[0]"),
        (
            AUDIT + WABA + 'numbers = [{ id = "1", telephone = "2" }]\n',
            "settings_unknown_key",
            "waba[0].numbers[0].telephone",
        ),
        (AUDIT + WABA + '[tax]\nname = "IGV"\nrate = "18"\nincluded = "no"\n', "settings_not_a_flag", "tax.included"),
        (
            AUDIT + WABA + '[[fee]]\nlayer = "tax"\namount = "1"\ncurrency = "PEN"\nper = "month"\n',
            "settings_not_a_choice",
            "fee[0].layer",
        ),
        (AUDIT + WABA + '[[tolerance]]\namount = "1"\n', "settings_tolerance_without_aim", "tolerance[0].category"),
        (AUDIT + WABA + '[[tolerance]]\nmarket = "Narnia"\n', "settings_unknown_market", "tolerance[0].market"),
        (AUDIT + WABA + "[rates]\ncard = []\n", "settings_not_a_list", "rates.card"),
        (AUDIT + WABA + '[fx]\nmethod = "hourly"\n', "settings_not_a_choice", "fx.method"),
        (AUDIT + WABA + '[fx]\nmethod = "daily"\nrate = "3.75"\n', "settings_rate_not_used", "fx.rate"),
        (AUDIT + WABA + '[fx]\nmethod = "invoice_rate"\n', "settings_missing_key", "fx.rate"),
        (AUDIT + WABA + '[fx]\nrate = "0"\nfrom = "USD"\nto = "PEN"\n', "settings_zero_rate", "fx.rate"),
        (AUDIT + AUDIT + WABA, "settings_syntax", ""),
        (AUDIT + WABA + f'[tax]\nname = "IGV"\nrate = "1{"0" * 13}"\n', "decimal_too_long", "tax.rate"),
    ],
)
def test_that_what_is_wrong_is_refused_with_its_key(tmp_path: Path, text: str, code: str, key: str) -> None:
    assert refusal(tmp_path, text) == (code, key)


def test_that_more_accounts_than_can_be_charged_together_are_refused(tmp_path: Path) -> None:
    wabas = "".join(WABA.replace('id = "102"', f'id = "{n}"') for n in range(5_001))
    assert refusal(tmp_path, AUDIT + wabas) == ("settings_too_many_wabas", "waba")


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u00a0", "\u00ad", "\u200f", "\u2060", " "])
def test_that_marks_which_are_not_seen_change_nothing(tmp_path: Path, mark: str) -> None:
    def hidden(text: str) -> str:
        return text.replace('= "', f'= "{mark}').replace('"\n', f'{mark}"\n')

    text = AUDIT + WABA + OPENING.format("102", "utility", 7)
    assert read_account(write(tmp_path, hidden(text))) == read_account(write(tmp_path, text))


OPENING = '[[opening_volume]]\nportfolio = "{}"\nmarket = "Mexico"\ncategory = "{}"\nmonth = "2026-10"\nvolume = {}\n'


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        (OPENING.format("other", "utility", 1), "settings_not_a_choice", "opening_volume[0].portfolio"),
        (OPENING.format("102", "marketing", 1), "settings_not_a_choice", "opening_volume[0].category"),
        (OPENING.format("102", "utility", "1.5"), "settings_not_whole", "opening_volume[0].volume"),
        (OPENING.format("102", "utility", 1) * 2, "settings_opening_volume_twice", "opening_volume[1].volume"),
    ],
)
def test_that_an_opening_volume_that_would_count_nowhere_is_refused(
    tmp_path: Path, text: str, code: str, key: str
) -> None:
    assert refusal(tmp_path, AUDIT + WABA + text) == (code, key)


def test_that_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        read_account(write(tmp_path, AUDIT + "name =\n"))
    assert caught.value.place is not None
    assert caught.value.place.row == 5


def test_that_a_missing_account_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AuditorError) as caught:
        read_account(tmp_path / "account.toml")
    assert caught.value.code == "file_missing"


def test_that_an_account_file_may_be_in_any_encoding_and_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "account.toml"
    path.write_bytes((AUDIT + WABA).encode("utf-16"))
    account, text = read_account_file(path)
    assert (account.name, text) == (read_account(path).name, AUDIT + WABA)
    with pytest.raises(AuditorError) as refused:
        read_account_file(tmp_path)
    assert refused.value.code == "file_is_folder"
