"""The canonical log as one SQL statement over whatever columns a log brings (formats.md §1).

Every rule is an expression over whole columns; nothing is done row by row. A row that cannot be used is not dropped
here but carries a fault: its place in `FAULTS`, counted from 1 (0: the row is good).
"""

import re
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime

from auditor.core.records import Account
from auditor.core.tables import MESSAGE_COLUMNS
from auditor.readers.files import plain_head
from auditor.readers.logs.faults import AMOUNTS
from auditor.readers.logs.faults import BROKEN
from auditor.readers.logs.faults import FLAGS
from auditor.readers.logs.faults import IDS
from auditor.readers.logs.faults import NAMES
from auditor.readers.logs.faults import TIMES
from auditor.readers.logs.faults import fault_sql
from auditor.readers.logs.faults import faultless_sql
from auditor.readers.logs.faults import fine_sql
from auditor.readers.logs.instants import instant_sql
from auditor.readers.logs.instants import is_epoch_sql
from auditor.readers.logs.instants import is_local_type
from auditor.readers.logs.instants import plain_time_sql
from auditor.readers.logs.instants import states_zone_sql
from auditor.readers.logs.plain import NO_ID
from auditor.readers.logs.plain import NO_TIME
from auditor.readers.logs.plain import NOTHING
from auditor.readers.logs.plain import plain_tests
from auditor.readers.sql_text import FLOATS
from auditor.readers.sql_text import among_sql
from auditor.readers.sql_text import name_sql
from auditor.readers.sql_text import said_sql
from auditor.readers.sql_text import text_sql
from auditor.readers.tables.profiles import squeezed

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
# Spaces of every kind, and marks of order and direction of writing, but for those that turn the figures they begin.
_UNSEEN = (
    "[\\s\\x{a0}\\x{200b}-\\x{200f}\\x{202a}\\x{202c}\\x{202d}\\x{202f}\\x{2060}-\\x{2066}\\x{2068}\\x{2069}\\x{feff}]"
)
# What programs write around a phone number: the scheme of an address, or the place of WhatsApp's own (with a device)
# or of Blip's.
AROUND = (
    "^(?i:whatsapp:|tel:|(?:https?://)?(?:wa\\.me/|api\\.whatsapp\\.com/send/?\\?phone=))\\s*"
    "|(?i:(?::[0-9]+)?@(?:c\\.us|s\\.whatsapp\\.net|wa\\.gw\\.msging\\.net))$"
)
_WORDS = ("direction", "template_category", "origin")
_TRUE = ("true", "1", "yes", "sí", "si", "verdadero", "1.0", "t", "y", "s")
_FALSE = ("false", "0", "no", "falso", "0.0", "f", "n")


_BRACKETS = re.compile(r"\(\s*(\w+)\s*\)")
_NAMES = {squeezed(name): name for name in MESSAGE_COLUMNS if name != "source_row"}


def canonical_heads(heads: Sequence[str]) -> list[str]:
    """Give the canonical name of each head, empty where it has none.

    `message-id`, `MessageId` and `Message ID` are `message_id`, unless a column is called that to the letter; so is
    what states the name in brackets, `Mensaje (message_id)`.
    """
    found = [_NAMES.get(squeezed(head), "") or _in_brackets(head) for head in heads]
    exact = {name for name, head in zip(found, heads, strict=True) if name == plain_head(head)}
    return ["" if name in exact and name != plain_head(head) else name for name, head in zip(found, heads, strict=True)]


def _in_brackets(head: str) -> str:
    stated = _BRACKETS.search(head)
    return stated[1] if stated and stated[1] in _NAMES.values() else ""


def canonical_sql(
    raw: str,
    kinds: Mapping[str, str],
    account: Account,
    now: datetime,
    *,
    comma: bool = False,
    plain: Collection[str] = (),
    zone: str = "",
) -> str:
    """Give the SELECT of `MESSAGE_COLUMNS` (without `source_row`), `fault` and `local` (a time without zone was read).

    `raw` is SQL of a relation whose columns `kinds` names with their database types: canonical names, `source_row`
    if it has one, and `fault` where the reader has found one already. `comma`: amounts have a decimal comma.
    `plain` names columns in which every cell was found plain (`log_plain`): they are taken as they are.
    `zone` is that of times without one, where it is not that of the row's account.
    """
    signs = {name: "true" if name in plain else f"p_{name}" for name in plain_tests(kinds, account, TIMES)}
    told = [name for name in signs if name not in plain]
    kept = ", ".join(name_sql(name) for name in MESSAGE_COLUMNS if name != "source_row")
    row = "source_row, " if "source_row" in kinds else ""
    return f"""
SELECT {row}{kept}, local, {fault_sql(kinds, signs, account, now)} AS fault
FROM ({_read_sql(raw, kinds, account, signs, told, comma=comma, zone=zone)})"""


