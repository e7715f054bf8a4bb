"""The tie-out (D): every total agreed to where it comes from, each check a formula, and one light over all of them."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from auditor.core.checks.lines import sentence
from auditor.core.money import rounded
from auditor.core.report.cells import BODY
from auditor.core.report.cells import EXACT_DIGITS
from auditor.core.report.cells import Entry
from auditor.core.report.cells import Kind
from auditor.core.report.cells import Look
from auditor.core.report.cells import Page
from auditor.core.report.cells import at
from auditor.core.report.cells import head
from auditor.core.report.cells import summed_where
from auditor.core.report.cells import text
from auditor.core.report.facts import Facts
from auditor.core.report.lines import recomputed
from auditor.core.report.three_way import three_way_lines

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a check: what it is, its value, and the formula that takes it from its sheet."""

    label: str
    value: Decimal
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Two figures that must agree: to within `allowed` (a formula beside its value), in money or in units.

    A formula may name the cell of its own side's label as `{label}`. Money is the invoice's but for a `currency`.
    """

    key: str
    left: Side
    right: Side
    sheets: str
    allowed: Side = Side("", _ZERO)
    kind: Kind = Kind.EXACT
    currency: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether the two agree."""
        return abs(rounded(self.left.value - self.right.value, EXACT_DIGITS)) <= self.allowed.value


def checks(facts: Facts) -> tuple[Check, ...]:
    """Give every check that must hold for the workpaper to be whole."""
    return (
        *_invoice(facts),
        *_imports(facts),
        *_expected(facts),
        *_differences(facts),
        *_claims(facts),
        *_as_exported(facts),
    )


def findings(facts: Facts) -> tuple[Check, ...]:
    """Give the checks of the invoice's own arithmetic: what fails here is the supplier's error, not ours."""
    again = [(line, recomputed(facts, line)) for line in facts.result.invoice_lines]
    wrong = sum(one is not None and rounded(line.amount - one, facts.digits) != 0 for line, one in again)
    left = Side(facts.say("d.lines_wrong"), Decimal(wrong), _sum(facts, "l_wrong"))
    return (Check("arithmetic", left, Side(facts.say("d.none_wrong"), _ZERO), "L", kind=Kind.COUNT),)


def _sum(facts: Facts, *names: str) -> str:
    return "=" + "+".join(f"SUM({facts.say(f'name.{name}')})" for name in names)


def _invoice(facts: Facts) -> Iterable[Check]:
    """Agree the invoice's lines to its stated totals, to its layers and to what was reconciled."""
    say, lines = facts.say, facts.result.invoice_lines
    every = sum((line.amount for line in lines), _ZERO)
    half = Side("", Decimal(5).scaleb(-facts.digits - 1), f"={say('name.half_unit')}")
    for control in facts.result.control_totals:
        if control.kind != "total":
            continue
        own = [line.amount for line in lines if line.source.file == control.source.file]
        formula = summed_where(say("name.l_amount"), say("name.l_file"), "{label}")
        criterion = Side(control.source.file, sum(own, _ZERO), formula)
        receipt = Side(say("d.all_lines"), every, _sum(facts, "l_amount"))
        place = facts.context.say("domain.place.row", row=control.source.row) if control.source.row else ""
        stated = Side(", ".join(p for p in (say("d.stated"), control.label, place) if p), control.amount)
        exact = control.amount != rounded(control.amount, facts.digits)
        yield Check("stated", criterion if own else receipt, stated, "L", Side("", _ZERO) if exact else half)
    layers = f"=SUMIFS({say('name.l_amount')},{say('name.l_layer')},{{label}})"
    for layer, amount in facts.result.by_layer.items():
        own_layer = sum((line.amount for line in lines if line.layer.value == layer), _ZERO)
        layer_sum = Side(facts.word("layer", layer), own_layer, layers)
        yield Check("layer", layer_sum, Side(say("d.engine_layer"), amount), "L", half)
    stated_layers = Side(say("d.sum_of_layers"), sum(facts.result.by_layer.values(), _ZERO))
    every_half = Side("", half.value * len(facts.result.by_layer))
    yield Check("layers", Side(say("d.all_lines"), every, _sum(facts, "l_amount")), stated_layers, "L", every_half)
    matched = sum((lines[place].amount for place in facts.line_of_invoice), _ZERO)
    formula = f'=SUMIFS({say("name.l_amount")},{say("name.l_line")},">0")'
    invoiced = Side(say("d.lead_invoiced"), facts.result.billed, f"={say('name.total_invoiced')}")
    yield Check("reconciled", Side(say("d.matched_lines"), matched, formula), invoiced, "L, C", half)


