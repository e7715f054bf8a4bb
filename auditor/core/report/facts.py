"""The facts every page of a report draws on, worked out once from what the report is handed, and words for them."""

import re
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple
from unicodedata import combining
from unicodedata import normalize
from zoneinfo import ZoneInfo

from auditor.core.day_words import day_words
from auditor.core.free_units import free_units
from auditor.core.money import minor_digits
from auditor.core.numbers_called import numbers_in_full
from auditor.core.problems import Place
from auditor.core.records import Account
from auditor.core.report.cells import Page
from auditor.core.report.cells import Sheet
from auditor.core.report.given import ReportContext
from auditor.core.report.sums import many
from auditor.core.results import Cell
from auditor.core.results import Difference
from auditor.core.results import RateUsed
from auditor.core.results import Reconciliation
from auditor.core.results import Status
from auditor.core.tables import NEVER
from auditor.core.totals import Totals

TO_REVIEW = (Status.DIFFERENT, Status.MISSING, Status.UNEXPECTED, Status.NOT_COMPARABLE)
"""The statuses that a reviewer has to look at; the others need nothing."""

_HOST = re.compile(r"https?://[^/\s]+/")


@dataclass(frozen=True, slots=True)
class Lead:
    """A row of the lead schedule: an account's category in a month, and the places of its differences."""

    number: int
    waba_id: str
    period: str
    category: str
    differences: tuple[int, ...]

    @property
    def key(self) -> str:
        """Give the key under which a note on it is kept."""
        return f"{self.waba_id}|{self.period}|{self.category}"


class Share(NamedTuple):
    """What a number's units come to in a month, in the order in which they are listed."""

    cost_centre: str
    waba_id: str
    number: str
    period: str


