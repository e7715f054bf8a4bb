"""The claim letter on paper: what belongs together stands on one page."""

from datetime import UTC
from datetime import datetime

import pytest

from auditor.core.report.claim_letter import Block
from auditor.core.report.claim_letter import Letter
from auditor.writers.claim_pdf import _Page

HEADS = ("Line", "Market, category, month, account", "Billed", "Due", "Too little")
ROW = ("21", "Rest of Western Europe · Utility · October 2026 · 118273645500291", "US$ 34.98", "US$ 52.47", "US$ 17.49")
TOTAL = ("", "Total", "US$ 104.94", "US$ 157.41", "US$ 52.47")


@pytest.mark.parametrize("above", range(20, 44, 2))
def test_that_a_short_table_is_on_one_page_with_its_total_and_its_head(above: int) -> None:
    table = Block("table", rows=(HEADS, ROW, ROW, ROW, TOTAL), figures=(2, 3, 4))
    blocks = (
        *[Block("text", ("Line",))] * above,
        Block("head", ("Billed too little",)),
        Block("text", ("So much.",)),
        table,
    )
    page = _Page(Letter("Claim", "", "", blocks), datetime(2026, 11, 22, tzinfo=UTC))
    page.add_page()
    pages = []
    for number, block in enumerate(blocks):
        page.keep_together(block, blocks[number + 1 :])
        pages.append(page.page_no())
        page.put(block)
    assert pages[above] == page.page_no()
    assert page.page_no() <= 2
    assert page.page_no() == 1 or page.get_y() < page.eph  # no third page is left nearly empty
