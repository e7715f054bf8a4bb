"""Message logs whose columns are called as people call them, in English, Spanish and Portuguese (formats.md §2.3, §4).

What is found is a profile like any other: it can be looked at, changed and saved.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from itertools import product

from auditor.core.records import NOTHING
from auditor.readers.logs.cell_words import DIRECTION
from auditor.readers.logs.cell_words import SPOKEN
from auditor.readers.logs.cell_words import flags
from auditor.readers.logs.cell_words import is_owner
from auditor.readers.logs.cell_words import way_words
from auditor.readers.logs.cell_words import words_for
from auditor.readers.logs.cell_words import words_of_cells
from auditor.readers.logs.clocks import clock_heads
from auditor.readers.logs.columns import canonical_heads
from auditor.readers.logs.faults import REQUIRED
from auditor.readers.logs.faults import TIMES
from auditor.readers.tables.profiles import LOG
from auditor.readers.tables.profiles import Conditions
from auditor.readers.tables.profiles import Profile
from auditor.readers.tables.profiles import ProfileColumn
from auditor.readers.tables.profiles import Rule
from auditor.readers.tables.profiles import fingerprint
from auditor.readers.tables.profiles import squeezed
from auditor.readers.values.vocabulary import head_scores
from auditor.readers.values.words import exact
from auditor.readers.values.words import key
from auditor.readers.values.words import lists
from auditor.readers.values.words import vocabulary
from auditor.readers.values.zones import known_zones

STATUS, SENT, DELIVERED, _READ, _FAILED = "status", "sent_at", "delivered_at", "read_at", "failed_at"
_FROM, _TO, _CHANNEL, _DONE = "from", "to", "channel", "done"
_USER, _NUMBER, _ID = "user", "phone_number_id", "message_id"
_NO_FIELDS = frozenset({STATUS, _FROM, _TO, _CHANNEL, _DONE})  # these only help to tell one
# By these a table is a log: a business number need not stand in it, since an account may have but one.
_TELLING = frozenset({_ID, _USER, DIRECTION})
_ANYBODY = "*"
# Of our own columns so many make a log one of ours, to which nothing that is required may be lacking (formats.md §1).
_OUR_OWN = 2
# A row's time of day: `10:05`, a day with a part of it or a part alone as a workbook keeps it, seconds since 1970.
_TIME = re.compile(r"(?<![0-9:])[0-9]{1,2}:[0-9]{2}|^[0-9]{5}\.[0-9]{2,}$|^0\.[0-9]{9,}$|^1[0-9]{9}(?:[0-9]{3}){0,3}$")
_SURE = 90.0
_LONGEST_HEAD = 500  # nobody names a column at more length: that is a text
UTC = "utc"
"""How a column's times are written (`ProfileColumn.dates`) where they are UTC without saying so."""
# `Sent at (UTC)`, `delivered_at_utc`, `Fecha de envío (UTC-5)`, `Sent (America/Lima)`
_IN_ZONE = re.compile(
    r"(?:[\s_]+[(\[]?|[(\[])(?:(?:utc|gmt)(?:\s*([+\-\u2212]?)([01]?[0-9])(?::?([0-5][0-9]))?)?|([a-z]+(?:/[a-z_]+){1,2}))[)\]]?\s*$",
    re.IGNORECASE,
)


# The clock of a place: `(hora Perú)`, `(Lima time)`, `en hora de Lima`.
_CLOCK = re.compile(r"\s*[(\[]([^()\[\]]+)[)\]]\s*$|\s+(?:en\s+)?(hora\s.+)$", re.IGNORECASE)
_LETTERS = re.compile(r"\s*[(\[]([A-Z]{3,4})[)\]]\s*$")
# What heads are in the vocabulary where they say the phone of a person or firm, and what stands between both.
_PHONE_OF, _OF = re.compile("<phone> <(person|firm)>"), ("", "de ", "del ", "de la ", "do ", "da ", "of ")
# `delivered_ts`, `sent (ms)`, `sentAt.$date` of MongoDB: how a time is counted or kept goes without saying.
_UNIT = re.compile(r"(?i)(?:\.\$[a-z]+|[\s_(]+(?:[mtu]s|(?:date)?time(?:stamp)?|epoch|unix|millis|utc)\)?)+\s*$")
_SAYS_MESSAGE = re.compile(r"message|mensa|wamid")
# `Message sent at`, `Estado del mensaje`: what the columns of such a table are of goes without saying.
_OF_MESSAGES = re.compile(r"^(?:message|msg)[\s_-]+|[\s_-]+(?:del?|do|da)[\s_-]+(?:mensaje|mensagem)$", re.IGNORECASE)


