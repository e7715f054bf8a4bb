"""The pages of the help: Markdown files, in the order of a reader, cut into the sections that a search finds."""

import re
from dataclasses import dataclass
from functools import cache

from auditor.gui.tables.rows import folded
from auditor.paths import resources

PAGES = ("first-audit", "files", "pricing", "differences", "claim", "sign-off", "glossary")
# The page that a place of the window is about.
PAGE_OF = {
    "start": "first-audit",
    "sources": "files",
    "rates": "pricing",
    "reconciliation": "differences",
    "charts": "differences",
    "sign_off": "sign-off",
}
_MARKS = re.compile(r"[*`|#\[\]]|\([\w-]+\.md\)|-{3,}:?|^- |^\d\. ", re.MULTILINE)
_AROUND = 70


@dataclass(frozen=True, slots=True)
class Found:
    """A section that holds what was looked for: its page, title, and the words around the first hit."""

    page: str
    title: str
    around: str


def text_of(page: str, language: str) -> str:
    """Give a page's Markdown."""
    return (resources() / "help" / language / f"{page}.md").read_text(encoding="utf-8")


def title_of(page: str, language: str) -> str:
    """Give a page's title, its first heading."""
    return text_of(page, language).split("\n", 1)[0].lstrip("# ")


def search(words: str, language: str) -> tuple[Found, ...]:
    """Find the sections that hold every word, those with a word in their title first."""
    terms = folded(words).split()
    if not terms:
        return ()
    hits = []
    for page, title, text in _sections(language):
        plain = folded(f"{title} {text}")
        if all(term in plain for term in terms):
            in_title = any(term in folded(title) for term in terms)
            hits.append((not in_title, Found(page, title, _around(text, terms))))
    return tuple(found for _, found in sorted(hits, key=lambda hit: hit[0]))


@cache
def _sections(language: str) -> tuple[tuple[str, str, str], ...]:
    """Cut every page at its headings: page, title, plain text."""
    cut = []
    for page in PAGES:
        for part in re.split(r"^#+ ", text_of(page, language), flags=re.MULTILINE)[1:]:
            title, _, text = part.partition("\n")
            cut.append((page, title.strip(), " ".join(_MARKS.sub(" ", text).split())))
    return tuple(cut)


def _around(text: str, terms: list[str]) -> str:
    # Folding keeps the length of nearly every text; where it does not, the words shown are a little off, no more.
    places = [place for term in terms if (place := folded(text).find(term)) >= 0]
    start = max(0, min(places, default=0) - _AROUND // 2)
    end = start + 2 * _AROUND
    shown = text[start:end]
    # Whole words only.
    if end < len(text):
        shown = shown.rpartition(" ")[0] + " …"
    return f"… {shown.partition(' ')[2]}" if start else shown
