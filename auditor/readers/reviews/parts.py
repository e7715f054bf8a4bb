"""What only the parts of a reviewed workbook tell: comments, which the auditor never writes, and formulas."""

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.readers.books.bookcheck import sheet_parts
from auditor.readers.zip_faults import XML_FAULTS
from auditor.readers.zip_faults import ZIP_FAULTS

_LARGEST = 32 << 20
# A comment with answers stands a second time as a plain one, for programs that know no answers.
_KINDS = ("threadedComment", "comments")


def comments(path: Path) -> list[tuple[str, str, str]]:
    """Give sheet, cell (`B7`) and text of every comment. Raises `AuditorError`: `file_damaged`."""
    with _opened(path) as archive:
        return [found for sheet, part in sheet_parts(path).items() for found in _of_sheet(archive, sheet, part)]


def formula_cells(path: Path, sheet: str) -> frozenset[str]:
    """Give the cells (`B7`) of a sheet that hold a formula. Raises `AuditorError`: `file_damaged`."""
    found = set()
    with _opened(path) as archive, archive.open(sheet_parts(path)[sheet]) as stream:
        for _, element in ElementTree.iterparse(stream, forbid_dtd=True):
            name = _name(element)
            if name == "c" and any(_name(child) == "f" for child in element):
                found.add(str(element.get("r", "")))
            if name == "row":
                element.clear()
    return frozenset(found)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (*ZIP_FAULTS, *XML_FAULTS) as error:
        raise AuditorError("file_damaged", Place(path.name)) from error


def _of_sheet(archive: zipfile.ZipFile, sheet: str, part: str) -> Iterator[tuple[str, str, str]]:
    folder, name = posixpath.split(part)
    links = f"{folder}/_rels/{name}.rels"
    if links not in archive.namelist():
        return
    targets = {str(link.get("Type")).rpartition("/")[2]: str(link.get("Target")) for link in _parsed(archive, links)}
    target = next((targets[kind] for kind in _KINDS if kind in targets), None)
    if target is None:
        return
    where = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
    for element in _parsed(archive, where).iter():
        if _name(element) in {"comment", "threadedComment"}:
            yield sheet, str(element.get("ref", "")), _text(element)


def _text(element: Element) -> str:
    """Give a comment's words."""
    parts = [one.text or "" for one in element.iter() if _name(one) in {"t", "text"}]
    return "".join(parts).strip()


def _parsed(archive: zipfile.ZipFile, part: str) -> Element:
    with archive.open(part) as stream:
        root: Element = ElementTree.fromstring(stream.read(_LARGEST))
    return root


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
