"""The facts of a new audit, as typed into the form, written as the text of an `account.toml` (formats.md §7)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

# An id, and the phone number that is shown to people, if it is given behind it.
_NUMBER = re.compile(r"([^\s,;()]+)(?:\s*\(([^()]*)\))?")


@dataclass(frozen=True, slots=True)
class WabaFacts:
    """A WhatsApp Business Account as typed: the numbers' ids in one line, apart by comma or space.

    Behind an id may stand its phone number, in brackets. `names` are the numbers' names and cost centres by their ids.
    """

    id: str
    name: str
    time_zone: str
    currency: str
    numbers: str
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """The form's fields; `period` is `YYYY-MM`."""

    name: str
    entity: str
    tax_id: str
    period: str
    currency: str
    language: str
    preparer: str
    materiality: str
    wabas: tuple[WabaFacts, ...]


def account_text(facts: AuditFacts) -> str:
    """Write the facts down; what is left empty is left out, so that the reader says what is missing."""
    lines = ["[audit]"]
    for key in ("name", "entity", "tax_id", "preparer", "period", "currency", "language"):
        lines += _pair(key, getattr(facts, key))
    if facts.materiality.strip():
        lines.append(f'materiality = {{ amount = {_quoted(facts.materiality)}, percent = "0" }}')
    for waba in facts.wabas:
        lines += ["", "[[waba]]"]
        for key in ("id", "name", "time_zone", "currency"):
            lines += _pair(key, getattr(waba, key))
        numbers = (_number(number, phone, *waba.names.get(number, ("", ""))) for number, phone in typed(waba.numbers))
        lines.append(f"numbers = [{', '.join(numbers)}]")
    return "\n".join(lines) + "\n"


def typed(numbers: str) -> list[tuple[str, str]]:
    """Take typed numbers apart: their ids, each with its phone or nothing."""
    return _NUMBER.findall(numbers)


def _pair(key: str, value: str) -> list[str]:
    return [f"{key} = {_quoted(value)}"] if value.strip() else []


def _number(number: str, phone: str, name: str, cost_centre: str) -> str:
    more = [*_pair("phone", phone), *_pair("name", name), *_pair("cost_centre", cost_centre)]
    return f"{{ {', '.join([*_pair('id', number), *more])} }}" if more else _quoted(number)


def _quoted(text: str) -> str:
    """Quote a text; TOML's basic strings escape as JSON's do."""
    return json.dumps(text.strip(), ensure_ascii=False)
