"""The numbers above the plots."""

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.ui.hover import plain_hover
from console.ui.performance.choices import Choices, number, percent, played, under
from console.ui.performance.session_rates import LOW_1, MEAN
from console.ui.performance.summary import Summary
from console.ui.style import heading_font, mono_font
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import dated_time, decimal, exact_time, plural, visible

_LEAST_WIDTH = 132


class Tile(QFrame):
    """A heading, a large number with an aside, and a line that explains it."""

    def __init__(self, heading: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._tip = tip
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(2)
        head = _label("heading")
        head.setFont(heading_font())
        head.setText(heading)
        self._value = _label("")
        font = mono_font(22)
        font.setWeight(QFont.Weight.Medium)
        self._value.setFont(font)
        self._aside = ElidedLabel()
        self._aside.setProperty("role", "mono-dim")
        self._note = ElidedLabel()
        self._note.setProperty("role", "dim")
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._value)
        row.addWidget(self._aside, 1)
        column.addWidget(head)
        column.addLayout(row)
        column.addWidget(self._note)
        self._heading = heading
        self.show_value("–", "")

    @property
    def value(self) -> str:
        return self._value.text()

    @property
    def aside(self) -> str:
        return self._aside.text()

    @property
    def note(self) -> str:
        return self._note.text()

    def show_value(self, value: str, note: str, tip: str = "", aside: str = "") -> None:
        """Set number, aside and explanation; `tip` has the exact ones."""
        self._value.setText(value)
        self._aside.setText(aside)
        self._note.setText(note)
        self.setToolTip(plain_hover("\n".join(line for line in (self._tip, note, aside, tip) if line)))
        self.setAccessibleName(f"{self._heading}: {value}. {note} {aside}".strip())


class Tiles(QWidget):
    """Mean, low 5 %, low 1 %, worst moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.mean = Tile("Mean", "Frames per second (or milliseconds a frame), averaged over the time that is shown")
        self.low_5 = Tile("Low 5 %", "The slowest 5 % of frames, averaged over the time that is shown")
        self.low_1 = Tile("Low 1 %", "The slowest 1 % of frames, averaged over the time that is shown")
        self.worst = Tile("Worst moment", "Where the slowest 1 % of frames of the sessions shown were slowest")
        for tile in (self.mean, self.low_5, self.low_1, self.worst):
            tile.setMinimumWidth(_LEAST_WIDTH)
            row.addWidget(tile, 2 if tile is self.worst else 1)

    def show_summary(self, summary: Summary | None, place: tuple[float, float, float] | None, choices: Choices) -> None:
        """`place` is where the worst moment was, in the game's own axes."""
        if summary is None:
            for tile in (self.mean, self.low_5, self.low_1, self.worst):
                tile.show_value("–", "not in this range")
            return
        unit = choices.unit
        for tile, fps, note in (
            (self.mean, summary.mean, _share(summary, MEAN, choices.strictest, choices)),
            (self.low_5, summary.low_5, f"{played(summary.seconds)} of {plural(summary.sessions, 'session')}"),
            (self.low_1, summary.low_1, _share(summary, LOW_1, choices.mildest, choices)),
        ):
            tile.show_value(number(fps, unit), note, aside=unit)
        worst = summary.worst
        if worst is None:
            self.worst.show_value("–", "")
            return
        aside = unit if place is None else f"{unit}  ({', '.join(decimal(part) for part in place)})"
        parts = (
            dated_time(worst.middle_us).partition(".")[0],
            visible(worst.player_id, 24),
            visible(worst.level_id, 24) or "no level",
        )
        self.worst.show_value(number(worst.fps, unit), " · ".join(parts), exact_time(worst.middle_us), aside)


def _share(summary: Summary, rate: int, budget: float, choices: Choices) -> str:
    share = summary.share_below(rate, budget)
    return "" if math.isnan(share) else f"{percent(share)} {under(budget, choices.unit)}"


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    return label
