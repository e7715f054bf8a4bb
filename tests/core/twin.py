"""The readable twin of the pricing engine: a slow, plain replay of pricing.md, message by message.

`replay` takes the canonical rows (formats.md §1), the account as `tomllib` gives it (formats.md §7), layered rate
cards and the markets, and gives the rows of CHARGES (formats.md §8) as texts. Property tests hold the compiled
kernels to it on random nasty logs (`nasty.py`), and the scenarios hold both to sums worked out by hand.

Readings, where the pages are silent or can be read in two ways (section: what was chosen):

 1. formats §1: duplicates are merged before anything else, also before origin `app` is dropped; the logged
    expiration is a time, so the earliest is kept; `referral`, `origin`, `waba_id` ... the first one stated.
 2. formats §1: rows without a required field, and inbound rows without `sent_at`, are refused one by one, before
    merging. A WABA that the account does not know is an error.
 3. pricing §1: inbound `sent_at` equal to the answer's sent time counts (half open); ids are no clock there.
 4. §1 Market: a user id of digits only is a number; a stated country that the table does not list is `Other`;
    the market of a conversation is that of its opening day.
 5. §1 Origin `agent`: a row of unit `message` in every regime; category as a message (template's category,
    `service`, in the notification era `notification`); certain, amounts empty; `failed_after_delivery` is its only
    remark. A message that was not delivered gives no row, `agent` or not.
 6. §1 Ties: inside a thread, the sent time breaks ties only in conversation-v1 (§3); elsewhere id, then user.
 7. §2 Notification: remarks are `failed_after_delivery` only (no `outside_window`); it has no tiers and no FEP, but
    a delivered message answers a referral there too, so that it cannot be answered again after the switch.
 8. §3.2 `the log tells templates`: any outbound row of the log (not `app`) has a template category. The remark is
    not made in the v2 regimes (§4 does not speak of it).
 9. §3.4, §4.3: whatever is delivered first within a referral's 24 h uses it up, also when it falls inside an FEP
    or attaches; one message answers all the referrals pending. A tie `sent = referral` is an answer, 24 h is not.
10. §4.3 (every regime): `received during an FEP` is FEP opening <= received < FEP end, the FEP's real end.
11. §4.3, §5: a message is in an FEP when its *delivery* is; the customer service window is tested at sent time.
12. §4.6: the expiration counts when the *opener* was delivered in a v2 regime, for FEP too; never in message regimes.
13. §4.7: the v1 row is `uncertain` when it covers any message after the switch, a non-template too (then high =
    amount); its FEP conversations as well, and during one no other FEP opens. `One rate` is that of the day of the
    first template of that category so covered, authentication as §4.5 has it.
14. §4.7, §5.4: the rate that a unit would have had and that no card holds adds nothing to `high`; the reason
    `no_rate` or `no_market` is added, the unit stays free (or as charged). High of a unrated v1 row is empty.
15. §4.5: a shared calling code stands for all its countries: the start of any of them serves, and a primary
    location that is one of them is not another country. A stated country beside a number is not consulted.
16. §5.3: "of the same category" is the template's category, `marketing_lite` being one of its own; a covering
    utility conversation makes `carried_over` even when the CSW is open too, and leaves no `window_split`; inside an
    FEP the message is `free_entry_point` without that remark. An FEP of a message regime closes no conversation.
17. §5.3: after 2025-07-01 messages have rows of their own: they do not count in `messages` of the old conversation.
18. §5.4: the would-be rate is that of the next number in the tier counter, which it does not use; low = amount = 0.
19. §5 `marketing_lite`: "a card has none" is asked per card, for the market and day; `*` of its own comes before a
    named market of marketing. A mark-up row found that way marks up the marketing rate beneath.
20. §6: the 1,000 count per participant delivered, groups and unrated messages included; `outside_window` is
    remarked on charged ones too. In the FEP the remark is not made.
21. §7: an unstated opening volume is unknown also for a WABA without a portfolio; a stated 0 is known. At the last
    tier the charge is uncertain all the same (low = amount). Tier rows are read in the message regimes only.
22. §8: a row with a group counts for the group's CSW (per number and group), not for its member's own, and the
    reverse; v1's "last inbound" is the same window. FEP and conversations stay with the thread (number, user).
    `Several users under one outbound id` counts per business number, undelivered rows included.
23. §8 max price: marketing and `marketing_lite`, outside an FEP only; the rate shown is the logged amount; no market
    is needed; the §5.3 low of 0 applies to it as well.
24. §9.4: in one card: named tier, named list, `*` tier, `*` list; a mark-up row without a rate beneath it leaves the
    unit unrated and is not skipped; its `tier_from` is its own, else that of the tier beneath.
25. §1 failed: a conversation has `failed_after_delivery` from its opener only.
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from decimal import localcontext
from typing import Any
from zoneinfo import ZoneInfo

from tests.core.twin_tariff import EXACT_DIGITS
from tests.core.twin_tariff import Atlas
from tests.core.twin_tariff import Key
from tests.core.twin_tariff import Place
from tests.core.twin_tariff import Price
from tests.core.twin_tariff import Rows
from tests.core.twin_tariff import Tariff

CHARGE_COLUMNS = (
    "unit",
    "unit_id",
    "waba_id",
    "phone_number_id",
    "user",
    "regime",
    "market",
    "category",
    "pricing_type",
    "billed_at",
    "local_date",
    "period",
    "ends_at",
    "messages",
    "tier_from",
    "rate",
    "currency",
    "amount",
    "amount_low",
    "amount_high",
    "certainty",
    "reason",
)
REGIMES = (  # §2: the local date from which each holds
    (date.min, "notification"),
    (date(2022, 2, 1), "conversation-v1"),
    (date(2023, 6, 1), "conversation-v2"),
    (date(2024, 11, 1), "conversation-v2-free-service"),
    (date(2025, 7, 1), "message-v1"),
    (date(2026, 10, 1), "message-v2"),
)
V2 = ("conversation-v2", "conversation-v2-free-service")
PER_MESSAGE = ("message-v1", "message-v2")
LONG_V1_ENTRY_POINT = date(2023, 3, 1)  # §3.4
TIERED = ("utility", "authentication", "authentication_international")  # §7
UNCERTAIN = ("era_crossing", "window_split", "tier_volume_unknown", "no_rate", "no_market", "max_price_unknown")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND_DIGITS = 12
DAY = timedelta(hours=24)
ENTRY_POINT = timedelta(hours=72)


@dataclass(frozen=True)
class Waba:
    """A WhatsApp Business Account as the account file states it (§1)."""

    id: str
    zone: ZoneInfo
    currency: str
    portfolio: str
    primary_location: str
    international_from: Mapping[str, datetime]

    def day(self, moment: datetime) -> date:
        """Give the local date of an instant; months, cards and regimes go by it."""
        return moment.astimezone(self.zone).date()


@dataclass(eq=False)
class Message:
    """One message (per participant), its duplicate rows merged."""

    id: str
    waba: Waba
    number: str
    user: str
    outbound: bool
    facts: dict[str, str] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    in_group: bool = False

    @property
    def template(self) -> str:
        """Give the template category; empty for a non-template."""
        return self.facts.get("template_category", "")

    @property
    def delivered(self) -> datetime | None:
        """Give the delivery: earliest delivered, else earliest read (§1, Delivered at)."""
        return self.times.get("delivered_at") or self.times.get("read_at")

    @property
    def billed(self) -> datetime:
        """Give T of a message known to be delivered (§1, Billing instant)."""
        moment = self.delivered
        if moment is None:
            raise ValueError(self.id)
        return moment

    @property
    def sent(self) -> datetime:
        """Give the sent time; where missing, the delivery stands in for it (§1, Sent at)."""
        return self.times.get("sent_at") or self.billed

    @property
    def day(self) -> date:
        """Give the local date of T."""
        return self.waba.day(self.billed)

    @property
    def regime(self) -> str:
        """Give the regime of T (§2)."""
        return next(name for first, name in reversed(REGIMES) if first <= self.day)

    @property
    def referral(self) -> bool:
        """Tell whether the user came from an ad or Page button."""
        return self.facts.get("referral", "").lower() in ("true", "1", "yes", "sí", "si")

    @property
    def unit_id(self) -> str:
        """Give the id of the unit that this message opens or is; groups add the participant (§8)."""
        return f"{self.id}#{self.user}" if self.in_group else self.id


@dataclass(eq=False)
class Conversation:
    """A conversation, or the free window of an entry point."""

    opener: Message
    category: str
    end: datetime
    members: list[Message] = field(default_factory=list)

    @property
    def start(self) -> datetime:
        """Give the opening: the delivery of the opener."""
        return self.opener.billed

    def covers(self, moment: datetime) -> bool:
        """Tell whether the instant lies in [start, end)."""
        return self.start <= moment < self.end


@dataclass(eq=False)
class Unit:
    """A row of CHARGES in the making. `free` is the pricing type of what is free whatever the counters say."""

    message: Message
    category: str
    place: Place
    free: str = ""
    conversation: Conversation | None = None
    reasons: set[str] = field(default_factory=set)
    rate: Decimal | None = None
    amount: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    tier_from: int | None = None


def replay(
    rows: Rows,
    account: Mapping[str, Any],
    cards: Sequence[Iterable[Mapping[str, str]]],
    markets: Rows,
    *,
    allowance: int = 1000,
) -> list[dict[str, str]]:
    """Replay a log by pricing.md and give the rows of CHARGES (formats.md §8), sorted by `billed_at`, `unit_id`.

    `cards` are layers, bottom first. `allowance` shrinks the 1,000 free units of §3.5, §4.4 and §6, so that small
    cases reach it. Raises `KeyError` for a row of a WABA that the account does not know.
    """
    messages = [message for message in merge(rows, account) if message.facts.get("origin") != "app"]
    atlas = Atlas(markets)
    units = [unit for thread in threads(messages) for unit in thread.units(atlas)]
    units.sort(key=lambda unit: (unit.message.billed, unit.message.id, unit.message.user, unit.message.number))
    with localcontext() as exact:
        exact.prec = EXACT_DIGITS
        Till(account, Tariff(cards), atlas, allowance).price_all(units)
        charges = [charge_row(unit) for unit in units]
    return [charge for _, charge in sorted(zip(units, charges, strict=True), key=_output_order)]


def _output_order(pair: tuple[Unit, dict[str, str]]) -> tuple[datetime, str, str]:
    unit, charge = pair
    return unit.message.billed, charge["unit_id"], unit.message.number


# ---------------------------------------------------------------- reading rows (formats.md §1)


def merge(rows: Rows, account: Mapping[str, Any]) -> list[Message]:
    """Make messages of rows: rows of one (direction, number, id, user) are one; earliest times, first facts."""
    wabas = {waba["id"]: _waba(waba) for waba in account["waba"]}
    of_number = {_number_id(number): waba["id"] for waba in account["waba"] for number in waba.get("numbers", ())}
    stated: dict[tuple[str, str, str, str], list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        key = (row["direction"].lower(), row["phone_number_id"], row["message_id"], bare_user(row["user"]))
        if all(key) and (key[0] == "outbound" or row.get("sent_at")):
            stated[key].append(row)
    messages = []
    for (direction, number, message_id, user), same in stated.items():
        waba_id = next((row["waba_id"] for row in same if row.get("waba_id")), None) or of_number[number]
        waba = wabas[waba_id]
        message = Message(message_id, waba, number, user, direction == "outbound")
        for row in same:
            for column, text in row.items():
                _take(message, column, text)
        messages.append(message)
    _mark_groups(messages)
    return messages


def bare_user(text: str) -> str:
    """Strip what is not part of a number: `whatsapp:`, a leading `+`, spaces (formats.md §1)."""
    return text.replace("whatsapp:", "").replace(" ", "").removeprefix("+")


def _waba(stated: Mapping[str, Any]) -> Waba:
    starts = stated.get("authentication_international", {})
    return Waba(
        stated["id"],
        ZoneInfo(stated["time_zone"]),
        stated["currency"],
        stated.get("portfolio", ""),
        stated.get("primary_location", ""),
        {country: parse_time(str(start), ZoneInfo(stated["time_zone"])) for country, start in starts.items()},
    )


def _number_id(stated: str | Mapping[str, str]) -> str:
    return stated if isinstance(stated, str) else stated["id"]


def _take(message: Message, column: str, text: str) -> None:
    if not text:
        return
    if column.endswith("_at"):
        moment = parse_time(text, message.waba.zone)
        message.times[column] = min(moment, message.times.get(column, moment))
    else:
        message.facts.setdefault(column, text)


def parse_time(text: str, zone: ZoneInfo) -> datetime:
    """Read an instant: ISO 8601, without an offset in the WABA's zone, or epoch seconds or milliseconds."""
    if text.isdecimal():
        unit = timedelta(milliseconds=1) if len(text) >= MILLISECOND_DIGITS else timedelta(seconds=1)
        return EPOCH + int(text) * unit
    stated = datetime.fromisoformat(text)
    return (stated if stated.tzinfo else stated.replace(tzinfo=zone)).astimezone(UTC)


