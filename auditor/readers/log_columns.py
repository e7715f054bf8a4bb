"""The canonical log as one SQL statement over whatever columns a log brings (formats.md §1).

Every rule is an expression over whole columns; nothing is done row by row. A row that cannot be used is not dropped
here but carries a fault: its place in `FAULTS`, counted from 1 (0: the row is good).
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auditor.core.records import Account
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.readers.files import plain_head
from auditor.readers.instants import EARLIEST
from auditor.readers.instants import instant_sql
from auditor.readers.instants import is_epoch_sql
from auditor.readers.instants import is_local_type
from auditor.readers.instants import latest
from auditor.readers.instants import local_time_sql
from auditor.readers.instants import states_zone_sql
from auditor.readers.profiles import squeezed
from auditor.readers.sql_text import among_sql
from auditor.readers.sql_text import text_sql

IDS = ("message_id", "waba_id", "phone_number_id", "user")
TIMES = ("sent_at", "delivered_at", "read_at", "failed_at", "conversation_expires_at")
FLAGS = ("referral", "billable")
AMOUNTS = ("logged_amount", "max_price")
REQUIRED = ("message_id", "phone_number_id", "user", "direction")
_PLAIN = (
    "country",
    "template_name",
    "group_id",
    "conversation_id",
    "conversation_origin",
    "pricing_model",
    "pricing_type",
    "pricing_category",
)
_WORDS = ("direction", "template_category", "origin")
_FLOATS = ("DOUBLE", "FLOAT")
_DAMAGED = "[0-9][.,][0-9]+[eE][+]?[0-9]+|[0-9]{16,}[.]0"
# Written in digits only, as most users are: nothing of it is to be trimmed or reduced. A log that lies in its file is
# read several times, and a pattern takes far longer to answer.
_DIGITS = """("user" BETWEEN '0' AND ':' AND try_cast("user" AS UBIGINT)::VARCHAR = "user")"""
_DIRECTIONS = ("inbound", "outbound")
_CATEGORIES = ("marketing", "utility", "authentication", "marketing_lite")
_ORIGINS = ("api", "app", "agent")
_TRUE = ("true", "1", "yes", "sí", "si", "verdadero", "1.0", "t", "y", "s")
_FALSE = ("false", "0", "no", "falso", "0.0", "f", "n")
_NOTHING = ("NULL", "null", "\\N")


_NAMES = {squeezed(name): name for name in MESSAGE_COLUMNS if name != "source_row"}


def canonical_heads(heads: Sequence[str]) -> list[str]:
    """Give the canonical name of each head, empty where it has none.

    `message-id`, `MessageId` and `Message ID` are `message_id`, unless a column is called that to the letter.
    """
    found = [_NAMES.get(squeezed(head), "") for head in heads]
    exact = {name for name, head in zip(found, heads, strict=True) if name == plain_head(head)}
    return ["" if name in exact and name != plain_head(head) else name for name, head in zip(found, heads, strict=True)]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is not used: a problem's code and the column; `left_out` rows are no messages at all."""

    code: str
    column: str = ""
    left_out: bool = False


FAULTS = (
    *(Fault("log_id_damaged", column) for column in IDS),
    Fault("log_row_too_long"),
    Fault("log_blank_row", left_out=True),
    Fault("log_other_channel", left_out=True),
    Fault("webhook_not_json"),
    Fault("webhook_not_a_payload"),
    Fault("webhook_unreadable"),
    Fault("webhook_other_event", left_out=True),
    Fault("webhook_not_a_message", left_out=True),
    Fault("webhook_unknown_status"),
    Fault("webhook_without_time"),
    *(Fault(f"log_no_{column}", column) for column in REQUIRED),
    Fault("log_unknown_direction", "direction"),
    Fault("log_unknown_category", "template_category"),
    Fault("log_unknown_origin", "origin"),
    Fault("log_unknown_country", "country"),
    *(Fault("log_bad_flag", column) for column in FLAGS),
    *(Fault("log_bad_amount", column) for column in AMOUNTS),
    *(Fault("log_no_waba", "waba_id"), Fault("log_unknown_waba", "waba_id")),
    *(Fault("time_unreadable", column) for column in TIMES),
    *(Fault("time_does_not_exist", column) for column in TIMES),
    *(Fault("time_out_of_range", column) for column in TIMES),
    Fault("log_inbound_without_time", "sent_at"),
)