def spoken_fields(heads: Sequence[str]) -> Mapping[str, str]:
    """Give the head of each field that the words of a log's heads name; of several, the one that says it best."""
    named = {name: head for name, head in zip(canonical_heads(heads), heads, strict=True) if name}
    others = [head for head in reversed(heads) if head.strip() and head not in named.values()]
    others = [head for head in others if len(head) <= _LONGEST_HEAD]
    ways = (_without_unit, _without_messages, _without_zone, str)
    _name_by_words(named, {squeezed(told(head)): head for told in ways for head in others})
    if not {_FROM, _TO, _USER} & named.keys() and (within := _within(others)):
        inner: dict[str, str] = {}
        _name_by_words(inner, within)
        named |= {name: head for name, head in inner.items() if name not in named or name in {_ID, *TIMES}}
    if _FROM in named and _TO not in named and squeezed(named.get(_USER, "")) in _heads()[_TO]:
        named[_TO] = named.pop(_USER)  # beside a sender it is whoever received, the business perhaps
    return named


def _name_by_words(named: dict[str, str], found: Mapping[str, str]) -> None:
    """Add the head of each field that is not named yet, by the words that heads come to."""
    for field, words in _heads().items():
        head = next((found[word] for word in words if word in found and found[word] not in named.values()), "")
        if head and field not in named:
            named[field] = head


def _within(heads: Sequence[str]) -> Mapping[str, str]:
    """Give the names within the object that says who wrote to whom, bare: `whatsapp.to`, `whatsapp.id`.

    One that names a customer alone must call the id that of a message: `tags.whatsapp:userPhone`. That of the message
    answered to tells of another one.
    """
    holders: dict[str, dict[str, str]] = {}
    for head in heads:
        holder, dot, bare = head.replace(":", ".").rpartition(".")
        if dot and not holder.endswith("context"):
            holders.setdefault(holder, {})[squeezed(bare)] = head
    ends, ids = {*_heads()[_FROM], *_heads()[_TO]}, {*_heads()[_ID]}
    of_messages = {word for word in ids if _SAYS_MESSAGE.match(word)}  # a person has an id, too: `contact.id`
    found = [
        names
        for names in holders.values()
        if (ends & names.keys() and ids & names.keys())
        or ({*_heads()[_USER]} & names.keys() and of_messages & names.keys())
    ]
    return found[0] if len(found) == 1 else {}


def _without_messages(head: str) -> str:
    return _OF_MESSAGES.sub("", head)


def _without_unit(head: str) -> str:
    bare = _UNIT.sub("", head)
    return bare if any(squeezed(bare) in _heads()[name] for name in TIMES if name in _heads()) else head


def _without_zone(head: str) -> str:
    if _clock_of(head) is not None:
        return _CLOCK.sub("", head)
    if letters_headed(head):
        return _LETTERS.sub("", head)
    return _IN_ZONE.sub("", head) if zone_headed(head) else head


def letters_headed(head: str) -> str:
    """Give the letters of a zone that a head of times names, `Sent At (IST)`: they may be of several zones."""
    found = None if zone_headed(head) else _LETTERS.search(head)
    bare = squeezed(head[: found.start()]) if found else ""
    return found[1] if found and any(bare in _heads()[name] for name in TIMES if name in _heads()) else ""


def clocks_beside(heads: Sequence[str]) -> Mapping[str, str]:
    """Give the head of the hours beside each head of days (`clock_heads`); none where both name different zones."""
    found = clock_heads({head: _without_zone(head) for head in heads})
    zones = {head: zone_headed(head) for head in (*found, *found.values())}
    return {day: hour for day, hour in found.items() if "" in (zones[day], zones[hour]) or zones[day] == zones[hour]}


def _clock_of(head: str) -> str | None:
    """Give the zone whose clock a head names, `Enviado (hora Perú)`; empty for the local one, None for no clock."""
    found, hour, local = _CLOCK.search(head), {*lists("clock_words")["clock"]}, {*lists("clock_words")["local"]}
    if not found:
        return None
    said, of_hours = key(found[1] or ""), not hour.isdisjoint(key(head[: found.start()]).split())
    if zone := exact(said, "clock_signs") or (exact(said, "clocks") if of_hours else ""):  # `Hora (Brasília)`
        return zone
    words = key(found[1] or found[2]).split()
    if words and found[1] and {*words} <= local:
        return ""  # `Sent (local)`
    if hour.isdisjoint(words):
        return None
    place = " ".join(word for word in words if word not in hour | local)
    return (exact(place, "clocks") or None) if place else ""


