"""Make pictures of every place of the window on the sample audit: `python packaging/screenshots.py FOLDER`.

Wants a real display, or a virtual one: `xvfb-run -a -s "-screen 0 1366x768x24" python packaging/screenshots.py FOLDER`.
Each place is taken light and dark, in Spanish and English; the user's own settings and audits are not touched.
At twice the size: `QT_SCALE_FACTOR=2`, on a screen of 2732x1536.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from PySide6.QtCore import QEventLoop  # noqa: E402 - the checkout goes before any installed copy
from PySide6.QtCore import QTimer  # noqa: E402

from auditor.gui.actions import PLACES  # noqa: E402
from auditor.gui.application import make_application  # noqa: E402
from auditor.gui.application import make_window  # noqa: E402
from auditor.gui.window import MainWindow  # noqa: E402
from auditor.settings import Preferences  # noqa: E402

_SIZE = (1366, 768)
_SETTLE = 400


def wait(milliseconds: int) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def settle(window: MainWindow) -> None:
    """Wait until nothing is being worked on, and what came of it is drawn."""
    wait(_SETTLE)
    while window.context.workspace.worker.waiting:
        wait(_SETTLE)
    wait(_SETTLE)


def take(window: MainWindow, target: Path) -> None:
    """Save what the screen shows."""
    settle(window)
    window.screen().grabWindow(0).save(str(target))
    print(target)


def take_all(window: MainWindow, folder: Path, name: str) -> None:
    """Go through the places of a window with an audit open."""
    for place in PLACES:
        window.go(place)
        take(window, folder / f"{name}_{place}.png")
    for tab in ("claims", "hand_over"):
        window.go("sign_off")
        window.sign_off.show_tab(tab)
        take(window, folder / f"{name}_sign_off_{tab}.png")
    window.sign_off.show_tab("closing")
    window.go("sources")
    for number, part in ((1, "preview"), (2, "health"), (3, "findings"), (4, "three_way")):
        window.sources.tabs.setCurrentIndex(number)
        take(window, folder / f"{name}_sources_{part}.png")
    window.sources.tabs.setCurrentIndex(1)
    window.sources.table.selectRow(1)
    take(window, folder / f"{name}_sources_preview_invoice.png")
    window.sources.table.selectRow(0)
    window.sources.tabs.setCurrentIndex(0)
    window.sources.show_facts()
    take(window, folder / f"{name}_sources_facts.png")
    window.sources.facts.dismissed.emit()
    window.go("rates")
    window.rates.show_rate("Peru", "marketing", "")
    window.rates.override.click()
    take(window, folder / f"{name}_rates_by_hand.png")
    window.rates.form.leave_rate()
    window.go("start")
    window.start.show_form()
    take(window, folder / f"{name}_start_new.png")
    window.go("reconciliation")
    window.reconciliation.detail.tabs.setCurrentIndex(1)
    take(window, folder / f"{name}_reconciliation_invoice.png")
    window.reconciliation.detail.tabs.setCurrentIndex(2)
    take(window, folder / f"{name}_reconciliation_evidence.png")
    window.reconciliation.detail.expand.setChecked(True)
    take(window, folder / f"{name}_reconciliation_wide.png")
    window.reconciliation.detail.expand.setChecked(False)
    window.reconciliation.detail.tabs.setCurrentIndex(0)
    window.reconciliation.table.selectAll()
    take(window, folder / f"{name}_reconciliation_several.png")
    window.reconciliation.table.selectRow(0)
    window.help.show_page("pricing")
    take(window, folder / f"{name}_help.png")
    window.help.hide()


def main() -> int:
    """Make the pictures."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    make_application()
    with TemporaryDirectory(ignore_cleanup_errors=True) as own:
        preferences = Preferences(Path(own) / "settings.json")
        preferences.change(language="es", theme="light")
        window = make_window(preferences)
        window.resize(*_SIZE)
        window.show()
        take(window, folder / "es_light_first_start.png")
        window.context.workspace.open_sample(Path(own) / "sample")
        settle(window)
        window.reconciliation.table.selectRow(0)
        window.reconciliation.detail.decision.dispute.click()
        for language in ("es", "en"):
            for theme in ("light", "dark"):
                window.actions_.by_key[f"language_{language}"].trigger()
                window.actions_.by_key[f"theme_{theme}"].trigger()
                take_all(window, folder, f"{language}_{theme}")
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
