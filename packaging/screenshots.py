"""Make pictures of every place of the window on the sample audit: `python packaging/screenshots.py FOLDER [PART]`.

Wants a real display, or a virtual one: `xvfb-run -a -s "-screen 0 1366x768x24" python packaging/screenshots.py FOLDER`.
Each place is taken light and dark, in Spanish and English; the user's own settings and audits are not touched.
What is printed of lines, claims and charts lies beside the pictures as PDF.
At twice the size: `QT_SCALE_FACTOR=2`, on a screen of 2732x1536. With a part of a name (`es_light`, say), those alone.
"""

import json
import sys
from datetime import datetime
from datetime import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

import openpyxl  # noqa: E402 - the checkout goes before any installed copy
from PySide6.QtCore import QEventLoop  # noqa: E402
from PySide6.QtCore import QMimeData  # noqa: E402
from PySide6.QtCore import QPointF  # noqa: E402
from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtCore import QTimer  # noqa: E402
from PySide6.QtCore import QUrl  # noqa: E402
from PySide6.QtGui import QDragEnterEvent  # noqa: E402
from PySide6.QtGui import QDragLeaveEvent  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from auditor.core.results import Reconciliation  # noqa: E402
from auditor.gui.actions import PLACES  # noqa: E402
from auditor.gui.application import make_application  # noqa: E402
from auditor.gui.application import make_window  # noqa: E402
from auditor.gui.window import MainWindow  # noqa: E402
from auditor.sample import write_sample  # noqa: E402
from auditor.settings import Preferences  # noqa: E402

_SIZE = (1366, 768)
# What a screen of 1366 x 768 holds at 125 %, less the bars of the desktop; and the least the window can be.
_LARGER, _LEAST = (1092, 582), (960, 500)
_SETTLE = 400
_DRESSES = ("es_light", "es_dark", "en_light", "en_dark")


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
    place = window.frameGeometry()
    window.screen().grabWindow(0, place.x(), place.y(), place.width(), place.height()).save(str(target))
    print(target)


def take_all(window: MainWindow, folder: Path, name: str) -> None:
    """Go through the places of a window with an audit open."""
    for place in PLACES:
        window.go(place)
        take(window, folder / f"{name}_{place}.png")
    for tab in ("claims", "hand_over", "journal"):
        window.go("sign_off")
        window.sign_off.show_tab(tab)
        take(window, folder / f"{name}_sign_off_{tab}.png")
    window.sign_off.show_tab("closing")
    window.go("sources")
    for number, part in ((1, "preview"), (2, "health"), (3, "findings"), (4, "three_way"), (5, "checklist")):
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
    window.resize(*_LARGER)
    take(window, folder / f"{name}_help_125.png")
    window.help.hide()
    take(window, folder / f"{name}_reconciliation_125.png")
    window.resize(*_LEAST)
    for place in PLACES:
        window.go(place)
        take(window, folder / f"{name}_least_{place}.png")
    window.resize(*_SIZE)
    window.go("sources")
    take_held(window, folder / f"{name}_drop.png")


def take_states(window: MainWindow, own: Path, folder: Path, name: str) -> None:
    """Take what is seen only after something was done: charts, saved filters, a claim's day, a reviewed workbook."""
    window.go("charts")
    for place in range(window.charts.names.count()):
        window.charts.names.setCurrentRow(place)
        take(window, folder / f"{name}_chart_{place + 1}.png")
        take_print(window, folder / f"{name}_chart_{place + 1}.pdf")
    window.charts.names.setCurrentRow(0)
    window.go("reconciliation")
    lines = window.reconciliation
    take_print(window, folder / f"{name}_lines.pdf")
    lines.filter.menus["market"].choose(frozenset({"Peru"}))
    lines.filter.saved.open_list()
    take(window, folder / f"{name}_filter_saving.png")
    lines.filter.saved.name.setText("Perú")
    lines.filter.saved.name.returnPressed.emit()
    lines.filter.saved.open_list()
    take(window, folder / f"{name}_filter_saved.png")
    lines.filter.saved.menu().close()
    lines.filter.clear()
    lines.show_column_filters()
    take(window, folder / f"{name}_filter_columns.png")
    lines.show_column_filters()
    window.go("sign_off")
    window.sign_off.show_tab("claims")
    settle(window)
    window.sign_off.claims.set_due.click()
    take(window, folder / f"{name}_claim_due.png")
    take_print(window, folder / f"{name}_claims.pdf")
    window.add([reviewed(window, own / f"{name}.xlsx")])
    take(window, folder / f"{name}_review.png")
    window.sign_off.show_tab("closing")


def take_print(window: MainWindow, target: Path) -> None:
    """Save what is printed of the place in view."""
    settle(window)
    if window.commands.paper.is_anything():
        window.commands.save_pdf(target)
        print(target)