def zone_headed(head: str) -> str:
    """Give the zone that a head says its times are of, as it may stand behind one: `Z`, `-05:00`; empty if none.

    Figures without a sign are no offset, unless they are noughts.
    """
    clock, found = _clock_of(head), _IN_ZONE.search(head)
    if clock or not found:
        return f" {clock}" if clock else ""
    sign, hours, minutes, name = found.groups()
    if name:
        return f" {name}" if name in known_zones() else ""
    offset = f"{int(hours or 0):02}:{minutes or '00'}"
    return "Z" if offset == "00:00" else f"{'+' if sign == '+' else '-'}{offset}" if sign else ""


def speaks_of_messages(heads: Sequence[str]) -> bool:
    """Tell whether these are the heads of a message log: who wrote what to whom, and when it came or was sent."""
    fields = told_fields(heads)
    return fields >= {*_TELLING, DELIVERED} or (fields >= {*_TELLING, SENT} and not charges(heads))


def may_report_messages(heads: Sequence[str]) -> bool:
    """Tell whether a table with these heads, if times stand below them, is of single messages and of no amounts.

    It may lack what a log must have: its reader then says what that is.
    """
    fields = told_fields(heads)
    reported = {_USER, DELIVERED} <= fields or {_ID, SENT} <= fields
    return reported and not charges(heads)


