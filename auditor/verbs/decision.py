"""What the user decides about a difference."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """What the user decided about a difference: `accepted`, `disputed` or nothing, a cause of his own, a note."""

    decision: str = ""
    cause: str = ""
    note: str = ""
