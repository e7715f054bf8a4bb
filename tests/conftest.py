"""What all tests share. Qt draws off screen where there is no display; this must stand before any import of Qt."""

import os
import sys

import pytest

if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from auditor.language import LANGUAGES
from auditor.language import Language


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    """Give each language in turn: what is said must be said in all of them."""
    return Language(request.param)
