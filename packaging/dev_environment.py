"""The Python environment in `.venv`: made from the lock once, made anew when the lock, Python or the folder changes."""

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import dev_system

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK = ROOT / "packaging" / "requirements-dev.lock"
_STAMP = VENV / "lock.sha256"
# What pip says when it reached nobody; asked for in English below.
_NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|Network is unreachable"
    r"|Temporary failure in name resolution|Failed to establish a new connection|getaddrinfo failed"
)


def prepare() -> None:
    """Make or renew the environment; does nothing (a few milliseconds) when it is as the lock wants it."""
    wanted = _wanted()
    found = _STAMP.read_text(encoding="ascii") if _STAMP.exists() else ""
    if found == wanted and PYTHON.exists():
        return
    print("Setting up the Python environment (once, about a minute) ...", file=sys.stderr, flush=True)
    # An environment without our stamp is half made, or somebody's own: it is completed, never wiped.
    _make(clear=bool(found))
    _install()
    _STAMP.write_text(wanted, encoding="ascii")  # last: what breaks off before it is taken up again


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


def _wanted() -> str:
    """Give the digest of all that the environment depends on: a Python of the same ABI may be patched under it."""
    python = f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')} {sysconfig.get_platform()}"
    return hashlib.sha256(LOCK.read_bytes() + f"{python} {VENV}".encode()).hexdigest()


def _make(*, clear: bool) -> None:
    options = ["--clear"] * clear + ["--without-pip"] * (not _has_ensurepip())
    command = [sys.executable, "-m", "venv", *options, str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if made.returncode:
        dev_system.stop(f"Python could not make an environment in {VENV}:\n{(made.stdout + made.stderr).strip()}")


def _has_ensurepip() -> bool:
    return importlib.util.find_spec("ensurepip") is not None


def _install() -> None:
    """Install what the lock names: only ready-made packages, and only those whose hash it holds."""
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--only-binary", ":all:"]
    command = [*pip(), "install", *options, "-r", str(LOCK)]
    variables = {**child_environment(), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=ROOT, env=variables, stderr=subprocess.PIPE, text=True, errors="replace", check=False
    )
    if done.returncode == 0:
        return
    if _NO_NETWORK.search(done.stderr):
        dev_system.stop(
            "The Python packages could not be fetched: the package index does not answer. Check the network "
            "(or the proxy and index that pip is set to) and give the same command again."
        )
    dev_system.stop(f"The Python packages could not be installed. pip says:\n{done.stderr.strip()}")
