"""A reconciliation as the sheets of an audit workpaper: typed cells and formulas, no file format (workpaper.md §§1-2).

`build_report` is pure: it is given the clock, the words, the evidence and the journal by its context.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal

from auditor.core.report.bridge import FEEDS
from auditor.core.report.bridge import bridge_page
from auditor.core.report.cells import BODY
from auditor.core.report.cells import Control
from auditor.core.report.cells import DefinedName
from auditor.core.report.cells import Page
from auditor.core.report.cells import Sheet
from auditor.core.report.charges import charges_page
from auditor.core.report.charges import evidence_page
from auditor.core.report.charts import hours_page
from auditor.core.report.cover import cover_page
from auditor.core.report.differences import FIRST_LINE
from auditor.core.report.differences import differences_page
from auditor.core.report.facts import Facts
from auditor.core.report.given import JournalEntry
from auditor.core.report.given import ReportContext
from auditor.core.report.index import index_page
from auditor.core.report.lead import lead_page
from auditor.core.report.numbers import numbers_page
from auditor.core.report.open_claims import claims_page
from auditor.core.report.open_claims import overdue
from auditor.core.report.rates import fx_spans
from auditor.core.report.rates import rates_page
from auditor.core.report.sums import SUMS_OF_A_LINE
from auditor.core.report.sums import RowSums
from auditor.core.report.support import allowances_page
from auditor.core.report.support import checklist_page
from auditor.core.report.support import health_page
from auditor.core.report.support import imports_page
from auditor.core.report.support import journal_page
from auditor.core.report.support import signs
from auditor.core.report.support import widened
from auditor.core.report.tieout import Check
from auditor.core.report.tieout import checks
from auditor.core.report.tieout import findings
from auditor.core.report.tieout import tie_out_page
from auditor.core.results import BridgeStep
from auditor.core.results import CauseAmount
from auditor.core.results import Reconciliation
from auditor.core.results import business_numbers

__all__ = ["JournalEntry", "Report", "ReportContext", "build_report"]


@dataclass(frozen=True, slots=True)
class Report:
    """The workpaper: its sheets in order, the names its formulas use, and the engine's figures to be found in it.

    `anchors` gives, for each link of a cell (a sheet's code, `F:3` a difference, `C:1` a lead row, `H:key` the first
    evidence of a difference, `J:2` a rate, `J:fx:2` an exchange rate), the sheet's tab and row.
    """

    sheets: tuple[Sheet, ...]
    names: tuple[DefinedName, ...]
    controls: tuple[Control, ...]
    anchors: Mapping[str, tuple[str, int]]
    context: ReportContext
    title: str
    author: str


def build_report(result: Reconciliation, context: ReportContext) -> Report:
    """Lay a reconciliation out as the sheets of workpaper.md §1 and one of charts, in the language of `context.say`."""
    facts = Facts(_accrued(result), context)
    evidence, first, shown, known = evidence_page(facts)
    hours, hours_found = hours_page(facts)
    required = checks(facts)
    charges, imports = charges_page(facts), imports_page(facts)
    lines = len(result.differences)
    by_line = (
        RowSums(charges, facts.say("name.g_line"), SUMS_OF_A_LINE * lines),
        RowSums(imports, facts.say("name.l_line"), SUMS_OF_A_LINE * lines),
    )
    differences = differences_page(facts, *by_line)
    by_lead = RowSums(differences, facts.say("name.f_lead"), facts.lead_sums)
    conclusions = _conclusions(facts, required, shown, known) | {"O": hours_found}
    conclusions["C"] += _by_place(facts, "F", by_lead)
    conclusions["F"] += _by_place(facts, "G, L", *by_line)
    pages = {
        "A": cover_page(facts, ties=all(check.holds for check in required)),
        "B": index_page(facts, conclusions),
        "C": lead_page(facts, by_lead),
        "D": tie_out_page(facts, required),
        "E": bridge_page(facts),
        "F": differences,
        "G": charges,
        "H": evidence,
        "I": allowances_page(facts),
        "J": rates_page(facts),
        "K": health_page(facts),
        "L": imports,
        "M": checklist_page(facts),
        "N": journal_page(facts),
        "O": hours,
        "R": numbers_page(facts),
        "S": claims_page(facts),
    }
    return Report(
        tuple(_finished(facts, page, conclusions[code]) for code, page in pages.items()),
        tuple(name for page in pages.values() for name in page.names),
        tuple(control for page in pages.values() for control in page.controls),
        _anchors(facts, pages, first),
        context,
        f"{facts.account.entity or facts.account.name} · {facts.period}",
        facts.account.preparer,
    )


def _accrued(result: Reconciliation) -> Reconciliation:
    """Give a reconciliation without an invoice (a month-end accrual) its one cause: nothing of it is invoiced yet."""
    if not result.has_log:
        return _unheld(result)
    if result.bridge or any(line.lines for line in result.differences):
        return result
    open_ = [(line, line.billed - line.expected) for line in result.differences]
    lines = tuple(
        replace(line, difference=amount, causes=(CauseAmount("missing_line", amount),)) for line, amount in open_
    )
    difference = result.billed - result.expected
    missing = sum((amount for _, amount in open_), Decimal(0))
    steps = (BridgeStep("missing_line", missing), BridgeStep("rounding", difference - missing))
    return replace(
        result, differences=lines, difference=difference, bridge=(*steps, BridgeStep("unexplained", Decimal(0))),
        unexplained=Decimal(0),
    )  # fmt: skip


def _unheld(result: Reconciliation) -> Reconciliation:
    """Give an invoice without a log its bridge: nothing is expected of it, so that nothing of it is explained."""
    lines = tuple(replace(line, difference=line.billed) for line in result.differences)
    unexplained = sum((line.billed for line in lines), Decimal(0))
    steps = (BridgeStep("rounding", result.billed - unexplained), BridgeStep("unexplained", unexplained))
    return replace(result, differences=lines, difference=result.billed, bridge=steps, unexplained=unexplained)


def _finished(facts: Facts, page: Page, conclusion: str) -> Sheet:
    """Give a page its heading, frozen heads, protection and paper."""
    frozen = (page.tables[0].top + 1, 0) if len(page.tables) == 1 else (5, 0)
    fixed: dict[str, Mapping[int, int]] = {
        "A": {0: 38, 1: 42, 2: 24, 3: 30, 4: 26},
        "B": {0: 14, 1: 34, 2: 92},
        "E": {0: 40} | dict.fromkeys(range(FEEDS, FEEDS + 4), 30),  # whose heads make the row no higher
        "G": {17: 60},
        "J": {11: 70},
        "K": {0: 62},
        "L": {12: 62},
        "N": {3: 34, 4: 90},
        "O": {0: 14} | dict.fromkeys(range(1, 25), 7) | {25: 9},
    }
    frozen_columns = {"F": 1, "H": 1}
    rows = {"C": (BODY + 1, 2), "D": (BODY + 3, 0)}
    return facts.finish(
        page,
        conclusion,
        frozen=rows.get(page.code, (frozen[0], frozen_columns.get(page.code, 0))),
        protected=page.code in "ACD",
        wide=page.code in "CEFGHLO",
        widths=fixed.get(page.code),
    )


def _anchors(facts: Facts, pages: Mapping[str, Page], first: Mapping[str, int]) -> dict[str, tuple[str, int]]:
    anchors = {code: (page.name, 0) for code, page in pages.items()}
    anchors |= {f"F:{place + 1}": (pages["F"].name, row) for row, place in enumerate(facts.lead_order, FIRST_LINE)}
    anchors |= {f"C:{lead.number}": (pages["C"].name, BODY + lead.number) for lead in facts.leads}
    exchange, rates = pages["J"].tables
    for kind, table in (("J:fx", exchange), ("J", rates)):
        rows = range(table.first, table.last + 1)
        anchors |= {f"{kind}:{number}": (pages["J"].name, row) for number, row in enumerate(rows, 1)}
    return anchors | {f"H:{key}": (pages["H"].name, row) for key, row in first.items()}


def _conclusions(facts: Facts, required: Sequence[Check], shown: int, known: int) -> dict[str, str]:
    """Say the conclusion of every sheet in one sentence, with its figures."""
    result, say = facts.result, facts.say
    extra = findings(facts)
    failing = sum(not check.holds for check in required)
    more = known - shown
    difference, unexplained = facts.money(result.difference), facts.money(result.unexplained)
    units = sum(cell.quantity for cell in result.cells)
    passed = sum(one.used > one.size for one in result.allowances)
    found, messages = len(signs(facts)) + len(result.health.gaps), f"{result.health.messages:,}"
    said = {
        "A": say(
            "conclusion.A_no_log" if not result.has_log
            else "conclusion.A_accrual" if not result.invoice_lines
            else "conclusion.A" if result.difference or facts.to_review else "conclusion.A_even",
            findings=len(result.line_findings),
            invoiced=facts.money(result.billed),
            expected=facts.money(result.expected),
            difference=difference,
            unexplained=unexplained,
        ),
        "B": say("conclusion.B"),
        "C": say(
            "conclusion.C" if facts.to_review else "conclusion.C_none",
            rows=len(facts.leads), review=len(facts.to_review), lines=len(result.differences),
        ),
        "D": say("conclusion.D_ties" if not failing else "conclusion.D_fails", checks=len(required), failing=failing),
        "E": say(f"conclusion.{_bridged(result)}", difference=difference, unexplained=unexplained),
        "F": say(
            "conclusion.F" if facts.to_review else "conclusion.F_none",
            lines=len(result.differences), review=len(facts.to_review),
        ),
        "G": say("conclusion.G", units=f"{units:,}", expected=facts.money(result.expected)),
        "H": say("conclusion.H_all" if shown else "conclusion.H_none", shown=f"{shown:,}")
        if more <= 0
        else say(
            "conclusion.H_more" if facts.context.evidence_file else "conclusion.H_more_no_file",
            shown=f"{shown:,}", known=f"{known:,}", more=f"{more:,}", file=facts.context.evidence_file,
        ),
        "I": say("conclusion.I", crossed=passed, all=len(result.allowances)),
        "J": say("conclusion.J", rates=len(result.rates), fx=len(fx_spans(result.fx))),
        "K": say("conclusion.K", findings=found, messages=messages, widened=widened(facts))
        if found
        else say("conclusion.K_clean", messages=messages),
        "L": say("conclusion.L", files=len(result.imports), refused=sum(one.refused for one in result.imports)),
        "M": say("conclusion.M", numbers=len(business_numbers(facts.account, result))),
        "N": say("conclusion.N", entries=len(facts.context.journal)),
        "R": say("conclusion.R", numbers=len({cell.phone_number_id for cell in result.cells})),
        "S": say(
            "conclusion.S" if facts.context.claims else "conclusion.S_none",
            claims=len(facts.context.claims), overdue=overdue(facts),
        ),
    }  # fmt: skip
    if result.offset:
        money = {"over": facts.money(result.unexplained_over), "under": facts.money(-result.unexplained_under)}
        for code in ("A", "E"):
            said[code] += " " + say("conclusion.offset", **money)
    for check in extra:
        if not check.holds:
            said["D"] += " " + say(f"conclusion.D_{check.key}", lines=f"{check.left.value:,}")
    if result.line_findings:
        said["D"] += " " + say("conclusion.D_findings", findings=f"{len(result.line_findings):,}")
    return _with_tiers(facts, said)


def _bridged(result: Reconciliation) -> str:
    """Tell which conclusion the bridge comes to: nothing to explain, all, nothing or a part of it explained."""
    if not any(step.amount for step in result.bridge):
        return "E_even"
    if not result.unexplained:
        return "E_all"
    explained = any(step.amount for step in result.bridge if step.cause not in ("rounding", "unexplained"))
    return "E" if explained else "E_none"


def _by_place(facts: Facts, sheets: str, *sums: RowSums) -> str:
    """Say what comes of sorting other sheets, where a sheet's formulas name their rows."""
    return " " + facts.say("conclusion.by_place", sheets=sheets) if any(one.sliced for one in sums) else ""


def _with_tiers(facts: Facts, said: dict[str, str]) -> dict[str, str]:
    """Say under the rates which volumes were priced without their tiers being on file (pricing.md §7)."""
    if facts.result.tiers_not_on_file:
        volumes = "; ".join(_untiered(facts, *one) for one in facts.result.tiers_not_on_file.items())
        said["J"] += " " + facts.say("conclusion.J_tiers", volumes=volumes)
    return said


def _untiered(facts: Facts, key: str, volume: int) -> str:
    """Name a volume's market and category (`Peru / utility`) in the report's language."""
    market, _, category = key.rpartition(" / ")
    return f"{facts.market(market)}, {facts.word('category', category)}: {volume:,}"