def _imports(facts: Facts) -> Iterable[Check]:
    """Agree the rows of every file to what became of them, and the sums of the invoice files to their lines."""
    say, imports = facts.say, facts.result.imports
    read, kept = sum(one.read for one in imports), sum(one.kept + one.left_out + one.refused for one in imports)
    yield Check(
        "rows",
        Side(say("d.rows_read"), Decimal(read), _sum(facts, "l_read")),
        Side(say("d.rows_accounted"), Decimal(kept), _sum(facts, "l_kept", "l_left_out", "l_refused")),
        "L",
        kind=Kind.COUNT,
    )
    totals = [one.total for one in imports if one.kind == "invoice" and one.total is not None]
    if totals:
        word = facts.word("import", "invoice")
        formula = f"=SUMIFS({say('name.l_total')},{say('name.l_kind')},{{label}})"
        every = sum((line.amount for line in facts.result.invoice_lines), _ZERO)
        right = Side(say("d.all_lines"), every, _sum(facts, "l_amount"))
        yield Check("import_sums", Side(word, sum(totals, _ZERO), formula), right, "L")


def _expected(facts: Facts) -> Iterable[Check]:
    """Agree the charges to the units of the log and to the expected side of the differences."""
    say, result = facts.say, facts.result
    units = Decimal(sum(cell.quantity for cell in result.cells))
    yield Check(
        "units",
        Side(say("d.units_listed"), units, _sum(facts, "g_quantity")),
        Side(say("d.units_counted"), units),
        "G",
        kind=Kind.COUNT,
    )
    parts = (facts.totals.converted(cell) for cell in result.cells)
    charged = sum((part for part in parts if part is not None), _ZERO)
    exact = sum((line.expected_exact for line in result.differences), _ZERO)
    shown = sum((line.expected for line in result.differences), _ZERO)
    yield Check(
        "charges",
        Side(say("d.charges"), charged, _sum(facts, "g_amount")),
        Side(say("d.expected_exact"), exact, _sum(facts, "f_exact")),
        "G, F",
    )
    of_numbers = sum((amount for _, amount in facts.shares.values()), _ZERO)
    yield Check(
        "numbers",
        Side(say("d.of_numbers"), of_numbers, _sum(facts, "r_amount")),
        Side(say("d.charges"), charged, _sum(facts, "g_amount")),
        "R, G",
    )
    allowed = Side(
        "",
        Decimal(len(result.differences)).scaleb(-facts.digits) / 2,
        f"=COUNT({say('name.f_line')})*{say('name.half_unit')}",
    )
    yield Check(
        "expected_rounding",
        Side(say("d.expected_rounded"), shown, _sum(facts, "f_expected")),
        Side(say("d.expected_exact"), exact, _sum(facts, "f_exact")),
        "F",
        allowed,
    )