def _mark_groups(messages: Sequence[Message]) -> None:
    """Mark group messages: a group id, or several users under one outbound id (§8)."""
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    for message in messages:
        if message.outbound and message.facts.get("origin") != "app":
            users[message.number, message.id].add(message.user)
    for message in messages:
        several = len(users[message.number, message.id]) > 1
        message.in_group = message.outbound and (several or bool(message.facts.get("group_id")))


# ---------------------------------------------------------------- threads: windows and conversations


def threads(messages: Sequence[Message]) -> list["Thread"]:
    """Sort messages into threads (number, user); inbound times go to threads and groups (§1, §8)."""
    found: dict[tuple[str, str], Thread] = {}
    windows: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    tells_templates = any(message.outbound and message.template for message in messages)
    for message in messages:
        key = (message.number, message.user)
        thread = found.setdefault(key, Thread(windows, tells_templates=tells_templates))
        if message.outbound:
            thread.outbound.append(message)
            continue
        windows[_window_owner(message)].append(message.times["sent_at"])
        if message.referral:
            thread.referrals.append(message.times["sent_at"])
    return list(found.values())


def _window_owner(message: Message) -> tuple[str, str]:
    """Say whose customer service window it is: the group's with a group id, else the thread's (§8)."""
    group = message.facts.get("group_id", "")
    return message.number, f"group {group}" if group else f"user {message.user}"


