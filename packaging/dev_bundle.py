"""`dev.py bundle`: a frozen folder that needs no Python, tried by doing the main job with it; on Debian also a .deb.

The environment is `.venv-bundle`, made from a lock of its own whose versions are those that the tests run with. What
comes out lies in `dist/`: the folder, the .deb, a list of third-party licences, and a bill of materials (CycloneDX).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import dev_environment
import dev_system
from dev_environment import ROOT

_DIST = ROOT / "dist"
_FOLDER = _DIST / "auditor"
_TOOLS = (dev_system.Need("program", "objdump", "binutils"),)
_KERNELS = _FOLDER / "_internal" / "kernels"
_APP = _DIST / "Auditor.app" / "Contents"
_SUFFIX = ".exe" if os.name == "nt" else ""
# What a frozen Qt still asks of the system: the OpenGL loaders, which belong to its drivers.
_DEPENDS = "libegl1, libgl1, libc6 (>= 2.34)"
_BIGGEST = 8
_DRAW = """
import sys
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
image = QImage(1024, 1024, QImage.Format.Format_ARGB32)
image.fill(0)
painter = QPainter(image)
QSvgRenderer(sys.argv[1]).render(painter)
painter.end()
sys.exit(not image.save(sys.argv[2]))
"""


def build() -> int:
    """Build the folder, warm it, try it, and wrap it up; 0 when what was tried held."""
    if sys.platform.startswith("linux"):
        dev_system.provide(dev_system.PYTHON_PARTS + dev_system.OFFSCREEN + dev_system.SCREEN + _TOOLS + _own_library())
    place = dev_environment.Environment(ROOT / ".venv-bundle", ROOT / "packaging" / "requirements-bundle.lock")
    place.prepare()
    shutil.rmtree(_FOLDER, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="auditor-icon-") as name:
        _freeze(place.python, {} if sys.platform.startswith("linux") else _icon(place.python, Path(name)))
    _list_parts(place.python)
    _warm()
    if _APP.is_dir():
        _complete(_APP)
    if not _try():
        print("The bundle does not do what the checkout does.", file=sys.stderr)
        return 1
    if shutil.which("dpkg-deb"):
        print(f"Package: {_wrap_as_deb()}")
    _say_size()
    return 0


def _own_library() -> tuple[dev_system.Need, ...]:
    """Give Python's own shared library as a need: Debian keeps it in a package that its interpreter does without."""
    name = f"libpython{sys.version_info[0]}.{sys.version_info[1]}"
    return (dev_system.Need("library", f"{name}.so.1.0", name),) if sys.base_prefix == "/usr" else ()


def _icon(python: Path, folder: Path) -> dict[str, str]:
    """Draw the icon as points, of which PyInstaller makes what the system takes, and give where it is."""
    drawn = folder / "auditor.png"
    command = [str(python), "-c", _DRAW, str(ROOT / "resources" / "icons" / "auditor.svg"), str(drawn)]
    subprocess.run(command, check=True)
    return {"AUDITOR_ICON": str(drawn)}


def _freeze(python: Path, variables: dict[str, str]) -> None:
    options = ["--noconfirm", "--log-level", "WARN", "--distpath", str(_DIST), "--workpath", str(ROOT / "build")]
    command = [str(python), "-m", "PyInstaller", *options, str(ROOT / "packaging" / "auditor.spec")]
    subprocess.run(command, check=True, cwd=ROOT, env=dev_environment.child_environment() | variables)


def _list_parts(python: Path) -> None:
    """Write what is inside, beside the bundle: licences for people, a bill of materials for machines."""
    tools = python.parent
    licences = [
        str(tools / f"pip-licenses{_SUFFIX}"),
        "--with-license-file",
        "--no-license-path",
        "--format=plain-vertical",
    ]
    said = subprocess.run(licences, check=True, capture_output=True).stdout
    (_FOLDER / "THIRD-PARTY.txt").write_bytes(said + _licences_of_system().encode())
    shutil.copytree(ROOT / "resources" / "licenses", _FOLDER / "licenses")
    materials = [str(tools / f"cyclonedx-py{_SUFFIX}"), "environment", str(python), "-o", str(_DIST / "sbom.json")]
    subprocess.run(materials, check=True, capture_output=True)