def supposed_sql(
    raw: str, kinds: Mapping[str, str], account: Account, now: datetime, asked: Sequence[str], zone: str = ""
) -> tuple[str, list[str]]:
    """Give a SELECT that asks something of all rows as they are if they are plain, and the columns that must be.

    After what is `asked` it tells whether no row has a fault, then of each of these columns whether it is plain.
    """
    tests = plain_tests(kinds, account, TIMES)
    signs = dict.fromkeys(tests, "true")
    marks = [f"bool_and(p_{name})" for name in tests]
    asked = ", ".join([*asked, faultless_sql(kinds, signs, account, now), *marks])
    return f"SELECT {asked} FROM ({_read_sql(raw, kinds, account, signs, tests, zone=zone)})", list(tests)


def plain_rows_sql(
    raw: str, kinds: Mapping[str, str], account: Account, now: datetime, *, comma: bool = False, zone: str = ""
) -> str:
    """Give the SELECT of `MESSAGE_COLUMNS` as they are of rows that are plain and without a fault, and `odd`.

    This tells of each row whether it is none of these: then it has its raw cells in the place of its message id, as a
    JSON array of texts in the order of `raw_columns`. (A column of their own would cost all other rows.)
    """
    tests = plain_tests(kinds, account, TIMES)
    signs = dict.fromkeys(tests, "true")
    plain = " AND ".join(["true", *(f"p_{name}" for name in tests)])
    fine = f"{fine_sql(kinds, signs, account, now)} AND coalesce({plain}, true)"
    raws = raw_columns(kinds)
    cells = f"to_json([{', '.join(f'k_{name}::VARCHAR' for name in raws)}])::VARCHAR"
    either = {"message_id": f"CASE WHEN fine THEN message_id ELSE {cells} END AS message_id"}
    kept = ", ".join(either.get(name, name_sql(name)) for name in MESSAGE_COLUMNS if name != "source_row")
    row = "source_row, " if "source_row" in kinds else ""
    read = _read_sql(raw, kinds, account, signs, tests, comma=comma, zone=zone, kept=raws)
    return f"SELECT {row}{kept}, NOT fine AS odd FROM (SELECT *, {fine} AS fine FROM ({read}))"


def raw_columns(kinds: Mapping[str, str]) -> tuple[str, ...]:
    """Name the raw columns of which a row that is not plain keeps its cells, in their order."""
    return tuple(name for name in kinds if name != "source_row")


def _read_sql(
    raw: str,
    kinds: Mapping[str, str],
    account: Account,
    signs: Mapping[str, str],
    told: Collection[str],
    *,
    comma: bool = False,
    zone: str = "",
    kept: Collection[str] = (),
) -> str:
    """Read every column, with what it was read from (`r_...`), and of some columns whether they are plain (`p_...`).

    Of some (`kept`) also the raw cells (`k_...`).
    """
    tests = plain_tests(kinds, account, TIMES)
    marks = [f"p_{name}" for name in told]
    signed = ", ".join(["*", *(f"{tests[name]} AS p_{name}" for name in told)])
    zones = {"": zone} if zone else {waba.id: waba.time_zone for waba in account.wabas}
    raws = [f"k_{name}" for name in kept]
    texts = ", ".join([*_texts(kinds, signs), *marks, *(f"{name_sql(name)} AS k_{name}" for name in kept)])
    filled = ", ".join([*(f"r_{name}" for name in (*FLAGS, *AMOUNTS, *TIMES)), *marks, *raws])
    others = ", ".join(f'"{name}"' for name in ("message_id", "phone_number_id", *_PLAIN[1:]))
    row = "source_row, " if "source_row" in kinds else ""
    read = ", ".join([*_times(kinds, signs, zones), *_flags(kinds), *_amounts(kinds, comma=comma)])
    return f"""
  SELECT *, {read},
    {_local_sql(kinds, signs)} AS local
  FROM (
    SELECT {row}found, {others}, upper(country) AS country, {_user_sql(signs)} AS "user", "user" AS r_user,
      {_waba_sql(kinds, account)} AS waba_id, {_word_sql("direction", signs)} AS direction,
      {_category_sql(signs)} AS template_category, {_word_sql("origin", signs)} AS origin, {filled}
    FROM (SELECT {row}{texts} FROM (SELECT {signed} FROM ({raw})))
  )"""