class Thread:
    """One (business number, user): every window and conversation lives in one (§1)."""

    def __init__(self, windows: Mapping[tuple[str, str], list[datetime]], *, tells_templates: bool) -> None:
        """Begin an empty thread; `windows` are the inbound times of all threads and groups."""
        self.windows = windows
        self.tells_templates = tells_templates
        self.outbound: list[Message] = []
        self.referrals: list[datetime] = []
        self.answered: set[datetime] = set()
        self.conversations: list[Conversation] = []
        self.entry_points: list[Conversation] = []
        self.made: list[Unit] = []

    def units(self, atlas: Atlas) -> list[Unit]:
        """Walk the delivered messages in order and give the units they open or are."""
        self.atlas = atlas
        delivered = [message for message in self.outbound if message.delivered]
        for message in sorted(delivered, key=_thread_order):
            if message.facts.get("origin") == "agent":
                self._unit(message, _message_category(message), free="outside_audit")
            elif message.regime == "notification":
                self._notification(message)
            elif message.regime == "conversation-v1":
                self._conversation_v1(message)
            elif message.regime in V2:
                self._conversation_v2(message)
            else:
                self._per_message(message)
        return self.made

    # ------------------------------------------------------------ what is open

    def _window_open(self, message: Message) -> bool:
        """Tell whether a customer service window is open when the message is sent (§1, CSW)."""
        times = self.windows.get(_window_owner(message), [])
        return any(inbound <= message.sent < inbound + DAY for inbound in times)

    def _answers(self, message: Message) -> bool:
        """Tell whether the message is the first answer to a referral, and use the referral up (§3.4, §4.3)."""
        pending = [
            referral
            for referral in self.referrals
            if referral not in self.answered
            and not any(entry.covers(referral) for entry in self.entry_points)
            and referral <= message.sent < referral + DAY
        ]
        self.answered.update(pending)
        return bool(pending)

    def _entry_point(self, moment: datetime) -> Conversation | None:
        return next((entry for entry in self.entry_points if entry.covers(moment)), None)

    def _open_at(self, moment: datetime) -> list[Conversation]:
        """Give the conversations that cover an instant, the last opened last."""
        return [conversation for conversation in self.conversations if conversation.covers(moment)]

    # ------------------------------------------------------------ the regimes

    def _notification(self, message: Message) -> None:
        """Charge each delivered template; the rest is free (§2, formats.md §8)."""
        self._answers(message)
        self._unit(message, _message_category(message), free="" if message.template else "free_customer_service")

    def _conversation_v1(self, message: Message) -> None:
        """Attach to the conversation that covers T, else open one: free, user- or business-initiated (§3)."""
        answers = self._answers(message)
        covering = self._open_at(message.billed)
        if covering:
            covering[-1].members.append(message)
        elif answers:
            length = ENTRY_POINT if message.day >= LONG_V1_ENTRY_POINT else DAY
            self._open_entry_point(message, message.billed + length)
        elif self._window_open(message):
            self._open(message, "user_initiated", message.billed + DAY)
        else:
            unit = self._open(message, "business_initiated", message.billed + DAY)
            if self.tells_templates and not message.template:
                unit.reasons.add("outside_window")

    def _conversation_v2(self, message: Message) -> None:
        """Attach or open by category; an entry point closes the others and covers everything (§4)."""
        answers = self._answers(message)
        entry_point = self._entry_point(message.billed)
        if entry_point:
            entry_point.members.append(message)
            return
        if answers:
            for conversation in self._open_at(message.billed):
                conversation.end = message.billed  # §4.3
            self._open_entry_point(message, _expiry(message, ENTRY_POINT))
            return
        covering = [
            conversation
            for conversation in self._open_at(message.billed)
            if not message.template  # §4.2
            or conversation.category == message.template  # §4.1
            or conversation.opener.regime == "conversation-v1"  # §4.7
        ]
        if covering:
            covering[-1].members.append(message)
        else:
            self._open(message, message.template or "service", _expiry(message, DAY))

    def _per_message(self, message: Message) -> None:
        """Give every delivered message its own row, free by the table of §5 or charged."""
        answers = self._answers(message)
        in_entry_point = self._entry_point(message.billed) is not None
        if answers and not in_entry_point:
            window = Conversation(message, "referral_conversion", message.billed + ENTRY_POINT)
            self.entry_points.append(window)
            in_entry_point = True
        unit = self._unit(message, _message_category(message))
        if in_entry_point:
            unit.free = "free_entry_point"
        elif message.template == "utility":
            self._utility(unit)
        elif message.template:
            if self._carried(message):  # §5.3: marketing and authentication conversations do not cover
                unit.reasons.add("era_crossing")
        else:
            if message.regime == "message-v1":
                unit.free = "free_customer_service"
            if not self._window_open(message):
                unit.reasons.add("outside_window")

    def _utility(self, unit: Unit) -> None:
        """Free a utility template that an old utility conversation (§5.3) or, in v1, the open CSW covers (§5.4)."""
        message = unit.message
        if self._carried(message):
            unit.free = "free_customer_service"
            unit.reasons.add("carried_over")
        elif message.regime == "message-v1" and self._window_open(message):
            unit.free = "free_customer_service"
            times = self.windows.get(_window_owner(message), [])
            if not any(inbound <= message.billed < inbound + DAY for inbound in times):
                unit.reasons.add("window_split")

    def _carried(self, message: Message) -> bool:
        """Tell whether a conversation of the template's category still runs (opened before the switch, §5.3)."""
        return any(conversation.category == message.template for conversation in self._open_at(message.billed))

    # ------------------------------------------------------------ making units

    def _open(self, message: Message, category: str, end: datetime) -> Unit:
        conversation = Conversation(message, category, end, [message])
        self.conversations.append(conversation)
        unit = self._unit(message, category)
        unit.conversation = conversation
        return unit

    def _open_entry_point(self, message: Message, end: datetime) -> None:
        unit = self._open(message, "referral_conversion", end)
        unit.free = "free_entry_point"
        self.entry_points.append(self.conversations[-1])

    def _unit(self, message: Message, category: str, free: str = "") -> Unit:
        place = self.atlas.place(message.user, message.facts.get("country", "").upper(), message.day)
        unit = Unit(message, category, place, free)
        if "failed_at" in message.times:
            unit.reasons.add("failed_after_delivery")
        self.made.append(unit)
        return unit


