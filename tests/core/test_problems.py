"""What is said of a file."""

from auditor.core.problems import Said
from auditor.language import LANGUAGES
from auditor.language import Language


def test_that_a_sentence_of_an_earlier_version_is_said_as_it_was_kept() -> None:
    kept = "Se leyeron {3} hojas."
    assert [Language(code).said(Said.from_text(kept)) for code in LANGUAGES] == [kept] * len(LANGUAGES)