def fault_number(code: str, column: str = "") -> int:
    """Give the number of a fault; 0 stands for a good row."""
    return FAULTS.index(next(fault for fault in FAULTS if (fault.code, fault.column) == (code, column))) + 1


def canonical_sql(raw: str, kinds: Mapping[str, str], account: Account, now: datetime, *, comma: bool = False) -> str:
    """Give the SELECT of `MESSAGE_COLUMNS` (without `source_row`), `fault` and `local` (a time without zone was read).

    `raw` is SQL of a relation whose columns `kinds` names with their database types: canonical names, `source_row`
    if it has one, and `fault` where the reader has found one already. `comma`: amounts have a decimal comma.
    """
    zones = {waba.id: waba.time_zone for waba in account.wabas}
    texts = ", ".join(_texts(kinds))
    filled = ", ".join(f"r_{name}" for name in (*FLAGS, *AMOUNTS, *TIMES))
    others = ", ".join(f'"{name}"' for name in ("message_id", "phone_number_id", *_PLAIN[1:]))
    kept = ", ".join(_quoted(name) for name in MESSAGE_COLUMNS if name != "source_row")
    row = "source_row, " if "source_row" in kinds else ""
    return f"""
SELECT {row}{kept}, local, {_fault_sql(kinds, account, now)} AS fault
FROM (
  SELECT *, {", ".join(_times(kinds, zones))}, {", ".join(_flags())}, {", ".join(_amounts(kinds, comma=comma))},
    {_local_sql(kinds)} AS local
  FROM (
    SELECT {row}found, {others}, upper(country) AS country, {_user_sql("user")} AS "user", "user" AS r_user,
      {_waba_sql(account)} AS waba_id, {_word_sql("direction", _DIRECTIONS)} AS direction, direction AS r_direction,
      {_category_sql()} AS template_category, template_category AS r_template_category,
      {_word_sql("origin", _ORIGINS)} AS origin, {filled}
    FROM (SELECT {row}{texts} FROM ({raw}))
  )
)"""


def _quoted(name: str) -> str:
    return f'"{name}"'


def _texts(kinds: Mapping[str, str]) -> Iterator[str]:
    """Bring every column in: texts trimmed, an empty one NULL; flags, amounts and times as they are (`r_...`)."""
    yield f"{'fault' if 'fault' in kinds else '0'} AS found"
    may_be_digits = kinds.get("user") == "VARCHAR"
    yield f"{_DIGITS if may_be_digits else 'false'} AS digits"
    for name in (*IDS, *_WORDS, *_PLAIN):
        text = _text_sql(name, kinds.get(name, ""))
        spared = name == "user" and may_be_digits
        yield f'{f"CASE WHEN {_DIGITS} THEN {_quoted(name)} ELSE {text} END" if spared else text} AS "{name}"'
    for name in (*FLAGS, *AMOUNTS):
        yield f"{_text_sql(name, kinds.get(name, ''))} AS r_{name}"
    for name in TIMES:
        kind = kinds.get(name, "")
        plain = kind and kind != "VARCHAR" and kind not in _FLOATS
        yield f"{name if plain else _number_sql(name, kind)} AS r_{name}"


def _text_sql(name: str, kind: str) -> str:
    if not kind:
        return "NULL::VARCHAR"
    if kind == "VARCHAR":
        return _trimmed_sql(f'"{name}"', whole=name in IDS[1:])
    if kind in _FLOATS:
        return f'CASE WHEN NOT isnan("{name}") THEN "{name}"::VARCHAR END'
    return f'"{name}"::VARCHAR'


def _trimmed_sql(text: str, *, whole: bool) -> str:
    """Trim only where there is something to trim: trimming copies every text, and costs more than all the rest.

    `whole`: an id that went through a table of decimals loses its `.0` again, if all its digits are still there.
    """
    trimmed = f"nullif(trim({text}), '')"
    nothing = f"WHEN {' OR '.join(f'{text} = {text_sql(word)}' for word in _NOTHING)} THEN NULL "
    decimal = f"WHEN suffix({text}, '.0') THEN regexp_replace({text}, '^([0-9]{{1,15}})[.]0$', '\\1') " if whole else ""
    return (
        f"CASE WHEN {text} = '' OR prefix({text}, ' ') OR suffix({text}, ' ') THEN {trimmed} {nothing}{decimal}"
        f"ELSE {text} END"
    )


