"""The one file kept: inputs, journal, results."""
