"""The painted part of the timeline: lanes under a ruler, the cursor, the range; wheel, drag and click."""

from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from console.ui.clock import Clock, TimeRange
from console.ui.colours import Colours
from console.ui.hover import plain_hover
from console.ui.selection import Selection
from console.ui.theme import Theme
from console.ui.timeline.lanes import Lane
from console.ui.timeline.overlays import paint_cursor, paint_range
from console.ui.timeline.picture import ALL, BOOKMARKS, LANE_PX, NAME_PX, REJECTED, Layout, paint
from console.ui.timeline.source import TimelineSource
from console.ui.timeline.span import length_words
from console.ui.timeline.under_pointer import GRAB_PX, UnderPointer
from console.ui.timeline.viewport import Viewport
from console.ui.widgets.formatting import dated_time

_DRAG_PX: Final = 4
_REST_MS: Final = 150
_WHEEL_DEGREES: Final = 120
_KEY_PAN: Final = 0.25

Grip = Literal["", "start", "end", "new", "pan"]


class TimelineCanvas(QAbstractScrollArea):
    """Looks at a viewport's span; asks `looked()` for the data of what came into sight.

    - The wheel zooms to the pointer; over the names it scrolls the lanes; with Shift, or sideways, it pans.
    - A drag marks out a range, from an edge of the range it moves that edge, with the middle button it pans. The views
      are narrowed when the button is let go, and before that wherever the pointer rests.
    - A click seeks; on a tick or a mark it picks what is there, a double click there seeks too. A double click
      elsewhere gives the range up.
    """

    looked = Signal()

    def __init__(
        self,
        source: TimelineSource,
        clock: Clock,
        selection: Selection,
        theme: Theme,
        colours: Colours,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.view = Viewport()
        self.under = UnderPointer(source, self.view, self.arrangement, lambda: self.verticalScrollBar().value())
        self._source = source
        self._clock = clock
        self._selection = selection
        self._theme = theme
        self._colours = colours
        self._picture: QPixmap | None = None
        self._cursor_x: int | None = None  # where it was painted last
        self._grip: Grip = ""
        self._pressed: QPoint | None = None
        self._pressed_us = 0
        self._fixed_us = 0  # the end of a dragged range that stays where it is
        self._draft: TimeRange | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._use_draft)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Timeline of sessions")
        self.setAccessibleDescription("Plus and minus zoom, Page Up and Page Down pan, the up and down arrows scroll")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(1)
        self.verticalScrollBar().valueChanged.connect(self.refresh)
        self._steers = False  # what the clock does is this widget's doing: the lanes stay under the pointer
        source.changed.connect(self._source_changed)
        self._followed = clock.following
        clock.state_changed.connect(self._state_changed)
        clock.moved.connect(self._cursor_moved)
        clock.range_changed.connect(self._range_changed)
        clock.extent_changed.connect(self._extent_changed)
        selection.picked_changed.connect(lambda _picked: self.viewport().update())
        theme.changed.connect(self.refresh)

    # what is in sight

    def arrangement(self) -> Layout:
        """Where things are now."""
        fixed = [ALL] if len(self._source.lanes) else []
        fixed += [REJECTED] if len(self._source.rejected) else []
        fixed += [BOOKMARKS] if len(self._source.bookmarks) else []
        return Layout(self.viewport().width(), self.viewport().height(), tuple(fixed))

    def lanes_in_sight(self) -> list[Lane]:
        """The sessions whose lanes are in sight."""
        first = self.verticalScrollBar().value()
        return self._source.lanes.rows[first : first + self.arrangement().lanes_shown]

    def refresh(self) -> None:
        """Paint anew, and ask for what came into sight."""
        self._picture = None
        self.viewport().update()
        span, layout = self.view.span, self.arrangement()
        if span is not None and self.isVisible():
            self._source.look([lane.key for lane in self.lanes_in_sight()], span, layout.columns)
            self.looked.emit()

    def fit(self) -> None:
        """Show the whole range, or without one the whole recording."""
        self.view.fit(self._clock.range)
        self.refresh()

    def show_key(self, key: tuple[str, str]) -> None:
        """Bring a session's lane into sight."""
        row = self._source.lanes.row_of_key(key)
        bar = self.verticalScrollBar()
        if row is not None and not bar.value() <= row < bar.value() + self.arrangement().whole_lanes:
            bar.setValue(row - self.arrangement().whole_lanes // 2)

    def show_moment(self, time_us: int | None) -> None:
        """Bring a moment into sight, None for the newest; the clock stays where it is."""
        if self.view.show_present() if time_us is None else self.view.show_moment(time_us):
            self.refresh()

    def show_played(self, played: TimeRange) -> None:
        """Bring a lane into sight of a session that was played then, unless there is one."""
        layout, bar = self.arrangement(), self.verticalScrollBar()
        rows, first = self._source.lanes.rows, bar.value()
        alive = [
            row for row, lane in enumerate(rows) if lane.first_us <= played.end_us and lane.last_us >= played.start_us
        ]
        if alive and not any(first <= row < first + max(layout.whole_lanes, 1) for row in alive):
            bar.setValue(min(alive, key=lambda row: abs(row - first)))

    # being told

    def _range_changed(self) -> None:
        chosen = self._clock.range
        if chosen is not None and not self._steers:
            self.show_played(chosen)
        self.viewport().update()

    def _source_changed(self) -> None:
        self._place_bar()
        self.refresh()

    def _extent_changed(self) -> None:
        self.view.set_extent(self._clock.extent, following=self._clock.following)
        self.refresh()

    def _state_changed(self) -> None:
        followed, self._followed = self._followed, self._clock.following
        if self._followed and not followed:
            self.show_moment(None)

    def _cursor_moved(self) -> None:
        at = self._clock.cursor_us
        if at is not None and not self._clock.following and self._grip == "":
            turned = self.view.keep_up(at) if self._clock.playing else self.view.show_moment(at)
            if turned:
                self.refresh()
            if not self._steers and (turned or not self._clock.playing):
                self.show_played(TimeRange(at, at))
        for x in {self._cursor_x, self._x_of_cursor()} - {None}:
            assert x is not None
            self.viewport().update(QRect(x - 6, 0, 13, self.viewport().height()))

    def _x_of_cursor(self) -> int | None:
        span, at = self.view.span, self._clock.cursor_us
        if span is None or at is None or not span.holds(at):
            return None
        layout = self.arrangement()
        return layout.left + round(span.x_of(at, layout.columns))

    def _place_bar(self) -> None:
        whole = self.arrangement().whole_lanes
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, len(self._source.lanes) - whole))
        bar.setPageStep(max(whole, 1))

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:  # one that outlives its paint event ends the program
            self._paint(painter, event)

    def _paint(self, painter: QPainter, event: QPaintEvent) -> None:
        layout, span = self.arrangement(), self.view.span
        if span is None:
            painter.fillRect(event.rect(), QColor(self._theme.tokens.panel))
            painter.setPen(QColor(self._theme.tokens.dim))
            painter.drawText(
                self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, "Sessions stand here once a game sends events."
            )
            return
        if self._picture is None or self._picture.deviceIndependentSize().toSize() != self.viewport().size():
            ratio = self.devicePixelRatioF()
            first = self.verticalScrollBar().value()
            self._picture = paint(self._theme.tokens, self._source, layout, span, first, ratio, self._colours)
        painter.drawPixmap(0, 0, self._picture)
        painter.setClipRect(layout.left - 6, 0, layout.columns + 12, layout.height)
        chosen = self._draft or self._clock.range
        if chosen is not None:
            paint_range(painter, self._theme.tokens, layout, span, chosen)
        self._paint_picked(painter, layout)
        self._cursor_x = self._x_of_cursor()
        if self._cursor_x is not None:
            paint_cursor(painter, self._theme.tokens, layout, self._cursor_x)

    def _paint_picked(self, painter: QPainter, layout: Layout) -> None:
        """A ring around the picked event's tick, wherever it was picked."""
        picked, span = self._selection.picked, self.view.span
        if picked is None or picked.time_us is None or span is None or not span.holds(picked.time_us):
            return
        row = self._source.lanes.row_of_key((picked.app_id, picked.session_id))
        if row is None:
            return
        top = layout.lanes_top + (row - self.verticalScrollBar().value()) * LANE_PX
        if not layout.lanes_top <= top < layout.height:
            return
        x = layout.left + span.x_of(picked.time_us, layout.columns) + 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.tokens.text), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x, top + LANE_PX / 2), 7, 7)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # mouse and keys

    def _grip_at(self, place: QPointF) -> Grip:
        chosen, span, layout = self._clock.range, self.view.span, self.arrangement()
        if chosen is None or span is None:
            return ""
        edges: list[tuple[Grip, int]] = [("start", chosen.start_us), ("end", chosen.end_us)]
        near = [(abs(layout.left + span.x_of(at, layout.columns) - place.x()), grip) for grip, at in edges]
        distance, grip = min(near, key=lambda pair: pair[0])
        return grip if distance <= GRAB_PX else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self.under.time_at(event.position().x())
        if at is None or event.position().x() < NAME_PX - GRAB_PX:
            return
        self._pressed, self._pressed_us = event.position().toPoint(), at
        if event.button() is Qt.MouseButton.MiddleButton:
            self._grip = "pan"
        elif event.button() is Qt.MouseButton.LeftButton:
            self._grip = self._grip_at(event.position()) or "new"
            self._fixed_us, chosen = at, self._clock.range
            if chosen is not None and self._grip != "new":
                self._fixed_us = chosen.end_us if self._grip == "start" else chosen.start_us
        else:
            self._pressed = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        at = self.under.time_at(place.x())
        if self._pressed is None or at is None:
            self._show_pointer(place)
            return
        if self._grip == "pan":
            self.view.pan(self._pressed_us - at)
            self.refresh()
        elif self._draft is not None or abs(place.x() - self._pressed.x()) >= _DRAG_PX:
            self._draft = TimeRange(min(self._fixed_us, at), max(self._fixed_us, at))
            self._rest.start()
            self.viewport().update()
            words = length_words(self._draft.end_us - self._draft.start_us)
            where = event.globalPosition().toPoint()
            QToolTip.showText(where, plain_hover(f"{words}\n{_range_words(self._draft)}"), self.viewport())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, grip, draft = self._pressed, self._grip, self._draft
        self._pressed, self._grip, self._draft = None, "", None
        if pressed is None or grip == "pan":
            return
        if draft is not None:
            QToolTip.hideText()
            self._rest.stop()
            self._steer(lambda: self._clock.set_range(draft))
            self.viewport().update()
        elif grip == "new" or (event.position().toPoint() - pressed).manhattanLength() < _DRAG_PX:
            picked = self.under.picked_at(event.position())
            if picked is not None:
                self._selection.pick(picked)
            else:
                at, chosen = self._pressed_us, self._clock.range
                if chosen is not None and grip != "new":  # an edge is held from beside, too: that gives nothing up
                    at = chosen.start_us if grip == "start" else chosen.end_us
                self._steer(lambda: self._clock.seek(at))

    def _use_draft(self) -> None:
        chosen = self._draft
        if chosen is not None:
            self._steer(lambda: self._clock.set_range(chosen))

    def _steer(self, act: Callable[[], None]) -> None:
        self._steers = True
        try:
            act()
        finally:
            self._steers = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Comes between the two releases: the second one is not a click of its own."""
        picked, at = self.under.picked_at(event.position()), self.under.time_at(event.position().x())
        lane = self.under.lane_at(event.position().y())
        if event.position().x() < NAME_PX - GRAB_PX:
            if lane is not None:
                self._clock.seek(lane.first_us)
        elif picked is not None and at is not None:
            self._clock.seek(at if picked.time_us is None else picked.time_us)
        else:
            self._clock.set_range(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        at, span = self.under.time_at(event.position().x()), self.view.span
        down, aside = event.angleDelta().y(), event.angleDelta().x()
        if event.position().x() < NAME_PX:
            super().wheelEvent(event)
            return
        if at is None or span is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(aside) > abs(down):
            steps = (aside if abs(aside) > abs(down) else down) / _WHEEL_DEGREES
            self.view.pan(-round(steps * span.length_us / 10))
        else:
            self.view.zoom(down / _WHEEL_DEGREES, at)
        event.accept()
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        span = self.view.span
        bar = self.verticalScrollBar()
        acts: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Up: lambda: bar.setValue(bar.value() - 1),
            Qt.Key.Key_Down: lambda: bar.setValue(bar.value() + 1),
        }
        if span is not None:
            middle = (span.start_us + span.end_us) // 2
            at = self._clock.cursor_us
            centre = at if at is not None and span.holds(at) else middle
            page = round(span.length_us * _KEY_PAN)
            acts |= {
                Qt.Key.Key_Plus: lambda: self.view.zoom(1, centre),
                Qt.Key.Key_Equal: lambda: self.view.zoom(1, centre),
                Qt.Key.Key_Minus: lambda: self.view.zoom(-1, centre),
                Qt.Key.Key_PageUp: lambda: self.view.pan(-page),
                Qt.Key.Key_PageDown: lambda: self.view.pan(page),
                Qt.Key.Key_0: lambda: self.view.fit(self._clock.range),
            }
        act = acts.get(event.key())
        if act is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()  # the window's: play, seek, follow
            return
        act()
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_bar()
        self.refresh()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = self.under.words_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), plain_hover(words) if words else "", self.viewport())
            return True
        return super().viewportEvent(event)

    def _show_pointer(self, place: QPointF) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if self._grip_at(place):
            shape = Qt.CursorShape.SizeHorCursor
        elif place.x() >= NAME_PX and self.under.picked_at(place) is not None:
            shape = Qt.CursorShape.PointingHandCursor
        if self.viewport().cursor().shape() is not shape:
            self.viewport().setCursor(shape)


def _range_words(chosen: TimeRange) -> str:
    return f"{dated_time(chosen.start_us)} – {dated_time(chosen.end_us)}"
