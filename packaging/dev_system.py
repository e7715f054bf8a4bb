"""What the operating system must have: libraries that Qt links to, Xvfb, LibreOffice, Debian's missing part of Python.

Looked for first, and put there when missing, by the first of these that is possible: apt-get as root; apt-get by
`sudo -n`; the packages unpacked into `.venv-system`, which needs no rights. Else the exact line to run, and status 3.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import dev_unpack


@dataclass(frozen=True, slots=True)
class Need:
    """Something the system must have: a `library` to link to, a `program` or a `module`, and Debian's package of it.

    `plain` is the package to unpack where it cannot be installed, if it is another one.
    """

    kind: str
    name: str
    package: str
    plain: str = ""


PYTHON_PARTS = (
    Need("module", "ensurepip", f"python{sys.version_info[0]}.{sys.version_info[1]}-venv", "python3-pip-whl"),
)
OFFSCREEN = (
    Need("library", "libEGL.so.1", "libegl1"),
    Need("library", "libGL.so.1", "libgl1"),
    Need("library", "libX11.so.6", "libx11-6"),
    Need("library", "libdbus-1.so.3", "libdbus-1-3"),
    Need("library", "libfontconfig.so.1", "libfontconfig1"),
    Need("library", "libfreetype.so.6", "libfreetype6"),
    Need("library", "libglib-2.0.so.0", "libglib2.0-0"),
    Need("library", "libxkbcommon.so.0", "libxkbcommon0"),
)
# All that Qt's xcb platform plugin links to.
SCREEN = (
    Need("library", "libX11-xcb.so.1", "libx11-xcb1"),
    Need("library", "libxcb-cursor.so.0", "libxcb-cursor0"),
    Need("library", "libxcb-icccm.so.4", "libxcb-icccm4"),
    Need("library", "libxcb-image.so.0", "libxcb-image0"),
    Need("library", "libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Need("library", "libxcb-randr.so.0", "libxcb-randr0"),
    Need("library", "libxcb-render-util.so.0", "libxcb-render-util0"),
    Need("library", "libxcb-render.so.0", "libxcb-render0"),
    Need("library", "libxcb-shape.so.0", "libxcb-shape0"),
    Need("library", "libxcb-shm.so.0", "libxcb-shm0"),
    Need("library", "libxcb-sync.so.1", "libxcb-sync1"),
    Need("library", "libxcb-util.so.1", "libxcb-util1"),
    Need("library", "libxcb-xfixes.so.0", "libxcb-xfixes0"),
    Need("library", "libxcb-xkb.so.1", "libxcb-xkb1"),
    Need("library", "libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)
VIRTUAL_SCREEN = (Need("program", "Xvfb", "xvfb"), Need("program", "xauth", "xauth"))
SPREADSHEET = (Need("program", "soffice", "libreoffice-calc-nogui"),)

_PROBE = """
import ctypes, sys
for name in sys.argv[1:]:
    try:
        ctypes.CDLL(name)
    except OSError:
        print(name)
"""


def stop(sentence: str) -> NoReturn:
    """End with status 3 and one sentence: what is missing and what to do."""
    print(sentence, file=sys.stderr)
    raise SystemExit(3)


def system_environment() -> dict[str, str]:
    """Give this process's variables, led by what has been unpacked into `.venv-system`."""
    return {**os.environ, **dev_unpack.variables(os.environ)}


def unpacked_pip() -> Path | None:
    """Give the wheel of pip from Debian's package, if that had to be unpacked."""
    return next(dev_unpack.PLACE.glob("usr/share/python-wheels/pip-*.whl"), None)


def missing(needs: Sequence[Need]) -> list[Need]:
    """Give those of the needs that the system does not have, in their order."""
    if not sys.platform.startswith("linux"):
        return []
    variables = system_environment()
    libraries = [need.name for need in needs if need.kind == "library"]
    probe = [sys.executable, "-c", _PROBE, *libraries]
    # In a child: a library path set now is not seen by a process that runs already.
    absent = set(subprocess.run(probe, env=variables, capture_output=True, text=True, check=True).stdout.split())
    absent |= {need.name for need in needs if need.kind == "program" and not _has_program(need, variables)}
    absent |= {need.name for need in needs if need.kind == "module" and not _has_module(need)}
    return [need for need in needs if need.name in absent]


def provide(needs: Sequence[Need]) -> None:
    """Put there what is missing, by the first way that is open; stop with the line to run if none is."""
    lacking = missing(needs)
    if lacking and shutil.which("apt-get"):
        print("Fetching system packages:", *(need.package for need in lacking), file=sys.stderr, flush=True)
        if not _install(lacking):
            dev_unpack.unpack([need.plain or need.package for need in lacking])
        lacking = missing(lacking)
    if lacking:
        stop(
            "Some parts of the system are missing and could not be fetched: for want of rights, or of a network. "
            f"Run this once, then the same command again:\n  {line(lacking)}"
        )


def install(needs: Sequence[Need]) -> bool:
    """Install what is missing where that is allowed; tells whether all is there now. For what cannot be unpacked."""
    lacking = missing(needs)
    if lacking and shutil.which("apt-get"):
        _install(lacking)
    return not missing(lacking)


def line(needs: Sequence[Need]) -> str:
    """Give the line that installs the needs, to be run by someone who may."""
    names = " ".join(need.package for need in needs)
    if shutil.which("apt-get"):
        return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {names}"
    return f"(with this system's package manager; Debian calls them) {names}"


def _has_program(need: Need, variables: dict[str, str]) -> bool:
    return shutil.which(need.name, path=variables.get("PATH", os.defpath)) is not None


def _has_module(need: Need) -> bool:
    importlib.invalidate_caches()
    return importlib.util.find_spec(need.name) is not None or unpacked_pip() is not None


def _install(needs: Sequence[Need]) -> bool:
    """Install with apt-get as root or by sudo without a password; tells whether that was possible."""
    rights = _rights()
    if rights is None:
        return False
    apt = [*rights, "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    subprocess.run([*apt, "update"], capture_output=True, check=False)
    install = [*apt, "install", "-y", "--no-install-recommends", *(need.package for need in needs)]
    return subprocess.run(install, capture_output=True, check=False).returncode == 0


def _rights() -> list[str] | None:
    """Give what to put before apt-get so that it may install, and asks nothing; None if it may not."""
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive"]
    if os.geteuid() == 0:
        return quiet
    asked = ["sudo", "-n", "true"]
    if shutil.which("sudo") and subprocess.run(asked, capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n", *quiet]
    return None
