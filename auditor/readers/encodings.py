"""How a text may be written that is not Unicode. No reader is loaded to name them to the user."""

# Windows's is supposed: bytes alone cannot tell it from the others.
ENCODINGS = ("cp1252", "cp850", "mac-roman")
