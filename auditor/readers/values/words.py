"""Words made comparable: case, accents, plurals, punctuation and small words set aside."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cache
from functools import lru_cache
from typing import Any

from auditor.paths import resources

# Whose names of countries and months are known; a name that two have is that of the earlier.
LANGUAGES = ("en", "es", "pt", "de", "fr", "it")
_SHORTEST_PLURAL = 4
# An invoice says the same few words in every row.
_REMEMBERED = 1 << 16
# Marks of the direction of writing, hyphens that may be, and blanks of no width come along where a text is copied.
UNSEEN = (0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
_WITHOUT_UNSEEN = dict.fromkeys(UNSEEN)
# Those that show the figures after them in another order than they stand in; any between two figures.
_TURNING = re.compile("[\u202b\u202e\u2067]")
_BETWEEN = re.compile(f"[0-9.,][{''.join(map(chr, UNSEEN))}]+[0-9.,]")
_ENDS = "".join(map(chr, UNSEEN))
_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def seen(text: str) -> str:
    """Give a text as it is seen: without marks that are not, every blank a space, none at its ends."""
    return " ".join((text if text.isascii() else text.translate(_WITHOUT_UNSEEN)).split())


def hides(text: str) -> bool:
    """Tell figures that are not what they look like: with a mark between them, or one that turns their order."""
    return not text.isascii() and bool(
        _BETWEEN.search(text) or (_TURNING.search(text) and any(map(str.isdecimal, text)))
    )


def trimmed(text: str) -> str:
    """Give a text without blanks and marks that are not seen at its ends."""
    bare = text.strip()
    return bare if bare.isascii() else bare.strip(f"{_ENDS} \u00a0\u2007\u202f").strip()


@lru_cache(_REMEMBERED)
def plain(text: str) -> str:
    """Give a text in small letters without accents or punctuation, words apart by one space."""
    return " ".join(_tokens(text))


@lru_cache(_REMEMBERED)
def key(text: str) -> str:
    """Give a text as vocabularies are searched: plain, without small words (de, of, por) and plural endings."""
    small = small_words()
    return " ".join([_singular(word) for word in _tokens(text) if word not in small])


def _tokens(text: str) -> list[str]:
    if text.isascii():
        return text.translate(_ASCII).split()
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return "".join(char if char.isalnum() else " " for char in bare.casefold()).split()


def _singular(word: str) -> str:
    return word[:-1] if len(word) >= _SHORTEST_PLURAL and word.endswith("s") else word


@cache
def vocabulary() -> Mapping[str, Any]:
    """Give the words of `resources/layouts/vocabulary.toml`."""
    return tomllib.loads((resources() / "layouts" / "vocabulary.toml").read_text(encoding="utf-8"))


@cache
def small_words() -> frozenset[str]:
    """Give the words that never matter."""
    return frozenset(vocabulary()["small_words"]["words"])


@cache
def lists(table: str) -> Mapping[str, tuple[str, ...]]:
    """Give a table of the vocabulary, every phrase as a key, first come first."""
    return {name: _keys(words) for name, words in vocabulary()[table].items()}


@cache
def phrases(table: str) -> tuple[tuple[str, str], ...]:
    """Give a table of the vocabulary as (phrase, name), the longest phrases first."""
    found = [(phrase, name) for name, words in lists(table).items() for phrase in words]
    return tuple(sorted(found, key=lambda pair: -len(pair[0].split())))


def phrases_within(text: str, table: str) -> Iterator[tuple[str, int, float]]:
    """Give the names whose phrases a key holds as whole words, the place of each in its list, and its share of all."""
    words = text.split()
    known = _by_first_word(table)
    for place, word in enumerate(words):
        for name, rank, phrase in known.get(word, ()):
            if words[place : place + len(phrase)] == phrase:
                yield name, rank, len(phrase) / len(words)


@cache
def _by_first_word(table: str) -> Mapping[str, list[tuple[str, int, list[str]]]]:
    found: dict[str, list[tuple[str, int, list[str]]]] = {}
    for name, listed in lists(table).items():
        for rank, phrase in enumerate(listed):
            words = phrase.split()
            found.setdefault(words[0], []).append((name, rank, words))
    return found


def _keys(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for word in words if (found := key(word))))


def find_phrase(text: str, table: str) -> str:
    """Give the name whose longest phrase occurs in a key, whole words only; empty if none does."""
    words = f" {text} "
    return next((name for phrase, name in _padded_phrases(table) if phrase in words), "")


@cache
def _padded_phrases(table: str) -> tuple[tuple[str, str], ...]:
    return tuple((f" {phrase} ", name) for phrase, name in phrases(table))


@cache
def padded(table: str) -> Mapping[str, tuple[str, ...]]:
    """Give a table of the vocabulary with a blank before and behind every phrase: so it is found as whole words."""
    return {name: tuple(f" {word} " for word in words) for name, words in lists(table).items()}


def exact(text: str, table: str) -> str:
    """Give the name that has exactly this key among its phrases; empty if none has."""
    return _names(table).get(text, "")


@cache
def _names(table: str) -> Mapping[str, str]:
    return dict(reversed(phrases(table)))


def holds(spaced: str, table: str, name: str) -> bool:
    """Tell whether a key, a blank before and behind it, holds a phrase of the vocabulary as whole words."""
    return any(phrase in spaced for phrase in padded(table)[name])
