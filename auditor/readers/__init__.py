"""Files in: whatever arrives becomes cells, lines or message rows that know their place."""