def _thread_order(message: Message) -> tuple[datetime, datetime, str, str]:
    """Order a thread's messages: by T; ties by sent time in v1 only (§3), then by id and user (§1)."""
    second = message.sent if message.regime == "conversation-v1" else EPOCH
    return message.billed, second, message.id, message.user


def _message_category(message: Message) -> str:
    if message.template and message.regime == "notification":
        return "notification"
    return message.template or "service"


def _expiry(opener: Message, length: timedelta) -> datetime:
    """End a v2 conversation: as the opener's log says if that is later than the opening, else by length (§4.6)."""
    logged = opener.times.get("conversation_expires_at")
    return logged if logged and logged > opener.billed else opener.billed + length


# ---------------------------------------------------------------- allowance, tier, rate, amount


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
        key = (kind, owner, _month(unit.message))
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
        # A WABA without a portfolio stands alone; no stated portfolio can look like this.
        owner = message.waba.portfolio or f"\0{message.waba.id}"
        return owner, place.market, shared, _month(message)

    def _next_ordinal(self, category: str, message: Message, place: Place) -> int | None:
        """Give the number this unit would have in its tier counter; None where tiers do not apply (§7, §8)."""
        if message.regime not in PER_MESSAGE or category not in TIERED or message.in_group:
            return None
        counter = self._counter(category, message, place)
        return self.opening.get(counter, 0) + self.charged[counter] + 1

    def _would_be(self, category: str, message: Message) -> Price | str:
        """Give the rate that a message would have had, or the reason why there is none."""
        place = self.atlas.place(message.user, message.facts.get("country", "").upper(), message.day)
        priced = _priced_category(category, message, place)
        price = self.tariff.price(_key(priced, message, place), self._next_ordinal(priced, message, place))
        return price or ("no_rate" if place.market else "no_market")

    def _add_to_high(self, unit: Unit, category: str, message: Message) -> None:
        price = self._would_be(category, message)
        if isinstance(price, str):
            unit.reasons.add(price)
        elif unit.high is not None:
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


