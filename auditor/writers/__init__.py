"""Files out: workbook, charts, tables."""
