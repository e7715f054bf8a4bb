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
14. §4.7, §5.4: the rate that a unit would have had and that no card holds adds nothing to `high`, and no reason:
    `no_rate` and `no_market` are those of unrated charges (§9.1, §1). High of an unrated v1 row is empty.
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
21. §7: an opening volume that is not stated is unknown, for a WABA without a portfolio by its id; a stated 0 is
    known. At the last tier the charge is uncertain all the same (low = amount). Tier rows are read in the message
    regimes only.
22. §8: a row with a group counts for the group's CSW (per number and group), not for its member's own, and the
    reverse; v1's "last inbound" is the same window. FEP and conversations stay with the thread (number, user).
    `Several users under one outbound id` counts per business number, undelivered rows included.
23. §8 max price: marketing and `marketing_lite`, outside an FEP only; the rate shown is the logged amount; no market
    is needed; the §5.3 low of 0 applies to it as well.
24. §9.4: in one card: named tier, named list, `*` tier, `*` list; a mark-up row without a rate beneath it leaves the
    unit unrated and is not skipped; its `tier_from` is its own, else that of the tier beneath.
25. §1 failed: a conversation has `failed_after_delivery` from its opener only.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from decimal import localcontext
from typing import Any

from tests.core.twin_log import merge
from tests.core.twin_tariff import EXACT_DIGITS
from tests.core.twin_tariff import Atlas
from tests.core.twin_tariff import Rows
from tests.core.twin_tariff import Tariff
from tests.core.twin_threads import Unit
from tests.core.twin_threads import threads
from tests.core.twin_till import Till
from tests.core.twin_till import month

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
UNCERTAIN = ("era_crossing", "window_split", "tier_volume_unknown", "no_rate", "no_market", "max_price_unknown")


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
        month(message),
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