def _number_sql(name: str, kind: str) -> str:
    return f"CASE WHEN NOT isnan({name}) THEN {name} END" if kind in _FLOATS else _text_sql(name, kind)


def _user_sql(user: str) -> str:
    """Reduce a phone number to its digits; business-scoped ids stay as they are."""
    bare = f"""CASE WHEN lower("{user}"[:9]) = 'whatsapp:' THEN trim("{user}"[10:]) ELSE "{user}" END"""
    return (
        f"""nullif(CASE WHEN digits OR regexp_full_match("{user}", '[0-9]+') THEN "{user}" """
        f"WHEN regexp_full_match({bare}, '[+( \\x{{a0}}]*[0-9][0-9 ().+\\x{{a0}}-]*') "
        f"THEN regexp_replace({bare}, '[^0-9]', '', 'g') ELSE {bare} END, '')"
    )


def _waba_sql(account: Account) -> str:
    """Fill an empty WABA from the account: the one that lists the number, else the only one."""
    numbers = {waba.id: [number.id for number in waba.numbers] for waba in account.wabas if waba.numbers}
    found = [f"WHEN {among_sql('phone_number_id', own)} THEN {text_sql(waba)}" for waba, own in numbers.items()]
    of_number = f"CASE {' '.join(found)} END" if found else "NULL"
    only = text_sql(account.wabas[0].id) if len(account.wabas) == 1 else "NULL"
    return f"coalesce(waba_id, {of_number}, {only})"


def _word_sql(name: str, known: tuple[str, ...]) -> str:
    return f"CASE WHEN {among_sql(name, known)} THEN {name} ELSE lower({name}) END"


def _category_sql() -> str:
    """Read the category of a template; `service` is the word for a message that is none."""
    word = "replace(replace(lower(template_category), '-', '_'), ' ', '_')"
    return (
        f"CASE WHEN template_category IS NULL OR {among_sql('template_category', _CATEGORIES)} THEN template_category "
        f"WHEN {word} = 'authentication_international' THEN 'authentication' "
        f"WHEN {word} = 'service' THEN NULL ELSE {word} END"
    )


def _flags() -> Iterator[str]:
    for name in FLAGS:
        word = f"lower(r_{name})"
        yes, no = among_sql(word, _TRUE), among_sql(word, _FALSE)
        yield f"CASE WHEN {yes} THEN true WHEN {no} THEN false END AS {name}"


def _amounts(kinds: Mapping[str, str], *, comma: bool) -> Iterator[str]:
    """Give amounts as plain decimals, exact; NULL where the text is none."""
    for name in AMOUNTS:
        text = f"r_{name}"
        if kinds.get(name) == "VARCHAR":
            decimal = f"replace(r_{name}, ',', '.')"
            # Nothing but a decimal comma follows a zero, whatever separates the columns.
            text = decimal if comma else f"CASE WHEN prefix(ltrim({text}, '-'), '0,') THEN {decimal} ELSE {text} END"
        yield (
            f"CASE WHEN regexp_full_match({text}, '-?[0-9]+([.][0-9]+)?') THEN {text} "
            f"WHEN regexp_full_match({text}, '[+-]?[0-9.]+([eE][+-]?[0-9]+)?') "
            f"THEN TRY_CAST({text} AS DECIMAL(38, 15))::VARCHAR END AS {name}"
        )


def _times(kinds: Mapping[str, str], zones: Mapping[str, str]) -> Iterator[str]:
    for name in TIMES:
        kind = kinds.get(name, "")
        yield f"{instant_sql(f'r_{name}', kind, 'waba_id', zones) if kind else 'NULL::BIGINT'} AS {name}"


