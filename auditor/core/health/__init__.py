"""How far the log can be trusted, and how far its gaps widen the expected range (formats.md §6)."""