def _month(message: Message) -> str:
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


# ---------------------------------------------------------------- the row (formats.md §8)


def charge_row(unit: Unit) -> dict[str, str]:
    """Write a unit as a row of CHARGES, all text."""
    message, conversation = unit.message, unit.conversation
    pricing_type = unit.free or ("regular" if unit.amount is not None else "unrated")
    certain = not unit.reasons.intersection(UNCERTAIN)
    values = (
        "conversation" if conversation else "message",
        message.unit_id,
        message.waba.id,
        message.number,
        message.user,
        message.regime,
        unit.place.market,
        unit.category,
        pricing_type,
        instant(message.billed),
        message.day.isoformat(),
        _month(message),
        instant(conversation.end) if conversation else "",
        str(len(conversation.members)) if conversation else "1",
        "" if unit.tier_from is None else str(unit.tier_from),
        plain(unit.rate),
        message.waba.currency,
        plain(unit.amount),
        plain(unit.low),
        plain(unit.high),
        "certain" if certain else "uncertain",
        ";".join(sorted(unit.reasons)),
    )
    return dict(zip(CHARGE_COLUMNS, values, strict=True))


def instant(moment: datetime) -> str:
    """Write an instant in UTC, microseconds only where it has them."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def plain(value: Decimal | None) -> str:
    """Write a decimal plainly, without an exponent or trailing zeros; None is empty."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text
