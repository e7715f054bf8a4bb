"""What can be wrong with a row of a message log, and the SQL that tells which of it is (formats.md §1)."""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from auditor.core.records import Account
from auditor.readers.logs.instants import EARLIEST
from auditor.readers.logs.instants import is_local_type
from auditor.readers.logs.instants import latest
from auditor.readers.logs.instants import local_time_sql
from auditor.readers.logs.instants import states_zone_sql
from auditor.readers.logs.plain import CATEGORIES
from auditor.readers.logs.plain import DIRECTIONS
from auditor.readers.logs.plain import ORIGINS
from auditor.readers.sql_text import among_sql
from auditor.readers.sql_text import text_sql
from auditor.readers.tables.identity import digits
from auditor.readers.values.words import UNSEEN

IDS = ("message_id", "waba_id", "phone_number_id", "user")
NAMES = (*IDS, "group_id", "conversation_id")
"""Columns of ids, of which rows are known to belong together."""
TIMES = ("sent_at", "delivered_at", "read_at", "failed_at", "conversation_expires_at")
FLAGS = ("referral", "billable")
AMOUNTS = ("logged_amount", "max_price")
REQUIRED = ("message_id", "phone_number_id", "user", "direction")
_WORDS = {"direction": DIRECTIONS, "template_category": CATEGORIES, "origin": ORIGINS}
_DAMAGED = "[0-9][.,][0-9]+[eE][+]?[0-9]+|[0-9]{16,}[.]0+"
# A number that is one part of a whole number is no phone's, however it is grouped.
BROKEN = "[+]?[0-9]{7,}[.,][0-9]+"
# Marks that are not seen, left within an id: two ids that look the same would be two.
_HIDDEN = "[" + "".join(rf"\x{{{mark:x}}}" for mark in UNSEEN) + "]"
_ERROR = "#(N/[AD]|NV|.+[!?])"
_IS_COUNTRY = "regexp_full_match(country, '[A-Z]{2}')"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is not used: a problem's code and the column; `left_out` rows are no messages at all."""

    code: str
    column: str = ""
    left_out: bool = False


