"""What the user decides about the selected lines: accept, dispute, a cause, a note. Undo takes it back."""

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLabel

from auditor.core.causes.words import ORDER
from auditor.gui.context import Context
from auditor.gui.pieces.controls import Card
from auditor.gui.pieces.controls import Choice
from auditor.gui.pieces.controls import button
from auditor.gui.pieces.note_field import NoteField
from auditor.gui.tables.lines import LineRow
from auditor.gui.tables.lines import is_compared
from auditor.gui.tables.rows import collated

# The causes a person can know: all but the two that say that nothing is known.
CAUSES = tuple(code for code in ORDER if code not in {"log_gap", "unexplained"})
# Letters of the cause that are in view beside whatever is said of the lines: those of the hint.
_HINT = 13
# Causes that are in view at once when they are offered.
_IN_VIEW = 20
# The room over and under the buttons where they stand alone.
_EDGE = 4


class DecisionCard(Card):
    """Buttons and fields for the selection; every one of them goes through the workspace."""

    decided = Signal()

    def __init__(self, context: Context) -> None:
        """Build it, with nothing selected."""
        super().__init__(margin=10, spacing=6)
        self._context = context
        self.keys: tuple[str, ...] = ()
        # Those of them on which there is something to decide: what is expected without an invoice is no claim.
        self._decidable: tuple[str, ...] = ()
        self.title = QLabel(wordWrap=True)
        self.title.setProperty("role", "strong")
        self.accept = button(context, "decide.accept", "accept")
        self.dispute = button(context, "decide.dispute", "dispute")
        self.clear = button(context, "decide.clear", "clear")
        self.cause = Choice()
        self.cause.setMaxVisibleItems(_IN_VIEW)
        self.note = NoteField()
        # The note as it was shown: what differs from it was typed.
        self._noted = ""
        context.speech.bind(self.cause.setAccessibleName, "decide.cause")
        context.speech.bind(self.note.setAccessibleName, "decide.note")
        context.speech.bind(self.note.setPlaceholderText, "decide.note_hint")
        self._build()
        workspace = context.workspace
        self.accept.clicked.connect(lambda: self._decide(workspace.accept, self._decidable))
        self.dispute.clicked.connect(lambda: self._decide(workspace.dispute, self._decidable))
        self.clear.clicked.connect(lambda: self._decide(workspace.clear, self.keys))
        self.cause.activated.connect(self._assign)
        self.note.returnPressed.connect(self._annotate)
        # What is typed is kept when the keyboard or the line is left, as everything is.
        self.note.editingFinished.connect(self.keep_note)
        # Until then it is kept apart, in case the program is ended: half a sentence is no step of the audit.
        self.note.typed.connect(self._keep_draft)
        context.speech.switched.connect(self._fill_causes)
        self._fill_causes()
        self.show_rows(())

    def show_rows(self, rows: Sequence[LineRow]) -> None:
        """Take the selected lines."""
        keys = tuple(row.record.difference.key for row in rows)
        if keys != self.keys:
            self.keep_note()
        typing = keys == self.keys and self.note.text() != self._noted
        self.keys = keys
        compared = [row.record.difference for row in rows if is_compared(row.record.difference)]
        # Of several, those that differ are meant: of lines that agree nothing is claimed.
        differing = [entry for entry in compared if entry.difference]
        self._decidable = tuple(entry.key for entry in (differing if len(compared) > 1 and differing else compared))
        self._show_what_can_be_done()
        decisions = {row.record.decision for row in rows}
        self.clear.setEnabled(any(one.decision or one.cause or one.note for one in decisions))
        only = next(iter(decisions)) if len(decisions) == 1 else None
        if not typing:  # something else was done meanwhile: what is being typed stays
            self._noted = only.note if only else ""
            self.note.fill_in(self._noted)
        self.cause.setCurrentIndex(max(0, self.cause.findData(only.cause)) if only and only.cause else 0)
        self._press(self.accept, on=bool(only and only.decision == "accepted"))
        self._press(self.dispute, on=bool(only and only.decision == "disputed"))

    def _show_what_can_be_done(self) -> None:
        """Offer the decisions there are on the selection, and say so where there is none to make yet."""
        count, none = len(self._decidable), bool(self.keys) and not self._decidable
        key = "decide.nothing" if none else "decide.several" if count > 1 else "decide.one"
        self.title.setText(self._context.speech.text(key, count=self._context.speech.language.number(count)))
        for asked in (self.accept, self.dispute, self.cause):
            asked.setEnabled(bool(self._decidable))
            asked.setToolTip(self._context.speech.text("decide.nothing_help") if none else "")
        self.note.setEnabled(bool(self.keys))

    def _press(self, pressed: object, *, on: bool) -> None:
        widget = self.accept if pressed is self.accept else self.dispute
        widget.setProperty("pressed", on)
        widget.style().polish(widget)

    def _decide(self, verb: Callable[[Sequence[str]], object], keys: Sequence[str]) -> None:
        if keys:
            verb(keys)
            self.decided.emit()

    def _assign(self, place: int) -> None:
        cause = str(self.cause.itemData(place) or "")
        if self._decidable and cause:
            self._context.workspace.assign_cause(self._decidable, cause)
            self.decided.emit()

    def keep_note(self) -> None:
        """Write down a note that was typed and not entered."""
        keys, note, path = self.keys, self.note.text().strip(), self._path()
        if keys and self.note.text() != self._noted:
            self._noted = self.note.text()
            self._context.workspace.annotate(keys, note, lambda: self._forget_draft(path, keys))
        else:
            self._forget_draft(path, keys)

    def _keep_draft(self) -> None:
        """Keep what is being typed as far as it is."""
        path = self._path()
        if self.note.text() == self._noted:
            self._forget_draft(path, self.keys)
        elif path is not None and self.keys:
            self._context.preferences.keep_draft(path, self.keys, self.note.text().strip())

    def _forget_draft(self, path: Path | None, keys: tuple[str, ...]) -> None:
        """Forget what was typed of lines, unless it is others by now that are written about."""
        draft = self._context.preferences.draft(path) if path else None
        if path and draft and draft[0] == keys:
            self._context.preferences.forget_draft(path)

    def _path(self) -> Path | None:
        opened = self._context.workspace.opened
        return opened.path if opened else None

    def _annotate(self) -> None:
        if self.keys:
            self.keep_note()
            self.decided.emit()

    def _fill_causes(self) -> None:
        language, chosen = self._context.speech.language, self.cause.currentData()
        self.cause.clear()
        self.cause.addItem(self._context.speech.text("decide.cause_hint"), "")
        named = sorted(
            ((language.text(f"domain.cause.{code}"), code) for code in CAUSES), key=lambda pair: collated(pair[0])
        )
        for name, code in named:
            self.cause.addItem(name, code)
        self.cause.setCurrentIndex(max(0, self.cause.findData(chosen)))

    def _build(self) -> None:
        self.cause.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.cause.setMinimumContentsLength(_HINT)
        head, ways = QHBoxLayout(), QHBoxLayout()
        ways.setSpacing(4)
        head.addWidget(self.title, 2)
        head.addWidget(self.cause, 3)
        for way in (self.accept, self.dispute, self.clear):
            ways.addWidget(way, 1)
        self.body.addLayout(head)
        self.body.addLayout(ways)
        self.body.addWidget(self.note)

    def show_brief(self, *, brief: bool) -> None:
        """Leave the room to what is above: the buttons only, or all of it."""
        for widget in (self.title, self.cause, self.note):
            widget.setVisible(not brief)
        edge = self.body.contentsMargins().left()
        self.body.setContentsMargins(edge, _EDGE if brief else edge, edge, _EDGE if brief else edge)
