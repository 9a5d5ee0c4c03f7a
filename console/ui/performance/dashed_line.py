"""Lines that are dashed by their points: Qt takes several times as long for a dashed pen as for a solid one."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.PlotDataItem import PlotDataset
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from console.ui.performance.session_rates import Floats


def dashed(x: Floats, y: Floats, on: float, off: float) -> tuple[Floats, Floats]:
    """The line with NaN where it is interrupted: drawn for `on`, left out for `off`, in units of x, which ascends.

    Dashes begin at multiples of their length, so that they stay where they are while the picture moves.
    """
    if len(x) < 2:
        return x, y
    period = on + off
    starts = np.arange(np.floor(x[0] / period), np.ceil(x[-1] / period) + 1) * period
    ends = np.concatenate([starts, starts + on])
    ends = ends[(ends > x[0]) & (ends < x[-1])]
    gaps = starts + on + off / 2
    gaps = gaps[(gaps > x[0]) & (gaps < x[-1])]
    seen = np.mod(x, period) <= on
    all_x = np.concatenate([x[seen], ends, gaps])
    all_y = np.concatenate([y[seen], np.interp(ends, x, y), np.full(len(gaps), np.nan)])
    order = np.argsort(all_x, kind="stable")
    return all_x[order], all_y[order]


def between(x: Floats, y: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """The part of a line from `low` to `high` in x, which ascends.

    The points beside what is in sight may be years away, where a game's clock was wrong: dashes all the way to them
    would fill the memory.
    """
    first = max(int(np.searchsorted(x, low, side="right")) - 1, 0)
    last = int(np.searchsorted(x, high, side="left")) + 1
    near_x, near_y = x[first:last], y[first:last]
    if len(near_x) < 2:
        return near_x, near_y
    cut_x = np.clip(near_x, low, high)
    cut_y = near_y.copy()
    for at, beside in ((0, 1), (-1, -2)):
        if cut_x[at] != near_x[at] and near_x[at] != near_x[beside]:
            part = (cut_x[at] - near_x[at]) / (near_x[beside] - near_x[at])
            cut_y[at] = near_y[at] * (1 - part) + near_y[beside] * part
    return cut_x, cut_y


class DashedLine(pg.PlotDataItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Draws a pen's dashes by a solid pen. Dashes are measured along x, which is as well for lines of many points."""

    def __init__(self, **options: Any) -> None:
        self._dashes: list[float] = []
        self._for_px = 0.0  # the width of the view that the dashes were made for
        super().__init__(**options)

    def setPen(self, pen: QPen) -> None:
        """The colour, and the dashes in pixels."""
        self._dashes = pen.dashPattern() if pen.style() is Qt.PenStyle.CustomDashLine else []
        solid = QPen(pen)
        solid.setStyle(Qt.PenStyle.SolidLine)
        super().setPen(solid)
        self.updateItems(styleUpdate=False)

    def viewTransformChanged(self) -> None:
        """Another width shows the same span of x, all that pyqtgraph looks at: the dashes would be stretched."""
        super().viewTransformChanged()
        view = self.getViewBox()
        if self._dashes and view is not None and view.width() != self._for_px:
            self._for_px = view.width()
            self.updateItems(styleUpdate=False)

    def _getDisplayDataset(self) -> PlotDataset | None:
        shown, view = super()._getDisplayDataset(), self.getViewBox()
        if shown is None or view is None or not self._dashes or view.width() <= 0:
            return shown
        seen = view.viewRect()
        on, off = (length * seen.width() / view.width() for length in self._dashes)
        x, y = between(shown.x, shown.y, seen.left() - seen.width(), seen.right() + seen.width())
        return PlotDataset(*dashed(x, y, on, off))
