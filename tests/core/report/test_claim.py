"""A claim's lines and letter by their figures, which follow from the plans of `sample_result.py` by plain arithmetic.

Disputed here: Stores Peru marketing 28.12, Andina Peru marketing 17.58, Colombia 12.50: together 58.20. Billed too
little: Brazil -50.00, Chile -39.06: together -89.06. The net is -30.86.
"""

from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from auditor.core.records import InvoiceLine
from auditor.core.records import Layer
from auditor.core.records import Tax
from auditor.core.report.cells import Table
from auditor.core.report.claim_letter import Letter
from auditor.core.report.claim_letter import claim_letter
from auditor.core.report.claim_lines import EVIDENCE_FIELDS
from auditor.core.report.claim_lines import LINE_FIELDS
from auditor.core.report.claim_lines import PROOF_FIELDS
from auditor.core.report.claim_lines import SIDES
from auditor.core.report.claim_lines import Claimed
from auditor.core.report.claim_lines import claimed_in
from auditor.core.report.claim_lines import claimed_page
from auditor.core.report.claim_lines import evidence_rows
from auditor.core.report.claim_lines import hashed
from auditor.core.report.claim_lines import line_name
from auditor.core.report.claim_lines import line_rows
from auditor.core.report.claim_lines import places_of
from auditor.core.report.claim_lines import proof_rows
from auditor.core.report.claim_lines import undercharged_page
from auditor.core.report.facts import Facts
from auditor.core.results import CauseAmount
from auditor.core.results import LogGap
from tests.writers.sample_result import Decision
from tests.writers.sample_result import evidence
from tests.writers.sample_result import sample_context
from tests.writers.sample_result import sample_result

KEY = "0123456789abcdef" * 2
DISPUTED = {0: "", 5: "asked by telephone", 8: ""}  # places in the sample's plans, and the notes on them


@dataclass(frozen=True)
class Earlier:
    """A claim of an earlier period."""

    currency: str = "USD"
    amount: Decimal = Decimal("9.00")
    settled: Decimal = Decimal("2.00")
    open: Decimal = Decimal("7.00")
    period: str = "2026-09"
    key: str = "|2026-09|Chile||utility|"
    raised: date = date(2026, 10, 6)
    due: date | None = None
    carried: bool = True
    note: str = ""


def sample(language: str = "en", **changes: Any) -> Facts:
    """Give the sample with three lines disputed; changes are to the context."""
    result = sample_result()
    decisions = {result.differences[place].key: Decision("disputed", "", note) for place, note in DISPUTED.items()}
    return Facts(result, sample_context(language, result, 3, **{"decisions": decisions, **changes}))


def claim(facts: Facts) -> Claimed:
    """Gather the claim of the sample."""
    return claimed_in(facts, KEY)


def letter(facts: Facts, *claims: Earlier) -> Letter:
    """Write the letter of the sample, with open claims."""
    given = Facts(facts.result, replace(facts.context, claims=claims))
    return claim_letter(given, claim(given), ["list.xlsx", "evidence.csv"])


def said(made: Letter, kind: str) -> list[tuple[str, ...]]:
    """Give the texts of a letter's blocks of one kind, as they read."""
    return [_read(block.texts) for block in made.blocks if block.kind == kind]


def tables(made: Letter) -> list[tuple[tuple[str, ...], ...]]:
    """Give the tables of a letter, as they read."""
    return [tuple(map(_read, block.rows)) for block in made.blocks if block.kind == "table"]