def _licences_of_system() -> str:
    """Give what Debian says of the shared libraries that were taken from it; names those that are in no package."""
    if not shutil.which("dpkg"):
        return ""
    libraries = {file.name for file in (_FOLDER / "_internal").glob("lib*.so*") if not file.is_symlink()}
    ask = ["dpkg", "-S", *(f"*/lib/*/{name}" for name in sorted(libraries))]
    # It ends with 1 where it does not know one of them.
    said = subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    found = [line.partition(": ") for line in said.splitlines()]
    if lacking := libraries - {Path(path).name for _, _, path in found}:
        print("No package, so no licence, is known of", *sorted(lacking), file=sys.stderr)
    packages = sorted({owner.partition(":")[0] for owner, _, path in found if Path(path).name in libraries})
    texts = (Path("/usr/share/doc", package, "copyright") for package in packages)
    return "".join(f"\n\n{file.parent.name}\n{file.read_text('utf-8', 'replace')}" for file in texts if file.exists())


def _warm() -> None:
    """Do the main job once and ship the kernels that were compiled for it."""
    with tempfile.TemporaryDirectory(prefix="auditor-warm-") as name:
        cache = Path(name) / "kernels"
        _main_jobs(Path(name), {**os.environ, "NUMBA_CACHE_DIR": str(cache)})
        shutil.copytree(cache, _KERNELS)


def _complete(contents: Path) -> None:
    """Put into the program for macOS what came to the folder after both were made; it is signed afterwards.

    Only code may lie in `Frameworks`, where the program looks: the rest is data, to which a link leads from there.
    """
    data = contents / "Resources"
    shutil.copy2(_FOLDER / "THIRD-PARTY.txt", data)
    shutil.copytree(_FOLDER / "licenses", data / "licenses")
    shutil.copytree(_KERNELS, data / _KERNELS.name)
    (contents / "Frameworks" / _KERNELS.name).symlink_to(Path("..", "Resources", _KERNELS.name))


