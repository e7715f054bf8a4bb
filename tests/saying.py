"""What readers said of a file, in words."""

from collections.abc import Iterable

from auditor.core.problems import Said
from auditor.language import Language


def sentences(said: Iterable[Said], language: str = "en") -> list[str]:
    """Put everything in words."""
    return [Language(language).said(one) for one in said]
