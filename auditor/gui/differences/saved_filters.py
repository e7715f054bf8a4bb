"""Filters that were given a name: kept for the user, asked for again in any audit, and forgotten."""

import json
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from decimal import InvalidOperation
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QMenu
from PySide6.QtWidgets import QToolButton
from PySide6.QtWidgets import QWidgetAction

from auditor.gui.context import Context
from auditor.gui.pieces.controls import Tool
from auditor.gui.tables.rows import collated

# Letters of a name that are in view on the button.
_SHOWN = 18
# What the field for a name keeps free beside the words that say what is to be typed.
_SIDES = 32


@dataclass(frozen=True, slots=True)
class KeptFilter:
    """What a filter holds back, so that it can be put down: the codes chosen of each facet, what is typed, the slider.

    `columns` are the texts over single columns, by their keys.
    """

    text: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    measure: str = ""
    least: Decimal = Decimal(0)
    columns: Mapping[str, str] = field(default_factory=dict)

    def written(self) -> str:
        """Write it down: the same filter gives the same text."""
        return json.dumps(asdict(self), default=str, ensure_ascii=False, sort_keys=True)


def read(written: str) -> KeptFilter:
    """Read a filter that was written down; what does not fit (a newer or hand-made file) holds nothing back."""
    try:
        said: Any = json.loads(written)
        facets = {str(name): tuple(sorted(map(str, codes))) for name, codes in said["facets"].items()}
        columns = {str(key): str(text) for key, text in said["columns"].items()}
        return KeptFilter(str(said["text"]), facets, str(said["measure"]), Decimal(said["least"]), columns)
    except (ValueError, LookupError, TypeError, AttributeError, InvalidOperation):
        return KeptFilter()


class SavedFilters(Tool):
    """Opens the list of saved filters: each is a line to choose, the present one is given a name, or forgotten."""

    def __init__(self, context: Context, now: Callable[[], KeptFilter], show: Callable[[KeptFilter], object]) -> None:
        """Save what `now` gives and hand what is chosen to `show`."""
        super().__init__()
        self._context, self._now, self._show = context, now, show
        self._icon_alone = False
        self.name = QLineEdit()
        self.name.returnPressed.connect(self._save)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setProperty("facet", True)
        context.appearance.bind_icon(self.setIcon, "saved", "text")
        menu = QMenu(self)
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)
        self._naming = QWidgetAction(menu)
        self._naming.setDefaultWidget(self.name)
        context.speech.bind(self.name.setPlaceholderText, "saved_filters.name")
        context.speech.bind(self.name.setAccessibleName, "saved_filters.name")
        context.speech.switched.connect(self.say)
        self.say()

    @property
    def kept(self) -> Mapping[str, str]:
        """Give the saved filters by their names."""
        return self._context.preferences.settings.filters

    def in_force(self) -> str:
        """Give the name of the saved filter that the present one is; empty: it is none of them."""
        now = self._now().written()
        return next((name for name, written in self.kept.items() if written == now), "")

    def fill(self) -> None:
        """List what is saved, and offer to save or to forget the present filter."""
        menu, speech, named = self.menu(), self._context.speech, self.in_force()
        menu.removeAction(self._naming)
        menu.clear()
        for name in sorted(self.kept, key=collated):
            action = menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == named)
            action.triggered.connect(partial(self._choose, name))
        if not self.kept:
            menu.addAction(speech.text("saved_filters.none")).setEnabled(False)
        menu.addSeparator()
        if named:
            forget = menu.addAction(speech.text("saved_filters.forget", name=named.replace("&", "&&")))
            forget.triggered.connect(partial(self._forget, named))
        elif self._now() != KeptFilter(measure=self._now().measure):
            self.name.clear()
            words = self.name.fontMetrics().horizontalAdvance(self.name.placeholderText())
            self.name.setMinimumWidth(words + _SIDES)
            menu.addAction(self._naming)
            if not self.kept:
                self.name.setFocus()
        else:
            menu.addAction(speech.text("saved_filters.how")).setEnabled(False)

    def open_list(self) -> None:
        """Open the list: the keyboard chooses from it."""
        self.menu().popup(self.mapToGlobal(self.rect().bottomLeft()))

    def show_icon_alone(self, alone: bool) -> None:
        """Leave the words to the tip where there is no width for them."""
        self._icon_alone = alone
        self.say()

    def say(self) -> None:
        """Say which saved filter is in force, if one is."""
        speech, named = self._context.speech, self.in_force()
        title = speech.text("saved_filters.title")
        whole = f"{title}: {named}" if named else title
        short = f"{title}: {named[:_SHOWN]}…" if len(named) > _SHOWN else whole
        self.setText("" if self._icon_alone else f"{short} ")
        self.setToolTip(whole if self._icon_alone or short != whole else "")
        self.setAccessibleName(whole)
        self.setProperty("chosen", bool(named))
        self.style().polish(self)

    def _choose(self, name: str) -> None:
        self._show(read(self.kept[name]))
        self.say()

    def _save(self) -> None:
        name = self.name.text().strip()
        if name:
            self._context.preferences.remember_filter(name, self._now().written())
            self.menu().close()
            self.say()

    def _forget(self, name: str) -> None:
        self._context.preferences.forget_filter(name)
        self.say()
