"""Where results go: what cannot be written, or would cost an input, is refused before any work is done."""

import argparse
import shutil
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import ExitStack
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from pathlib import Path

from auditor.cli.console import check_summary_kind
from auditor.cli.console import real
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.verbs import Audit
from auditor.working import copy_whole
from auditor.working import is_device
from auditor.working import is_full
from auditor.working import put_in_place
from auditor.working import working_file


def check_targets(parsed: argparse.Namespace) -> None:
    """Refuse outputs that cannot be written, or would cost an input, before any work is done."""
    more = (path for name in ("invoice", "usage") for path in getattr(parsed, name, ()))
    inputs = (parsed.account, *parsed.messages, *parsed.rates, *more)
    taken = {real(path): "target_is_source" for path in inputs}
    for name in ("out", "charges", "summary", "audit", "charts"):
        path: Path | None = getattr(parsed, name, None)
        if path is not None:
            check_target(path, taken, folder=name == "charts")
            taken[real(path)] = "target_twice"
    if "invoice" in parsed and parsed.out is not None and parsed.out.suffix.lower() != ".xlsx":
        raise AuditorError("workbook_kind_unknown", Place(str(parsed.out)))
    kept: Path | None = getattr(parsed, "audit", None)
    if kept is not None and kept.suffix.lower() != ".audit":  # by this ending it is opened, and never read as a source
        raise AuditorError("audit_kind_unknown", Place(str(kept)))
    charges = parsed.charges if "charges" in parsed else parsed.out
    if charges is not None and charges.suffix.lower() not in {".csv", ".parquet"}:
        raise AuditorError("charges_kind_unknown", Place(str(charges)))
    if parsed.summary is not None:
        check_summary_kind(parsed.summary)


def check_target(path: Path, taken: Mapping[Path, str], *, folder: bool) -> None:
    """Refuse a file whose folder is not there, a folder for a file or the reverse, and what is taken already."""
    code = taken.get(real(path), "")
    if not path.absolute().parent.is_dir():
        code = "folder_missing"
    elif folder and path.exists() and not path.is_dir():
        code = "target_is_file"
    elif not folder and path.is_dir():
        code = "target_is_folder"
    elif is_device(path):
        code = "target_is_device"
    if code:
        raise AuditorError(code, Place(str(path)))


@contextmanager
def working_audit(target: Path | None) -> Iterator[Path | None]:
    """Give a copy of the audit file to work on; put it in place if all went well, else drop it.

    An audit that is there already is kept as a backup beside the new one. A fault of the copy is told by the name of
    the file that was asked for.
    """
    if target is None:
        yield None
        return
    with ExitStack() as stack:
        with _writing(target):
            working = stack.enter_context(working_file(target))
            working.unlink()
            if target.exists():
                # Refused while another program has it open; what one that was killed left beside it is taken in first.
                Audit.open(target).close()
                shutil.copy2(target, working)
        try:
            yield working
        except AuditorError as error:
            if error.place is None or error.place.file != working.name:
                raise
            code = "output_full" if error.code == "disk_full" else error.code  # of a copy, no step is kept
            raise AuditorError(code, Place(target.name), error.problems, **error.values) from error
        with _writing(target):
            if target.exists():
                stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
                copy_whole(target, target.with_name(f"{target.stem}.{stamp}.backup.audit"))
            put_in_place(working, target)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Say of a place that cannot be written that it cannot."""
    try:
        yield
    except OSError as error:
        raise AuditorError("output_full" if is_full(error) else "cannot_write", Place(str(target))) from error
