"""What the user decides about a difference."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """What the user decided about a difference: `accepted`, `disputed` or nothing, a cause of his own, a note."""

    decision: str = ""
    cause: str = ""
    note: str = ""


def lead_as_line(key: str) -> str:
    """Give the key of a row of the lead schedule (account, month, category) in the form of a difference's."""
    waba_id, period, category = key.split("|")
    return f"{waba_id}|{period}|||{category}|"