def _either(sign: str, plain: str, repaired: str) -> str:
    """Give a cell as it is where its sign says that it is plain."""
    return plain if sign == "true" else f"CASE WHEN {sign} THEN {plain} ELSE {repaired} END" if sign else repaired


def _texts(kinds: Mapping[str, str], signs: Mapping[str, str]) -> Iterator[str]:
    """Bring every column in: texts trimmed, an empty one NULL; flags, amounts and times as they are (`r_...`)."""
    yield f"{'fault' if 'fault' in kinds else '0'} AS found"
    for name in (*IDS, *_WORDS, *_PLAIN):
        text = _text_sql(name, kinds.get(name, ""))
        yield f"{_either(signs.get(name, ''), name_sql(name), text)} AS {name_sql(name)}"
    for name in FLAGS:
        yield f"{name if kinds.get(name) == 'BOOLEAN' else _text_sql(name, kinds.get(name, ''))} AS r_{name}"
    for name in AMOUNTS:
        yield f"{_text_sql(name, kinds.get(name, ''))} AS r_{name}"
    for name in TIMES:
        kind = kinds.get(name, "")
        typed = kind and kind != "VARCHAR" and kind not in FLOATS
        yield f"{_either(signs.get(name, ''), name, name if typed else _number_sql(name, kind))} AS r_{name}"


def _text_sql(name: str, kind: str) -> str:
    if not kind:
        return "NULL::VARCHAR"
    if kind == "VARCHAR" and name in NAMES:
        return _id_sql(f'"{name}"', whole=name in IDS[1:])
    if kind == "VARCHAR" and name in TIMES:
        return _trimmed_sql(f'"{name}"', (*NOTHING, *NO_ID, *NO_TIME))
    if kind == "VARCHAR":
        return _trimmed_sql(f'"{name}"', (*NOTHING, *NO_ID) if name in _WORDS else NOTHING)
    if kind in FLOATS and name in IDS:
        return said_sql(f'"{name}"', kind)
    if kind in FLOATS:
        return f'CASE WHEN NOT isnan("{name}") THEN "{name}"::VARCHAR END'
    text = f'"{name}"::VARCHAR'
    return f"regexp_replace({text}, '[.]0+$', '')" if kind.startswith("DECIMAL") and name in IDS else text


def _trimmed_sql(text: str, empty: Sequence[str]) -> str:
    """Trim only where there is something to trim: trimming copies every text, and costs more than all the rest.

    Most columns of most logs are empty: what is NULL is told first, so that no other test is made of it.
    """
    trimmed = f"nullif(trim({text}), '')"
    told = f"WHEN {_empty_or_spaced(text)} THEN {trimmed} {_none_of(text, empty)}"
    return f"CASE WHEN {text} IS NULL THEN NULL {told}ELSE {text} END"


def _id_sql(text: str, *, whole: bool) -> str:
    """Take an id without what cannot be seen around it, such as the mark at the head of a file that was joined.

    Nor with what keeps a spreadsheet from taking it for a number: an apostrophe before it, or a formula around it.
    `whole`: one that went through a table of decimals loses its `.0` or `,00`, if all its digits are still there.
    """
    odd = f"{_empty_or_spaced(text)} OR suffix({text}, '\t') OR {text} < ' ' OR strlen({text}) <> length({text})"
    bare = f"nullif(regexp_replace({text}, '^{_UNSEEN}+|{_UNSEEN}+$', '', 'g'), '')"
    whole_number = f"regexp_replace({text}, '^([0-9]{{1,15}})[.,]0+$', '\\1')"
    decimal = f"WHEN suffix({text}, '0') AND (contains({text}, '.') OR contains({text}, ',')) THEN {whole_number} "
    words = _none_of(text, (*NOTHING, *NO_ID))
    guard = f"nullif(regexp_replace({text}, '^''|^=\"|\"$', '', 'g'), '')"
    guarded = f"WHEN prefix({text}, '''') OR prefix({text}, '=\"') THEN {guard} "
    told = f"WHEN {odd} THEN {bare} {words}{guarded}{decimal if whole else ''}"
    return f"CASE WHEN {text} IS NULL THEN NULL {told}ELSE {text} END"


def _empty_or_spaced(text: str) -> str:
    return f"{text} = '' OR prefix({text}, ' ') OR suffix({text}, ' ')"


