"""What the cells of a message log say in people's words: which way a message went, and of what category (§2.3)."""

from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache

from auditor.readers.sql_text import among_sql
from auditor.readers.tables.profiles import squeezed
from auditor.readers.values.words import vocabulary

DIRECTION = "direction"
SPOKEN = (DIRECTION, "template_category")
"""Fields whose cells people fill with words of their own."""
_NONE = "-"
# The cells of a column that says yes or no to a direction.
_YES, _NO = ("true", "t", "1", "yes", "y", "si", "sí", "sim"), ("false", "f", "0", "no", "n", "não", "nao")
OWNED = {"true": "outbound", "false": "inbound"}
"""What stands below the head of whose a message is, and which way it then went."""
_OTHER_WAY = {"inbound": "outbound", "outbound": "inbound"}
_SERVICE = "service"  # our own logs have this word, too


def way_words(head: str) -> Mapping[str, str]:
    """Give the words of the cells below a head of directions and what they mean."""
    yes, kinds = flags().get(squeezed(head), ""), vocabulary()["log_kinds"]
    if yes:
        return {**dict.fromkeys(_YES, yes), **dict.fromkeys(_NO, _OTHER_WAY[yes])}
    if is_owner(head):
        return OWNED
    templates = kinds["templates"] if squeezed(head) in map(squeezed, kinds["heads"]) else ()
    return {**_cells()[DIRECTION], **dict.fromkeys(templates, "outbound")}


def is_owner(head: str) -> bool:
    """Tell the head of whose a message is."""
    return squeezed(head) in vocabulary()["log_owner"]["head"]


def words_of_cells() -> Mapping[str, Mapping[str, str]]:
    """Give the words of a log's cells and what they mean, by field, in any case."""
    return _cells()


def is_spoken_sql(text: str, field: str) -> str:
    """Tell in SQL whether a cell of a field in `SPOKEN` has a word of people's that is not our own."""
    words = (word for word, own in _cells()[field].items() if word.replace(" ", "_") not in (own, _SERVICE))
    return among_sql(f"lower(trim({text}))", words)


def words_for(field: str) -> Mapping[str, Sequence[str]]:
    """Give the words of the cells of a field by what they mean."""
    words: Mapping[str, Sequence[str]] = vocabulary()["log_words"][field]
    return words


@cache
def flags() -> Mapping[str, str]:
    """Give the heads of columns that say yes or no to a direction, and to which."""
    return {squeezed(word): way for way, words in vocabulary()["log_flags"].items() for word in words}


@cache
def _cells() -> Mapping[str, Mapping[str, str]]:
    return {
        field: {
            word: "" if meaning == _NONE else meaning for meaning, words in words_for(field).items() for word in words
        }
        for field in SPOKEN
    }
