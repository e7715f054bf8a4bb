"""Finding a table among cells, and what its columns and rows mean (formats.md §4)."""
