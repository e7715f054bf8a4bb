"""The engine: arithmetic on immutable columns. No files, no SQL, no Qt, no clock."""