def are_messages(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether one of the first rows of a sheet heads messages: with ids, times, and who wrote or received them."""
    return any(
        {_ID, SENT} <= (fields := told_fields(row))
        and not fields.isdisjoint({_USER, _FROM})
        and not charges(row)
        and hold_times(rows[place + 1 :])
        for place, row in enumerate(rows)
    )


def charges(heads: Sequence[str]) -> bool:
    """Tell whether one of these is surely the head of amounts."""
    return any(head_scores(head).get("amount", 0) >= _SURE for head in heads)


def hold_times(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether half of the rows hold a time of day: as a clock, a spreadsheet or a computer counts it.

    A note or a count may stand below them.
    """
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    holding = sum(any(_TIME.search(cell) for cell in row) for row in filled)
    return 0 < len(filled) <= 2 * holding


def spoken_profile(
    heads: Sequence[str], told: Mapping[str, str] = NOTHING, own: Sequence[str] = (), came: Sequence[str] = ()
) -> Profile | None:
    """Give the profile that the words of the heads make; None where they are not those of a log.

    A table without ids or without directions may be one as well: its rows are counted, and one that tells of delivery
    reports what the business sent (it then lacks `direction`), one of senders and receipt what customers did. `told`
    gives the heads of columns whose cells turned out to tell a field of `SPOKEN`, `own` the senders that are the
    business, by which directions are told, and `came` the statuses by which they are: of what customers wrote.
    """
    fields = dict(spoken_fields([head for head in heads if head not in told.values()]))
    fields |= told if DIRECTION in told else {**told, **_flagged(heads, fields)}
    fields |= {DIRECTION: fields[_FROM]} if own else {DIRECTION: fields[STATUS]} if came else {}
    fields |= _owned(heads, fields)
    received = _are_received(fields)
    fields |= {_USER: fields[_FROM]} if received else {}
    ours = sum(name in REQUIRED for name in canonical_heads(heads))
    whole = fields.keys() >= {_ID, DIRECTION}
    of_messages = whole and SENT in fields and ours < _OUR_OWN  # whose delivery nobody wrote down
    reported = (received or of_messages or _tells_delivery(fields)) and not fields.keys().isdisjoint({_USER, _TO})
    if not reported or (ours >= _OUR_OWN and not whole):
        return None
    ways = _ways(own, came) or way_words(fields.get(DIRECTION, ""))
    columns = (*_columns(fields, ways), *_received(heads, fields))
    missing = () if received else (*lacking(columns), *(() if DIRECTION in fields else (DIRECTION,)))
    missing += () if _ID in fields else (_ID,)
    constants = NOTHING if DIRECTION in fields else {DIRECTION: "inbound" if received else "outbound"}
    rules = tuple(_rules(fields))
    words = {**words_of_cells(), DIRECTION: ways}
    return Profile("", fingerprint(heads), columns, LOG, (), constants, words, rules, missing=missing)


def _ways(own: Sequence[str], came: Sequence[str]) -> Mapping[str, str]:
    """Give what cells say of directions where those of senders or of statuses do: these, and any other."""
    if own:
        return {**dict.fromkeys(own, "outbound"), _ANYBODY: "inbound"}
    unsure = {word: word for word in words_for(STATUS)["received"]}  # by whom?
    return {**dict.fromkeys(came, "inbound"), **unsure, _ANYBODY: "outbound"} if came else NOTHING


def _are_received(fields: Mapping[str, str]) -> bool:
    """Tell a report of what customers wrote: it names senders and nobody else, and when they were received."""
    alone = _FROM in fields and fields.keys().isdisjoint({_TO, _USER, DIRECTION, STATUS, DELIVERED})
    return alone and squeezed(fields.get(SENT, "")) in _receipts()


def _received(heads: Sequence[str], fields: Mapping[str, str]) -> Iterator[ProfileColumn]:
    """Give the columns of when messages were received, or came to be, beside that of when they were sent.

    That is then empty, as it is of what customers wrote.
    """
    for told in (_receipts(), _creations()):
        for head in heads:
            if squeezed(head) in told and head not in fields.values() and SENT in fields:
                yield ProfileColumn(head, SENT)


@cache
def _receipts() -> frozenset[str]:
    return frozenset(map(squeezed, vocabulary()["log_received"]["heads"]))


@cache
def _creations() -> frozenset[str]:
    return frozenset(map(squeezed, vocabulary()["log_received"]["created"]))


def _flagged(heads: Sequence[str], fields: Mapping[str, str]) -> Mapping[str, str]:
    """Give the column that says yes or no to one direction, where none names them: `from_me`, `is_outgoing`."""
    found = next((head for head in heads if squeezed(head) in flags()), "")
    return {DIRECTION: found} if found and DIRECTION not in fields else {}


def _owned(heads: Sequence[str], fields: Mapping[str, str]) -> Mapping[str, str]:
    """Give the column of whose the row is: the business's number where another tells who wrote, as it does alone."""
    found = next(filter(is_owner, heads), "")
    told = DIRECTION in fields and found not in fields.values()
    return {_NUMBER: found} if found and told and _NUMBER not in fields else {}


def lacking(columns: Sequence[ProfileColumn]) -> tuple[str, ...]:
    """Name what these columns do not tell and charges depend on; a time that another column stands for is not told."""
    sent = {column.head for column in columns if column.field == SENT and not column.when}
    told = {column.field for column in columns if not column.when or column.head not in sent}
    return tuple(name for name in (DELIVERED, "template_category") if name not in told)


def spoken_columns(heads: Sequence[str]) -> tuple[ProfileColumn, ...]:
    """Give the columns of which the words of the heads say what they mean, whether or not they make a log."""
    fields = spoken_fields(heads)
    return tuple(_columns(fields, way_words(fields.get(DIRECTION, ""))))


def told_fields(heads: Sequence[str]) -> frozenset[str]:
    """Name the fields of a log that the heads tell of, in our own words or in people's."""
    fields = spoken_fields(heads)
    fields = {**fields, **_flagged(heads, fields)}
    return frozenset({*fields, *({_USER} if _TO in fields else ()), *((DELIVERED,) if _tells_delivery(fields) else ())})


def told_by_cells(head: str, field: str, heads: Sequence[str]) -> bool:
    """Tell whether it was the words of a column's cells, and not its head, that told the field."""
    if field not in SPOKEN:
        return False
    fields = spoken_fields(heads)
    return {**fields, **_flagged(heads, fields)}.get(field) != head


def tells_more(heads: Sequence[str]) -> bool:
    """Tell whether heads beside our own say when something was: in UTC, or on a day and the hour beside it."""
    own, fields = {*canonical_heads(heads)}, spoken_fields(heads)
    in_utc = any(zone_headed(fields[name]) for name in fields.keys() & {*TIMES} - own)
    return in_utc or bool(zone_head(heads)) or (SENT not in own and fields.get(SENT, "") in clocks_beside(heads))


def parties(heads: Sequence[str]) -> tuple[str, str]:
    """Give the heads of the columns that tell who wrote, and to whom; empty where there is none."""
    fields = spoken_fields(heads)
    return fields.get(_FROM, ""), fields.get(_TO, "")


def dial_head(heads: Sequence[str]) -> str:
    """Give the head of dial codes that stand beside their numbers; empty if there is none."""
    return _head_among(heads, "log_dial")


def zone_head(heads: Sequence[str]) -> str:
    """Give the head of the zones that the times of each row are of; empty if there is none."""
    return _head_among(heads, "log_zone")


def _head_among(heads: Sequence[str], table: str) -> str:
    known = {squeezed(word) for word in vocabulary()[table]["heads"]}
    return next((head for head in heads if squeezed(head) in known), "")


def _tells_delivery(fields: Mapping[str, str]) -> bool:
    return DELIVERED in fields or (STATUS in fields and not fields.keys().isdisjoint({SENT, _DONE}))


def _columns(fields: Mapping[str, str], ways: Mapping[str, str]) -> Iterator[ProfileColumn]:
    """Give a column for each field; where a time stands empty, a status tells whether, and when it was sent when.

    `ways` are the words of the cells that tell directions, and what they mean.
    """
    for field, head in fields.items():
        if field not in _NO_FIELDS:
            yield ProfileColumn(head, field, when=_unless_failed(fields) if field == DELIVERED else {})
    yield from _parties(fields, ways)
    if STATUS in fields:
        yield from _by_status(fields, fields[STATUS])


def _unless_failed(fields: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Give the condition of rows whose status is no failure: some programs state there, too, when it was delivered."""
    words = tuple(f"!{word}" for word in words_for(STATUS)["failed"])
    return {fields[STATUS]: words} if STATUS in fields else {}


def _by_status(fields: Mapping[str, str], status: str) -> Iterator[ProfileColumn]:
    sent, done, read_at = fields.get(SENT, ""), fields.get(_DONE, ""), fields.get(_READ, "")
    delivered, read, failed = (tuple(words_for(STATUS)[name]) for name in ("delivered", "read", "failed"))
    if done:  # the time of the status itself
        yield from (
            ProfileColumn(done, field, when={status: words})
            for field, words in ((DELIVERED, delivered), (_READ, read), (_FAILED, failed))
            if field not in fields
        )
        if not sent:
            yield ProfileColumn(done, SENT, when={status: tuple(f"!{word}" for word in (*delivered, *read, *failed))})
    elif sent:
        unread = {read_at: ("",)} if read_at else {}  # when it was read tells more than when it was sent
        yield ProfileColumn(sent, DELIVERED, when={status: (*delivered, *read), **unread})
        if _FAILED not in fields:
            yield ProfileColumn(sent, _FAILED, when={status: failed})


def _parties(fields: Mapping[str, str], ways: Mapping[str, str]) -> Iterator[ProfileColumn]:
    """Give customer and business number where a table tells who wrote and to whom: which is which the way says."""
    sender, receiver = fields.get(_FROM, ""), fields.get(_TO, "")
    came, went = _came_and_went(fields.get(DIRECTION, ""), ways)
    for field, ours in ((_USER, False), (_NUMBER, True)):
        if field in fields:
            continue
        if receiver and (sender or not ours):
            yield ProfileColumn(sender if ours else receiver, field, when=went if sender else {})
        if sender and receiver and came:
            yield ProfileColumn(receiver if ours else sender, field, when=came)


def _came_and_went(head: str, ways: Mapping[str, str]) -> tuple[Conditions, Conditions]:
    """Give the conditions of rows that came from a customer, and of those that went to one; none: all went."""
    if not head:
        return {}, {}
    told = "outbound" if ways.get(_ANYBODY) == "inbound" else "inbound"
    words = tuple(word for word, meaning in ways.items() if meaning == told)
    of_these, of_others = {head: words}, {head: tuple(f"!{word}" for word in words)}
    return (of_these, of_others) if told == "inbound" else (of_others, of_these)


def _rules(fields: Mapping[str, str]) -> Iterator[Rule]:
    """Leave out what went over another channel. Without directions nobody knows who received what is `received`."""
    if _CHANNEL in fields:
        yield Rule({fields[_CHANNEL]: tuple(words_for(_CHANNEL)["other"])}, leave_out="other_channel")
    if DIRECTION not in fields and STATUS in fields:
        yield Rule({fields[STATUS]: tuple(words_for(STATUS)["received"])}, put={DIRECTION: "received"})


@cache
def _heads() -> Mapping[str, tuple[str, ...]]:
    return {
        field: tuple(squeezed(said) for word in words for said in _ways_to_say(word))
        for field, words in vocabulary()["log_heads"].items()
    }


def _ways_to_say(word: str) -> Iterator[str]:
    """Give a head as it is, or all heads of the phone of a person or firm: `Celular del paciente`, `store_phone`."""
    found = _PHONE_OF.fullmatch(word)
    if found is None:
        yield word
        return
    people = vocabulary()["log_people"]
    for phone, person in product(people["phone"], people[found[1]]):
        yield from (f"{phone} {of}{person}" for of in _OF)
        yield f"{person} {phone}"
