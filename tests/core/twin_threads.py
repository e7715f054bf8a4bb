"""The readable twin's windows and conversations: what each delivered message attaches to, opens or is (§2 to §6).

Sections are those of pricing.md; the readings chosen where it is open stand in the docstring of `twin.py`.
"""

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal

from tests.core.twin_log import EPOCH
from tests.core.twin_log import Message
from tests.core.twin_tariff import Atlas
from tests.core.twin_tariff import Place

V2 = ("conversation-v2", "conversation-v2-free-service")
LONG_V1_ENTRY_POINT = date(2023, 3, 1)  # §3.4
DAY = timedelta(hours=24)
ENTRY_POINT = timedelta(hours=72)


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


def threads(messages: Sequence[Message], kind: type["Thread"] | None = None) -> list["Thread"]:
    """Sort messages into threads (number, user) of a kind; inbound times go to threads and groups (§1, §8)."""
    found: dict[tuple[str, str], Thread] = {}
    windows: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    tells_templates = any(message.outbound and message.template for message in messages)
    for message in messages:
        key = (message.number, message.user)
        thread = found.setdefault(key, (kind or Thread)(windows, tells_templates=tells_templates))
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
