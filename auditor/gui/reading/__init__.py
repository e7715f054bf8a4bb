"""What a file is read as, what became of it, and how far the log can be trusted: the panes of Sources."""
