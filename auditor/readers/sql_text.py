"""Python's texts as SQL."""

import glob
from collections.abc import Iterable
from pathlib import Path


def text_sql(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def path_sql(path: Path) -> str:
    """Write a path as an SQL literal; what the database would take as a pattern of names stands for itself."""
    return text_sql(glob.escape(str(path)))


def among_sql(column: str, texts: Iterable[str]) -> str:
    """Give SQL that tells whether a column is one of some texts (NULL if it is NULL).

    Neither `IN` nor `list_contains`: from five texts on the database makes a join of them, and a join does not keep
    the order of the rows.
    """
    cases = " ".join(f"WHEN {text_sql(text)} THEN true" for text in texts)
    return f"CASE WHEN {column} IS NULL THEN NULL ELSE CASE {column} {cases} ELSE false END END"
