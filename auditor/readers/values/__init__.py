"""Single values as people write them: numbers, dates, currencies, places, words (formats.md §4)."""
