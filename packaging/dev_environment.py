"""Python environments made from a lock once, and made anew when the lock, Python or the folder changes.

The checkout's own one is `.venv`, for running and testing; `.venv-bundle` is what bundles are made of, and in
`.venv-spark` the tests of the engine on Spark run. In `.venv-coverage` lies what measures what tests reach.
"""

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import dev_system

ROOT = Path(__file__).resolve().parent.parent
# What pip says when it reached nobody; asked for in English below.
_NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|Network is unreachable"
    r"|Temporary failure in name resolution|Failed to establish a new connection|getaddrinfo failed"
)


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment at a place, made of what a lock names."""

    place: Path
    lock: Path
    # What is only to be had as source, to be built here.
    from_source: tuple[str, ...] = ()

    @property
    def python(self) -> Path:
        """Give its Python."""
        return self.place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def packages(self) -> Path:
        """Give the folder of its packages."""
        return Path(sysconfig.get_path("purelib", "venv", {"base": str(self.place)}))

    @property
    def _stamp(self) -> Path:
        return self.place / "lock.sha256"

    def prepare(self) -> None:
        """Make or renew it; does nothing (a few milliseconds) when it is as the lock wants it."""
        wanted = self.wanted()
        found = self._stamp.read_text(encoding="ascii") if self._stamp.exists() else ""
        if found == wanted and self.python.exists():
            return
        print("Setting up the Python environment (once, about a minute) ...", file=sys.stderr, flush=True)
        # An environment without our stamp is half made, or somebody's own: it is completed, never wiped.
        _make(self, clear=bool(found))
        _install(self)
        self._stamp.write_text(wanted, encoding="ascii")  # last: what breaks off before it is taken up again

    def wanted(self) -> str:
        """Give the digest of all that it depends on: a Python of the same ABI may be patched under it."""
        python = f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')} {sysconfig.get_platform()}"
        return hashlib.sha256(self.lock.read_bytes() + f"{python} {self.place}".encode()).hexdigest()


OWN = Environment(ROOT / ".venv", ROOT / "packaging" / "requirements-dev.lock")
COVERAGE = Environment(ROOT / ".venv-coverage", ROOT / "packaging" / "requirements-coverage.lock")
SPARK = Environment(ROOT / ".venv-spark", ROOT / "packaging" / "requirements-spark.lock", ("pyspark",))
PYTHON = OWN.python


def prepare() -> None:
    """Make or renew the checkout's own environment."""
    OWN.prepare()


def child_environment() -> dict[str, str]:
    """Give the variables under which the program and its tests run: this checkout and the unpacked libraries."""
    variables = dev_system.system_environment()
    before = variables.get("PYTHONPATH", "")
    variables["PYTHONPATH"] = os.pathsep.join(part for part in (str(ROOT), before) if part)
    if sys.platform.startswith("linux") and not any(variables.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG")):
        variables["LC_ALL"] = "C.UTF-8"
    return variables


def pip(python: Path = PYTHON) -> list[str]:
    """Give the command that runs pip in an environment; Debian's unpacked wheel stands in where there is no pip."""
    wheel = dev_system.unpacked_pip()
    return [str(python), str(wheel / "pip")] if wheel and not _has_ensurepip() else [str(python), "-m", "pip"]


def _make(environment: Environment, *, clear: bool) -> None:
    options = ["--clear"] * clear + ["--without-pip"] * (not _has_ensurepip())
    command = [sys.executable, "-m", "venv", *options, str(environment.place)]
    made = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if made.returncode:
        dev_system.stop(
            f"Python could not make an environment in {environment.place}:\n{(made.stdout + made.stderr).strip()}"
        )


def _has_ensurepip() -> bool:
    return importlib.util.find_spec("ensurepip") is not None


def _compile(environment: Environment) -> None:
    """Keep the program's modules compiled, as pip does with what it installs.

    Where Python is told to write no bytecode, each command would compile them again: a fifth of its time.
    """
    subprocess.run([str(environment.python), "-m", "compileall", "-q", str(ROOT / "auditor")], check=False)


def _install(environment: Environment) -> None:
    """Install what the lock names: only ready-made packages, and only those whose hash it holds."""
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--only-binary", ":all:"]
    options += [part for name in environment.from_source for part in ("--no-binary", name)]
    command = [*pip(environment.python), "install", *options, "-r", str(environment.lock)]
    variables = {**child_environment(), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=ROOT, env=variables, stderr=subprocess.PIPE, text=True, errors="replace", check=False
    )
    if done.returncode == 0:
        _compile(environment)
        return
    if _NO_NETWORK.search(done.stderr):
        dev_system.stop(
            "The Python packages could not be fetched: the package index does not answer. Check the network "
            "(or the proxy and index that pip is set to) and give the same command again."
        )
    dev_system.stop(f"The Python packages could not be installed. pip says:\n{done.stderr.strip()}")
