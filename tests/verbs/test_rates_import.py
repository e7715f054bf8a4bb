"""`auditor rates import`: Meta's quarterly downloads are shown, kept, and used from then on (formats.md §5, §8)."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.readers.rates import kept_cards
from auditor.readers.rates.cards import meta_card
from auditor.readers.rates.cards import read_card
from auditor.verbs import Audit
from tests.audit_files import ACCOUNT
from tests.audit_files import Files
from tests.audit_files import write_files
from tests.readers.card_files import LIST
from tests.readers.card_files import LIST_HEADS
from tests.readers.card_files import TIERS
from tests.readers.card_files import as_book
from tests.readers.card_files import as_text

# From 15 October 2026: marketing to Peru 0.08 instead of the built-in 0.0703, utility 0.03 as it is built in.
MIDDLE: Sequence[Sequence[str]] = (
    ("Cost per message in USD, effective October 15, 2026",),
    LIST_HEADS,
    ("Peru", "$US", "0.0800", "0.0300", "n/a", "n/a", "n/a"),
)


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a user's folder that nobody has used."""
    monkeypatch.setattr(kept_cards, "user_data", lambda: tmp_path / "user")
    return tmp_path / "user"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Write the small audit, on Meta's card instead of its contract."""
    made = write_files(tmp_path / "in")
    made.account.write_text(ACCOUNT.replace('"contract.csv"', '"meta"'), encoding="utf-8")
    return made


def expected(files: Files, folder: Path) -> str:
    """Charge the log anew and give the month's total."""
    summary = folder / "summary.json"
    words = ["charges", "--account", files.account, "--messages", files.log, "--summary", summary]
    assert main([str(word) for word in words]) == 0
    return str(json.loads(summary.read_text(encoding="utf-8"))["expected"]["USD"]["amount"])


def importing(path: Path, *more: object) -> int:
    return main(["rates", "import", str(path), *map(str, more)])


