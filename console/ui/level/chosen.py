"""What of a level is counted: the sessions and the time, as questions to the event store and as live rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.messages import EventRow, TrajectoryRow
from console.ui.level.workbench import Workbench
from console.ui.selection import Scope
from console.ui.widgets.formatting import day_and_time, plural, visible

BYTES_A_SAMPLE = 12


@dataclass(frozen=True)
class Chosen:
    """What a tool counts: a scope, and a span of time (µs, None is open)."""

    scope: Scope
    from_us: int | None = None
    to_us: int | None = None

    def params(self, level: str) -> dict[str, object]:
        """As the event store's questions take it."""
        span = {"from_us": self.from_us, "to_us": self.to_us}
        given = {name: value for name, value in span.items() if value is not None}
        return {"level_id": level} | self.scope.params() | given

    def admits(self, row: TrajectoryRow | EventRow) -> bool:
        """Whether a live row is of this side, whenever it was."""
        return self.scope.admits(row.app_id, row.build_id, row.session_id)

    def holds(self, time_us: int) -> bool:
        return (self.from_us is None or time_us >= self.from_us) and (self.to_us is None or time_us <= self.to_us)

    def samples_of(self, row: TrajectoryRow) -> NDArray[np.float32]:
        """The samples of a live row in the span, `(n, 3)`, as the game sent them."""
        places = np.frombuffer(row.positions, dtype="<f4").reshape(-1, 3)
        if not len(places) or (self.from_us is None and self.to_us is None):
            return places
        # As the event store spreads samples, to the microsecond.
        shares = np.arange(len(places)) / max(len(places) - 1, 1)
        times = row.start_us + np.rint(shares * (row.end_us - row.start_us)).astype(np.int64)
        low = times[0] if self.from_us is None else self.from_us
        high = times[-1] if self.to_us is None else self.to_us
        return places[(times >= low) & (times <= high)]

    def words(self) -> str:
        """`build 1.2 · 3 sessions · from 10:40`; "everything" where nothing narrows it."""
        scope, parts = self.scope, []
        if scope.build_id is not None:
            parts.append(f"build {visible(scope.build_id, 40)}")
        if scope.sessions is not None:
            parts.append(plural(len(scope.sessions), "session"))
        elif scope.app_id is not None and scope.build_id is None:
            parts.append("one application")
        if self.from_us is not None:
            parts.append(f"from {day_and_time(self.from_us)}")
        if self.to_us is not None:
            parts.append(f"until {day_and_time(self.to_us)}")
        return " · ".join(parts) or "everything recorded"


def present(bench: Workbench) -> Chosen:
    """What the dock and the timeline narrow every view to now."""
    span = bench.context.clock.range
    scope = bench.scene.scope
    return Chosen(scope) if span is None else Chosen(scope, span.start_us, span.end_us)
