"""The colours of coverage, on the level and in its legend; what was missed is hatched, as colour never tells alone."""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from console.telemetry.coverage import Coverage
from console.ui.level.heat_picture import MOST_LAYERS, HeatPicture, Layer
from console.ui.style import ui_font
from console.ui.theme import Tokens

_HATCH = 4  # every so many cells along a diagonal, two of them are dark
_VISITED, _MISSED, _STRIPE, _CUT_OFF = 0.45, 0.4, 0.85, 0.25
_ROW, _WIDTH = 20, 176
# A surface this far from a spot is the spot's still: models are drawn coarser, or rougher, than they are counted.
_SLACK_M = 0.25


def coverage_picture(found: Coverage, tokens: Tokens, floor: float) -> HeatPicture:
    """Visited floor in the colour of good news, missed floor hatched, floor that nobody can walk to hardly tinted.

    Floors above one another are layers of it. From above, the highest that players can walk to hides the others.
    """
    ground, grid = found.ground, found.ground.grid
    rows, columns = np.divmod(ground.cell, grid.columns)
    hatched = (rows + columns) % _HATCH < _HATCH // 2
    inks = np.zeros((len(ground), 4), dtype=np.uint8)
    for mask, colour, alpha in (
        (found.visited, tokens.good, _VISITED),
        (found.missed, tokens.warning, _MISSED),
        (found.missed & hatched, tokens.warning, _STRIPE),
        (found.cut_off, tokens.dim, _CUT_OFF),
    ):
        ink = QColor(colour)
        inks[mask] = (ink.red(), ink.green(), ink.blue(), round(alpha * 255))
    above = np.zeros((grid.cells, 4), dtype=np.uint8)
    for mask in (found.cut_off, found.visited | found.missed):  # spots of a cell come from the lowest up
        above[ground.cell[mask]] = inks[mask]
    layers = []
    for number in range(min(MOST_LAYERS, int(ground.layer.max(initial=-1)) + 1)):
        mine = ground.layer == number
        cells = ground.cell[mine]
        pixels = np.zeros((grid.cells, 4), dtype=np.uint8)
        low, high = np.full(grid.cells, np.nan), np.full(grid.cells, np.nan)
        pixels[cells] = inks[mine]
        low[cells], high[cells] = ground.low[mine] - _SLACK_M, ground.high[mine] + _SLACK_M
        layers.append(Layer(pixels.reshape(*grid.shape, 4), low.reshape(grid.shape), high.reshape(grid.shape)))
    return HeatPicture.of(grid, above.reshape(*grid.shape, 4), floor, layers)


class CoverageLegend(QFrame):
    """What the three colours mean."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._tokens = tokens
        self._entries = ("visited", "not visited", "cannot be walked to")
        self.setFixedSize(_WIDTH, _ROW * len(self._entries) + 12)
        self.setAccessibleName(f"Colours of floors: {', '.join(self._entries)}")

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tokens = self._tokens
        with QPainter(self) as painter:
            painter.setFont(ui_font(12))
            colours = ((tokens.good, _VISITED), (tokens.warning, _MISSED), (tokens.dim, _CUT_OFF))
            for number, (words, (colour, alpha)) in enumerate(zip(self._entries, colours, strict=True)):
                box = QRectF(12, 6 + number * _ROW + 3, 20, 14)
                ink = QColor(colour)
                ink.setAlphaF(alpha)
                painter.fillRect(box, ink)
                if colour == tokens.warning:
                    ink.setAlphaF(_STRIPE)
                    painter.fillRect(box, Qt.BrushStyle.BDiagPattern)
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QColor(tokens.text))
                painter.drawText(QRectF(42, 6 + number * _ROW, _WIDTH - 50, _ROW), Qt.AlignmentFlag.AlignVCenter, words)
