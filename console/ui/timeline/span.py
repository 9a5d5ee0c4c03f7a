"""The stretch of time that a timeline shows: moments in pixels, zooming, and the marks of its ruler. Pure."""

import time
from dataclasses import dataclass
from typing import Final

from console.ui.widgets.formatting import day_and_time, local_time

SECOND_US: Final = 1_000_000
LEAST_US: Final = 2_000  # what fills the width at the closest look
_DAY_SECS: Final = 86_400
_STEPS_US: Final = (
    *(step * 1_000 for step in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(step * SECOND_US for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800)),
    *(step * 3_600 * SECOND_US for step in (1, 2, 3, 6, 12, 24, 48, 24 * 7, 24 * 14, 24 * 30, 24 * 91, 24 * 365)),
)


@dataclass(frozen=True)
class Span:
    """From `start_us` to `end_us`, at least LEAST_US long; both may lie outside of what was recorded."""

    start_us: int
    end_us: int

    def __post_init__(self) -> None:
        if self.end_us - self.start_us < LEAST_US:
            raise ValueError(f"a span is at least {LEAST_US} µs long, not {self.end_us - self.start_us}")

    @property
    def length_us(self) -> int:
        return self.end_us - self.start_us

    def x_of(self, time_us: float, width_px: float) -> float:
        """Where a moment lies, in pixels from the left; outside of the width when it is out of sight."""
        return (time_us - self.start_us) / self.length_us * width_px

    def time_at(self, x_px: float, width_px: float) -> int:
        """The moment at a place."""
        return self.start_us + round(x_px / max(width_px, 1.0) * self.length_us)

    def holds(self, time_us: int) -> bool:
        return self.start_us <= time_us <= self.end_us

    def moved(self, by_us: int) -> "Span":
        return Span(self.start_us + by_us, self.end_us + by_us)

    def zoomed(self, at_us: int, factor: float, most_us: int) -> "Span":
        """Closer (`factor` < 1) or farther, at most `most_us` long, with a moment staying where it is on screen."""
        length = round(min(max(self.length_us * factor, LEAST_US), max(most_us, LEAST_US)))
        start = at_us - round((at_us - self.start_us) * length / self.length_us)
        return Span(start, start + length)

    def kept_within(self, start_us: int, end_us: int) -> "Span":
        """Moved no farther than needed to lie within these, or around them where it is longer."""
        if self.length_us >= end_us - start_us:
            middle = (start_us + end_us - self.length_us) // 2
            return Span(middle, middle + self.length_us)
        return self.moved(max(start_us - self.start_us, 0) + min(end_us - self.end_us, 0))


def spanning(start_us: int, end_us: int) -> Span:
    """Both moments and what lies between, a little more where that is too short."""
    lacking = max(0, LEAST_US - (end_us - start_us))
    return Span(start_us - lacking // 2, end_us + lacking - lacking // 2)


def ruler(span: Span, width_px: int, least_px: int = 96) -> list[tuple[int, str]]:
    """Moments to mark and what to write there, at least `least_px` apart: round ones, by the person's own clock."""
    if width_px < least_px:
        return []
    wanted = span.length_us * least_px / width_px
    step = next((step for step in _STEPS_US if step >= wanted), None)
    if step is None:
        step = _STEPS_US[-1] * -(-round(wanted) // _STEPS_US[-1])
    marks = []
    at = _round_moment(span.start_us, step)
    while at <= span.end_us:
        marks.append((at, _label(at, step)))
        # Half a day may be an hour shorter where the clock is put forward; what is shorter would have labels touch.
        at = _round_moment(at + step, step, early_us=step // 10)
    return marks


def length_words(length_us: int) -> str:
    """`250 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 days 4 h`."""
    if length_us < SECOND_US:
        return f"{length_us / 1e3:.0f} ms"
    if length_us < 60 * SECOND_US:
        return f"{length_us / 1e6:.1f} s"
    secs = round(length_us / 1e6)
    if secs < 3_600:
        return _two(secs // 60, "min", secs % 60, "s")
    if secs < _DAY_SECS:
        return _two(secs // 3_600, "h", secs % 3_600 // 60, "min")
    days = secs // _DAY_SECS
    return _two(days, "day" if days == 1 else "days", secs % _DAY_SECS // 3_600, "h")


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large:,} {large_unit}" + (f" {small} {small_unit}" if small else "")


def _label(time_us: int, step_us: int) -> str:
    if step_us >= _DAY_SECS * SECOND_US:
        return day_and_time(time_us)[:10]
    text = local_time(time_us)
    if text.startswith("00:00:00.000"):
        return day_and_time(time_us)[:10]
    if step_us >= 60 * SECOND_US:
        return text[:5]
    return text[:8] if step_us >= SECOND_US else text


def _round_moment(from_us: int, step_us: int, early_us: int = 0) -> int:
    """The first multiple of a step by the person's own clock, which may have been put forward or back on the way."""
    at = from_us
    for _ in range(2):  # the round moment, and once more where the clock changes ahead of it
        offset = _zone_offset_us(at)
        at = -(-(at - early_us + offset) // step_us) * step_us - offset
    return at


def _zone_offset_us(time_us: int) -> int:
    try:
        return time.localtime(time_us // SECOND_US).tm_gmtoff * SECOND_US
    except (OverflowError, OSError, ValueError):  # a game's clock may say anything; Windows refuses years before 1970
        return 0