def _try() -> bool:
    """Do the main job far from the checkout, with a home of its own, and hold its figures to the checkout's."""
    with tempfile.TemporaryDirectory(prefix="auditor-try-") as name:
        folder = Path(name)
        # Without the system's time zones: those that are shipped have to do.
        variables = {"HOME": name, "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "PYTHONTZPATH": ""}
        variables |= {key: value for key, value in os.environ.items() if os.name == "nt" and key not in variables}
        version = _run(["--version"], variables)
        _main_jobs(folder, variables)
        command = [str(dev_environment.PYTHON), "-m", "auditor", "demo", str(folder / "checkout"), "--language", "es"]
        dev_environment.prepare()
        subprocess.run(command, check=True, capture_output=True, env=dev_environment.child_environment())
        ours, theirs = (_figures(folder / one / "results" / "summary.json") for one in ("frozen", "checkout"))
        charges = [(folder / one / "results" / "charges.csv").read_bytes() for one in ("frozen", "checkout")]
        print(f"Tried: {version}; the sample's figures {'agree' if ours == theirs else 'DIFFER'}")
        return ours == theirs and charges[0] == charges[1] and _is_warm(folder)


def _main_jobs(folder: Path, variables: dict[str, str]) -> None:
    """Reconcile the sample with all that is written of it, then into an audit file; verify that, and ask the rest.

    Each command is loaded by its name: what is not tried may not be there.
    """
    sample, audit = folder / "frozen", str(folder / "sample.audit")
    _run(["demo", str(sample), "--language", "es"], variables)
    inputs = ["--account", str(sample / "account.toml"), "--messages", str(sample / "messages.csv")]
    _run(["reconcile", *inputs, "--invoice", str(sample / "invoice.xlsx"), "--audit", audit], variables)
    for more in (["verify", audit], ["why", audit], ["inspect", str(sample / "invoice.xlsx")], ["rates", "list"]):
        _run(more, variables)


def _is_warm(home: Path) -> bool:
    """Tell whether nothing was compiled anew: what is kept in a home that was empty is what was shipped."""
    shipped, kept = (
        Counter(file.name for place in places for file in place.rglob("*.nb?"))
        for places in ((_KERNELS,), home.rglob("kernels-*"))
    )
    new = kept - shipped
    if new:
        print("Compiled anew, though it should be shipped:", *sorted(new), file=sys.stderr)
    return not new


def _figures(summary: Path) -> dict[str, object]:
    """Give what a summary says, but for the names of files and when something was done."""
    facts: dict[str, object] = json.loads(summary.read_text(encoding="utf-8"))
    return {name: value for name, value in facts.items() if name not in {"imports", "fixed"}}


def _run(arguments: list[str], variables: dict[str, str]) -> str:
    command = [str(_FOLDER / f"auditor{_SUFFIX}"), *arguments]
    away = tempfile.gettempdir()  # what is found by way of the checkout would not be found elsewhere
    done = subprocess.run(
        command, cwd=away, env=variables, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        dev_system.stop(f"The bundle failed at `auditor {' '.join(arguments)}`:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def _wrap_as_deb() -> Path:
    """Wrap the folder up as a .deb with menu entry, icon, AppStream data and the type of `.audit` files."""
    version = _run(["--version"], dict(os.environ)).split()[-1]
    machine = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    linux = ROOT / "packaging" / "linux"
    with tempfile.TemporaryDirectory(prefix="auditor-deb-") as name:
        top = Path(name) / "auditor"
        shutil.copytree(_FOLDER, top / "usr" / "lib" / "auditor", symlinks=True)
        (top / "usr" / "bin").mkdir(parents=True)
        (top / "usr" / "bin" / "auditor").symlink_to("../lib/auditor/auditor")
        share = top / "usr" / "share"
        for source, home in (
            (linux / "auditor.desktop", "applications/auditor.desktop"),
            (linux / "org.auditor.Auditor.metainfo.xml", "metainfo/org.auditor.Auditor.metainfo.xml"),
            (linux / "auditor-mime.xml", "mime/packages/auditor.xml"),
            (ROOT / "resources" / "icons" / "auditor.svg", "icons/hicolor/scalable/apps/auditor.svg"),
            (ROOT / "LICENSE", "doc/auditor/copyright"),
        ):
            (share / home).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, share / home)
        control = (linux / "control").read_text(encoding="utf-8")
        size = sum(file.stat().st_size for file in top.rglob("*") if file.is_file() and not file.is_symlink()) // 1024
        filled = control.format(version=version, machine=machine, depends=_DEPENDS, size=size)
        (top / "DEBIAN").mkdir()
        (top / "DEBIAN" / "control").write_text(filled, encoding="utf-8")
        target = _DIST / f"auditor_{version}_{machine}.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", str(top), str(target)]
        subprocess.run(command, check=True, capture_output=True)
    return target


def _say_size() -> None:
    """Say how large the folder is, and what in it is largest."""
    sizes: dict[str, int] = {}
    for file in _FOLDER.rglob("*"):
        if file.is_file() and not file.is_symlink():
            parts = file.relative_to(_FOLDER).parts
            part = parts[1] if parts[0] == "_internal" and len(parts) > 1 else parts[0]
            sizes[part] = sizes.get(part, 0) + file.stat().st_size
    print(f"Size: {sum(sizes.values()) / 1e6:.0f} MB in {_FOLDER}")
    for part, size in sorted(sizes.items(), key=lambda one: -one[1])[:_BIGGEST]:
        print(f"  {size / 1e6:6.1f} MB  {part}")
