"""Rows: what they are found by and sorted by."""

import pytest

from auditor.gui.tables.rows import collated
from auditor.gui.tables.rows import folded
from auditor.gui.tables.rows import sort_key


@pytest.mark.parametrize(
    "ordered",
    [
        ["Ábaco", "africano", "Árbol", "Argentina", "Asia", "Zambia"],
        ["nata", "nudo", "nutria", "ñandú", "Ñuñoa", "obra"],
        ["mañana", "máquina"],
        ["caña", "cañón", "capa"],
        ["cana", "canto", "caña"],
    ],
)
def test_that_texts_stand_as_in_a_spanish_dictionary(ordered: list[str]) -> None:
    turned = ordered[::-1]
    assert sorted(turned, key=collated) == ordered
    assert sorted(turned, key=sort_key) == ordered


def test_that_an_accent_written_apart_is_the_same_letter() -> None:
    assert collated("n\N{COMBINING TILDE}andu\N{COMBINING ACUTE ACCENT}") == collated("Ñandú")


def test_that_whoever_types_without_accents_finds_all_the_same() -> None:
    assert folded("Ñandú") == "nandu"
