"""Invoices, usage exports and charges of other runs: canonical lines from tables (formats.md §3, §8)."""
