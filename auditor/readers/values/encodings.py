"""How a text may be written that is not Unicode. No reader is loaded to name them to the user."""

import re

# Windows's is supposed: bytes alone cannot tell it from the others.
WINDOWS = "cp1252"
ENCODINGS = (WINDOWS, "cp850", "mac-roman")
# What stands between small letters only where the text was written in another way: the bytes of á é í ó ú ã ç õ ü on
# a Mac, of é í ó ñ in DOS. Windows has dashes, daggers and currency signs there.
_ELSEWHERE = {
    "mac-roman": re.compile(rb"[A-Za-z]*[a-z](?:[\x87\x8b\x8d\x8e\x8f\x9b\x9f][a-z]|\x97n(?![A-Za-z]))[a-z]*"),
    "cp850": re.compile(rb"[A-Za-z]*[a-z][\x82\xa1\xa2\xa4][a-z]+"),
}


def written_elsewhere(content: bytes) -> tuple[str, str]:
    """Give the encoding in which a text seems to be written that is taken for Windows's, and a word that shows it."""
    for encoding, signs in _ELSEWHERE.items():
        if found := signs.search(content):
            return encoding, found[0].decode(encoding)
    return "", ""
