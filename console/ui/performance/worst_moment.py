"""Where the worst moment of the sessions shown was: the event store knows the samples of that time."""

import time
from collections.abc import Callable

from console.columns import numbers
from console.telemetry.events import UNASSIGNED_LEVEL
from console.ui.context import ViewContext
from console.ui.performance.summary import Worst
from console.ui.selection import by_application

# The newest samples reach the event store a moment later than the window.
_AGAIN_SECS = 3.0

Place = tuple[float, float, float]


class WorstMomentPlace:
    """Asks for the place of one moment at a time, and calls `found` when it is known."""

    def __init__(self, context: ViewContext, found: Callable[[], None]) -> None:
        self._context = context
        self._found = found
        self._worst: Worst | None = None
        self._place: Place | None = None
        self._again_at = 0.0

    def of(self, worst: Worst | None) -> Place | None:
        """In the game's own axes and units; None while it is asked for, or when nobody knows."""
        if worst is None:
            return None
        unknown = self._place is None and time.monotonic() >= self._again_at
        if worst != self._worst or unknown:
            self._again_at = time.monotonic() + _AGAIN_SECS
            self._worst, self._place = worst, None
            # Without the place the tile still says when and on which level.
            self._context.tasks.start(self._ask(worst), "Look up the place", on_error=lambda error: None)
        return self._place

    async def _ask(self, worst: Worst) -> None:
        answer = await self._context.client.query(
            "samples",
            level_id=worst.level_id or UNASSIGNED_LEVEL,
            app_id=worst.key[0],
            sessions=by_application([worst.key]),
            from_us=worst.start_us,
            to_us=worst.middle_us,
            limit=1,
        )
        if answer.rows and self._worst == worst:
            x, y, z = (float(numbers(answer, name)[0]) for name in "xyz")
            self._place = (x, y, z)
            self._found()
