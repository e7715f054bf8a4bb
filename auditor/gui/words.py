"""The domain's words and figures as the window shows them: codes in, the reader's language out, never a raw code."""

from collections.abc import Mapping
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from auditor.core.causes.words import cause_sentence
from auditor.core.causes.words import support_sentence
from auditor.core.money import minor_digits
from auditor.core.money import rounded
from auditor.core.numbers_called import numbers_called
from auditor.core.records import Account
from auditor.core.report.facts import catalogue_key
from auditor.core.report.facts import source_words
from auditor.core.results import CauseAmount
from auditor.core.results import Support
from auditor.core.tables import NEVER
from auditor.gui.tables.rows import BLANK
from auditor.language import Language
from auditor.language import catalogue
from auditor.verbs.line_words import line_words

_MICROSECONDS = 1_000_000


class Words:
    """Says the words of one audit in one language."""

    def __init__(self, language: Language, account: Account) -> None:
        """Speak `language` about `account`: its currency and the names and zones of its WABAs."""
        self.language = language
        self.currency = account.currency
        self._digits = minor_digits(account.currency)
        self._wabas = {waba.id: waba.name or waba.id for waba in account.wabas}
        self._zones = {waba.id: waba.time_zone for waba in account.wabas}
        self._currencies = {waba.id: waba.currency for waba in account.wabas}
        self._numbers = numbers_called(account)

    def domain(self, family: str, code: str) -> str:
        """Give the word of a code: `domain("status", "missing")`. An empty code is a dash."""
        return self.language.text(f"domain.{family}.{code}") if code else BLANK

    def market(self, name: str) -> str:
        """Give a market's name; one that the catalogue does not list (a contract's own) keeps its name."""
        if not name:
            return BLANK
        return catalogue(self.language.code).get(f"domain.market.{catalogue_key(name)}", name)

    def place(self, market: str, country: str) -> str:
        """Name where charges went: the market or, of a line that states none, the country."""
        return self.market(market) if market else self.country(country)

    def country(self, code: str) -> str:
        """Give the name of a country by its code of two letters; what is no such code is its own name."""
        return self.language.locale.territories.get(code, code) or BLANK

    def card(self, name: str) -> str:
        """Give a rate card's name: Meta's own, the one set by hand, or the file's."""
        return catalogue(self.language.code).get(f"domain.card.{name}", name) or BLANK

    def source(self, source: str) -> str:
        """Say where a rate was taken from."""
        return source_words(source, self.language.text)

    def waba(self, waba_id: str) -> str:
        """Give the account's name as the user knows it."""
        return self._wabas.get(waba_id, waba_id) or BLANK

    def currency_of(self, waba_id: str) -> str:
        """Give the currency that an account is charged in, of all accounts where it is not one of them."""
        return self._currencies.get(waba_id) or ", ".join(sorted(set(self._currencies.values())))

    def phone(self, phone_number_id: str) -> str:
        """Give what a business number is called: its name, phone or id, the first that is known."""
        return self._numbers.get(phone_number_id, phone_number_id) or BLANK

    def period(self, period: str) -> str:
        """Give `2026-10` as `Oct 2026`."""
        if not period:
            return BLANK
        year, _, month = period.partition("-")
        return f"{self.language.text(f'domain.month_short.{int(month)}')} {year}"

    def money(self, amount: Decimal, currency: str = "") -> str:
        """Give an amount with its currency (empty: the invoice's); no line of text is broken between the two."""
        return self.language.money(amount, currency or self.currency).replace(" ", "\N{NO-BREAK SPACE}")

    def figure(self, amount: Decimal | None) -> str:
        """Give an amount for a column whose head names the currency."""
        return BLANK if amount is None else self.language.number(amount, self._digits)

    def signed(self, amount: Decimal) -> str:
        """Give a difference with its sign always written."""
        return f"{'+' if rounded(amount, self._digits) > 0 else ''}{self.figure(amount)}"

    def signed_money(self, amount: Decimal) -> str:
        """Give a difference with sign and currency."""
        return f"{'+' if rounded(amount, self._digits) > 0 else ''}{self.money(amount)}"

    def count(self, quantity: Decimal | int | None) -> str:
        """Give a quantity with all its decimals."""
        return BLANK if quantity is None else self.language.number(quantity)

    def rate(self, rate: Decimal | None) -> str:
        """Give a rate per unit, or an exchange rate."""
        return BLANK if rate is None else self.language.rate(rate)

    def share(self, part: Decimal, whole: Decimal) -> str:
        """Give a part in per cent of a whole, one decimal; of nothing it is all."""
        percent = part / whole * 100 if whole else Decimal(100)
        return f"{self.language.number(percent, 1)} %"

    def instant(self, at: int, waba_id: str = "") -> str:
        """Give an instant (microseconds UTC) in the WABA's zone, to the second."""
        moment = self.local(at, waba_id)
        return BLANK if moment is None else f"{self.language.day(moment)} {moment:%H:%M:%S}"

    def local(self, at: int, waba_id: str = "") -> datetime | None:
        """Give an instant as a time in the WABA's zone; None where it is not known."""
        if at == NEVER:
            return None
        zone = self._zones.get(waba_id) or next(iter(self._zones.values()), "UTC")
        return datetime.fromtimestamp(at // _MICROSECONDS, UTC).astimezone(_zone(zone))

    def moment(self, text: str) -> str:
        """Give an instant of the journal (ISO, UTC) in the zone of the first account, to the minute."""
        at = self.at_home(text)
        return f"{self.language.day(at)} {at:%H:%M}"

    def at_home(self, text: str) -> datetime:
        """Give an instant of the journal (ISO, UTC) as a time in the zone of the first account."""
        return datetime.fromisoformat(text).astimezone(_zone(next(iter(self._zones.values()), "UTC")))

    def days(self, first: date, last: date | None) -> str:
        """Give the days from one to another, or since when something holds that has no last one."""
        if last is None:
            return self.language.text("window.sources.since", day=self.language.day(first))
        return f"{self.language.day(first)} – {self.language.day(last)}"

    def line(self, key: str) -> str:
        """Name the line of a difference by its key: account, month, market, category."""
        return line_words(key, self.language, self._wabas) or BLANK

    def cause(self, part: CauseAmount) -> str:
        """Name a cause, and say so where it is only possible: that explains nothing."""
        name = self.domain("cause", part.cause)
        return name if part.proof == "found" else f"{name} ({self.domain('proof', part.proof).lower()})"

    def cause_sentence(self, cause: str, values: Mapping[str, str]) -> str:
        """Say what a cause means and, where the replay brought figures, what it was in this line."""
        return cause_sentence(cause, values, self.language.text, self.market)

    def support(self, support: Support) -> str:
        """Say what speaks for a cause that is only possible, and what against it."""
        return support_sentence(support, self.language.text)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
