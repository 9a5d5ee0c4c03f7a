"""Plots under one another, of which the lowest has the times: what they draw in is equally high all the same."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from console.ui.performance.time_plot import AXIS_PX, TimePlot

_GAP_PX = 8
_LEAST_PX = 72
_READABLE_PX = 48


class PlotColumn(QWidget):
    """The parent of its plots. They share the height there is; more than can be read there want more height.

    Lays them out by itself: Qt's layouts know shares of the whole, but not of what is left beside an axis.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plots: list[TimePlot] = []
        self._room = 1

    def show_plots(self, plots: Sequence[TimePlot]) -> None:
        """These, from the top; others are hidden."""
        if list(plots) == self._plots:
            return
        for gone in set(self._plots) - set(plots):
            gone.hide()
        self._plots = list(plots)
        for plot in plots:
            plot.setMinimumHeight(0)  # all give way alike where there is no room
            plot.show()
        self.set_room(self._room)
        self._place()

    def set_room(self, room: int) -> None:
        """So many plots can be read in the height that is seen at once."""
        self._room = room
        count = len(self._plots)
        self.setMinimumHeight(count * _LEAST_PX + (count - 1) * _GAP_PX + AXIS_PX if count > room else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        if not self._plots:
            return
        room = self.height() - AXIS_PX - _GAP_PX * (len(self._plots) - 1)
        each, spare = divmod(max(room, 0), len(self._plots))
        top = 0
        for number, plot in enumerate(self._plots):
            last = number == len(self._plots) - 1
            height = each + (AXIS_PX + spare if last else 0)
            plot.setGeometry(0, top, self.width(), height)
            top += height + _GAP_PX


class ColumnScroll(QScrollArea):
    """Scrolls a column of plots where a person chose more of them than can be read at once.

    `room_changed(int)`: as many plots of a height that can be read would fit, one at least.
    """

    room_changed = Signal(int)

    def __init__(self, column: PlotColumn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = column
        self._room = 0
        self.setWidget(column)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, _LEAST_PX + AXIS_PX)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = max(1, (self.height() - AXIS_PX + _GAP_PX) // (_READABLE_PX + _GAP_PX))
        if room != self._room:
            self._room = room
            self._column.set_room(room)
            self.room_changed.emit(room)
