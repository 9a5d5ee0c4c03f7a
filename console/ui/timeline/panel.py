"""The timeline under every view: when whom did what, and the clock that all views follow."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from console.ui.clock import Clock, TimeRange
from console.ui.context import ViewContext
from console.ui.selection import Picked
from console.ui.timeline.bar import HEIGHT_PX, TimelineBar
from console.ui.timeline.canvas import TimelineCanvas
from console.ui.timeline.picture import LANE_PX, RULER_PX, level_colour
from console.ui.timeline.source import TimelineSource
from console.ui.timeline.span import SECOND_US
from console.ui.widgets.formatting import plural

_STEP_US = SECOND_US
_FAR_STEP_US = 10 * SECOND_US
_FIRST_LANES = 5
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class Timeline(QFrame):
    """Controls over lanes. `take_key` is for keys that no focused widget has a use for."""

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setProperty("role", "panel")
        self.bar = TimelineBar(context.clock, context.theme)
        self.source = TimelineSource(context, self)
        self.canvas = TimelineCanvas(self.source, context.clock, context.selection, context.theme, context.colours)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.canvas, 1)
        self.bar.play_wanted.connect(self.toggle)
        self.bar.fit_wanted.connect(self.canvas.fit)
        self.canvas.looked.connect(self._show_levels)
        self.source.changed.connect(self._show_hint)
        context.clock.range_changed.connect(self._show_hint)
        context.selection.picked_changed.connect(self._picked)
        self._show_hint()

    def sizeHint(self) -> QSize:
        return QSize(640, HEIGHT_PX + RULER_PX + _FIRST_LANES * LANE_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, HEIGHT_PX + RULER_PX + LANE_PX)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.source.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.source.set_active(False)

    # what menus and keys call

    def toggle(self) -> None:
        """Play, or pause. At the end of all, what is in sight is played, not days from their beginning."""
        clock, span = self._context.clock, self.canvas.view.span
        whole = clock.range or clock.extent
        if not clock.playing and span is not None and whole is not None and _at_end(clock):
            start_us = min(max(span.start_us, whole.start_us), whole.end_us)
            if start_us < whole.end_us:
                clock.seek(start_us)
        clock.toggle()

    def step(self, direction: int, *, far: bool = False) -> None:
        """Seek a second, or ten, forward or back."""
        self._context.clock.step(direction * (_FAR_STEP_US if far else _STEP_US))

    def follow(self) -> None:
        """Back to the present, also when only the timeline was looked around in."""
        self._context.clock.follow()
        self.canvas.show_moment(None)

    def take_key(self, event: QKeyEvent) -> bool:
        """Space, left, right, End, I, O; False for any other key."""
        key, modifiers = event.key(), event.modifiers()
        far = modifiers == Qt.KeyboardModifier.ShiftModifier
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and (far or modifiers in _PLAIN):
            self.step(1 if key == Qt.Key.Key_Right else -1, far=far)
        elif modifiers not in _PLAIN:
            return False
        elif key == Qt.Key.Key_Space:
            self.toggle()
        elif key == Qt.Key.Key_End:
            self.follow()
        elif key == Qt.Key.Key_I:
            self.mark_start()
        elif key == Qt.Key.Key_O:
            self.mark_end()
        else:
            return False
        return True

    def mark_start(self) -> None:
        """Have the range begin at the cursor; it ends where it did, else where the recording does.

        As in video editors: a start at the end of the range gives that end up, and a range has a length.
        """
        clock = self._context.clock
        at = clock.cursor_us
        ends = [whole.end_us for whole in (clock.range, clock.extent) if whole is not None]
        if at is None or not ends:
            return
        end_us = next((end for end in ends if end > at), None)
        if end_us is None:
            self._context.messages.say("Nothing lies after this moment yet: go back to where the range is to start.")
        else:
            clock.set_range(TimeRange(at, end_us))

    def mark_end(self) -> None:
        """Have the range end at the cursor; it begins where it did, else where the recording does."""
        clock = self._context.clock
        at = clock.cursor_us
        starts = [whole.start_us for whole in (clock.range, clock.extent) if whole is not None]
        if at is None or not starts:
            return
        start_us = next((start for start in starts if start < at), None)
        if start_us is None:
            self._context.messages.say("Nothing lies before this moment: go on to where the range is to end.")
        else:
            clock.set_range(TimeRange(start_us, at))

    def close_range(self) -> bool:
        """Give the range up; False when there was none."""
        clock = self._context.clock
        if clock.range is None:
            return False
        clock.set_range(None)
        return True

    # being told

    def _picked(self, picked: Picked | None) -> None:
        if picked is not None and picked.session_id:
            self.canvas.show_key((picked.app_id, picked.session_id))
        extent = self._context.clock.extent
        if picked is None or picked.time_us is None or extent is None or self._context.clock.playing:
            return
        if extent.start_us <= picked.time_us <= extent.end_us:  # a wrong clock's moment has no place here
            self.canvas.show_moment(picked.time_us)

    def _show_hint(self) -> None:
        lanes = self.source.lanes
        if not lanes.matching:
            self.bar.show_hint("", "")
            return
        known = max(lanes.known, lanes.matching)
        sessions = (
            plural(known, "session") if known == lanes.matching else f"{lanes.matching:,} of {plural(known, 'session')}"
        )
        what = "" if self._context.clock.range is not None else "drag to select a range · "
        hover = "The wheel zooms, Shift and the wheel pan; a click seeks, on an event it selects it"
        if lanes.matching > len(lanes):
            sessions = f"newest {len(lanes):,} of {plural(lanes.matching, 'session')}"
        if lanes.odd:
            sessions += f" · {lanes.odd:,} with a wrong clock"
            hover += (
                "\nSessions that tell times before 2000, or more than ten minutes ahead of this computer, "
                "do not stretch the timeline"
            )
        self.bar.show_hint(what + sessions, hover)

    def _show_levels(self) -> None:
        pieces, tokens = self.source.pieces, self._context.theme.tokens
        shown = {piece.level_id for lane in self.canvas.lanes_in_sight() for piece in pieces.of(lane.key)}
        numbered = sorted((pieces.numbers[name], name) for name in shown)
        self.bar.levels.show_levels([(name, level_colour(tokens, number).name()) for number, name in numbered])


def _at_end(clock: Clock) -> bool:
    whole = clock.range or clock.extent
    at = clock.cursor_us
    return clock.following or whole is None or at is None or not whole.start_us <= at < whole.end_us
