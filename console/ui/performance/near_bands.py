"""Which part of a long recording bands are asked for anew, as it is looked at more closely than all of it. Pure."""

import math
from dataclasses import dataclass

from console.ui.performance.session_rates import Span

_CLOSER = 0.6  # of the whole recording: from here on its bins are too wide


@dataclass(frozen=True)
class NearBands:
    """A stretch of time, in µs, of which finer bands are wanted, or are there."""

    span: Span

    @classmethod
    def around(cls, seen: tuple[float, float], whole: tuple[float, float]) -> "NearBands | None":
        """For what is in sight, in seconds; None where the bands of the whole recording will do.

        Stretches begin on a grid and reach beyond what is seen, so that one question answers for a while of panning.
        """
        length = seen[1] - seen[0]
        if length <= 0 or length > _CLOSER * (whole[1] - whole[0]):
            return None
        unit = 2.0 ** math.ceil(math.log2(length) - 0.01)  # a hair longer is as long
        start = math.floor((seen[0] - unit / 4) / (unit / 2)) * unit / 2
        return cls((round(start * 1e6), round((start + 2 * unit) * 1e6)))

    def holds(self, seen: tuple[float, float]) -> bool:
        """Whether all that is in sight lies in it."""
        return self.span[0] <= seen[0] * 1e6 and seen[1] * 1e6 <= self.span[1]
