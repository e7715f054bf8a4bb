"""CHARGES: one row per conversation or message (formats.md §8), as CSV or Parquet, written by DuckDB from columns."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from auditor.core.charges import Terms
from auditor.core.money import plain
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.tables import NEVER
from auditor.core.tables import UNCERTAIN
from auditor.core.tables import Category
from auditor.core.tables import Charges
from auditor.core.tables import Int64
from auditor.core.tables import PricingType
from auditor.core.tables import reason_words
from auditor.core.timeline import EPOCH
from auditor.core.timeline import month_text

_INSTANT = (
    "case when {0} = {never} then '' else strftime(make_timestamp({0}), '%Y-%m-%dT%H:%M:%S')"
    " || case when {0} % 1000000 = 0 then '' else '.' || lpad(({0} % 1000000)::varchar, 6, '0') end || 'Z' end"
)


def write_charges(
    path: Path, connection: duckdb.DuckDBPyConnection, charges: Charges, terms: Terms, stored_rows: Int64
) -> None:
    """Write every charge to `path` (Parquet if it ends so, else CSV), replacing it in one step.

    `stored_rows` gives, for each message row of the log, its `rowid` in the connection's table `message`.
    """
    columns = _columns(charges, stored_rows)
    dictionaries = _dictionaries(charges, terms)
    connection.register("charge", columns)
    for name, texts in dictionaries.items():
        connection.register(
            f"words_{name}", {"code": np.arange(-1, len(texts)), "word": np.array(["", *texts], object)}
        )
    kind = "parquet" if path.suffix.lower() == ".parquet" else "csv, header true"
    handle, beside = _beside(path)
    os.close(handle)
    try:
        connection.execute(f"copy ({_query()}) to '{_quoted(beside)}' (format {kind})")
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)
        for name in ("charge", *(f"words_{name}" for name in dictionaries)):
            connection.unregister(name)


def _beside(path: Path) -> tuple[int, str]:
    try:
        return tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise AuditorError("cannot_write", Place(str(path))) from error


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _columns(c: Charges, stored_rows: Int64) -> dict[str, npt.NDArray[np.generic]]:
    return {
        "stored": stored_rows[c.row], "conversation": c.conversation, "grouped": c.grouped, "waba": c.waba,
        "number": c.number, "regime": c.regime, "market": c.market, "category": c.category,
        "pricing_type": c.pricing_type, "billed_at": c.billed_at, "day": c.day, "month": c.month, "ends_at": c.ends_at,
        "messages": c.messages, "tier_from": c.tier_from, "rate": c.rate, "amount": c.amount, "low": c.low,
        "high": c.high, "reasons": c.reasons,
    }  # fmt: skip


def _dictionaries(c: Charges, terms: Terms) -> dict[str, Sequence[str]]:
    """Give the texts that coded columns stand for."""
    values = [plain(value) for value in c.values]
    months = [month_text(month) for month in range(int(c.month.max()) + 1)] if len(c) else []
    return {
        "waba": [waba.id for waba in terms.account.wabas],
        "currency": [waba.currency for waba in terms.account.wabas],
        "number": terms.numbers,
        "regime": [regime.id for regime in terms.regimes],
        "market": terms.markets.names,
        "category": [category.word for category in Category],
        "pricing_type": [kind.word for kind in PricingType],
        "month": months,
        "reasons": [reason_words(bits) for bits in range(int(c.reasons.max()) + 1)] if len(c) else [],
        "value": values,
    }


def _query() -> str:
    def word(name: str, column: str = "") -> str:
        return f"(select word from words_{name} as w where w.code = c.{column or name})"  # noqa: S608 - own names

    shown = {
        "unit": "case when c.conversation then 'conversation' else 'message' end",
        "unit_id": "m.message_id || case when c.grouped then '#' || m.\"user\" else '' end",
        "waba_id": word("waba"),
        "phone_number_id": word("number"),
        '"user"': 'm."user"',
        "regime": word("regime"),
        "market": word("market"),
        "category": word("category"),
        "pricing_type": word("pricing_type"),
        "billed_at": _INSTANT.format("c.billed_at", never=int(NEVER)),
        "local_date": f"strftime(date '{EPOCH}' + c.day, '%Y-%m-%d')",
        "period": word("month"),
        "ends_at": _INSTANT.format("c.ends_at", never=int(NEVER)),
        "messages": "c.messages",
        "tier_from": "nullif(c.tier_from, 0)",
        "rate": word("value", "rate"),
        "currency": word("currency", "waba"),
        "amount": word("value", "amount"),
        "amount_low": word("value", "low"),
        "amount_high": word("value", "high"),
        "certainty": f"case when c.reasons & {UNCERTAIN} != 0 then 'uncertain' else 'certain' end",
        "reason": word("reasons"),
    }
    numbers = {"messages", "tier_from"}
    texts = {name: text if name in numbers else f"nullif({text}, '')" for name, text in shown.items()}
    fields = ", ".join(f"{text} as {name}" for name, text in texts.items())
    return f"select {fields} from charge c join message m on m.rowid = c.stored order by c.billed_at, unit_id"  # noqa: S608
