"""Cells that stand as the canonical log has them, told by a cheap sign, so that they are spared the patterns.

Most logs are written by programs: a test that costs a comparison leaves nothing to trim, to reduce or to refuse.
What it does not know goes the long way (`columns`) and loses nothing but time.
"""

from collections.abc import Iterable
from collections.abc import Mapping

from auditor.core.records import Account
from auditor.readers.logs.instants import is_plain_time_sql
from auditor.readers.sql_text import among_sql
from auditor.readers.sql_text import text_sql

DIRECTIONS = ("inbound", "outbound")
CATEGORIES = ("marketing", "utility", "authentication", "marketing_lite")
ORIGINS = ("api", "app", "agent")
# What some programs write where there is nothing.
NOTHING = ("NULL", "null", "\\N")
# What they write for an id that is not there: taken for one, it would join the rows that have it.
NO_ID = ("-", "nan", "NaN", "NAN", "None", "none", "NONE", "nil", "NA", "<NA>", "NaT", "N/A", "n/a", "undefined")
# What programs write for a time that never was: the zero of Go and .NET, and of databases.
NO_TIME = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00", "0001-01-01 00:00:00", "0001-01-01 00:00:00 +0000 UTC",
    "0001-01-01 00:00:00Z", "0000-00-00 00:00:00", "0000-00-00 00:00:00Z", "0000-00-00",
)  # fmt: skip
# Beyond so many numbers of an account, comparing with each costs more than looking at the digits.
_NUMBERS = 16


def plain_tests(kinds: Mapping[str, str], account: Account, times: Iterable[str]) -> dict[str, str]:
    """Give SQL that tells a plain cell, for each column of texts that has such a test, false where it is not.

    A plain id is not damaged, a plain user is digits only, a plain word is a known one, a plain time
    is in UTC or in seconds.
    A column in which no cell fails can be taken as it is.
    """
    wabas = _safe(waba.id for waba in account.wabas)
    numbers = _safe(number.id for waba in account.wabas for number in waba.numbers)[:_NUMBERS]
    tests = {
        "message_id": _worded_sql("message_id"),
        **({} if account.wabas else {"waba_id": _digits_sql("waba_id")}),
        **({"waba_id": among_sql("waba_id", wabas)} if wabas else {}),
        "phone_number_id": _one_of_sql("phone_number_id", numbers),
        "user": _digits_sql("user"),
        "direction": among_sql("direction", DIRECTIONS),
        "template_category": among_sql("template_category", CATEGORIES),
        "origin": among_sql("origin", ORIGINS),
        **{name: is_plain_time_sql(name) for name in times},
    }
    return {name: test for name, test in tests.items() if kinds.get(name) == "VARCHAR"}


def _safe(ids: Iterable[str]) -> list[str]:
    """Leave out ids that would be read as something else if they stood in a log."""
    return [one for one in ids if one.isascii() and one.isalnum() and one not in (*NOTHING, *NO_ID)]


def _digits_sql(name: str) -> str:
    """Tell a text of digits that is a number without a leading zero."""
    return f"""coalesce(try_cast("{name}" AS UBIGINT)::VARCHAR = "{name}", "{name}" IS NULL)"""


def _one_of_sql(name: str, known: Iterable[str]) -> str:
    cases = " ".join(f"WHEN {text_sql(one)} THEN true" for one in known)
    return f'CASE "{name}" {cases} ELSE {_digits_sql(name)} END' if cases else _digits_sql(name)


def _worded_sql(name: str) -> str:
    """Tell an id that begins with a letter, as Meta's do: no spreadsheet takes it for a number.

    It is longer than the words for nothing, and holds no invisible mark, as where files were joined.
    """
    short = f'strlen("{name}") > {max(map(len, (*NOTHING, *NO_ID)))} AND strlen("{name}") = length("{name}")'
    return f"""("{name}" >= 'A' AND "{name}" < '~' AND {short} AND NOT suffix("{name}", ' '))"""
