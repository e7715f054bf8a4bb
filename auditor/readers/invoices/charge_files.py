"""CHARGES read back (formats.md §8): what `auditor charges` wrote, here or on a cluster, counted into cells.

Charges that are alike in everything are counted by DuckDB; their amount is count times amount, exactly. Texts stay
texts until then, so that no decimal passes through a float.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

import duckdb

from auditor.core.money import times
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.records import Account
from auditor.core.records import ImportReport
from auditor.core.results import Cell
from auditor.readers.files import digest
from auditor.readers.files import folder_files
from auditor.readers.files import others_in
from auditor.readers.sniff import check_regular
from auditor.readers.sql_text import one_file
from auditor.working import OFFLINE
from auditor.working import database_words
from auditor.working import working_folder

CHARGES = "charges"
_TEXTS = (
    "waba_id", "phone_number_id", "period", "local_date", "regime", "market", "category", "pricing_type", "tier_from",
    "rate", "currency", "amount", "amount_low", "amount_high", "certainty", "reason",
)  # fmt: skip
# By which a unit is known, wherever it stands (formats.md §8).
_UNIT = ("waba_id", "phone_number_id", "unit_id")
_EXACT = ("rate", "amount", "amount_low", "amount_high")
_DECIMAL = re.compile(r"[0-9]{1,30}(\.[0-9]{1,60})?")
_INEXACT = ("DOUBLE", "FLOAT")


class ChargeFiles:
    """The counted charges of all accounts."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, reports: tuple[ImportReport, ...], place: Place) -> None:
        """Take the connection whose table `expected` holds them."""
        self._connection = connection
        self._place = place
        self.reports = reports

    def cells(self, account: Account) -> tuple[Cell, ...]:
        """Give the cells of an account's period. Raises `AuditorError` where the files hold none of its charges."""
        wabas = [waba.id for waba in account.wabas]
        rows = self._connection.execute(
            "select * from expected where list_contains(?, waba_id) and local_date between ? and ? order by all",
            [wabas, account.first.isoformat(), account.last.isoformat()],
        )
        names = [column[0] for column in rows.description or ()]
        made = tuple(self._cell(dict(zip(names, row, strict=True))) for row in rows.fetchall())
        if not made:
            raise AuditorError("charges_none_of_account", self._place, wabas=", ".join(wabas))
        return made

    def _cell(self, row: Mapping[str, Any]) -> Cell:
        count = row["quantity"]
        try:
            rate, amount, low, high = (None if row[name] is None else _plain(row[name]) for name in _EXACT)
            return Cell(
                waba_id=row["waba_id"],
                phone_number_id=row["phone_number_id"] or "",
                period=row["period"] or "",
                day=date.fromisoformat(row["local_date"]),
                regime=row["regime"] or "",
                market=row["market"] or "",
                country="",
                category=row["category"] or "",
                pricing_type=row["pricing_type"] or "",
                tier_from=int(row["tier_from"] or 0),
                rate=rate,
                currency=row["currency"] or "",
                quantity=count,
                amount=None if amount is None else times(amount, count),
                low=None if low is None else times(low, count),
                high=None if high is None else times(high, count),
                certain=row["certainty"] == "certain",
                reasons=row["reason"] or "",
            )
        except (InvalidOperation, ValueError) as error:
            raise AuditorError("charges_odd", self._place, reason=str(error)) from error


