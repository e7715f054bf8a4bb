"""What other programs are given to open."""

from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices

from auditor.gui.pieces.outside import open_attached


@pytest.mark.parametrize(
    ("name", "opened"),
    [
        ("carta.pdf", "carta.pdf"),
        ("Tarifas 2026.XLSX", "Tarifas 2026.XLSX"),
        ("factura.pdf.exe", ""),
        ("leer.desktop", ""),
        ("macros.xlsm", ""),
        ("sin final", ""),
    ],
)
def test_that_what_came_with_an_audit_is_shown_and_never_run(
    name: str, opened: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(Path(url.toLocalFile())))
    open_attached(tmp_path / name)
    assert asked == [tmp_path / opened]
