"""How often requests come: each second, at most, and lately. Constant memory and time."""

from typing import Final

_SECONDS: Final = 60
PEAK_SECONDS: Final = 600


class Pace:
    """Requests by second, over the last minute; and the busiest second, which is forgotten after ten minutes."""

    def __init__(self) -> None:
        self._counts = [0] * _SECONDS
        self._second = 0
        self._peak = 0
        self._peak_second = 0

    def note(self, at_us: int) -> None:
        """One request. One that is older than the newest counts as that one's second."""
        second = at_us // 1_000_000
        if second > self._second:
            self._turn_to(second)
        slot = self._second % _SECONDS
        count = self._counts[slot] = self._counts[slot] + 1
        if count >= self._peak or self._second - self._peak_second > PEAK_SECONDS:
            self._peak, self._peak_second = count, self._second

    def lately(self, now_us: int) -> int:
        """Requests of the last sixty seconds."""
        now = now_us // 1_000_000
        return sum(
            self._counts[second % _SECONDS]
            for second in range(max(now, self._second) - _SECONDS + 1, max(now, self._second) + 1)
            if self._second - _SECONDS < second <= self._second
        )

    @property
    def peak(self) -> int:
        """The most requests that came in one second."""
        return self._peak

    def _turn_to(self, second: int) -> None:
        for passed in range(max(self._second + 1, second - _SECONDS + 1), second + 1):
            self._counts[passed % _SECONDS] = 0
        self._second = second