def _differences(facts: Facts) -> Iterable[Check]:
    """Agree differences, lead schedule and bridge to each other."""
    say, result = facts.say, facts.result
    lines = result.differences
    totals = {key: f"={say(f'name.total_{key}')}" for key in ("invoiced", "expected", "difference", "unexplained")}
    summed = {
        "invoiced": sum((line.billed for line in lines), _ZERO),
        "expected": sum((line.expected for line in lines), _ZERO),
        "difference": sum((line.difference for line in lines), _ZERO),
        "unexplained": sum((line.unexplained for line in lines), _ZERO),
    }
    for key, value in summed.items():
        left = Side(say(f"d.f_{key}"), value, _sum(facts, f"f_{key}"))
        right = Side(say(f"d.lines_{key}"), value, f"={say(f'name.lines_{key}')}")
        yield Check(f"lead_{key}", left, right, "F, C")
    lead = Side(say("d.lead_difference"), result.difference, totals["difference"])
    both = f"{totals['invoiced']}-{totals['expected'][1:]}"
    yield Check("difference", Side(say("d.invoiced_less_expected"), result.billed - result.expected, both), lead, "C")
    allowed = Side(
        "",
        Decimal(2 * len(lines) + 2).scaleb(-facts.digits) / 2,
        f"=2*(COUNT({say('name.f_line')})+1)*{say('name.half_unit')}",
    )
    left = Side(say("d.f_difference"), summed["difference"], _sum(facts, "f_difference"))
    yield Check("rounding", left, lead, "F, C", allowed)
    formula = f"={say('name.total_explained')}+{say('name.total_unexplained')}"
    yield Check("explained", Side(say("d.explained_and_not"), result.difference, formula), lead, "C")
    steps = sum((step.amount for step in result.bridge), _ZERO)
    yield Check("bridge", Side(say("d.bridge"), steps, f"={say('name.bridge_total')}"), lead, "E, C")
    rest = rounded(result.expected + steps - result.billed, EXACT_DIGITS)
    residual = Side(say("d.residual"), rest, f"={say('name.bridge_residual')}")
    yield Check("residual", residual, Side(say("d.nothing"), _ZERO), "E")


def _claims(facts: Facts) -> Iterable[Check]:
    """Agree the claims to the overcharges that are disputed, and what of them is open, currency by currency."""
    say, claims = facts.say, facts.context.claims
    raised = [claim for claim in claims if not claim.carried]
    decided = facts.context.decisions
    disputed = [
        line.difference
        for line in facts.result.differences
        if line.difference > 0 and line.key in decided and decided[line.key].decision == "disputed"
    ]
    if facts.result.has_log and (raised or disputed):
        formula = (
            f'=SUMIFS({say("name.f_difference")},{say("name.f_decided")},{{label}},{say("name.f_difference")},">0")'
        )
        left = Side(facts.word("decision", "disputed"), sum(disputed, _ZERO), formula)
        formula = f"=SUMIFS({say('name.s_claimed')},{say('name.s_origin')},{{label}})"
        right = Side(say("s.here"), sum((claim.amount for claim in raised), _ZERO), formula)
        yield Check("claims_raised", left, right, "F, S")
    for currency in sorted({claim.currency for claim in claims}):
        own = [claim for claim in claims if claim.currency == currency]
        sums = {
            key: f"SUMIFS({say(f'name.s_{key}')},{say('name.s_currency')},{{label}})"
            for key in ("open", "claimed", "settled")
        }
        left = Side(currency, sum((claim.open for claim in own), _ZERO), f"={sums['open']}")
        less = sum((claim.amount - claim.settled for claim in own), _ZERO)
        right = Side(currency, less, f"={sums['claimed']}-{sums['settled']}")
        yield Check("claims_open", left, right, "S", currency=currency)


def _as_exported(facts: Facts) -> Iterable[Check]:
    """Agree the live totals to what they were at export: data sheets are open, so one may be changed."""
    say, result = facts.say, facts.result
    live = sum((line.unexplained for line in result.differences), _ZERO)
    figures = {
        "invoiced": (result.billed, result.billed),
        "expected": (result.expected, result.expected),
        "unexplained": (rounded(live, EXACT_DIGITS), rounded(result.unexplained, EXACT_DIGITS)),
    }
    for key, (value, exported) in figures.items():
        left = Side(say(f"d.lead_{key}"), value, f"={say(f'name.total_{key}')}")
        yield Check(f"exported_{key}", left, Side(say("d.at_export"), exported), "C")


def tie_out_page(facts: Facts, required: Sequence[Check]) -> Page:
    """Build D: the checks, each with both figures, what they are off by, what is allowed, and TRUE or FALSE."""
    say = facts.say
    page = facts.page("D")
    extra = findings(facts)
    overall = all(check.holds for check in required)
    top = BODY + 2
    area = f"{at(top + 1, 8)}:{at(top + len(required), 8)}"
    page.line(BODY, [text(say("d.overall"), Look.HEADLINE)])
    light = Entry(Kind.CHECK, overall, f"=AND({area})", look=Look.HEADLINE, fill=f"check:{overall}")
    page.put(BODY, 8, light, say("name.tie_out_ok"), control=overall)
    _lit(page, BODY, BODY)
    _lit(page, top + 1, top + len(required))
    heads = ("number", "what", "left", "left_amount", "right", "right_amount", "off", "allowed", "agrees", "sheets")
    figures = ("number", "left_amount", "right_amount", "off", "allowed")
    page.line(top, [head(say(f"d.{key}"), Kind.MONEY if key in figures else Kind.TEXT) for key in heads])
    for number, check in enumerate(required, 1):
        _check(facts, page, top + number, number, check)
    row = top + len(required) + 2
    page.line(row, [text(say("d.findings"), Look.SECTION), *[text("", Look.SECTION)] * 9])
    for number, check in enumerate(extra, 1):
        _check(facts, page, row + number, len(required) + number, check)
    _lit(page, row + 1, row + len(extra))
    last = _line_findings(facts, page, row + len(extra) + 2)
    three_way_lines(facts, page, last + 2)
    return page


def _lit(page: Page, first: int, last: int) -> None:
    """Let the lights of some rows follow their checks."""
    holds = at(first, 8)
    page.light((first, 8, last, 8), {"check:True": f"={holds}", "check:False": f"=NOT({holds})"})


def _line_findings(facts: Facts, page: Page, top: int) -> int:
    """List what the invoice's lines say against themselves, each other and the contract; gives the last row."""
    say = facts.say
    page.line(top, [text(say("d.line_findings"), Look.SECTION), *[text("", Look.SECTION)] * 9])
    found = facts.result.line_findings
    if not found:
        page.put(top + 1, 1, text(say("d.line_findings_none")))
        return top + 1
    heads = (
        head(say("d.number"), Kind.COUNT),
        head(say("d.finding")),
        head(say("d.where")),
        head(say("d.at_stake"), Kind.MONEY),
    )
    page.line(top + 1, heads)
    for number, one in enumerate(found, 1):
        where = "; ".join(facts.place(place) for place in one.places)
        stake = Entry(Kind.MONEY, one.amount, currency=one.currency) if one.amount is not None else text("")
        cells = [
            Entry(Kind.COUNT, number, look=Look.LABEL),
            text(sentence(one, facts.context.say, facts.context.money), wrap=True),
            text(where, wrap=True),
            stake,
        ]
        page.line(top + 1 + number, cells)
    return top + 1 + len(found)


def _check(facts: Facts, page: Page, row: int, number: int, check: Check) -> None:
    money = check.currency or facts.currency if check.kind is not Kind.COUNT else ""
    left, right = (
        side.formula.replace("{label}", at(row, place)) for side, place in ((check.left, 2), (check.right, 4))
    )
    off = rounded(check.left.value - check.right.value, EXACT_DIGITS)
    digits = facts.say("name.exact_digits")
    page.line(
        row,
        [
            Entry(Kind.COUNT, number, look=Look.LABEL),
            text(facts.say(f"d.check.{check.key}"), wrap=True),
            text(check.left.label, wrap=True),
            Entry(check.kind, check.left.value, left, cross=True, currency=money),
            text(check.right.label, wrap=True),
            Entry(check.kind, check.right.value, right, cross=True, currency=money),
            Entry(check.kind, off, f"=ROUND({at(row, 3)}-{at(row, 5)},{digits})", currency=money),
            Entry(check.kind, check.allowed.value, check.allowed.formula, cross=True, currency=money),
            Entry(Kind.CHECK, check.holds, f"=ABS({at(row, 6)})<={at(row, 7)}", fill=f"check:{check.holds}"),
            text(check.sheets),
        ],
    )
