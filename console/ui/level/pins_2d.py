"""Numbered places on the level from above, and where each should be."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from console.ui.level.pins import PIN_RADIUS, Pin
from console.ui.theme import Tokens

_ABOVE_ALL = 40


class FlatPins:
    """What `paint_pins` shows, as items of a plot."""

    def __init__(self, plot: Any) -> None:
        self._plot = plot
        self._items: list[Any] = []

    def show(self, pins: Sequence[Pin], tokens: Tokens) -> None:
        """Replace what is shown."""
        for item in self._items:
            self._plot.removeItem(item)
        self._items = []
        for pin in pins:
            if pin.place is not None and pin.other is not None:
                pen = pg.mkPen(tokens.accent, width=1, style=Qt.PenStyle.DashLine)
                ends = np.array([pin.place, pin.other])
                self._add(pg.PlotCurveItem(x=ends[:, 0], y=ends[:, 1], pen=pen))
            if pin.other is not None:
                ring = {"brush": pg.mkBrush(None), "pen": pg.mkPen(tokens.accent, width=2)}
                self._add(pg.ScatterPlotItem(x=[pin.other[0]], y=[pin.other[1]], size=10, **ring))
            if pin.place is not None:
                disc = {"brush": pg.mkBrush(tokens.accent), "pen": pg.mkPen(tokens.window)}
                self._add(pg.ScatterPlotItem(x=[pin.place[0]], y=[pin.place[1]], size=2 * PIN_RADIUS, **disc))
                number = pg.TextItem(str(pin.number), color=tokens.on_accent, anchor=(0.5, 0.5))
                number.setPos(pin.place[0], pin.place[1])
                self._add(number)

    def _add(self, item: Any) -> None:
        item.setZValue(_ABOVE_ALL)
        self._plot.addItem(item)
        self._items.append(item)
