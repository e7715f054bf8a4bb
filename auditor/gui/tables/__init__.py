"""Rows, lines and the tables that show them, on screen and on paper."""
