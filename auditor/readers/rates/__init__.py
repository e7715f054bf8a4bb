"""Rate cards, price lists, exchange rates and the built-in rules (formats.md §5, §7)."""
