"""How a text may be written that is not Unicode. No reader is loaded to name them to the user."""

import re

# Windows's is supposed where nothing shows another.
WINDOWS = "cp1252"
ENCODINGS = (WINDOWS, "cp850", "mac-roman")
# What stands between small letters only where the text was written in another way: the bytes of á é í ó ú ã ç õ ü on
# a Mac, of é í ó ñ çã çõ in DOS. Windows has dashes, daggers and currency signs there.
_ELSEWHERE = {
    "mac-roman": re.compile(rb"[A-Za-z]*[a-z](?:[\x87\x8b\x8d\x8e\x8f\x9b\x9f][a-z]|\x97n(?![A-Za-z]))[a-z]*"),
    "cp850": re.compile(rb"[A-Za-z]*[a-z](?:[\x82\xa1\xa2\xa4]|\x87[\xc6\xe4])[a-z]+"),
}
# The bytes of á é í ó ú ñ ã ç õ ê ô in Windows, between small letters.
_WINDOWS = re.compile(rb"[a-z][\xe1\xe9\xed\xf3\xfa\xf1\xe3\xe7\xf5\xea\xf4][a-z]")


def undecodable(encoding: str) -> str:
    """Give the code of what is wrong with a text that is not written as it seems: UTF-16 and 32 break where cut off."""
    return "file_damaged" if encoding.startswith(("utf-16", "utf-32")) else "file_not_text"


def encoding_shown(content: bytes) -> str:
    """Tell how a text that is not Unicode is written: as Windows does, unless all its words show another encoding."""
    encoding, _ = written_elsewhere(content)
    return WINDOWS if _WINDOWS.search(content) else encoding or WINDOWS


def written_elsewhere(content: bytes) -> tuple[str, str]:
    """Give the encoding in which a text seems to be written that is taken for Windows's, and a word that shows it."""
    found = {encoding: signs.findall(content) for encoding, signs in _ELSEWHERE.items()}
    encoding = max(found, key=lambda one: len(found[one]))
    return (encoding, found[encoding][0].decode(encoding)) if found[encoding] else ("", "")
