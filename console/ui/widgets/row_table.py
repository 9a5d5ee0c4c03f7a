"""The table of live rows: follows the tail, keeps its place otherwise, and never asks Qt for more than it shows."""

from collections import deque
from collections.abc import Callable
from time import perf_counter_ns, thread_time_ns
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from console.ui import theme
from console.ui.theme import Theme
from console.ui.widgets.follow_pill import FollowPill
from console.ui.widgets.painted_table import PaintedTable
from console.ui.widgets.row_delegate import RowDelegate
from console.ui.widgets.row_table_model import RowTableModel
from console.ui.widgets.selecting import select_rows
from console.ui.widgets.sorted_rows import SortOrder
from console.ui.widgets.table_columns import Tone

_PAINTS_REMEMBERED = 4_096


class RowTable(PaintedTable):
    """Rows of one height, one of them selected at most.

    The table follows the newest row until the person scrolls up or selects; `following_changed` tells. `picked`
    carries the selected row's value, or None; `thaw_wanted` asks to end a freeze; `menu_wanted(row, place, column)` for
    a menu of what can be done with a row and its cell, at a place of the screen; `followed` is sent whenever the newest
    row is gone to. `paint_times_us` holds how long
    the latest paints took, `paint_cpu_us` the processor time in them: the rest was spent waiting for a core.
    """

    picked = Signal(object)
    followed = Signal()
    following_changed = Signal(bool)
    thaw_wanted = Signal()
    menu_wanted = Signal(object, QPoint, int)

    def __init__(
        self,
        model: RowTableModel[Any],
        colors: Theme,
        *,
        key_of: Callable[[Any], int],
        bar_of: Callable[[Any], Tone | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(colors, parent)
        self.rows = model
        self.paint_times_us: deque[float] = deque(maxlen=_PAINTS_REMEMBERED)
        self.paint_cpu_us: deque[float] = deque(maxlen=_PAINTS_REMEMBERED)
        self._key_of = key_of
        self._bar_of = bar_of
        self._following = True
        self._picked_key: int | None = None
        self._settling = False
        self._place = 0
        self._delegate = RowDelegate(colors, model, self)
        self.pill = FollowPill(colors, self.viewport())
        self.pill.clicked.connect(self._pill_clicked)
        # Before Qt's selection model connects: it moves the current row away from rows that are trimmed.
        model.rowsAboutToBeRemoved.connect(self._settle)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        model.rowsInserted.connect(self._rows_inserted)
        model.rowsRemoved.connect(self._rows_removed)
        model.modelAboutToBeReset.connect(self._settle)
        model.modelReset.connect(self._after_reset)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        if any(map(model.can_sort, range(model.columnCount()))):
            self.horizontalHeader().setSectionsClickable(True)
            self.horizontalHeader().sectionClicked.connect(self.sort_by_column)
        self.verticalScrollBar().actionTriggered.connect(self._scrolled_by_person)

    # following

    @property
    def following(self) -> bool:
        return self._following

    def follow(self) -> None:
        """Go to the newest row and stay there; a sorted table goes back to the order of arrival."""
        if self.rows.order is not None:
            self.rows.sort_by(None)
        self._set_following(True)
        self.scrollToBottom()
        self._lead_to_picked()
        self.followed.emit()

    def stop_following(self) -> None:
        """Keep the place from now on; what arrives is counted on the pill."""
        self._set_following(False)

    def show_held(self, count: int) -> None:
        """Say on the pill that the table is frozen and how many rows wait."""
        self.pill.set_new(count, frozen=True)

    def _pill_clicked(self) -> None:
        if self.pill.leads_to_picked:
            self.stop_following()
            self.bring_into_sight(self.currentIndex().row())
        elif self.rows.store.frozen:
            self.thaw_wanted.emit()
        else:
            self.follow()

    def _set_following(self, on: bool) -> None:
        if on and not self.rows.store.frozen:
            self.pill.set_new(0)
        if on != self._following:
            self._following = on
            self._lead_to_picked()
            self.following_changed.emit(on)

    def _scrolled_by_person(self) -> None:
        if self.rows.order is not None:
            return
        bar = self.verticalScrollBar()
        at_end = bar.sliderPosition() >= bar.maximum()
        if at_end and not self._following:
            self.follow()
        elif not at_end:
            self.stop_following()

    # marks

    def set_marked(self, keys: frozenset[int]) -> None:
        """Put a ribbon beside the rows with these ids."""
        key_of = self._key_of
        self._delegate.is_marked = (lambda row: key_of(row) in keys) if keys else None
        self.viewport().update()

    def show_moment(self, key: int | None, row: int | None = None) -> None:
        """Mark the row that a moment is nearest to, and bring it into sight unless the table is sorted."""
        key_of = self._key_of
        self._delegate.is_now = None if key is None else lambda value: key_of(value) == key
        if row is not None and self.rows.order is None:
            self.bring_into_sight(row)
        self.viewport().update()

    def bring_into_sight(self, row: int) -> None:
        """Scroll only when a row is out of sight, and then to the middle: what is around it tells, too."""
        first, last = self.rows_in_sight(0, self.viewport().height() - theme.ROW_HEIGHT)
        if not first <= row <= last:
            self.scrollTo(self.rows.index(row, 0), QAbstractItemView.ScrollHint.PositionAtCenter)

    # picking

    def current_row(self) -> Any:
        """The selected row's value, or None."""
        index = self.currentIndex()
        return self.rows.row(index.row()) if self._picked_key is not None and index.isValid() else None

    def unpick(self) -> None:
        """Select nothing."""
        self.selectionModel().clear()

    def mark(self, key: int | None) -> None:
        """Select the row with this id, or none, without telling or moving: it was picked elsewhere."""
        if key == self._picked_key:
            return
        row = None if key is None else self.rows.shown.find(key)
        self._settling = True
        if row is None:
            self.selectionModel().clear()
        else:
            select_rows(self, [row])
        self._settling = False
        self._picked_key = None if row is None else key
        self._mark_selected()
        self._lead_to_picked()

    def pick_key(self, key: int) -> bool:
        """Select the row with this id and bring it into sight. False when it is not shown."""
        row = self.rows.shown.find(key)
        if row is None:
            return False
        select_rows(self, [row])
        self.scrollTo(self.rows.index(row, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
        return True

    def show_key(self, key: int) -> None:
        """Bring the row with this id into sight, if it is shown."""
        row = self.rows.shown.find(key)
        if row is not None:
            self.bring_into_sight(row)

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._settling:
            return
        if not current.isValid():
            if self._picked_key is not None:
                self._picked_key = None
                self._mark_selected()
                self._lead_to_picked()
                self.picked.emit(None)
            return
        row = self.rows.row(current.row())
        self._picked_key = self._key_of(row)
        self._mark_selected()
        self.stop_following()
        self.picked.emit(row)

    def _mark_selected(self) -> None:
        index = self.currentIndex()
        self._delegate.selected_row = index.row() if self._picked_key is not None and index.isValid() else -1
        self.viewport().update()

    def _lead_to_picked(self) -> None:
        """While newest rows are followed, what was picked elsewhere may be marked out of sight: offer to go there."""
        picked = self._following and self._picked_key is not None
        first, last = self.rows_in_sight(0, self.viewport().height() - theme.ROW_HEIGHT)
        self.pill.lead_to_picked(picked and not first <= self.currentIndex().row() <= last)

    # the model

    def _rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        count = last - first + 1
        self._mark_selected()
        if self._following:
            self.scrollToBottom()
            self._lead_to_picked()
            return
        bar = self.verticalScrollBar()
        if first < bar.value() or (first == 0 and len(self.rows.shown) > count):
            self.updateGeometries()  # Qt would widen the bar's range later
            bar.setValue(bar.value() + count)  # in rows: what the person reads stays where it is
        if last == len(self.rows.shown) - 1:
            self.pill.set_new(self.pill.new + count)

    def _rows_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        if not self._following:
            bar = self.verticalScrollBar()
            bar.setValue(max(0, bar.value() - (last - first + 1)))
        self._settling = False
        if self._picked_key is not None and self.rows.shown.find(self._picked_key) is None:
            self._picked_key = None  # trimmed: what the inspector shows of it stays
            self.selectionModel().clear()
        self._mark_selected()
        self._lead_to_picked()

    def _settle(self) -> None:
        self._settling = True
        self._place = self.verticalScrollBar().value()

    def sort_by_column(self, column: int) -> None:
        """Sort by a column: first the largest first, then the smallest, then as rows arrive. Other columns end it."""
        before = self.rows.order
        if before is not None and before.column == column:
            order = before.next()
        else:
            order = SortOrder(column) if self.rows.can_sort(column) else None
        if order is None:
            if before is not None:
                self.follow()
            return
        self.stop_following()
        self.rows.sort_by(order)
        self.scrollToTop()

    def _after_reset(self) -> None:
        shown = None if self._picked_key is None else self.rows.shown.find(self._picked_key)
        if shown is not None:
            select_rows(self, [shown])
        self._settling = False
        self._delegate.hovered_row = -1
        self._mark_selected()
        if self.rows.order is not None:
            self.updateGeometries()
            self.verticalScrollBar().setValue(self._place)
        elif not len(self.rows.shown):
            self._set_following(True)
        elif self._following:
            QTimer.singleShot(0, self, self._go_on_following)
        elif shown is not None:
            self.scrollTo(self.rows.index(shown, 0), QAbstractItemView.ScrollHint.PositionAtCenter)

    def _go_on_following(self) -> None:
        if self._following:  # still
            self.scrollToBottom()
            self._lead_to_picked()

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        start, cpu = perf_counter_ns(), thread_time_ns()
        self.paint_rows(event.rect(), self._bar_of)
        self.paint_cpu_us.append((thread_time_ns() - cpu) / 1e3)
        self.paint_times_us.append((perf_counter_ns() - start) / 1e3)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_row()
        elif key == Qt.Key.Key_End and self.rows.order is None:
            self.follow()
        elif key == Qt.Key.Key_End:
            self.scrollToBottom()
        elif key == Qt.Key.Key_Home:
            self.stop_following()
            self.scrollToTop()
        elif key == Qt.Key.Key_Escape and self._picked_key is not None:
            self.unpick()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not self.currentIndex().isValid() and len(self.rows.shown):
            bottom = self.rowAt(self.viewport().height() - 2)
            select_rows(self, [bottom if bottom >= 0 else len(self.rows.shown) - 1])
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_I, Qt.Key.Key_O):
            event.ignore()  # of no use to rows: the window plays, seeks and marks a range by them
            return
        else:
            super().keyPressEvent(event)
            if self.currentIndex().isValid() and not self._following:
                self.scrollTo(self.currentIndex())
            return
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_keyboard = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_keyboard else self.indexAt(event.pos())
        if not index.isValid():
            return
        below = self.visualRect(index).bottomLeft()
        place = self.viewport().mapToGlobal(below) if by_keyboard else event.globalPos()
        self.menu_wanted.emit(self.rows.row(index.row()), place, index.column())

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event)
        if event.angleDelta().y() or event.pixelDelta().y():
            self._scrolled_by_person()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.pill.place()
        if self._following:
            self.scrollToBottom()