def _local_sql(kinds: Mapping[str, str]) -> str:
    """Tell whether any time of the row was written without a zone."""
    tests = []
    for name in TIMES:
        kind = kinds.get(name, "")
        if is_local_type(kind):
            tests.append(f"r_{name} IS NOT NULL")
        elif kind == "VARCHAR":
            raw = f"r_{name}"
            tests.append(
                f"CASE WHEN {raw} IS NULL OR suffix({raw}, 'Z') THEN false "
                f"ELSE NOT ({states_zone_sql(raw)} OR {is_epoch_sql(raw)}) END"
            )
    return f"({' OR '.join(tests)})" if tests else "false"


def _fault_sql(kinds: Mapping[str, str], account: Account, now: datetime) -> str:
    """Give the number of the first fault of a row. The order is that of `FAULTS`, but for faults found before."""
    cases = " ".join(f"WHEN {test} THEN {number}" for number, test in _tests(kinds, account, latest(now)))
    return f"(CASE WHEN found > 0 THEN found {cases} ELSE 0 END)::UTINYINT"


def _tests(kinds: Mapping[str, str], account: Account, late: int) -> Iterator[tuple[int, str]]:
    for name in IDS:
        if kinds.get(name) == "VARCHAR":
            raw = "r_user" if name == "user" else _quoted(name)
            yield fault_number("log_id_damaged", name), f"({_damaged_sql(raw)})"
    blank = ["message_id", "phone_number_id", "r_user", "r_direction", *(f"r_{name}" for name in TIMES)]
    yield fault_number("log_blank_row"), " AND ".join(f"{name} IS NULL" for name in blank)
    for name in REQUIRED:
        yield fault_number(f"log_no_{name}", name), f'"{name}" IS NULL'
    yield fault_number("log_unknown_direction", "direction"), f"NOT {among_sql('direction', _DIRECTIONS)}"
    yield (
        fault_number("log_unknown_category", "template_category"),
        f"NOT {among_sql('template_category', _CATEGORIES)}",
    )
    yield fault_number("log_unknown_origin", "origin"), f"NOT {among_sql('origin', _ORIGINS)}"
    # Where there is a number, the country decides nothing, so that a column of names may stand beside it.
    no_code = "country IS NOT NULL AND NOT regexp_full_match(country, '[A-Z]{2}')"
    yield fault_number("log_unknown_country", "country"), f"""{no_code} AND NOT regexp_full_match("user", '[0-9]+')"""
    for name in FLAGS:
        yield fault_number("log_bad_flag", name), f"r_{name} IS NOT NULL AND {name} IS NULL"
    for name in AMOUNTS:
        yield fault_number("log_bad_amount", name), f"r_{name} IS NOT NULL AND {name} IS NULL"
    if account.wabas:  # a preview without an account knows none, and takes them all
        yield fault_number("log_no_waba", "waba_id"), "waba_id IS NULL"
        yield (
            fault_number("log_unknown_waba", "waba_id"),
            f"NOT {among_sql('waba_id', [waba.id for waba in account.wabas])}",
        )
    yield from _time_tests(kinds, late)
    yield fault_number("log_inbound_without_time", "sent_at"), "direction = 'inbound' AND sent_at IS NULL"


def _damaged_sql(raw: str) -> str:
    """Tell an id that a spreadsheet has turned into a number; the cheap test first."""
    likely = f"{raw} < ':' AND ({raw} LIKE '_.%' OR {raw} LIKE '_,%' OR suffix({raw}, '.0'))"
    return f"CASE WHEN {likely} THEN regexp_full_match({raw}, '{_DAMAGED}') ELSE false END"


def _time_tests(kinds: Mapping[str, str], late: int) -> Iterator[tuple[int, str]]:
    for name in TIMES:
        kind = kinds.get(name, "")
        if not kind:
            continue
        unread = f"r_{name} IS NOT NULL AND {name} IS NULL"
        if is_local_type(kind):
            yield fault_number("time_does_not_exist", name), unread
        elif kind == "VARCHAR":
            digits = f"CASE WHEN {unread} THEN {local_time_sql(f'r_{name}', kind)} END"
            yield (
                fault_number("time_does_not_exist", name),
                f"({digits} IS NOT NULL AND NOT {states_zone_sql(f'r_{name}')})",
            )
        if not is_local_type(kind):
            yield fault_number("time_unreadable", name), unread
        yield fault_number("time_out_of_range", name), f"({name} < {EARLIEST} OR {name} > {late})"
