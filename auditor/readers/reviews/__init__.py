"""Workbooks of ours that come back: what a reviewer typed (workpaper.md §1.6)."""
