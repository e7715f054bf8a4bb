"""Files as sheets of cells that know their place: workbooks, delimited text, XML and JSON (formats.md §4)."""
