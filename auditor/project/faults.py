"""What the database or the system says of the disk and of a file, as a refusal of ours."""

import os

import duckdb

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.working import database_words
from auditor.working import is_full

# A part of what it says, and our code for it.
_SIGNS = (
    ("No space left", "disk_full"),
    ("File too large", "disk_full"),
    ("Could not write", "disk_full"),
    ("Permission denied", "cannot_write"),
    ("Access is denied", "cannot_write"),
    ("Read-only file system", "cannot_write"),
    ("Could not read", "not_an_audit"),
    ("Corrupt", "not_an_audit"),
    ("checksum", "not_an_audit"),
)

_OF_FILES = "IO Error"  # so it begins, whatever language the rest is in


def file_fault(error: Exception, file: str) -> AuditorError | None:
    """Give the refusal where the disk or the audit file is at fault; None for any other error, which is a bug of ours.

    A damaged part of a file is found when it is first read, so that any question can end so. What the system refuses
    names its own file, and none where that was open already.
    """
    if isinstance(error, OSError) and error.filename is not None:
        return AuditorError("file_unreadable", Place(os.fsdecode(error.filename)), reason=error.strerror or "")
    if isinstance(error, OSError):
        return AuditorError("output_full") if is_full(error) else None
    said = database_words(error)
    in_other_words = isinstance(error, UnicodeDecodeError) and said.startswith(_OF_FILES)
    if not in_other_words and not isinstance(error, duckdb.Error):
        return None
    code = next((code for sign, code in _SIGNS if sign in said), "")
    return AuditorError(code, Place(file) if file else None) if code else None
