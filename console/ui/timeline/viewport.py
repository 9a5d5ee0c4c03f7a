"""Which stretch of time a timeline shows, while the recording grows, plays and is looked around in. Pure."""

from typing import Final

from console.ui.clock import TimeRange
from console.ui.timeline.span import SECOND_US, Span, spanning

FIRST_LOOK_US: Final = 30 * 60 * SECOND_US
_MARGIN: Final = 0.02  # of the width, around the whole recording
_WHEEL_STEP: Final = 1.25
_TURN_AT: Final = 0.97  # of the width: where the cursor has the next page come up


class Viewport:
    """`span` is None until there is a recording.

    At first it shows the whole recording, of a long one its newest half an hour, and goes along as that grows: of a
    long one while the present is followed, for whoever looks at a moment or a range is not to lose it. Once a person
    looks around, it stays; when it reaches the newest moment, it goes along with it.
    """

    def __init__(self) -> None:
        self.span: Span | None = None
        self._extent: TimeRange | None = None
        self._chosen = False

    @property
    def whole(self) -> Span | None:
        """The recording with a little room on both sides."""
        if self._extent is None:
            return None
        length = self._extent.end_us - self._extent.start_us
        room = round(length * _MARGIN) + 1_000
        return spanning(self._extent.start_us - room, self._extent.end_us + room)

    def set_extent(self, extent: TimeRange | None, *, following: bool) -> None:
        """How far the recording reaches now."""
        before, self._extent = self._extent, extent
        if extent is None:
            self.span, self._chosen = None, False
        elif self.span is None or not self._chosen:
            if following or before is None or not self._merely_grew(before, extent):
                self._first_look()
        elif following and before is not None and self.span.holds(before.end_us):
            self.span = self.span.moved(max(0, extent.end_us - before.end_us))

    def fit(self, part: TimeRange | None = None) -> None:
        """Show all of the recording, or of a part of it."""
        if part is not None:
            room = max(round((part.end_us - part.start_us) * _MARGIN), 1_000)
            self._choose(spanning(part.start_us - room, part.end_us + room))
        elif self.whole is not None:
            self._choose(self.whole)

    def show_present(self) -> bool:
        """Turn to the newest moment, when it is out of sight. True when it was."""
        span, extent = self.span, self._extent
        if span is None or extent is None or span.holds(extent.end_us):
            return False
        self._choose(span.moved(extent.end_us + round(span.length_us * _MARGIN) - span.end_us))
        return True

    def zoom(self, steps: float, at_us: int) -> None:
        """Closer by so many steps of a wheel, farther when negative; a moment stays where it is."""
        whole = self.whole
        if self.span is not None and whole is not None:
            self._choose(self.span.zoomed(at_us, _WHEEL_STEP**-steps, whole.length_us))

    def pan(self, by_us: int) -> None:
        """Look at what is later, or earlier when negative."""
        if self.span is not None:
            self._choose(self.span.moved(by_us))

    def show_moment(self, time_us: int) -> bool:
        """Turn to where a moment is, when it is out of sight. True when it was."""
        span = self.span
        if span is None or span.holds(time_us):
            return False
        self._choose(span.moved(time_us - span.start_us - span.length_us // 2))
        return True

    def keep_up(self, time_us: int) -> bool:
        """While playing: turn the page before the cursor runs out of it. True when it was turned."""
        span = self.span
        if span is None:
            return False
        if span.start_us <= time_us <= span.start_us + span.length_us * _TURN_AT:
            return False
        whole = self.whole
        if whole is not None and span.start_us <= time_us and span.end_us >= whole.end_us:
            return False  # the last page
        self._choose(span.moved(time_us - span.start_us - span.length_us // 10))
        return True

    def _merely_grew(self, before: TimeRange, extent: TimeRange) -> bool:
        """Whether it is the recording that was there, too long now to be shown as a whole."""
        longer = extent.start_us <= before.start_us and before.end_us <= extent.end_us
        return longer and self.span is not None and self.span.length_us >= FIRST_LOOK_US

    def _first_look(self) -> None:
        whole, extent = self.whole, self._extent
        assert whole is not None
        assert extent is not None
        if whole.length_us <= FIRST_LOOK_US:
            self.span = whole
        else:  # the room is a part of what is in sight: of a recording of days it would be hours of nothing
            end_us = extent.end_us + round(FIRST_LOOK_US * _MARGIN)
            self.span = Span(end_us - FIRST_LOOK_US, end_us)

    def _choose(self, span: Span) -> None:
        """Nothing lies outside of the recording: do not get lost there."""
        whole = self.whole
        self.span = span if whole is None else span.kept_within(whole.start_us, whole.end_us)
        self._chosen = True
