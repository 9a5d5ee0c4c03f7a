"""What tables of very many rows share: rows of one height that a delegate paints itself, only those in sight."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from console.ui import theme
from console.ui.theme import Theme
from console.ui.widgets.row_delegate import RowDelegate
from console.ui.widgets.table_columns import Tone

HEADER_HEIGHT = 26


class PaintedTable(QTableView):
    """One row is selected at most. A subclass sets its model, and `_delegate`, which it paints by."""

    _delegate: RowDelegate

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colors.changed.connect(self._recolour)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)  # no row is ever cut at the top
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAutoScroll(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        vertical = self.verticalHeader()
        vertical.setVisible(False)
        vertical.setMinimumSectionSize(theme.ROW_HEIGHT)
        vertical.setDefaultSectionSize(theme.ROW_HEIGHT)
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setFixedHeight(HEADER_HEIGHT)
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(40)
        header.setSectionsClickable(False)

    def selectAll(self) -> None:
        """Nothing: one row is selected at most, and Qt takes seconds for a million."""

    def copy_row(self) -> None:
        """Put the selected row onto the clipboard, its cells with tabs between."""
        row, model = self.currentIndex().row(), self.model()
        if row >= 0:
            cells = (model.index(row, column).data() for column in range(model.columnCount()))
            QGuiApplication.clipboard().setText("\t".join(map(str, cells)))

    def paint_rows(self, area: QRect, bar_of: Callable[[Any], Tone | None] | None = None) -> None:
        """Paint the rows in a part of the viewport. To be called by a paint event."""
        first, last = self.rows_in_sight(area.top(), area.bottom())
        if last < first:
            return
        top = first * theme.ROW_HEIGHT - self.verticalHeader().offset()
        with QPainter(self.viewport()) as painter:
            self._delegate.paint_rows(
                painter, range(first, last + 1), top, self._columns_in_sight(), self.viewport().width(), bar_of
            )

    def rows_in_sight(self, top: int, bottom: int) -> tuple[int, int]:
        """The first and the last row between two heights of the viewport; the last before the first: none."""
        offset = self.verticalHeader().offset()
        first = max(0, (offset + top) // theme.ROW_HEIGHT)
        return first, min((offset + bottom) // theme.ROW_HEIGHT, self.model().rowCount() - 1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first row the current one, which here means picking it: nobody did.

        It does not for a click, which chooses a row itself: so each focus comes as if by one.
        """
        super().focusInEvent(QFocusEvent(event.type(), Qt.FocusReason.MouseFocusReason))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(event.position().toPoint().y()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def _columns_in_sight(self) -> list[tuple[int, int, int]]:
        header, width = self.horizontalHeader(), self.viewport().width()
        columns = []
        for section in range(header.count()):
            if not header.isSectionHidden(section):
                left, size = header.sectionViewportPosition(section), header.sectionSize(section)
                if left < width and left + size > 0:
                    columns.append((section, left, size))
        return columns

    def _hover(self, row: int) -> None:
        before = self._delegate.hovered_row
        if row == before:
            return
        self._delegate.hovered_row = row
        for changed in (before, row):
            if changed >= 0:
                top = self.rowViewportPosition(changed)
                self.viewport().update(0, top, self.viewport().width(), theme.ROW_HEIGHT)

    def _recolour(self) -> None:
        self._delegate.refresh()
        self.viewport().update()
