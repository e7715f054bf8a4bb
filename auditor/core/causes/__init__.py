"""Why an invoice differs, and what proves it: readings, replays, the search and its proof. Begin with `explain.py`."""