def test_that_an_imported_card_is_shown_kept_and_used(
    files: Files, tmp_path: Path, user: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # 10 marketing and 5 utility messages on 5 October: 10 x 0.0703 + 5 x 0.03 = 0.853, rounded 0.85.
    assert expected(files, tmp_path) == "0.85"
    card = as_book(tmp_path / "Pricing.csv", [("Cost per message, effective October 1, 2026",), *MIDDLE[1:]])
    assert importing(card, "--account", files.account, "--messages", files.log) == 0
    said = capsys.readouterr().out
    # Only what differs is told: the rate, and 10 x 0.08 - 10 x 0.0703 = 0.8 - 0.703 = 0.097.
    assert "2026-10-01  USD  Peru, Marketing: 0.0703 -> 0.08" in said
    assert "USD  Peru, Marketing: 10  0.703 -> 0.8  (+0.097)" in said
    assert "Utility" not in said
    assert (user / "rates" / "2026-10-01_USD.csv").is_file()
    # From now on: 10 x 0.08 + 5 x 0.03 = 0.95.
    assert expected(files, tmp_path) == "0.95"


def test_that_an_import_leaves_the_past_as_it_was(files: Files, tmp_path: Path) -> None:
    assert importing(as_text(tmp_path / "Pricing.csv", MIDDLE)) == 0
    assert expected(files, tmp_path) == "0.85"  # everything was sent on the 5th


def test_that_an_audit_made_before_keeps_its_rates(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "old.audit"
    words = ["reconcile", "--account", files.account, "--messages", files.log, "--audit", kept]
    assert main([str(word) for word in words]) == 0
    before = kept.read_bytes()
    card = as_text(tmp_path / "Pricing.csv", [("Cost per message, effective October 1, 2026",), *MIDDLE[1:]])
    capsys.readouterr()
    assert importing(card, "--audit", kept) == 0
    assert "USD  Peru, Marketing: 10  0.703 -> 0.8  (+0.097)" in capsys.readouterr().out
    assert kept.read_bytes() == before  # it was looked at, not touched
    audit = Audit.open(kept)
    assert audit.recompute().expected == Decimal("0.85")
    audit.close()
    assert main(["verify", str(kept)]) == 0


def test_that_an_audit_needs_no_imported_card_once_it_has_it(files: Files, tmp_path: Path, user: Path) -> None:
    card = as_text(tmp_path / "Pricing.csv", [("Cost per message, effective October 1, 2026",), *MIDDLE[1:]])
    assert importing(card) == 0
    kept = tmp_path / "new.audit"
    words = ["reconcile", "--account", files.account, "--messages", files.log, "--audit", kept]
    assert main([str(word) for word in words]) == 0
    user.rename(tmp_path / "another machine")
    audit = Audit.open(kept)
    assert audit.recompute().expected == Decimal("0.95")
    audit.close()
    assert main(["verify", str(kept)]) == 0


def test_that_list_and_tiers_of_a_quarter_go_together_and_are_listed(
    tmp_path: Path, user: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert importing(as_text(tmp_path / "Tier Pricing.csv", TIERS[:8]), "--from", "2026-10-01") == 0
    assert importing(as_text(tmp_path / "Pricing.csv", LIST)) == 0
    assert sorted(path.name for path in (user / "rates").glob("*.csv")) == [
        "2026-10-01_USD.csv",
        "2026-10-01_USD_tiers.csv",
    ]
    layer = kept_cards.imported_layer()
    assert layer is not None
    rows = [row for row in read_card(layer).rows if (row.market, row.category) == ("Peru", "utility")]
    in_october = [row for row in rows if row.first == date(2026, 10, 1)]
    assert [(row.tier_from, row.rate) for row in in_october] == [
        (None, Decimal("0.03")),
        (1, Decimal("0.03")),
        (250001, Decimal("0.0285")),
    ]
    # The built-in rates of the years before go on beneath.
    assert min(row.first for row in rows) == min(
        row.first for row in meta_card().rows if (row.currency, row.market, row.category) == ("USD", "Peru", "utility")
    )
    capsys.readouterr()
    assert main(["rates", "list"]) == 0
    listed = [line for line in capsys.readouterr().out.splitlines() if line.endswith(".csv")]
    assert [line.split()[-1] for line in listed] == ["2026-10-01_USD.csv", "2026-10-01_USD_tiers.csv"]


def test_that_a_card_that_a_later_one_follows_is_listed_to_the_day_before(
    tmp_path: Path, user: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two rates to Peru end on 14 October, the two imported for the 15th on 31 December; all others go on."""
    main(["rates", "list"])
    before = capsys.readouterr().out.splitlines()[-1]
    rates = int(before.split("rates: ")[1].split()[0])
    assert before.startswith("USD  2026-10-01 .. in force")
    ended = [
        row
        for row in meta_card().rows
        if row.first == date(2026, 10, 1)
        and (row.currency, row.market) == ("USD", "Peru")
        and row.category in ("marketing", "utility")
    ]
    assert importing(as_text(tmp_path / "Pricing.csv", MIDDLE)) == 0
    january = (("Cost per message in USD, effective January 1, 2027",), *MIDDLE[1:])
    assert importing(as_text(tmp_path / "Next.csv", january)) == 0
    capsys.readouterr()
    assert main(["rates", "list"]) == 0
    listed = [line for line in capsys.readouterr().out.splitlines() if "2026-10-" in line or "2027-" in line]
    said = [(" ".join(line.split()[1:4]), int(line.split("rates: ")[1].split()[0])) for line in listed]
    assert said == [
        ("2026-10-01 .. 2026-10-14", len(ended)),
        ("2026-10-01 .. in", rates - len(ended)),
        ("2026-10-15 .. 2026-12-31", 2),
        ("2027-01-01 .. in", 2),
    ]


def test_that_the_same_card_twice_is_kept_once(tmp_path: Path, user: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = as_text(tmp_path / "Pricing.csv", MIDDLE)
    assert importing(card) == 0
    assert importing(card) == 0
    assert len(list((user / "rates").glob("*.csv"))) == 1
    assert "on file already" in capsys.readouterr().out


def test_that_the_same_card_under_another_name_is_kept_once_and_that_is_said(
    tmp_path: Path, user: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert importing(as_text(tmp_path / "Pricing.csv", MIDDLE)) == 0
    capsys.readouterr()
    assert importing(as_text(tmp_path / "Pricing (1).csv", MIDDLE)) == 0
    assert [path.name for path in (user / "rates").glob("*.csv")] == ["2026-10-15_USD.csv"]
    said = capsys.readouterr().out
    assert "Nothing was kept a second time" in said
    assert "2026-10-15_USD.csv" in said
    # A card that says more than the first is another card.
    more = as_text(tmp_path / "More.csv", (*MIDDLE, ("Chile", *MIDDLE[2][1:])))
    assert importing(more) == 0
    assert "Kept: 4 rates" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((*MIDDLE, MIDDLE[-1]), "row 5"),
        ((*MIDDLE[:2], ("Peru", "$US", "-0.08", "", "", "", "")), "row 4"),
        ((*MIDDLE[:2], ("Narnia", "$US", "0.08", "", "", "", "")), "Narnia"),
        (MIDDLE[1:], "--from 2026-10-01"),
    ],
)
def test_that_a_card_that_is_not_sound_is_refused_with_its_place_and_not_kept(
    tmp_path: Path, user: Path, capsys: pytest.CaptureFixture[str], rows: Sequence[Sequence[str]], words: str
) -> None:
    assert importing(as_text(tmp_path / "Pricing.csv", rows)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Pricing.csv" in said.err
    assert words in said.err
    assert not user.exists()


def test_that_a_card_that_contradicts_an_earlier_import_is_refused(
    tmp_path: Path, user: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert importing(as_text(tmp_path / "Pricing.csv", MIDDLE)) == 0
    other = as_text(tmp_path / "Other.csv", (*MIDDLE[:2], ("Peru", "$US", "0.09", "n/a", "n/a", "n/a", "n/a")))
    assert importing(other) == 2
    said = capsys.readouterr().err
    assert "2026-10-15_USD.csv" in said
    assert len(list((user / "rates").glob("*.csv"))) == 1
    # A market that the first card does not speak of goes beside it.
    assert importing(as_text(tmp_path / "Chile.csv", (*MIDDLE[:2], ("Chile", *MIDDLE[2][1:])))) == 0
    assert (user / "rates" / "2026-10-15_USD_2.csv").is_file()


def test_that_what_is_wrong_with_all_rates_of_a_row_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = ("Narnia", "$US", "0.0800", "0.0300", "0.0300", "n/a", "n/a")
    assert importing(as_text(tmp_path / "Pricing.csv", (*MIDDLE[:2], row))) == 2
    said = capsys.readouterr().err
    assert said.count("Narnia") == 1
    assert "(problems found: 1)" in said


def test_that_an_imported_card_that_was_damaged_since_is_named_by_its_path(
    files: Files, tmp_path: Path, user: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert importing(as_text(tmp_path / "Pricing.csv", MIDDLE)) == 0
    kept = user / "rates" / "2026-10-15_USD.csv"
    kept.write_text(kept.read_text(encoding="utf-8").replace("Peru", "Peroo"), encoding="utf-8")
    capsys.readouterr()
    assert main(["reconcile", "--account", str(files.account), "--messages", str(files.log)]) == 2
    assert capsys.readouterr().err.startswith(f"{kept}: ")


def test_that_a_contract_is_not_taken_for_metas_card(
    files: Files, user: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert importing(files.card) == 2
    assert "[rates]" in capsys.readouterr().err
    assert not user.exists()


def test_that_traffic_half_stated_is_refused(files: Files, tmp_path: Path, user: Path) -> None:
    card = as_text(tmp_path / "Pricing.csv", MIDDLE)
    assert importing(card, "--account", files.account) == 2
    assert importing(card, "--messages", files.log) == 2
    assert importing(card, "--audit", tmp_path / "none.audit") == 2
    assert not user.exists()


def test_that_of_many_odd_rates_some_are_listed_and_the_others_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # 23 days on which marketing to Peru is said to cost 703 dollars: 20 are listed, 3 are left to be counted.
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    path = tmp_path / "card.csv"
    rows = "".join(f"2026-10-{day:02},2026-10-{day:02},USD,Peru,marketing,703,contract\n" for day in range(1, 24))
    path.write_text(f"effective_from,effective_to,currency,market,category,rate,basis\n{rows}", encoding="utf-8")
    assert main(["rates", "check", str(path)]) == 0
    said = capsys.readouterr().err.splitlines()
    assert [one.count("card.csv, row") for one in said] == [1] * 20 + [0]
    assert said[-1].endswith(": 3.")
