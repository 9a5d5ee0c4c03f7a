"""The one clock that every view follows: the present while it follows, else the moment a person looks at.

Times are µs since 1970-01-01 UTC, as the games sent them. Views read `shown`, the span of time they are to show, and
draw a line at `cursor_us`. The timeline is what tells the clock how far the recording reaches and when nobody played.
"""

import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_TICK_MS = 33


@dataclass(frozen=True)
class TimeRange:
    """From `start_us` to `end_us`, both included."""

    start_us: int
    end_us: int

    def __post_init__(self) -> None:
        if self.end_us < self.start_us:
            raise ValueError(f"a range ends at or after its start, not {self.start_us} … {self.end_us}")

    def holds(self, time_us: int) -> bool:
        """Whether a moment lies in the range."""
        return self.start_us <= time_us <= self.end_us


class Clock(QObject):
    """Signals are sent after the state changed, and only when it did.

    - `moved()`: the cursor is elsewhere, by a person, by playing, or because the present went on
    - `range_changed()`: another range was chosen, or none
    - `state_changed()`: following, playing, speed, loop or skipping changed
    - `extent_changed()`: the recording reaches further
    """

    moved = Signal()
    range_changed = Signal()
    state_changed = Signal()
    extent_changed = Signal()

    def __init__(self, parent: QObject | None = None, *, monotonic: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._monotonic = monotonic
        self._extent: TimeRange | None = None
        self._range: TimeRange | None = None
        self._cursor_us: int | None = None
        self._following = True
        self._playing = False
        self._speed = 1.0
        self._looping = False
        self._skipping = False
        self._busy: list[TimeRange] = []
        self._busy_starts: list[int] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.advance)

    # reading

    @property
    def extent(self) -> TimeRange | None:
        """From the first to the last recorded moment in scope; None while nothing was recorded."""
        return self._extent

    @property
    def range(self) -> TimeRange | None:
        """What a person marked out; None: everything."""
        return self._range

    @property
    def cursor_us(self) -> int | None:
        """The moment that is looked at: the newest one while following. None while nothing was recorded."""
        return self._cursor_us

    @property
    def following(self) -> bool:
        """Whether the present is looked at."""
        return self._following

    @property
    def playing(self) -> bool:
        return self._playing

    @property
    def speed(self) -> float:
        """Seconds of the recording in a second."""
        return self._speed

    @property
    def looping(self) -> bool:
        """Whether playing begins anew at the end of the range, or of the recording."""
        return self._looping

    @property
    def skipping_gaps(self) -> bool:
        """Whether playing jumps over time in which nobody in scope played."""
        return self._skipping

    @property
    def shown(self) -> tuple[int | None, int | None]:
        """What to show: from the start of the range up to the cursor. None is open, (None, None) everything."""
        start = None if self._range is None else self._range.start_us
        return start, None if self._following else self._cursor_us

    # what a person does

    def follow(self) -> None:
        """Back to the present, and to everything."""
        had_range, self._range = self._range is not None, None
        was_following, self._following = self._following, True
        self._stop()
        newest = None if self._extent is None else self._extent.end_us
        moved, self._cursor_us = newest != self._cursor_us, newest
        if had_range:
            self.range_changed.emit()
        if not was_following:
            self.state_changed.emit()
        if moved or not was_following:
            self.moved.emit()

    def play(self) -> None:
        """Play on from the cursor; from the start, when it stands at the end."""
        whole = self._range or self._extent
        if whole is None or self._playing:
            return
        at = self._cursor_us
        if at is None or not whole.start_us <= at < whole.end_us:
            self._cursor_us = whole.start_us
        self._following, self._playing = False, True
        self._last = self._monotonic()
        self._timer.start()
        self.state_changed.emit()
        if self._cursor_us != at:
            self.moved.emit()

    def pause(self) -> None:
        """Stand still at the cursor, also where the present was followed."""
        if self._playing or self._following:
            self._following = False
            self._stop()
            self.state_changed.emit()
            self.moved.emit()

    def toggle(self) -> None:
        """Play, or pause."""
        if self._playing:
            self.pause()
        else:
            self.play()

    def seek(self, time_us: int) -> None:
        """Look at a moment; playing goes on from there. Outside of the range, the range is given up."""
        if self._extent is not None:
            time_us = min(max(time_us, self._extent.start_us), self._extent.end_us)
        left_range = self._range is not None and not self._range.holds(time_us)
        if left_range:
            self._range = None
        was_following, self._following = self._following, False
        moved, self._cursor_us = time_us != self._cursor_us, time_us
        if left_range:
            self.range_changed.emit()
        if was_following:
            self.state_changed.emit()
        if moved or was_following:
            self.moved.emit()

    def step(self, delta_us: int) -> None:
        """Seek by a length of time."""
        if self._cursor_us is not None:
            self.seek(self._cursor_us + delta_us)

    def set_range(self, chosen: TimeRange | None) -> None:
        """Narrow every view to a span of time; None: everything. The cursor goes to its end unless it is inside.

        A single moment is no range: every view would be empty. It changes nothing.
        """
        if chosen == self._range or (chosen is not None and chosen.start_us == chosen.end_us):
            return
        self._range = chosen
        before = self._cursor_us, self._following
        if chosen is not None:
            if self._cursor_us is None or self._following or not chosen.holds(self._cursor_us):
                self._cursor_us = chosen.end_us
            self._following = False
        self.range_changed.emit()
        if before[1] != self._following:
            self.state_changed.emit()
        if before != (self._cursor_us, self._following):
            self.moved.emit()

    def set_speed(self, speed: float) -> None:
        """Raises ValueError for a speed that is not one of SPEEDS."""
        if speed not in SPEEDS:
            raise ValueError(f"the speed must be one of {SPEEDS}, not {speed}")
        if speed != self._speed:
            self._speed = speed
            self.state_changed.emit()

    def set_looping(self, on: bool) -> None:
        if on != self._looping:
            self._looping = on
            self.state_changed.emit()

    def set_skipping_gaps(self, on: bool) -> None:
        if on != self._skipping:
            self._skipping = on
            self.state_changed.emit()

    # what the recording tells

    def set_extent(self, extent: TimeRange | None) -> None:
        """How far the recording in scope reaches. While following, the cursor goes along."""
        if extent == self._extent:
            return
        self._extent = extent
        self.extent_changed.emit()
        newest = None if extent is None else extent.end_us
        if self._following and newest != self._cursor_us:
            self._cursor_us = newest
            self.moved.emit()

    def set_busy(self, spans: Sequence[TimeRange]) -> None:
        """When somebody in scope played, in any order: what lies between is a gap."""
        self._busy = _merged(spans)
        self._busy_starts = [span.start_us for span in self._busy]

    # playing

    def advance(self) -> None:
        """Go on by the time that has passed since the last call. The timer calls it."""
        now = self._monotonic()
        passed, self._last = now - self._last, now
        whole = self._range or self._extent
        if not self._playing or whole is None or self._cursor_us is None:
            return
        at = self._cursor_us + round(passed * self._speed * 1e6)
        if self._skipping:
            at = self._out_of_gap(at, whole.end_us)
        ended = at >= whole.end_us
        if ended:
            at = whole.start_us if self._looping else whole.end_us
        self._cursor_us = at
        if ended and not self._looping:
            self._stop()
            self.state_changed.emit()
        self.moved.emit()

    def _out_of_gap(self, time_us: int, end_us: int) -> int:
        """The moment, or when somebody played next: nothing is left to see where nobody does."""
        index = bisect_right(self._busy_starts, time_us) - 1
        if not self._busy or (index >= 0 and self._busy[index].holds(time_us)):
            return time_us
        return self._busy[index + 1].start_us if index + 1 < len(self._busy) else max(time_us, end_us)

    def _stop(self) -> None:
        self._playing = False
        self._timer.stop()


def _merged(spans: Sequence[TimeRange]) -> list[TimeRange]:
    result: list[TimeRange] = []
    for span in sorted(spans, key=lambda span: span.start_us):
        if result and span.start_us <= result[-1].end_us:
            result[-1] = TimeRange(result[-1].start_us, max(result[-1].end_us, span.end_us))
        else:
            result.append(span)
    return result
