"""Mapping profiles: how the tables of one layout are read (formats.md §4).

A profile knows its tables by the fingerprint of their heads, or, where the user of a platform chooses columns and
their order, by the heads that are always there. Ours lie in `resources/layouts/`, the user's in his own folder; how
one is written down is in `profile_files.py`, how it changes the rows of a table in `profile_rows.py`.
"""

import hashlib
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from decimal import Decimal
from functools import lru_cache

from auditor.core.records import NOTHING
from auditor.readers.values.words import plain

INVOICE, USAGE, LOG, CARD, FX = "invoice", "usage", "log", "card", "fx"
_REMEMBERED = 1 << 14
KINDS = (INVOICE, USAGE, LOG, CARD, FX)

Conditions = Mapping[str, tuple[str, ...]]
NO_CONDITIONS: Conditions = {}


@dataclass(frozen=True, slots=True)
class ProfileColumn:
    """How one column is read: its field (`ignore` for none), decimal mark and date order (empty: decided anew).

    In a log a column may feed several fields, each only in the rows that `when` allows.
    """

    head: str
    field: str
    decimal: str = ""
    dates: str = ""
    when: Conditions = dataclass_field(default_factory=lambda: NO_CONDITIONS)


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for the rows that `when` allows: fields to `put`, or the reason for which they are left out."""

    when: Conditions
    put: Mapping[str, str] = dataclass_field(default_factory=lambda: NOTHING)
    leave_out: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """How a composite column is taken apart: the text behind `after`, cut at `separator` into as many `parts`.

    A part that is a field of the line becomes it; any part can be asked for by rules and value maps. The last part
    keeps what separators are left in it.
    """

    head: str
    separator: str
    parts: tuple[str, ...]
    after: str = ""


@dataclass(frozen=True, slots=True)
class PartLine:
    """One of several lines that a row holds: the `heads` of its figures by field, and what is `put` into it.

    A row in which all of these figures are empty or zero has no such line. `only` keeps it to invoices or to usage.
    """

    heads: Mapping[str, str]
    put: Mapping[str, str] = dataclass_field(default_factory=lambda: NOTHING)
    only: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a layout is read. It fits a table with its `fingerprint`, or one that has all of its `heads`.

    `constants` fill fields that a row leaves empty; `values` replace a cell's words, by head or field of the column;
    `leaves` names the column of hierarchical names whose parents are left out when they equal the sum of their parts;
    `credit` is what a credit is worth in the currency of the constants (None: amounts are money; 0: not stated);
    `negative` amounts are charges; `exclusive` period ends are not part of the period; `missing` are fields that a
    log of this kind does not hold; `encoding` is that of a text that is not Unicode, `zone` that of a log's times
    without one (both empty: as without a profile); `source` says where its columns are published.
    """

    name: str
    fingerprint: str
    columns: tuple[ProfileColumn, ...]
    kind: str = INVOICE
    heads: tuple[str, ...] = ()
    constants: Mapping[str, str] = dataclass_field(default_factory=lambda: NOTHING)
    values: Mapping[str, Mapping[str, str]] = dataclass_field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    splits: tuple[Split, ...] = ()
    lines: tuple[PartLine, ...] = ()
    leaves: str = ""
    credit: Decimal | None = None
    negative: bool = False
    exclusive: bool = False
    missing: tuple[str, ...] = ()
    encoding: str = ""
    zone: str = ""
    source: str = ""

    def fits(self, heads: Sequence[str]) -> bool:
        """Tell whether a table with these heads is one of this layout."""
        if self.fingerprint and self.fingerprint == fingerprint(heads):
            return True
        return bool(self.heads) and {squeezed(head) for head in self.heads} <= {squeezed(head) for head in heads}

    def column(self, position: int, head: str) -> ProfileColumn | None:
        """Give the column at a position (from 1): by its place under the very heads saved, else by its head."""
        if not self.heads:
            return self.columns[position - 1] if position <= len(self.columns) else None
        return next((column for column in self.columns if squeezed(column.head) == squeezed(head)), None)


@lru_cache(_REMEMBERED)
def squeezed(head: str) -> str:
    """Give a head as layouts are compared: `StartDate`, `start_date` and `Start date` are one."""
    return plain(head).replace(" ", "")


def fingerprint(heads: Sequence[str]) -> str:
    """Give the SHA-256 of a table's heads, case, accents and punctuation set aside; empty heads at the end drop out."""
    plain_heads = [plain(head) for head in heads]
    while plain_heads and not plain_heads[-1]:
        plain_heads.pop()
    return hashlib.sha256("\x1f".join(plain_heads).encode()).hexdigest()


def fitting(profiles: Sequence[Profile], heads: Sequence[str], kinds: Sequence[str]) -> Profile | None:
    """Give the first profile of these kinds that fits a table's heads."""
    return next((profile for profile in profiles if profile.kind in kinds and profile.fits(heads)), None)
