"""What the database says of the disk and of the file beneath it, as a refusal of ours."""

import duckdb

from auditor.core.problems import AuditorError
from auditor.core.problems import Place

# A part of what it says, and our code for it.
_SIGNS = (
    ("No space left", "disk_full"),
    ("File too large", "disk_full"),
    ("Could not write", "disk_full"),
    ("Permission denied", "cannot_write"),
    ("Read-only file system", "cannot_write"),
    ("Could not read", "not_an_audit"),
    ("Corrupt", "not_an_audit"),
    ("checksum", "not_an_audit"),
)


def file_fault(error: Exception, file: str) -> AuditorError | None:
    """Give the refusal where the disk or the audit file is at fault; None for any other error, which is a bug of ours.

    A damaged part of a file is found when it is first read, so that any question can end so.
    """
    if not isinstance(error, duckdb.Error):
        return None
    code = next((code for sign, code in _SIGNS if sign in str(error)), "")
    return AuditorError(code, Place(file) if file else None) if code else None