def _plain(text: str) -> Decimal:
    """Read a decimal as CHARGES has them: never negative, and never in exponent form."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text[:40])
    return Decimal(text)


@contextmanager
def charge_files(path: Path) -> Iterator[ChargeFiles]:
    """Read the CHARGES of a folder (part files of one kind, `.parquet` or `.csv`) or of one file, and count them.

    Raises `AuditorError`: `file_missing`, `charges_not_found`, `charges_mixed`, `charges_unfinished`, `file_twice`,
    `charges_twice`, `charges_odd`.
    """
    files = _files(path)
    with (
        working_folder() as spill,
        duckdb.connect(config={"temp_directory": str(spill), **OFFLINE}) as connection,
    ):
        reports = _count(connection, path, files)
        yield ChargeFiles(connection, reports, Place(str(path)))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        check_regular(path)
    if not path.exists():
        raise AuditorError("file_missing", Place(str(path)))
    if path.is_dir() and any(path.rglob("_temporary")):
        raise AuditorError("charges_unfinished", Place(str(path)))
    for other in others_in(path) if path.is_dir() else ():
        if other.is_symlink():
            raise AuditorError("link_not_followed", Place(str(other)))
        check_regular(other)
    every = folder_files(path) if path.is_dir() else [path]
    kinds = {kind: [one for one in every if one.suffix.lower() == kind] for kind in (".parquet", ".csv")}
    filled = [some for some in kinds.values() if some]
    if len(filled) != 1:
        raise AuditorError("charges_mixed" if filled else "charges_not_found", Place(str(path)))
    return filled[0]


def _count(connection: duckdb.DuckDBPyConnection, path: Path, files: list[Path]) -> tuple[ImportReport, ...]:
    """Count the charges into the table `expected`; gives what became of each file, none of them taken twice."""
    known: dict[str, str] = {}
    reports = []
    names = [one_file(file) for file in files]
    how = (
        "read_parquet(?)" if files[0].suffix.lower() == ".parquet" else "read_csv(?, header = true, all_varchar = true)"
    )
    texts = ", ".join(f'"{name}"::varchar as "{name}"' for name in _TEXTS)
    try:
        described = connection.execute(f"describe select * from {how}", [names]).fetchall()
        kinds = {name: kind for name, kind, *_ in described}
        missing = [name for name in dict.fromkeys((*_UNIT, *_TEXTS)) if name not in kinds]
        if missing:
            raise AuditorError("charges_without", Place(str(path)), columns=", ".join(missing))
        inexact = [name for name in _EXACT if kinds[name] in _INEXACT]
        if inexact:
            raise AuditorError("charges_odd", Place(str(path)), reason=", ".join(inexact))
        connection.execute(
            f"create table expected as select {texts}, count(*) as quantity from {how} group by all order by waba_id",
            [names],
        )
        for file in files:
            sha256, size = digest(file)
            if sha256 in known:
                raise AuditorError("file_twice", Place(file.name), other=known[sha256])
            known[sha256] = file.name
            rows = connection.execute(f"select count(*) from {how}", [[one_file(file)]]).fetchall()[0][0]
            reports.append(ImportReport(file.name, CHARGES, sha256, size, rows, rows, 0, 0))
        _refuse_repeated(connection, path, how, names)
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise AuditorError("charges_odd", Place(str(path)), reason=database_words(error).splitlines()[0]) from error
    return tuple(reports)


def _refuse_repeated(connection: duckdb.DuckDBPyConnection, path: Path, how: str, names: list[str]) -> None:
    """Refuse charges of which a unit stands more than once: a month that was charged again beside its first charges.

    Which of the two is right, nobody can tell. Units are looked for by a hash, and only those alike in it by name.
    """
    unit = ", ".join(f'"{name}"::varchar' for name in _UNIT)
    alike = connection.execute(
        f"select hash({unit}) as h from {how} group by h having count(*) > 1", [names]
    ).fetchnumpy()
    if not len(alike["h"]):
        return
    connection.register("alike", alike)
    where = how.replace("(?", "(?, filename = true", 1)
    rows = connection.execute(
        f"select list(distinct filename) from {where} where hash({unit}) in (from alike) group by {unit} "
        "having count(*) > 1",
        [names],
    ).fetchall()
    if rows:
        files = sorted({Path(name).relative_to(path).as_posix() if path.is_dir() else path.name for name in rows[0][0]})
        raise AuditorError("charges_twice", Place(str(path)), count=len(rows), files=", ".join(files[:2]))
