"""The European Central Bank's reference rates in XML: what one euro costs on each day (formats.md §3)."""

from xml.etree.ElementTree import Element

NAMESPACE = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref"
"""What such a file names at its head."""
_CUBE = f"{{{NAMESPACE}}}Cube"
_HEADS = ["date", "from", "to", "rate", "source"]


def ecb_rates(root: Element) -> list[list[str]]:
    """Give the rates of every day below the heads of our own tables; empty for any other document."""
    rows = [
        [day.get("time", ""), "EUR", one.get("currency", ""), one.get("rate", ""), "ECB"]
        for day in root.iter(_CUBE)
        if "time" in day.attrib
        for one in day
    ]
    return [_HEADS, *rows] if rows else []
