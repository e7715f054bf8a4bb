"""Whatever happens to program, disk or file, the audit is whole up to the last finished step (formats.md §9).

A longer run kills as often as it is told:  AUDITOR_KILLS=2000 pytest tests/test_crash.py -k killed
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import openpyxl
import pytest

from auditor.cli import main
from auditor.core.problems import AuditorError
from auditor.core.problems import unwatched
from auditor.language import Language
from auditor.verbs import Audit
from auditor.verbs import read_account_file
from auditor.verbs.proof import verify
from tests.audit_files import UTILITY
from tests.audit_files import Files
from tests.audit_files import write_files

ROOT = Path(__file__).resolve().parent.parent
KILLS = int(os.environ.get("AUDITOR_KILLS", "4"))


def work_and_be_killed(path: Path, folder: Path, seed: int) -> str:
    """Start the work, kill it after a random number of finished steps and a moment more; give the last digest said."""
    chance = Random(seed)
    command = [sys.executable, str(ROOT / "tests" / "crash_victim.py"), str(path), str(folder), str(seed)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    last = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=variables, text=True) as victim:
        assert victim.stdout is not None
        for _ in range(chance.randrange(1, 25)):
            last = victim.stdout.readline()
            assert last, "the victim ended by itself"
        try:
            victim.wait(chance.random() / 10)
        except subprocess.TimeoutExpired:
            victim.kill()
        rest = [line for line in victim.stdout.read().splitlines() if len(line.split()) == 2]
    return (rest[-1] if rest else last).split()[1]


def test_that_a_program_killed_at_any_moment_loses_no_finished_step(tmp_path: Path) -> None:
    path = tmp_path / "case.audit"
    for seed in range(KILLS):
        said = work_and_be_killed(path, tmp_path, seed)
        audit = Audit.open(path)
        try:
            assert audit.store.tampered() == []
            assert said in {"0" * 64, *(entry.digest for entry in audit.journal)}
            audit.recompute()
        finally:
            audit.close()
        workbook = tmp_path / "workbook.xlsx"
        if workbook.exists():
            openpyxl.load_workbook(workbook, read_only=True).close()
        charges = tmp_path / "charges.csv"
        if charges.exists():
            assert charges.read_text(encoding="utf-8").endswith("\n")
    assert verify(path, unwatched).problems == ()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_files(tmp_path / "files")


@pytest.fixture
def audit(files: Files, tmp_path: Path) -> Iterator[Audit]:
    made = Audit.create(tmp_path / "case.audit", *read_account_file(files.account))
    made.add_files([files.log, files.invoice])
    yield made
    made.close()


def opened_or_refused(path: Path) -> str:
    """Open an audit and give what became of it: the code of the refusal, or whether it is whole."""
    try:
        with closing(Audit.open(path)) as opened:
            return "harmed" if opened.store.tampered() else "whole"
    except AuditorError as error:
        return error.code if all(Language(code).error(error) for code in ("en", "es")) else ""


# A disk that is full is a file that cannot grow: the limit is set in a process of its own, for it cannot be lifted.
FULL = """
import resource, sys
from pathlib import Path
from auditor.core.problems import AuditorError
from auditor.verbs import Audit
audit = Audit.open(Path(sys.argv[1]))
size = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
done = 0
try:
    for n in range(4000):
        audit.annotate([sys.argv[3]], "n" * 20000 + str(n))
        done += 1
except AuditorError as error:
    print(error.code, done, flush=True)
    import os
    os._exit(0)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit of a file's size for one process")
def test_that_a_full_disk_is_said_and_costs_no_finished_step(audit: Audit) -> None:
    path = audit.store.path
    before = len(audit.journal)
    audit.close()
    command = [sys.executable, "-c", FULL, str(path), str(path.stat().st_size + 3_000_000), UTILITY]
    run = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    code, done = run.stdout.split()
    assert code == "disk_full"
    assert int(done) > 0
    again = Audit.open(path)
    try:
        assert again.store.tampered() == []
        assert len(again.journal) - before in {int(done), int(done) + 1}
    finally:
        again.close()


FULL_RUN = """
import resource, sys
from auditor.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit of a file's size for one process")
@pytest.mark.parametrize("limit", ["4096", "60000"])
def test_that_a_full_disk_is_told_by_the_file_that_was_asked_for(tmp_path: Path, limit: str) -> None:
    files = write_files(tmp_path)
    given = ["--account", files.account, "--messages", files.log, "--invoice", files.invoice]
    words = ["reconcile", *map(str, given), "--audit", str(tmp_path / "month.audit")]
    command = [sys.executable, "-c", FULL_RUN, limit, *words]
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("month.audit: The disk is full, or what the output goes to takes no more, so not all")
    assert not list(tmp_path.glob("*.audit*"))


def test_that_an_audit_with_a_damaged_bit_says_so_or_says_what_it_said(
    audit: Audit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    billed, path = audit.recompute().billed, audit.store.path
    audit.store.make_whole()
    audit.close()
    whole = path.read_bytes()
    used = [start for start in range(0, len(whole), 512) if whole[start : start + 512].strip(b"\0")]
    chance = Random(4)
    for start in chance.sample(used, 10):
        at = start + chance.randrange(512)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :])
        status, said = main(["verify", str(path)]), capsys.readouterr()
        assert (status, said.err) == (0, "") or f"{path.name}: This is not an audit file" in said.err
        assert status or str(billed) in said.out
    path.write_bytes(whole)
    assert main(["verify", str(path)]) == 0


def test_that_an_audit_truncated_underneath_is_refused_with_a_sentence(audit: Audit) -> None:
    path = audit.store.path
    audit.close()
    whole = path.read_bytes()
    for length in (0, 100, 4096, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert opened_or_refused(path) in {"whole", "not_an_audit"}
    path.write_bytes(whole)
    Audit.open(path).close()
