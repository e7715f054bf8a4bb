"""Figures as they are written in the reader's language."""

import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from threading import Barrier
from threading import BrokenBarrierError
from typing import Any

import pytest

from auditor.core.problems import Said
from auditor.gui.frame.placed import load_places
from auditor.language import LANGUAGES
from auditor.language import Catalogue
from auditor.language import Language
from auditor.language import catalogue
from auditor.language import currencies


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_an_amount_is_rounded_half_up_alike_with_and_without_its_currency(language: str) -> None:
    # 150 messages at 0.0703 are 10.545: halves go away from zero, to 10.55, and not to the even cent before it.
    amount = 150 * Decimal("0.0703")
    said = Language(language)
    assert said.number(amount, 2) == "10.55"
    assert said.number(-amount, 2) == "-10.55"
    assert said.money(amount, "PEN") == "S/ 10.55"
    assert said.money(-amount, "USD") == "-US$ 10.55"


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_what_rounds_to_nothing_has_no_sign(language: str) -> None:
    said = Language(language)
    assert said.number(Decimal("-0.004"), 2) == "0.00"
    assert said.money(Decimal("-0.004"), "USD") == "US$ 0.00"


def test_that_two_threads_may_read_the_texts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read, both = tomllib.loads, Barrier(2)

    def together(source: str) -> dict[str, Any]:
        with suppress(BrokenBarrierError):  # it breaks where one reads and the other waits
            both.wait(timeout=0.2)
        return read(source)

    monkeypatch.setattr(tomllib, "loads", together)
    texts = Catalogue("en")
    with ThreadPoolExecutor(2) as threads:
        counts = [count.result() for count in [threads.submit(len, texts) for _ in range(2)]]
    assert counts == [len(texts)] * 2


def test_that_loading_the_places_reads_the_texts_that_they_would_wait_for() -> None:
    catalogue.cache_clear()
    load_places(Language("es"))
    assert "window" in catalogue("es").files
    assert not any(catalogue("es")._unread.values())


def test_that_a_currency_long_gone_is_none() -> None:
    # Peru's `PES` ended in 1965, Mexico's `MXP` in 1992; Croatia's kuna in 2023, when conversations were charged.
    assert {"PES", "MXP", "DEM"}.isdisjoint(currencies())
    assert currencies() >= {"PEN", "USD", "CLP", "CLF", "HRK", "VES", "XAF", "XXX"}


@pytest.mark.parametrize(("stated", "said"), [("1868.36", "1,868.36"), ("257.8", "257.80"), ("1500", "1,500")])
def test_that_sums_of_a_file_are_said_as_amounts_are(stated: str, said: str) -> None:
    """An accountant looks for 257.80 on the invoice, not for 257.8."""
    for code in ("en", "es"):
        words = Language(code).said(Said("reading.decision.total_agrees", {"label": "Total", "stated": stated}))
        assert words.endswith(f", {said}.")
