"""Python's texts as SQL."""

import glob
from collections.abc import Iterable
from pathlib import Path

FLOATS = ("DOUBLE", "FLOAT")


def text_sql(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name_sql(name: str) -> str:
    """Write a column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def path_sql(path: Path) -> str:
    """Write a path as an SQL literal (`one_file`)."""
    return text_sql(one_file(path))


def one_file(path: Path) -> str:
    """Give a path as the database takes it; what it would take as a pattern of names stands for itself."""
    return glob.escape(str(path))


def parquet_sql(path: Path) -> str:
    """Give SQL of a Parquet file's rows, numbered in `file_row_number`.

    What the file states of a column as its smallest and largest says nothing of "not a number": it may be there all
    the same, and is asked for in the rows.
    """
    return f"read_parquet({path_sql(path)}, file_row_number = true, binary_as_string = true, can_have_nan = true)"


def whole_sql(cell: str, kind: str) -> str:
    """Give SQL that tells whether a floating number is a whole one that its type keeps to the last digit."""
    return f"{cell} = trunc({cell}) AND abs({cell}) < {'1e15' if kind == 'DOUBLE' else '1e7'}"


def said_sql(cell: str, kind: str) -> str:
    """Give the text of a column of any type; a whole number that is held as a floating one has no decimals.

    One of more digits than its type keeps is left as it is written, by which it is known as damaged.
    """
    if kind not in FLOATS:
        return f"{cell}::VARCHAR"
    whole = f"WHEN {whole_sql(cell, kind)} THEN {cell}::BIGINT::VARCHAR"
    return f"CASE WHEN isnan({cell}) THEN NULL {whole} ELSE {cell}::VARCHAR END"


def with_sql(value: str, name: str, body: str) -> str:
    """Give SQL that works a value out once and calls it by a name in `body`, where it would be written out many times.

    It costs a list of one for every row: only where `body` is long.
    """
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def among_sql(column: str, texts: Iterable[str]) -> str:
    """Give SQL that tells whether a column is one of some texts (NULL if it is NULL).

    Neither `IN` nor `list_contains`: from five texts on the database makes a join of them, and a join does not keep
    the order of the rows.
    """
    cases = " ".join(f"WHEN {text_sql(text)} THEN true" for text in texts)
    return f"CASE WHEN {column} IS NULL THEN NULL ELSE CASE {column} {cases} ELSE false END END"