def _none_of(text: str, words: Sequence[str]) -> str:
    return f"WHEN {' OR '.join(f'{text} = {text_sql(word)}' for word in words)} THEN NULL "


def _number_sql(name: str, kind: str) -> str:
    return f"CASE WHEN NOT isnan({name}) THEN {name} END" if kind in FLOATS else _text_sql(name, kind)


def _user_sql(signs: Mapping[str, str]) -> str:
    """Reduce a phone number to its digits; business-scoped ids, and what is to be refused, stay as they are."""
    addressed = """contains("user", ':') OR contains("user", '@') OR contains("user", '/')"""
    bare = f"""CASE WHEN {addressed} THEN regexp_replace("user", {text_sql(AROUND)}, '', 'g') ELSE "user" END"""
    digits = f"regexp_replace({bare}, '[^0-9]', '', 'g')"
    # No number of the world begins with a zero: two of them are what is dialled before one.
    reduced = (
        f"""nullif(CASE WHEN regexp_full_match("user", '[1-9][0-9]*|{BROKEN}') THEN "user" """
        f"WHEN regexp_full_match({bare}, '[+( \\x{{a0}}]*[0-9][0-9 ().+\\x{{a0}}-]*') "
        f"THEN regexp_replace({digits}, '^00([1-9])', '\\1') ELSE {bare} END, '')"
    )
    return _either(signs.get("user", ""), '"user"', reduced)


def _waba_sql(kinds: Mapping[str, str], account: Account) -> str:
    """Fill an empty WABA from the account: the one that lists the number, else the only one."""
    if len(account.wabas) == 1:
        only = text_sql(account.wabas[0].id)
        return f"coalesce(waba_id, {only})" if "waba_id" in kinds else only
    numbers = {waba.id: [number.id for number in waba.numbers] for waba in account.wabas if waba.numbers}
    found = [f"WHEN {among_sql('phone_number_id', own)} THEN {text_sql(waba)}" for waba, own in numbers.items()]
    return f"coalesce(waba_id, CASE {' '.join(found)} END)" if found else "waba_id"


def _word_sql(name: str, signs: Mapping[str, str]) -> str:
    return _either(signs.get(name, ""), name, f"lower({name})")


def _category_sql(signs: Mapping[str, str]) -> str:
    """Read the category of a template; `service` is the word for a message that is none."""
    word = "replace(replace(lower(template_category), '-', '_'), ' ', '_')"
    read = (
        f"CASE WHEN template_category IS NULL THEN NULL WHEN {word} = 'authentication_international' "
        f"THEN 'authentication' WHEN {word} = 'service' THEN NULL ELSE {word} END"
    )
    return _either(signs.get("template_category", ""), "template_category", read)


def _flags(kinds: Mapping[str, str]) -> Iterator[str]:
    for name in FLAGS:
        word = f"lower(r_{name})"
        yes, no = among_sql(word, _TRUE), among_sql(word, _FALSE)
        read = f"CASE WHEN r_{name} IS NULL THEN NULL WHEN {yes} THEN true WHEN {no} THEN false END"
        yield f"{f'r_{name}' if kinds.get(name) == 'BOOLEAN' else read} AS {name}"


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


def _times(kinds: Mapping[str, str], signs: Mapping[str, str], zones: Mapping[str, str]) -> Iterator[str]:
    for name in TIMES:
        kind, raw = kinds.get(name, ""), f"r_{name}"
        read = instant_sql(raw, kind, "waba_id", zones) if kind else "NULL::BIGINT"
        yield f"{plain_time_sql(raw) if signs.get(name) == 'true' else read} AS {name}"


def _local_sql(kinds: Mapping[str, str], signs: Mapping[str, str]) -> str:
    """Tell whether any time of the row was written without a zone; where all are plain, none was."""
    tests, plain = [], []
    for name in TIMES:
        kind, raw = kinds.get(name, ""), f"r_{name}"
        if is_local_type(kind):
            tests.append(f"{raw} IS NOT NULL")
        elif kind == "VARCHAR" and signs[name] != "true":
            plain.append(f"coalesce({signs[name]}, true)")
            tests.append(
                f"CASE WHEN {raw} IS NULL OR {signs[name]} THEN false "
                f"ELSE NOT ({states_zone_sql(raw)} OR {is_epoch_sql(raw)}) END"
            )
    either = f"({' OR '.join(tests)})" if tests else "false"
    return f"CASE WHEN {' AND '.join(plain)} THEN false ELSE {either} END" if len(plain) == len(tests) > 0 else either
