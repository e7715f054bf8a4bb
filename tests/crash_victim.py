"""Work on an audit, a random step after the other, saying each when it is finished: to be killed at any moment.

python tests/crash_victim.py FILE.audit FOLDER SEED      FOLDER as `audit_files.write_files` makes it
"""

import sys
from pathlib import Path
from random import Random

from auditor.verbs import Audit
from auditor.verbs import read_account_file
from tests.audit_files import UTILITY
from tests.audit_files import Files
from tests.audit_files import write_files

MARKETING = "||Peru||marketing|"


def step(audit: Audit, files: Files, out: Path, chance: Random) -> str:
    """Do one step and name it."""
    kinds = [source.kind for source in audit.sources]
    steps = ["accept", "dispute", "annotate", "undo", "redo", "clear"] * 3 + ["recompute", "charges", "workbook"]
    steps += ["take" if "log" not in kinds else "drop"]
    name = chance.choice(steps)
    keys = chance.choice([[UTILITY], [MARKETING], [UTILITY, MARKETING]])
    if name in {"accept", "dispute", "annotate"}:
        getattr(audit, name)(keys, f"note {chance.random()}")
    elif name == "clear":
        audit.clear(keys)
    elif name == "take":
        audit.add_files([files.log])
    elif name == "drop":
        audit.remove_file(next(source.sha256 for source in audit.sources if source.kind == "log"))
    elif name == "charges":
        audit.export_charges(out / "charges.csv")
    elif name == "workbook":
        audit.export_workbook(out / "workbook.xlsx")
    else:
        getattr(audit, name)()
    return name


def main() -> None:
    """Open the audit, or make it, and work until killed."""
    path, folder, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    files = write_files(folder / "files")
    chance = Random(seed)
    if path.exists():
        audit = Audit.open(path)
    else:
        audit = Audit.create(path, *read_account_file(files.account))
        audit.add_files([files.log, files.invoice])
    while True:
        # Said only when it is finished, with the digest that closes the journal by then.
        sys.stdout.write(f"{step(audit, files, folder, chance)} {audit.store.digest}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