def _read(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Read texts: which blanks keep an amount together is not seen."""
    return tuple(text.replace("\N{NO-BREAK SPACE}", " ") for text in texts)


def told(made: Letter, label: str) -> list[str]:
    """Give what a letter says of its lines under a label."""
    return [words for name, words in said(made, "fact") if name == label]


def test_that_the_largest_overcharge_comes_first_and_undercharges_stand_apart() -> None:
    made = claim(sample())
    assert [str(line.difference) for line in made.over] == ["28.12", "17.58", "12.50"]
    assert [str(line.difference) for line in made.under] == ["-50.00", "-39.06"]
    assert made.amount == Decimal("58.20")
    assert [made.number(line) for line in (*made.over, *made.under)] == [9, 1, 6, 8, 5]
    assert list(made.notes.values()) == ["asked by telephone"]


def test_that_the_line_list_ends_with_both_sums_and_the_net() -> None:
    facts = sample()
    page = claimed_page(facts, claim(facts))
    (table,) = page.tables
    assert isinstance(table, Table)
    assert [row[15].value for row in table.rows] == [Decimal("28.12"), Decimal("17.58"), Decimal("12.50")]
    assert [row[19].value for row in table.rows] == ["", "", "asked by telephone"]
    sums = [page.cells[table.last + n, 15].value for n in (2, 3, 4)]
    assert sums == [Decimal("58.20"), Decimal("-89.06"), Decimal("-30.86")]


def test_that_the_list_of_undercharges_has_them_alone() -> None:
    facts = sample()
    (table,) = undercharged_page(facts, claim(facts)).tables
    assert isinstance(table, Table)
    assert [(row[3].value, row[15].value) for row in table.rows] == [
        ("Brazil", Decimal("-50.00")),
        ("Chile", Decimal("-39.06")),
    ]


def test_that_a_line_without_a_month_or_any_dimension_says_that_it_is_not_broken_down() -> None:
    facts = sample()
    line = replace(facts.result.differences[0], waba_id="", market="", category="", period="")
    changed = Facts(replace(facts.result, differences=(line,)), facts.context)
    assert line_name(changed, line) == "Not broken down"
    (table,) = claimed_page(changed, claim(changed)).tables
    assert isinstance(table, Table)
    assert [table.rows[0][n].value for n in range(1, 6)] == ["Not broken down"] * 5


def test_that_of_many_places_three_are_named_and_the_others_counted() -> None:
    facts = sample()
    first = facts.result.differences[0]
    assert places_of(facts, first) == "F001-000123, factura_octubre_2026.xlsx, Detalle, row 5"
    many = replace(first, lines=(0, 1, 2, 3, 4))
    parts = places_of(facts, many).split("; ")
    assert [part[-5:] for part in parts[:3]] == ["row 5", "row 6", "row 7"]
    assert "2" in parts[3]


def test_that_other_programs_get_plain_figures_and_which_way_a_line_errs() -> None:
    facts = sample()
    rows = [dict(zip(LINE_FIELDS, row, strict=True)) for row in line_rows(facts, claim(facts))]
    assert [(row["direction"], row["line"], row["difference"]) for row in rows] == [
        ("overcharge", "9", "28.12"),
        ("overcharge", "1", "17.58"),
        ("overcharge", "6", "12.5"),
        ("undercharge", "8", "-50"),
        ("undercharge", "5", "-39.06"),
    ]
    assert [row["causes"] for row in rows[:3]] == ["", "month_cut 17.58", "rate_card 12.5"]
    assert (rows[3]["billed_quantity"], rows[3]["billed_rate"], rows[3]["charges"]) == ("", "", "3")


def test_that_evidence_names_no_customer_and_each_message_can_be_matched_by_who_has_it() -> None:
    facts = sample()
    rows = [dict(zip(EVIDENCE_FIELDS, row, strict=True)) for row in evidence_rows(facts, claim(facts))]
    assert [row["line"] for row in rows] == [n for n in "91685" for _ in range(3)]
    assert {row["user"] for row in rows} == {"5198•••••00", "5198•••••01", "5198•••••02"}
    assert {row["phone_number"] for row in rows} == {"51987654321"}
    assert all(len(row["message"]) == 32 and not row["message"].startswith("wamid") for row in rows)
    assert len({row["message"] for row in rows}) == 3


def test_that_an_id_that_gives_nobody_away_stays_and_a_participant_is_masked() -> None:
    one = evidence(1)[0]
    assert hashed("SM0001", one.user, KEY) == "SM0001"
    assert hashed("SM0001#51987650001", one.user, KEY) == "SM0001#5198•••••01"
    own = hashed(f"x-{one.user}", one.user, KEY)
    assert one.user not in own
    assert len(own) == 32
    assert own != hashed(f"x-{one.user}", one.user, "another key")


def behind(line: str) -> Any:
    """Give a message behind a cause of a line; each of `SIDES` has its own name for a value."""
    one = evidence(1)[0]
    known = {"message_id": one.unit_id, "user": one.user, "phone_number_id": one.phone_number_id}
    return SimpleNamespace(line=line, cause="market", **known, **{name: name for name in SIDES})


def test_that_proof_is_of_the_claims_lines_alone_and_names_no_customer() -> None:
    # Numbered 9 and 5 in the workbook; the first line of the sample that is neither disputed nor billed too low is not.
    facts = sample()
    keys = [line.key for line in facts.result.differences]
    proof = [behind(keys[place]) for place in (8, 1, 4)]
    made = [dict(zip(PROOF_FIELDS, row, strict=True)) for row in proof_rows(facts, claim(facts), proof)]
    assert [row["line"] for row in made] == ["9", "5"]
    one = made[0]
    assert (one["cause"], one["user"], one["phone_number"]) == ("market", "5198•••••00", "51987654321")
    assert len(one["message"]) == 32
    assert [one[name] for name in SIDES] == list(SIDES)


def test_that_the_letter_counts_the_messages_that_causes_rest_on() -> None:
    facts = sample()
    key = facts.result.differences[0].key
    counted = claimed_in(facts, KEY, {key: 1_250})
    (told_of,) = told(claim_letter(facts, counted, []), "Proof")
    assert told_of.startswith("Messages that these causes rest on: 1,250, one by one in claim_proof")
    assert told(letter(facts), "Proof") == []


def test_that_the_letter_says_the_sum_the_lines_and_why() -> None:
    made = letter(sample())
    assert made.footer == "Andina Retail S.A.C. · October 2026"
    assert said(made, "subject") == [("Claim on invoice F001-000123: WhatsApp charges, October 2026",)]
    over, under = tables(made)
    # 309.32 + 889.30 + 75.00 = 1,273.62 was billed; 281.20 + 871.72 + 62.50 = 1,215.42 was due.
    assert [row[0] for row in over[1:]] == ["9", "1", "6", ""]
    assert list(over[-1][2:]) == ["US$ 1,273.62", "US$ 1,215.42", "US$ 58.20"]
    assert under[-1][4] == "US$ 89.06"
    reasons = told(made, "Reason")
    assert "28.12" in reasons[0]
    assert "can be told from your records only" in reasons[0]
    assert "17.58" in reasons[1]
    assert told(made, "Note") == ["asked by telephone"]
    assert told(made, "Certainty")[0].endswith("at least US$ 28.11 was billed too much.")
    assert any(text.startswith("0.0703 USD from 01 Oct 2026 (rate card: Meta).") for text in told(made, "Rate"))


def test_that_no_lines_end_divides_an_amount() -> None:
    made = letter(sample(), Earlier())
    texts = [text for block in made.blocks for row in (block.texts, *block.rows) for text in row]
    signs = [text for text in texts if "US$" in text]
    assert len(signs) > 20
    assert not any("US$ " in text for text in signs)
    (rate,) = {text for text in texts if "0.0703" in text and "rate card" in text}
    assert rate.startswith("0.0703\N{NO-BREAK SPACE}USD from")


def test_that_what_a_proved_cause_leaves_open_is_said_beside_it() -> None:
    facts = sample()
    first = facts.result.differences[0]
    part = replace(first.causes[0], amount=Decimal("10.00"))
    lines = (replace(first, causes=(part,)), *facts.result.differences[1:])
    made = letter(Facts(replace(facts.result, differences=lines), facts.context))
    assert any(text.startswith("US$ 7.58 remains for which the record shows no cause") for text in told(made, "Reason"))


def test_that_the_letter_owns_up_to_gaps_of_the_log_and_to_what_they_may_explain() -> None:
    facts = sample()
    first = facts.result.differences[0]
    lost = CauseAmount("log_gap", Decimal("4.00"), "possible")
    gap = LogGap("block", "1", 0, 1, 9, 0, Decimal("0.50"), Decimal("6.25"))
    health = replace(facts.result.health, gaps=(gap, replace(gap, above=Decimal("1.75"))))
    lines = (replace(first, causes=(*first.causes, lost)), *facts.result.differences[1:])
    made = letter(Facts(replace(facts.result, differences=lines, health=health), facts.context))
    assert any("up to US$ 8.00 more may have been due" in text for (text,) in said(made, "text"))
    assert "Up to US$ 4.00 of this line may come from messages that are missing from our record." in told(
        made, "Certainty"
    )
    assert not any("missing from our record" in text for (text,) in said(letter(facts), "text"))


def test_that_a_credit_note_is_asked_for_with_the_tax_that_amounts_stand_before() -> None:
    facts = sample()

    def asked(tax: Tax | None, lines: tuple[InvoiceLine, ...] = facts.result.invoice_lines) -> str:
        account = replace(facts.account, tax=tax)
        made = letter(Facts(replace(facts.result, account=account, invoice_lines=lines), facts.context))
        return next(text for (text,) in said(made, "text") if text.startswith("Please issue"))

    assert asked(Tax("IGV", Decimal(18))).startswith("Please issue a credit note over US$ 58.20 plus IGV (18 %), or")
    assert asked(Tax("IGV", Decimal(18), included=True)).startswith("Please issue a credit note over US$ 58.20, or")
    # Where the account states none, the invoice itself may add it in a line of its own: "IGV 18 %" of 352.11.
    assert asked(None).startswith("Please issue a credit note over US$ 58.20 plus IGV 18 %, or")
    untaxed = tuple(line for line in facts.result.invoice_lines if line.layer is not Layer.TAX)
    assert asked(None, untaxed).startswith("Please issue a credit note over US$ 58.20, or")


def test_that_the_letter_names_the_cards_whose_rates_were_used_and_each_once() -> None:
    facts = sample()
    ours = tuple(replace(rate, card="contract.xlsx", source="contract.xlsx") for rate in facts.result.rates)
    made = letter(Facts(replace(facts.result, rates=ours), facts.context))
    assert any(text.endswith("and by these rate cards: contract.xlsx.") for (text,) in said(made, "text"))
    assert "0.0703 USD from 01 Oct 2026 (rate card: contract.xlsx)." in told(made, "Rate")


def exchanged(second: Decimal, source: str = "SBS, venta") -> Facts:
    """Give the sample in soles, its first line with half of its charges on the next day, at another rate."""
    result = sample_result("PEN")
    first = result.differences[0]
    cell = result.cells[first.cells[0]]
    later = replace(cell, day=cell.day + timedelta(1))
    (used,) = (replace(one, source=source) for one in result.fx)
    fx = (used, replace(used, day=later.day, rate=second))
    lines = (replace(first, cells=(*first.cells, len(result.cells))), *result.differences[1:])
    account = replace(result.account, fx=replace(result.account.fx, method="daily"))
    changed = replace(result, account=account, cells=(*result.cells, later), differences=lines, fx=fx)
    return Facts(changed, sample_context("en", changed, 3, decisions={first.key: Decision("disputed")}))


def test_that_the_letter_says_by_which_exchange_rates_a_line_came_into_the_invoices_currency() -> None:
    assert told(letter(sample()), "Exchange rate") == []
    (words,) = told(letter(exchanged(Decimal("3.75"))), "Exchange rate")
    assert words == "USD to PEN: 3.75, rate of the day (source: SBS, venta)"
    (words,) = told(letter(exchanged(Decimal("3.7"), source="")), "Exchange rate")
    assert words == "USD to PEN: 3.7 to 3.75, rate of the day"


def test_that_the_evidence_says_in_which_currency_a_charge_is() -> None:
    facts = exchanged(Decimal("3.75"))
    rows = [dict(zip(EVIDENCE_FIELDS, row, strict=True)) for row in evidence_rows(facts, claim(facts))]
    assert {row["currency"] for row in rows} == {"USD"}


def test_that_a_claim_on_several_invoices_names_each_once_and_in_order() -> None:
    facts = sample()
    lines = tuple(replace(line, document=f"F001-{9 - n % 2}") for n, line in enumerate(facts.result.invoice_lines))
    made = letter(Facts(replace(facts.result, invoice_lines=lines), facts.context))
    assert said(made, "subject") == [("Claim on invoices F001-8, F001-9: WhatsApp charges, October 2026",)]


def test_that_a_credit_note_set_against_a_line_is_told_and_is_no_invoice_that_is_claimed_on() -> None:
    facts = sample()
    first, credited = facts.result.differences[0], len(facts.result.invoice_lines)
    note = replace(
        facts.result.invoice_lines[first.lines[0]],
        document="FC01-7", document_type="credit_memo", amount=Decimal("-20.00"),
    )  # fmt: skip
    lines = (replace(first, lines=(*first.lines, credited)), *facts.result.differences[1:])
    result = replace(facts.result, invoice_lines=(*facts.result.invoice_lines, note), differences=lines)
    made = letter(Facts(result, facts.context))
    assert told(made, "Credited") == ["US$ 20.00 by FC01-7; what was billed stands after it."]
    assert said(made, "subject") == said(letter(facts), "subject")
    assert told(letter(facts), "Credited") == []


def test_that_a_cause_that_a_person_put_down_is_told_where_the_log_does_not_prove_it() -> None:
    facts = sample()
    keys = {place: facts.result.differences[place].key for place in (0, 8)}
    put_down = {0: "month_cut", 8: "undelivered_billed"}  # of the first line the log proves the same
    decisions = {keys[place]: Decision("disputed", cause) for place, cause in put_down.items()}
    made = sample(decisions=decisions)
    view = "As we see it: Undelivered but billed. Messages that were never delivered were billed."
    assert [words for words in told(letter(made), "Reason") if words.startswith("As we see it")] == [view]
    # Nobody says in one breath that the reason is in the supplier's records alone, and what it is.
    alone = "from your records only"
    bare = sample(decisions={key: Decision("disputed") for key in decisions})
    assert sum(alone in words for words in told(letter(bare), "Reason")) == 1
    assert not any(alone in words for words in told(letter(made), "Reason"))
    (table,) = claimed_page(made, claim(made)).tables
    assert isinstance(table, Table)
    causes = {row[0].value: str(row[16].value) for row in table.rows}
    assert causes[9].endswith("; put down to: Undelivered but billed")
    assert "put down" not in causes[1]


def test_that_evidence_is_counted_and_its_first_and_last_told_by_the_accounts_clock() -> None:
    # The sample's charges 0 to 2 arise on 1, 2 and 3 October at 00:00, 01:01 and 02:02 UTC: five hours less in Lima.
    (first, *_) = told(letter(sample()), "Evidence")
    assert first.startswith("3 charges")
    assert first.endswith("The first arose on 30 Sep 2026 19:00, the last on 02 Oct 2026 21:02.")
    (none, *_) = told(letter(sample(evidence={}, evidence_counts={})), "Evidence")
    assert none == "Our record holds no message that gives rise to this line."
    keys = [line.key for line in sample_result().differences]
    (many, *_) = told(letter(sample(evidence_counts=dict.fromkeys(keys, 20_001))), "Evidence")
    assert many == "20,001 charges, one by one in the enclosed evidence under this line's number."
    single = sample(evidence={}, evidence_counts=dict.fromkeys(keys, 1))
    (one, *_) = told(letter(single), "Evidence")
    assert one == "One charge, in the enclosed evidence under this line's number."


def test_that_free_units_behind_a_line_are_told_from_its_charges() -> None:
    facts = sample()  # three units stand behind each line; the second one claimed is Peru's marketing
    nothing: dict[str, Any] = {name: Decimal(0) for name in ("rate", "amount", "low", "high")}
    free = replace(facts.result.cells[0], pricing_type="free_entry_point", quantity=2, **nothing)
    for units, words in (
        (2, "One charge, and 2 messages or conversations that are free by the rules, one by one"),
        (3, "The 3 messages or conversations of this line in our record are free by the rules;"),
    ):
        cells = (*facts.result.cells, replace(free, quantity=units))
        first, second, *_ = told(letter(Facts(replace(facts.result, cells=cells), facts.context)), "Evidence")
        assert second.startswith(words)
        assert first.startswith("3 charges")


def test_that_a_side_says_as_much_as_is_stated() -> None:
    facts = sample()
    first = facts.result.differences[0]
    for changes, words in (
        ({}, "12,650 × 0.0703 = US$ 889.30"),
        ({"billed_rate": None}, "12,650: US$ 889.30"),
        ({"billed_quantity": None}, "US$ 889.30"),
    ):
        lines = (replace(first, **changes), *facts.result.differences[1:])  # type: ignore[arg-type]
        made = letter(Facts(replace(facts.result, differences=lines), facts.context))
        assert told(made, "Billed")[1] == words


def test_that_of_very_many_lines_the_letter_tells_thirty_and_sums_the_rest() -> None:
    # 150 lines are the twelve plans twelve times and the first six again. Over ten stand six of the twelve (17.58,
    # 19.00, 12.50, 28.12, 19.07, 10.17) and three of those six: 12 x 6 + 3 = 75, so that 45 are left.
    result = sample_result(count=150)
    decisions = {line.key: Decision("disputed") for line in result.differences if line.difference > 10}
    facts = Facts(result, sample_context("en", result, decisions=decisions, evidence={}, evidence_counts={}))
    made = letter(facts)
    assert tables(made)[0][-2][1] == "45 more lines, see the line list"
    assert len(tables(made)[0]) == 1 + 30 + 1 + 1


def test_that_no_undercharge_is_said_too() -> None:
    facts = sample()
    lines = tuple(line for line in facts.result.differences if line.difference >= 0)
    made = letter(Facts(replace(facts.result, differences=lines), facts.context))
    assert ("The same comparison found no line on which too little was billed.",) in said(made, "text")
    assert len(tables(made)) == 1


def test_that_open_claims_are_added_up_only_in_one_currency() -> None:
    both = tables(letter(sample(), Earlier(), Earlier(amount=Decimal(5), open=Decimal(3))))[-1]
    assert both[1][:3] == ("September 2026", "Chile · Utility · September 2026", "06 Oct 2026")
    assert list(both[-1][4:]) == ["US$ 14.00", "US$ 4.00", "US$ 10.00"]
    mixed = tables(letter(sample(), Earlier(), Earlier("PEN", period="2026-09-15/2026-10-14")))[-1]
    assert mixed[2][0] == "15 Sep 2026 to 14 Oct 2026"
    assert mixed[-1][4:] == ("", "", "")


def _raised(facts: Facts, *days: date | None) -> tuple[Earlier, ...]:
    """Give the claims of the sample's disputed lines, the largest first, with the days that they are due."""
    keys = [line.key for line in claim(facts).over]
    return tuple(Earlier(key=key, due=day, carried=False) for key, day in zip(keys, days, strict=True))


def test_that_the_letter_asks_for_an_answer_by_the_one_day_that_all_of_it_is_due() -> None:
    facts, day = sample(), date(2026, 12, 15)
    made = letter(facts, *_raised(facts, day, day, day))
    asked = [words for (words,) in said(made, "text") if "credit note over" in words]
    assert asked[0].startswith("By 15 Dec 2026, please issue a credit note over US$ 58.20 plus IGV 18 %, or tell us")
    assert told(made, "Answer by") == []
    spanish = sample("es")
    made = letter(spanish, *_raised(spanish, day, day, day))
    assert any("Sírvanse emitir, hasta el 15" in words for (words,) in said(made, "text"))


def test_that_lines_due_on_different_days_have_their_days_with_them() -> None:
    facts = sample()
    made = letter(facts, *_raised(facts, date(2026, 12, 15), None, date(2027, 1, 15)))
    assert told(made, "Answer by") == ["15 Dec 2026", "15 Jan 2027"]
    assert any(words.startswith("Please issue a credit note") for (words,) in said(made, "text"))


def test_that_an_earlier_claim_stands_with_its_own_day() -> None:
    made = letter(sample(), Earlier(due=date(2026, 11, 5)), Earlier())
    assert [row[3] for row in tables(made)[-1]] == ["Answer due", "05 Nov 2026", "", ""]
    assert told(made, "Answer by") == []


def test_that_the_line_list_has_the_days_that_lines_are_due() -> None:
    facts, day = sample(), date(2026, 12, 15)
    given = Facts(facts.result, replace(facts.context, claims=_raised(facts, day, None, day)))
    (table,) = claimed_page(given, claim(given)).tables
    assert isinstance(table, Table)
    assert [row[18].value for row in table.rows] == [day, None, day]
    place = LINE_FIELDS.index("due")
    assert [row[place] for row in line_rows(given, claim(given))] == ["2026-12-15", "", "2026-12-15", "", ""]


def test_that_supplier_tax_and_own_tax_id_are_named_where_they_are_known() -> None:
    assert ("To", "The supplier of the WhatsApp invoice") in said(letter(sample()), "address")
    facts = sample("es")
    first, *others = facts.result.invoice_lines
    named = replace(first, supplier="Mensajes S.A.", supplier_tax_id="20999999999", document="")
    bare = [replace(line, document="") for line in others]
    account = replace(facts.account, tax=Tax("IGV", Decimal(18)), tax_id="", entity="")
    made = letter(Facts(replace(facts.result, invoice_lines=(named, *bare), account=account), facts.context))
    own, supplier = said(made, "address")
    assert own[1:] == ("[Nombre de la empresa]",)  # the name of an audit sends no letter
    assert supplier[1] == "Mensajes S.A."
    assert "20999999999" in supplier[2]
    assert any("IGV" in text for (text,) in said(made, "text"))
    assert said(made, "date")[0][0].startswith("22 de noviembre")
    anonymous = letter(
        Facts(replace(facts.result, invoice_lines=(replace(named, supplier_tax_id=""), *bare)), facts.context)
    )
    assert said(anonymous, "address")[1][1:] == ("Mensajes S.A.",)
