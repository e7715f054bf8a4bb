"""The SUMMARY of charges read back (formats.md §8): what the gaps of their log widen, by number and day."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from decimal import InvalidOperation
from pathlib import Path

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.results import Widened
from auditor.readers.values.json_pairs import KeyTwiceError
from auditor.readers.values.json_pairs import each_once


@dataclass(frozen=True, slots=True)
class Widening:
    """The widening of a log's range by number and local day, in one currency."""

    currency: str
    rows: tuple[Widened, ...]


def read_widening(path: Path) -> Widening:
    """Read the `health` of a SUMMARY that `auditor charges` wrote.

    Raises `AuditorError`: `file_missing`, `json_key_twice`, `gaps_odd`.
    """
    if not path.is_file():
        raise AuditorError("file_missing", Place(str(path)))
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=each_once)
        rows = tuple(
            Widened(
                str(row["phone_number_id"]),
                date.fromisoformat(row["day"]),
                _widening(row["below"]),
                _widening(row["above"]),
            )
            for row in content["health"]["widened"]
        )
        return Widening(str(content["health"]["currency"]), rows)
    except KeyTwiceError as error:
        raise AuditorError("json_key_twice", Place(str(path)), name=error.key) from error
    except (ValueError, KeyError, TypeError, InvalidOperation, RecursionError) as error:
        raise AuditorError("gaps_odd", Place(str(path)), reason=str(error)) from error


def _widening(stated: object) -> Decimal:
    """Read how far a range is widened. Raises `ValueError` for what widens nothing."""
    amount = Decimal(str(stated))
    if not amount.is_finite() or amount < 0:
        raise ValueError(str(stated))
    return amount
