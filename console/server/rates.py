"""Rates made of running totals."""

from collections import deque

_WINDOW_SECS = 2.0


class SlidingRate:
    """Growth per second of a running total over the last two seconds.

    The total is sampled a few times a second, so counting costs the hot path nothing.
    """

    def __init__(self, window_secs: float = _WINDOW_SECS) -> None:
        self._window_secs = window_secs
        self._samples: deque[tuple[float, int]] = deque()

    def sample(self, now_secs: float, total: int) -> float:
        """Note the total at a monotonic instant; returns the rate."""
        samples = self._samples
        samples.append((now_secs, total))
        # One sample at or before the window's start stays, so that the rate spans the whole window.
        while len(samples) > 2 and samples[1][0] <= now_secs - self._window_secs:
            samples.popleft()
        first_secs, first_total = samples[0]
        span_secs = now_secs - first_secs
        return max(0.0, (total - first_total) / span_secs) if span_secs > 0 else 0.0