FAULTS = (
    *(Fault("log_id_damaged", column) for column in IDS),
    *(Fault("log_id_error", column) for column in NAMES),
    *(Fault("log_id_hides", column) for column in NAMES),
    Fault("log_row_too_long"),
    Fault("log_blank_row", left_out=True),
    Fault("log_other_channel", left_out=True),
    Fault("webhook_not_json"),
    Fault("webhook_too_deep"),
    Fault("webhook_too_large"),
    Fault("webhook_key_twice"),
    Fault("webhook_not_a_payload"),
    Fault("webhook_unreadable"),
    Fault("webhook_other_event", left_out=True),
    Fault("webhook_not_a_message", left_out=True),
    Fault("webhook_unknown_status"),
    Fault("webhook_without_time"),
    Fault("webhook_unknown_category"),
    *(Fault(f"log_no_{column}", column) for column in REQUIRED),
    Fault("log_user_is_name", "user"),
    Fault("log_user_is_masked", "user"),
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


# From so many texts on a join is quicker than to compare with each.
_MANY = 5
# What may be wrong with a good row, too; it is counted, and said.
DOUBTS = ("log_number_not_listed", "log_user_is_own")


def doubts_sql(account: Account) -> tuple[str, str]:
    """Tell in SQL the rows of `DOUBTS`: of a number that its account does not list, and of a customer that is one.

    For counting only: a join is quick with thousands of numbers, and does not keep the order of the rows (`among_sql`).
    """
    numbers = {waba.id: waba.numbers for waba in account.wabas if waba.numbers}
    listed = {one.id for own in numbers.values() for one in own}
    phones = {digits(one.phone) for own in numbers.values() for one in own} - {""}
    # Rows of accounts that are not named are refused, so that with all of them listing numbers none needs the test.
    here = f"waba_id IN {_joined_sql(numbers)} AND " if len(numbers) < len(account.wabas) else ""
    unlisted = f"{here}phone_number_id NOT IN {_joined_sql(listed | phones)}"
    return unlisted if listed else "false", f'"user" IN {_joined_sql(phones)}' if phones else "false"


def _joined_sql(texts: Collection[str]) -> str:
    stated = ", ".join(map(text_sql, sorted(texts)))
    return f"({stated})" if len(texts) < _MANY else f"(SELECT unnest([{stated}]))"


def fault_number(code: str, column: str = "") -> int:
    """Give the number of a fault; 0 stands for a good row."""
    return FAULTS.index(next(fault for fault in FAULTS if (fault.code, fault.column) == (code, column))) + 1


def fault_sql(kinds: Mapping[str, str], signs: Mapping[str, str], account: Account, now: datetime) -> str:
    """Give the number of the first fault of a row. The order is that of `FAULTS`, but for faults found before."""
    late = latest(now)
    cases = " ".join(f"WHEN {test} THEN {number}" for number, test in _tests(kinds, account, late))
    good = " AND ".join(_good(kinds, signs, account, late))
    return f"(CASE WHEN found > 0 THEN found WHEN {good} THEN 0 {cases} ELSE 0 END)::UTINYINT"


def _good(kinds: Mapping[str, str], signs: Mapping[str, str], account: Account, late: int) -> Iterator[str]:
    """Give tests that are cheap and, met all together, leave a row without a fault; none of them is ever NULL."""
    yield from (f'"{name}" IS NOT NULL' for name in REQUIRED)
    yield from (f"coalesce({sign}, true)" for sign in signs.values() if sign != "true")
    yield from _good_words(kinds, signs, account)
    said = [name for name in (*FLAGS, *AMOUNTS) if name in kinds]
    yield from (f"({name} IS NOT NULL OR r_{name} IS NULL)" for name in said)
    times = [name for name in TIMES if name in kinds]
    yield from (f"coalesce({name} BETWEEN {EARLIEST} AND {late}, r_{name} IS NULL)" for name in times)


def faultless_sql(kinds: Mapping[str, str], signs: Mapping[str, str], account: Account, now: datetime) -> str:
    """Tell of all rows together whether none has a fault, by the tests of `_good`: counting is cheaper than they are.

    What it takes for good is good; of what it does not, each row is to be looked at.
    """
    late = latest(now)
    tests = ["bool_and(found = 0)", *(f'count("{name}") = count(*)' for name in REQUIRED)]
    tests += [f"bool_and({test})" for test in _good_words(kinds, signs, account)]
    tests += [f"count({name}) = count(r_{name})" for name in (*FLAGS, *AMOUNTS, *TIMES) if name in kinds]
    for name in (name for name in TIMES if name in kinds):
        tests.append(f"coalesce(min({name}) >= {EARLIEST} AND max({name}) <= {late}, true)")
    return f"({' AND '.join(tests)})"


def fine_sql(kinds: Mapping[str, str], signs: Mapping[str, str], account: Account, now: datetime) -> str:
    """Tell of a row whether it has no fault, by the tests of `_good`: what it takes for good is good."""
    return f"(found = 0 AND {' AND '.join(_good(kinds, signs, account, latest(now)))})"


def _good_words(kinds: Mapping[str, str], signs: Mapping[str, str], account: Account) -> Iterator[str]:
    """Give the tests of words that have no sign, and those over several columns."""
    for name, known in _WORDS.items():
        if name in kinds and name not in signs:
            yield f"coalesce({among_sql(name, known)}, true)"
    yield from (f"coalesce(NOT prefix({name}, '#'), true)" for name in NAMES[len(IDS) :] if name in kinds)
    if "country" in kinds and "user" not in signs:
        yield f"(country IS NULL OR {_IS_COUNTRY})"
    yield from _good_waba(kinds, signs, account)
    yield "(direction = 'outbound' OR sent_at IS NOT NULL)"


def _good_waba(kinds: Mapping[str, str], signs: Mapping[str, str], account: Account) -> Iterator[str]:
    """Test a WABA that is stated or filled in; a plain one is of the account, and so is what is filled in."""
    if "waba_id" in kinds and "waba_id" not in signs and account.wabas:
        yield f"coalesce({among_sql('waba_id', [waba.id for waba in account.wabas])}, false)"
    elif len(account.wabas) > 1:
        yield "waba_id IS NOT NULL"


def _tests(kinds: Mapping[str, str], account: Account, late: int) -> Iterator[tuple[int, str]]:
    for name in (name for name in NAMES if name in kinds):
        raw = "r_user" if name == "user" else f'"{name}"'
        if name in IDS and (kinds[name] == "VARCHAR" or kinds[name].startswith("DECIMAL")):
            yield fault_number("log_id_damaged", name), f"({_damaged_sql(raw, broken=name != 'message_id')})"
        error = f"CASE WHEN prefix({raw}, '#') THEN regexp_full_match({raw}, '{_ERROR}') ELSE false END"
        yield fault_number("log_id_error", name), f"({error})"
        hides = f"CASE WHEN strlen({raw}) <> length({raw}) THEN regexp_matches({raw}, '{_HIDDEN}') ELSE false END"
        yield fault_number("log_id_hides", name), f"({hides})"
    blank = ["message_id", "phone_number_id", "r_user", "direction", *(f"r_{name}" for name in TIMES)]
    yield fault_number("log_blank_row"), " AND ".join(f"{name} IS NULL" for name in blank)
    for name in REQUIRED:
        yield fault_number(f"log_no_{name}", name), f'"{name}" IS NULL'
    yield fault_number("log_user_is_name", "user"), """("user" > ':' AND regexp_matches("user", '[^!-~]'))"""
    masked = """(contains("user", '*') OR contains("user", '•') OR regexp_full_match("user", '[0-9]+[xX]{2,}[0-9]*'))"""
    yield fault_number("log_user_is_masked", "user"), masked
    yield fault_number("log_unknown_direction", "direction"), f"NOT {among_sql('direction', DIRECTIONS)}"
    yield (
        fault_number("log_unknown_category", "template_category"),
        f"NOT {among_sql('template_category', CATEGORIES)}",
    )
    yield fault_number("log_unknown_origin", "origin"), f"NOT {among_sql('origin', ORIGINS)}"
    # Where there is a number, the country decides nothing, so that a column of names may stand beside it.
    no_code = f"country IS NOT NULL AND NOT {_IS_COUNTRY}"
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


def _damaged_sql(raw: str, *, broken: bool) -> str:
    """Tell an id that a spreadsheet has turned into a number, also into a `broken` one; the cheap test first."""
    dotted = f"{raw} LIKE '_.%' OR {raw} LIKE '_,%' OR contains({raw}, '.0')"
    likely = f"contains({raw}, '.') OR contains({raw}, ',')" if broken else dotted
    form = f"{_DAMAGED}|{BROKEN}" if broken else _DAMAGED
    return f"CASE WHEN {raw} < ':' AND ({likely}) THEN regexp_full_match({raw}, '{form}') ELSE false END"


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
