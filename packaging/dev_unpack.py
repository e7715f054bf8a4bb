"""Debian packages unpacked beside the environment, for a user who may not install them."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

_HOME = Path(__file__).resolve().parent.parent / ".venv-system"
PLACE = _HOME / "root"
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{place}/usr/share/fonts</dir><cachedir>{home}/fontconfig</cachedir></fontconfig>
"""


def unpack(packages: Sequence[str]) -> bool:
    """Fetch the packages and what they pull in, and unpack them into `.venv-system`; tells whether that worked."""
    folder = _HOME / "apt"
    for part in ("state/lists/partial", "cache/archives/partial", "debs"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    options = ["-qq", "-o", f"Dir::State={folder}/state", "-o", f"Dir::Cache={folder}/cache"]
    options += ["-o", "Dir::State::status=/var/lib/dpkg/status", "-o", "Debug::NoLocking=1"]
    try:
        _get([*options, "update"])
        plan = _get([*options, "install", "--simulate", "--no-install-recommends", *packages])
        names = [words[1] for words in map(str.split, plan.splitlines()) if words[:1] == ["Inst"]]
        _get([*options, "download", *names], folder / "debs")
        for file in sorted((folder / "debs").glob("*.deb")):
            subprocess.run(["dpkg", "-x", str(file), str(PLACE)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    _turn_links_inward()
    _settle_libreoffice()
    shutil.rmtree(folder)
    (_HOME / "fonts.conf").write_text(_FONTS.format(place=PLACE, home=_HOME), encoding="utf-8")
    return True


def variables(before: Mapping[str, str]) -> dict[str, str]:
    """Give the variables by which unpacked libraries, programs and fonts are found; none if nothing was unpacked."""
    if not PLACE.is_dir():
        return {}
    libraries = (PLACE.glob(f"{folder}/*.so*") for folder in ("usr/lib/libreoffice/program", "usr/lib/*", "lib/*"))
    folders = dict.fromkeys(str(file.parent) for files in libraries for file in sorted(files))
    found = {
        "LD_LIBRARY_PATH": os.pathsep.join([*folders, *filter(None, [before.get("LD_LIBRARY_PATH")])]),
        "PATH": os.pathsep.join([before.get("PATH", os.defpath), str(PLACE / "usr" / "bin")]),
    }
    if not Path("/etc/fonts/fonts.conf").exists():
        found["FONTCONFIG_FILE"] = str(_HOME / "fonts.conf")
    if not Path("/usr/share/X11/xkb").exists():
        found["XKB_CONFIG_ROOT"] = str(PLACE / "usr" / "share" / "X11" / "xkb")
    return found


def _turn_links_inward() -> None:
    """Point links such as `/etc/libreoffice/registry` to their end in here instead of in the system."""
    for link in PLACE.rglob("*"):
        if link.is_symlink() and (end := link.readlink()).is_absolute() and not end.is_relative_to(PLACE):
            inward = PLACE / end.relative_to("/")
            if inward.exists():
                link.unlink()
                link.symlink_to(inward)


def _settle_libreoffice() -> None:
    """Tell LibreOffice where it lies: Debian writes that down, and lays its settings in place, when it installs."""
    office = PLACE / "usr" / "lib" / "libreoffice"
    for file in (office / "program").glob("*rc"):
        said = file.read_text(encoding="utf-8")
        said = said.replace("file:///etc/libreoffice/registry", (office / "share" / ".registry").as_uri())
        file.write_text(said.replace("file:///usr/lib/libreoffice", office.as_uri()), encoding="utf-8")


def _get(arguments: Sequence[str], folder: Path | None = None) -> str:
    """Run apt-get and give what it says; raises `CalledProcessError` when it fails."""
    return subprocess.run(["apt-get", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout
