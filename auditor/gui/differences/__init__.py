"""What to see of the lines, why one differs and what is decided about it: the panes of the reconciliation."""
