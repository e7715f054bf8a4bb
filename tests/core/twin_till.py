"""The readable twin's till: allowance, tier counter, rate and amount of each unit (pricing.md §3.5, §4.4, §6 to §10).

Sections are those of pricing.md; the readings chosen where it is open stand in the docstring of `twin.py`.
"""

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.core.twin_log import Message
from tests.core.twin_tariff import Atlas
from tests.core.twin_tariff import Key
from tests.core.twin_tariff import Place
from tests.core.twin_tariff import Price
from tests.core.twin_tariff import Tariff
from tests.core.twin_threads import Unit

PER_MESSAGE = ("message-v1", "message-v2")
TIERED = ("utility", "authentication", "authentication_international")  # §7


class Till:
    """Prices the units in the order of T: allowances, tier counters, rates (§3.5, §4.4, §6 to §10)."""

    def __init__(self, account: Mapping[str, Any], tariff: Tariff, atlas: Atlas, allowance: int) -> None:
        """Begin with empty counters; opening volumes stand in the account (§7)."""
        self.tariff = tariff
        self.atlas = atlas
        self.allowance = allowance
        self.used: dict[tuple[str, str, str], int] = defaultdict(int)
        self.opening = {
            (stated["portfolio"], stated["market"], stated["category"], stated["month"]): int(stated["volume"])
            for stated in account.get("opening_volume", ())
        }
        self.charged: dict[tuple[str, str, str, str], int] = defaultdict(int)

    def price_all(self, units: Sequence[Unit]) -> None:
        """Price every unit; `units` are sorted by T, then message id, then user."""
        for unit in units:
            if unit.free == "outside_audit":
                continue  # §1, Origin: no amount, and it counts nothing
            unit.free = unit.free or self._free_by_allowance(unit)
            if unit.free:
                unit.rate = unit.amount = unit.low = unit.high = Decimal(0)
                if "window_split" in unit.reasons:
                    self._add_to_high(unit, unit.category, unit.message)
            else:
                self._charge(unit)
            self._widen_crossing(unit)

    def _free_by_allowance(self, unit: Unit) -> str:
        """Count the unit in its monthly allowance, if it has one, and say what makes it free, if anything does."""
        regime = unit.message.regime
        if regime == "conversation-v1":  # §3.5
            return "free_tier" if self._within("waba", unit.message.waba.id, unit) else ""
        if unit.category != "service":
            return ""
        if regime == "conversation-v2":  # §4.4
            return "free_tier" if self._within("waba", unit.message.waba.id, unit) else ""
        if regime == "conversation-v2-free-service":
            return "free_service"
        return "free_customer_service" if self._within("number", unit.message.number, unit) else ""  # §6

    def _within(self, kind: str, owner: str, unit: Unit) -> bool:
        key = (kind, owner, month(unit.message))
        self.used[key] += 1
        return self.used[key] <= self.allowance

    def _charge(self, unit: Unit) -> None:
        message = unit.message
        per_message = message.regime in PER_MESSAGE
        if per_message and unit.category in ("marketing", "marketing_lite") and message.facts.get("max_price"):
            self._charge_max_price(unit)
        else:
            unit.category = _priced_category(unit.category, message, unit.place)
            self._charge_by_card(unit)
        if per_message and "era_crossing" in unit.reasons and unit.amount is not None:
            unit.low = Decimal(0)  # §5.3

    def _charge_max_price(self, unit: Unit) -> None:
        """Charge what the log says (§8)."""
        logged = unit.message.facts.get("logged_amount")
        if not logged:
            unit.reasons.add("max_price_unknown")
            return
        unit.rate = unit.amount = unit.low = unit.high = Decimal(logged)
        if unit.amount > Decimal(unit.message.facts["max_price"]):
            unit.reasons.add("above_max_price")

    def _charge_by_card(self, unit: Unit) -> None:
        """Charge the card's rate, that of its tier where tiers count (§7, §9)."""
        key = _key(unit.category, unit.message, unit.place)
        ordinal = self._next_ordinal(unit.category, unit.message, unit.place)
        price = self.tariff.price(key, ordinal)
        if ordinal is not None:
            self.charged[self._counter(unit.category, unit.message, unit.place)] += 1
        if price is None:
            unit.reasons.add("no_rate" if unit.place.market else "no_market")
            return
        unit.rate = unit.amount = unit.low = unit.high = price.rate
        unit.tier_from = price.tier_from
        known = self._counter(unit.category, unit.message, unit.place) in self.opening
        if ordinal is not None and price.tier_from is not None and not known:
            unit.reasons.add("tier_volume_unknown")
            unit.low = self.tariff.lowest(key, ordinal)

    def _counter(self, category: str, message: Message, place: Place) -> tuple[str, str, str, str]:
        """Name the tier counter: portfolio, market, category, month; both authentications share one (§7)."""
        shared = "authentication" if category == "authentication_international" else category
        # A WABA without a portfolio stands alone, under its own id.
        owner = message.waba.portfolio or message.waba.id
        return owner, place.market, shared, month(message)

    def _next_ordinal(self, category: str, message: Message, place: Place) -> int | None:
        """Give the number this unit would have in its tier counter; None where tiers do not apply (§7, §8)."""
        if message.regime not in PER_MESSAGE or category not in TIERED or message.in_group:
            return None
        counter = self._counter(category, message, place)
        return self.opening.get(counter, 0) + self.charged[counter] + 1

    def _would_be(self, category: str, message: Message) -> Price | None:
        """Give the rate that a message would have had, None where no card has it."""
        place = self.atlas.place(message.user, message.facts.get("country", "").upper(), message.day)
        priced = _priced_category(category, message, place)
        return self.tariff.price(_key(priced, message, place), self._next_ordinal(priced, message, place))

    def _add_to_high(self, unit: Unit, category: str, message: Message) -> None:
        price = self._would_be(category, message)
        if price and unit.high is not None:
            unit.high += price.rate

    def _widen_crossing(self, unit: Unit) -> None:
        """Widen a v1 conversation by one rate for each template category it covered after its era (§4.7)."""
        if unit.conversation is None or unit.message.regime != "conversation-v1":
            return
        after = [member for member in unit.conversation.members if member.regime != "conversation-v1"]
        if after:
            unit.reasons.add("era_crossing")
        first_of = {member.template: member for member in reversed(after) if member.template}
        for category, member in sorted(first_of.items()):
            self._add_to_high(unit, category, member)


def month(message: Message) -> str:
    """Give the local month of a message, YYYY-MM."""
    return f"{message.day:%Y-%m}"


def _key(category: str, message: Message, place: Place) -> Key:
    return Key(message.waba.currency, place.market, category, message.day)


def _priced_category(category: str, message: Message, place: Place) -> str:
    """Price authentication as international where the account says so (§4.5, all regimes from v2)."""
    waba = message.waba
    if category != "authentication" or not waba.primary_location or waba.primary_location in place.countries:
        return category
    starts = [start for country, start in waba.international_from.items() if country in place.countries]
    return "authentication_international" if any(start <= message.billed for start in starts) else category
