"""Forms that more than one place fills in."""