def reviewed(window: MainWindow, book: Path) -> Path:
    """Give the audit's workbook as a reviewer sends it back: three lines decided, with a note."""
    window.context.workspace.export_workbook(book)
    settle(window)
    opened = openpyxl.load_workbook(book)
    sheet = opened.worksheets[5]
    words = {"Decision": "Disputed", "Decisión": "Observada"}
    found = ((cell.row or 0, cell.column or 0, str(cell.value)) for row in sheet.iter_rows() for cell in row)
    top, decision, head = next(one for one in found if one[2] in words)
    word = words[head]
    for row in range(top + 1, top + 4):
        sheet.cell(row, decision).value = word
        sheet.cell(row, decision + 2).value = "Falta la nota de crédito"  # the cause stands between
    opened.save(book)
    return book


def take_held(window: MainWindow, target: Path) -> None:
    """Save what is seen while a file is held over the window."""
    held = QMimeData()
    held.setUrls([QUrl.fromLocalFile(str(target))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPointF(400, 400), Qt.DropAction.CopyAction, held, buttons, keys)
    QApplication.sendEvent(window, event)
    take(window, target)
    QApplication.sendEvent(window, QDragLeaveEvent())


def take_further(window: MainWindow, own: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Take an audit with a usage export beside the invoice, and one whose invoice has not come yet."""
    workspace = window.context.workspace
    export = own / "pricing_analytics.json"
    opened = workspace.opened
    if opened is not None and opened.result is not None:
        export.write_text(json.dumps(usage_of(opened.result)), encoding="utf-8")
    window.add([export])
    settle(window)
    for name in names:
        dress(window, name)
        window.go("sources")
        window.sources.tabs.setCurrentIndex(4)
        take(window, folder / f"{name}_sources_three_way_export.png")
    sample = write_sample(own / "accrual")
    workspace.open_account(sample.account, own / "accrual.audit")
    settle(window)
    window.add([sample.messages])
    settle(window)
    for name in names:
        dress(window, name)
        window.sources.tabs.setCurrentIndex(0)
        for place in ("sources", "reconciliation", "charts", "sign_off"):
            window.go(place)
            take(window, folder / f"{name}_accrual_{place}.png")


def take_rivals(window: MainWindow, own: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Take a line of which two causes fit as well: what speaks for each."""
    account = write_sample(own / "rivals").account
    window.context.workspace.open_account(account, own / "rivals.audit")
    settle(window)
    window.add(write_rivals(own / "rivals"))
    settle(window)
    window.go("reconciliation")
    window.reconciliation.table.selectRow(0)
    for name in names:
        dress(window, name)
        take(window, folder / f"{name}_rivals.png")


def write_rivals(folder: Path) -> list[Path]:
    """Write a log and an invoice of 322 messages: 310 delivered, and twelve others that two causes would bill.

    Twelve were sent on the last evening of September, which is October in UTC; as many were never delivered.
    """
    heads = "message_id,waba_id,phone_number_id,user,direction,template_category,sent_at,delivered_at"
    evening, day = datetime.fromisoformat("2026-09-30T20:00-05:00"), datetime.fromisoformat("2026-10-01T10:00-05:00")
    times = [(day + timedelta(days=n % 31, minutes=n), True) for n in range(310)]
    times += [(evening + timedelta(minutes=n), True) for n in range(12)]
    times += [(day + timedelta(days=5, seconds=n), False) for n in range(12)]
    rows = [
        f"wamid.{n},102290129340398,10654035224292{2 + n % 2},519{n:08},outbound,marketing,{at.isoformat()},"
        + (at.isoformat() if delivered else "")
        for n, (at, delivered) in enumerate(times)
    ]
    log, invoice = folder / "log.csv", folder / "invoice.csv"
    log.write_text("\n".join([heads, *rows, ""]), encoding="utf-8")
    invoice.write_text("market,category,quantity,rate,amount\nPeru,marketing,322,0.0703,22.64\n", encoding="utf-8")
    return [log, invoice]


def usage_of(result: Reconciliation) -> dict[str, object]:
    """Give the platform's own count of a result: by day, country, category and kind of price."""
    points = []
    for cell in result.cells:
        start = datetime.combine(cell.day, time(), ZoneInfo("America/Lima"))
        point = {
            "start": int(start.timestamp()),
            "end": int((start + timedelta(days=1)).timestamp()),
            "country": cell.country,
        }
        point |= {"pricing_type": cell.pricing_type.upper(), "pricing_category": cell.category.upper()}
        points.append(point | {"volume": cell.quantity, "cost": float(cell.amount or 0)})
    return {"pricing_analytics": {"data": [{"data_points": points}]}}


def dress(window: MainWindow, name: str) -> None:
    """Show a window in a language and a theme: `es_dark`."""
    language, theme = name.split("_")
    window.actions_.by_key[f"language_{language}"].trigger()
    window.actions_.by_key[f"theme_{theme}"].trigger()


def main() -> int:
    """Make the pictures."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    names = tuple(name for name in _DRESSES if part in name)
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
        for name in names:
            dress(window, name)
            take_all(window, folder, name)
            take_states(window, Path(own), folder, name)
        take_further(window, Path(own), folder, names)
        take_rivals(window, Path(own), folder, names)
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
