"""Message logs of every kind, staged as one canonical relation (formats.md §1, §2)."""
