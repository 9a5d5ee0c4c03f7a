"""Pairs of places as rows: where it is on the level, what the game sends there, and how far apart they are."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.ui.icons import icon
from console.ui.level.calibration.draft import Draft, place_text, read_place
from console.ui.theme import Tokens
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import decimal


class PairsForm(QWidget):
    """The rows of a draft.

    - `pick_wanted(int)`: the pair's place is to be clicked on the level; −1: no more
    - `sent_given(int, object)`: what the game sends, a Place or None
    - `removed(int)`
    """

    pick_wanted = Signal(int)
    sent_given = Signal(int, object)
    removed = Signal(int)

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._rows: list[_PairRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        for row in self._rows:
            row.remove.setIcon(icon("close", tokens.dim))

    def show_draft(self, draft: Draft, picking: int) -> None:
        """Show the pairs; `picking`: the one whose place is asked for, −1 for none."""
        while len(self._rows) > len(draft.pairs):
            row = self._rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self._rows) < len(draft.pairs):
            self._add_row()
        for index, (row, pair) in enumerate(zip(self._rows, draft.pairs, strict=True)):
            place = draft.place(pair)
            row.pick.setChecked(index == picking)
            row.place.setText("click it on the level…" if index == picking else _known(place))
            row.place.setToolTip(f"{row.place.text()}\nWhere it is on the level, in the viewer's metres")
            row.residual.setText("" if pair.residual_m is None else f"{pair.residual_m:.2f} m off")
            row.show_sent("" if pair.sent is None else place_text(pair.sent))

    def row(self, index: int) -> QWidget | None:
        """The row of a pair; None when it is gone."""
        return self._rows[index] if index < len(self._rows) else None

    def _add_row(self) -> None:
        index = len(self._rows)
        row = _PairRow(index + 1, self)
        row.remove.setIcon(icon("close", self._tokens.dim))
        row.pick.clicked.connect(lambda on: self.pick_wanted.emit(index if on else -1))
        row.given.connect(lambda place: self.sent_given.emit(index, place))
        row.remove.clicked.connect(lambda: self.removed.emit(index))
        self._rows.append(row)
        self._column.addWidget(row)
        row.show()  # at once: the layout would show it only later, when it is too late to scroll to it


class _PairRow(QWidget):
    given = Signal(object)

    def __init__(self, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        badge = QLabel(str(number))
        badge.setProperty("role", "mono")
        badge.setProperty("tone", "accent")
        badge.setFixedWidth(16)
        self.place = ElidedLabel()
        self.place.setProperty("role", "mono")
        self.pick = QPushButton("Pick")
        self.pick.setCheckable(True)
        self.pick.setAccessibleName(f"Pick place {number} on the level")
        self.pick.setToolTip("Click the place on the level")
        self.sent = QLineEdit()
        self.sent.setProperty("role", "mono")
        self.sent.setAccessibleName(f"Position {number} as the game sends it")
        self.sent.setPlaceholderText("x, y, z as sent, or click a marker")
        self.sent.setToolTip("The same place as the game sends it: type it, or click an event's marker on the level")
        self.sent.editingFinished.connect(self._read)
        self.sent.textEdited.connect(lambda _: self._mark(""))
        self.residual = _mono(role="mono-dim")
        self.residual.setToolTip("How far apart the two are, as the telemetry lies now")
        room = self.residual.sizePolicy()
        room.setRetainSizeWhenHidden(True)  # else what is clicked below would move on the way to the click
        self.residual.setSizePolicy(room)
        self.remove = QToolButton()
        self.remove.setAutoRaise(True)
        self.remove.setAccessibleName(f"Remove pair {number}")
        self.remove.setToolTip("Remove this pair")
        grid.addWidget(badge, 0, 0)
        grid.addWidget(self.place, 0, 1)
        grid.addWidget(self.pick, 0, 2)
        grid.addWidget(self.remove, 0, 3)
        grid.addWidget(self.sent, 1, 1, 1, 3)
        grid.addWidget(self.residual, 2, 1, 1, 3)
        grid.setColumnStretch(1, 1)

    def show_sent(self, text: str) -> None:
        """Show this, unless a person is typing."""
        if not self.sent.hasFocus() or not self.sent.isModified():
            self.sent.setText(text)
        self.residual.setVisible(bool(self.residual.text()))

    def _read(self) -> None:
        if not self.sent.isModified():
            return
        text = self.sent.text().strip()
        place = read_place(text)
        if text and place is None:
            self._mark("bad")
            self.residual.setText("three numbers are needed, as 12.5, 3, −40")
            self.residual.show()
            return
        self.sent.setModified(False)
        self._mark("")
        self.given.emit(place)

    def _mark(self, state: str) -> None:
        if self.sent.property("state") != state:
            self.sent.setProperty("state", state)
            self.sent.style().polish(self.sent)


def _known(place: tuple[float, float, float] | None) -> str:
    return "no place yet" if place is None else ", ".join(decimal(metres) for metres in place) + " m"


def _mono(role: str = "mono") -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    return label