@dataclass(frozen=True)
class Facts:
    """A reconciliation and its context with all that several sheets ask of them, worked out once."""

    result: Reconciliation
    context: ReportContext

    def say(self, key: str, **values: object) -> str:
        """Give a text of the workbook's own catalogue."""
        return self.context.say(f"workbook.{key}", **values)

    def word(self, table: str, code: str) -> str:
        """Give the word of a code of formats.md §8; nothing for nothing."""
        return self.context.say(f"domain.{table}.{code}") if code else ""

    def place(self, place: Place) -> str:
        """Name a place in a file as a reader would look it up."""
        row = self.context.say("domain.place.row", row=place.row) if place.row else ""
        return ", ".join(part for part in (place.file, place.sheet, row) if part)

    def words(self, table: str, codes: str) -> str:
        """Give the words of codes joined by `;`, as reasons are."""
        return "; ".join(self.word(table, code) for code in codes.split(";") if code)

    def broken_down(self, word: str) -> str:
        """Give a dimension's word, or say that it is not broken down."""
        return word or self.say("not_broken_down")

    def market(self, name: str) -> str:
        """Name a market in the report's language; one that is not Meta's keeps its own name."""
        try:
            return self.context.say("domain.market." + catalogue_key(name)) if name else ""
        except KeyError:
            return name

    def card(self, name: str) -> str:
        """Name a rate card: Meta's own and the one set by hand by their words, another by its file's name."""
        try:
            return self.context.say(f"domain.card.{name}") if name else ""
        except KeyError:
            return name.replace("\\", "/").rsplit("/", 1)[-1]

    @property
    def cards(self) -> Sequence[str]:
        """Name the rate cards that were used or, where no rate was, those of the account."""
        used = dict.fromkeys(self.card(one.card) for one in self.result.rates)
        return tuple(used) or tuple(map(self.card, self.account.cards))

    def source(self, source: str) -> str:
        """Say where a rate was taken from, in the report's language."""
        return source_words(source, self.context.say)

    def money(self, amount: Decimal) -> str:
        """Show an amount in the invoice's currency."""
        return self.context.money(amount, self.currency)

    @property
    def account(self) -> Account:
        """Give the audited account."""
        return self.result.account

    @cached_property
    def currencies(self) -> dict[str, str]:
        """Give the currency that each account is charged in."""
        return {waba.id: waba.currency for waba in self.account.wabas}

    @property
    def currency(self) -> str:
        """Give the invoice's currency."""
        return self.result.account.currency

    @property
    def digits(self) -> int:
        """Give the decimals of the invoice's minor unit."""
        return minor_digits(self.currency)

    def waba(self, waba_id: str) -> str:
        """Name an account as the user knows it."""
        return self._waba_names.get(waba_id) or waba_id

    def phone(self, number_id: str) -> str:
        """Name a business number as others do: by its phone, else by its id."""
        return self._phones.get(number_id, number_id)

    def number(self, number_id: str) -> str:
        """Name a business number as the user knows it, its phone beside it."""
        return self._numbers.get(number_id, number_id)

    @cached_property
    def _waba_names(self) -> Mapping[str, str]:
        return {waba.id: waba.name for waba in self.account.wabas}

    @cached_property
    def _numbers(self) -> Mapping[str, str]:
        return numbers_in_full(self.account)

    @cached_property
    def _phones(self) -> Mapping[str, str]:
        return {number.id: number.phone or number.id for waba in self.account.wabas for number in waba.numbers}

    @cached_property
    def shares(self) -> Mapping[Share, tuple[int, Decimal]]:
        """Add up the units and the amount of each number and month, those without a cost centre last."""
        centres = {number.id: number.cost_centre for waba in self.account.wabas for number in waba.numbers}
        sums: dict[Share, tuple[int, Decimal]] = {}
        for cell in self.result.cells:
            share = Share(centres.get(cell.phone_number_id, ""), cell.waba_id, cell.phone_number_id, cell.period)
            units, amount = sums.get(share, (0, Decimal(0)))
            sums[share] = (units + cell.quantity, amount + (self.totals.converted(cell) or Decimal(0)))
        return {share: sums[share] for share in sorted(sums, key=lambda share: (not share.cost_centre, share))}

    def month(self, day: date) -> str:
        """Name the month of a day: `October 2026`."""
        return self.say("period_month", month=self.context.say(f"domain.month.{day.month}"), year=day.year)

    def wall(self, moment: datetime) -> datetime:
        """Turn a moment into the first account's wall clock, without zone."""
        return moment.astimezone(ZoneInfo(self.account.wabas[0].time_zone)).replace(tzinfo=None)

    def local(self, instant: int, waba_id: str = "") -> datetime | None:
        """Turn microseconds UTC into the account's wall clock, without zone; None for `NEVER`."""
        if instant == NEVER:
            return None
        zone = next(
            (waba.time_zone for waba in self.account.wabas if waba.id == waba_id), self.account.wabas[0].time_zone
        )
        seconds, micros = divmod(instant, 1_000_000)
        moment = datetime.fromtimestamp(seconds, ZoneInfo(zone)).replace(tzinfo=None)
        return moment.replace(microsecond=micros // 1000 * 1000)

    @cached_property
    def period(self) -> str:
        """Name the audited period: `October 2026`, or its first and last day."""
        return period_of(self.account, self.context.say)

    @cached_property
    def causes(self) -> tuple[str, ...]:
        """Give the causes found in any line, in the bridge's order; rounding stands even where it is nothing."""
        order = [step.cause for step in self.result.bridge]
        found = {cause.cause for line in self.result.differences for cause in line.causes if cause.proof == "found"}
        found = (found | {"rounding"}) - {"unexplained"}
        return tuple(
            sorted(found, key=lambda cause: (cause == "rounding", order.index(cause) if cause in order else 99, cause))
        )

    @cached_property
    def leads(self) -> tuple[Lead, ...]:
        """Group the differences into the rows of the lead schedule, in their order."""
        groups: dict[tuple[str, str, str], list[int]] = {}
        for place, line in enumerate(self.result.differences):
            groups.setdefault((line.waba_id, line.period, line.category), []).append(place)
        return tuple(Lead(n, *key, tuple(places)) for n, (key, places) in enumerate(groups.items(), 1))

    @cached_property
    def lead_of(self) -> Mapping[int, int]:
        """Give the lead row of each difference."""
        return {place: lead.number for lead in self.leads for place in lead.differences}

    @cached_property
    def lead_sums(self) -> int:
        """Give how many formulas of the lead schedule go over F: lines, both sides, what to review and each cause."""
        return len(self.leads) * (4 + len(self.causes))

    @cached_property
    def lead_order(self) -> Sequence[int]:
        """Give the places of the differences as F lists them: as they are numbered, very many by their lead row.

        So each row of the lead schedule finds its lines together (`core/report/sums.py`).
        """
        places = range(len(self.result.differences))
        if not many(self.lead_sums, len(places)):
            return places
        return sorted(places, key=self.lead_of.__getitem__)

    @cached_property
    def line_of_cell(self) -> Mapping[int, int]:
        """Give the number (from 1) of the difference that each cell of charges went into."""
        return {cell: number for number, line in enumerate(self.result.differences, 1) for cell in line.cells}

    @cached_property
    def free(self) -> Mapping[str, tuple[int, ...]]:
        """Give, by line, the places of the free cells that it may bill."""
        return free_units(self.result)

    @cached_property
    def line_of_invoice(self) -> Mapping[int, int]:
        """Give the number (from 1) of the difference that each invoice line went into."""
        return {place: number for number, line in enumerate(self.result.differences, 1) for place in line.lines}

    @cached_property
    def to_review(self) -> tuple[Difference, ...]:
        """Give the differences that a reviewer has to look at."""
        return tuple(line for line in self.result.differences if line.status in TO_REVIEW)

    @cached_property
    def materiality(self) -> Decimal:
        """Give the materiality in force: the larger of its amount and its percentage of what is expected."""
        stated = self.account.materiality
        return max(stated.amount, abs(self.result.expected) * stated.percent / 100)

    @cached_property
    def totals(self) -> Totals:
        """Give the sums that charts show as well."""
        return Totals(self.result)

    @cached_property
    def rate_numbers(self) -> Mapping[int, int]:
        """Give the number (from 1) of each rate used among those on J, by its identity."""
        return {id(used): number for number, used in enumerate(self.result.rates, 1)}

    def rate_used(self, cell: Cell) -> RateUsed | None:
        """Find where a cell's rate stands: the card's row in force on its day."""
        for market in (cell.market, "*"):
            for category in (cell.category, "marketing" if cell.category == "marketing_lite" else cell.category):
                for used in self._cards.get((cell.currency, market, category), ()):
                    in_force = used.first <= cell.day and (used.last is None or cell.day <= used.last)
                    if in_force and used.rate == cell.rate:
                        return used
        return None

    @cached_property
    def _cards(self) -> Mapping[tuple[str, str, str], Sequence[RateUsed]]:
        table: dict[tuple[str, str, str], list[RateUsed]] = {}
        for used in self.result.rates:
            table.setdefault((used.currency, used.market, used.category), []).append(used)
        return table

    def _named(self, role: str, stated: str) -> str:
        """Name who prepared or reviewed: as the account states it, else who signed and still stands behind it."""
        signed = (one.who for one in self.context.sign_offs if one.role == role and not one.changes)
        return stated or next(signed, "") or self.say("band.nobody")

    def page(self, code: str) -> Page:
        """Begin the sheet of an index code."""
        return Page(code, self.say(f"sheet.{code}"))

    def finish(
        self, page: Page, conclusion: str, *, frozen: tuple[int, int] | None = None, protected: bool = False,
        wide: bool = False, widths: Mapping[int, int] | None = None,
    ) -> Sheet:  # fmt: skip
        """Put the heading on a page: entity, period, content, code, preparer, date; purpose, source, conclusion."""
        who = self.say(
            "band.who",
            preparer=self._named("preparer", self.account.preparer),
            reviewer=self._named("reviewer", self.account.reviewer),
            date=day_words(self.wall(self.context.made_at), self.context.say),
        )
        entity = subject_of(self.account, self.context.say)
        remarks = tuple(
            (self.say(f"band.{part}"), said)
            for part, said in (
                ("purpose", self.say(f"purpose.{page.code}")),
                ("source", self.say(f"source.{page.code}")),
                ("conclusion", conclusion),
            )
        )
        return Sheet(
            page.code,
            page.name,
            (f"{page.code} · {page.name} — {entity}", who),
            remarks,
            page.cells,
            tuple(page.tables),
            tuple(page.charts),
            protected,
            frozen or (5, 0),
            wide,
            widths or {},
            tuple(page.pictures),
            tuple(page.scales),
            tuple(page.sections),
            frozenset(page.hidden),
            page.aside,
            tuple(page.lights),
        )


def period_of(account: Account, say: Callable[..., str]) -> str:
    """Name an audited period: `October 2026`, or its first and last day."""
    first, last = account.first, account.last
    if first.day == 1 and (first.year, first.month) == (last.year, last.month) and (last + timedelta(1)).day == 1:
        return say("workbook.period_month", month=say(f"domain.month.{first.month}"), year=first.year)
    return say("workbook.period_days", first=day_words(first, say), last=day_words(last, say))


def subject_of(account: Account, say: Callable[..., str]) -> str:
    """Say what a workpaper is about, as every sheet's heading does: entity, period, currency."""
    parts = (account.entity or account.name, period_of(account, say), account.currency)
    return " · ".join(part for part in parts if part)


def month(period: str) -> date | None:
    """Give the first day of a month written `2026-10`; None for nothing."""
    return date(int(period[:4]), int(period[5:7]), 1) if period else None


def sign(amount: Decimal) -> str:
    """Give the code of a difference's direction: `under`, `even` or `over`."""
    return ("under", "even", "over")[1 + (amount > 0) - (amount < 0)]


def catalogue_key(name: str) -> str:
    """Give the catalogue's key of a market or a source: its words in lower case and without accents, joined by `_`."""
    plain = "".join(mark for mark in normalize("NFKD", name.lower()) if not combining(mark))
    return "_".join(re.findall(r"\w+", plain))


def source_words(source: str, say: Callable[..., str]) -> str:
    """Say where a rate was taken from: what the bundled cards name in the language of `say`, another as it stands.

    Of an address only the path belongs to the key.
    """

    def one(part: str) -> str:
        try:
            return say("sources.of." + catalogue_key(_HOST.sub("", part)))
        except KeyError:
            return part

    return " + ".join(one(part) for part in source.split(" + ")) if source else ""


def mask_user(user: str) -> str:
    """Mask a customer: the first four and the last two characters stay, all of a short one but its last two goes."""
    kept = 4 if len(user) > 8 else 0
    return user[:kept] + "•" * max(len(user) - kept - 2, 3) + user[-2:] if user else ""


def mask_unit(unit_id: str, user: str) -> str:
    """Mask the id of a message: a wamid holds the customer's number, and so may any id that contains it."""
    message, mark, participant = unit_id.partition("#")
    if message.startswith("wamid."):
        message = "wamid.•••" + message[-8:] if len(message) > 24 else "wamid.•••"
    elif user and user in message:
        message = message.replace(user, mask_user(user))
    return message + mark + mask_user(participant)
