"""What lies under the pointer on the timeline: a moment, a session, an event, a refused request, a bookmark."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF

from console.ui.selection import Picked
from console.ui.timeline.lanes import Lane
from console.ui.timeline.marks import Marks
from console.ui.timeline.picture import BOOKMARKS, LANE_PX, NAME_PX, REJECTED, Layout
from console.ui.timeline.source import TimelineSource
from console.ui.timeline.span import length_words
from console.ui.timeline.ticks import Tick
from console.ui.timeline.viewport import Viewport
from console.ui.widgets.formatting import dated_time, exact_time, visible

GRAB_PX: Final = 5
TICK_PX: Final = 4


class UnderPointer:
    """Reads the same arrangement that is painted; `first_row` is the uppermost lane in sight."""

    def __init__(
        self,
        source: TimelineSource,
        view: Viewport,
        arrangement: Callable[[], Layout],
        first_row: Callable[[], int],
    ) -> None:
        self._source = source
        self._view = view
        self._arrangement = arrangement
        self._first_row = first_row

    def time_at(self, x: float) -> int | None:
        """The moment at a place, None where there is no time."""
        layout, span = self._arrangement(), self._view.span
        if span is None:
            return None
        return span.time_at(min(max(x - layout.left, 0.0), layout.columns), layout.columns)

    def lane_at(self, y: float) -> Lane | None:
        """The session whose lane is at a height."""
        top = self._arrangement().lanes_top
        row = int(y - top) // LANE_PX + self._first_row()
        return self._source.lanes.rows[row] if y >= top and row < len(self._source.lanes) else None

    def tick_at(self, place: QPointF) -> Tick | None:
        """The event under the pointer."""
        lane, at, span = self.lane_at(place.y()), self.time_at(place.x()), self._view.span
        if lane is None or at is None or span is None or place.x() < NAME_PX - TICK_PX:
            return None
        within = round(TICK_PX * span.length_us / self._arrangement().columns)
        return self._source.ticks.nearest(lane.number, at, within)

    def picked_at(self, place: QPointF) -> Picked | None:
        """What a click at a place picks."""
        tick = self.tick_at(place)
        if tick is not None:
            level = tick.level_id or self._source.pieces.at(tick.key, tick.time_us)
            return Picked(
                tick.request_id,
                tick.seq,
                tick.index,
                time_us=tick.time_us,
                app_id=tick.key[0],
                session_id=tick.key[1],
                level_id=level,
                place=tick.place,
            )
        marks, within = self._marks_at(place)
        at = self.time_at(place.x())
        found = None if marks is None or at is None else marks.nearest(at, within)
        return None if found is None else found[0].picked

    def words_at(self, place: QPointF) -> str:
        """What the tool tip says of a place."""
        at, lane = self.time_at(place.x()), self.lane_at(place.y())
        if at is None:
            return ""
        if lane is not None and place.x() < NAME_PX - TICK_PX:
            return self._lane_words(lane)
        tick = self.tick_at(place)
        if tick is not None:
            more = f" and {tick.events - 1:,} more here: zoom in" if tick.events > 1 else ""
            level = tick.level_id or self._source.pieces.at(tick.key, tick.time_us)
            player = "" if lane is None else f"\n{visible(lane.player_id)}"
            where = f" · {visible(level)}" if level else ""
            return f"{visible(tick.name)}{more}\n{tick.kind.label}{where}{player}\n\n{exact_time(tick.time_us)}"
        marks, within = self._marks_at(place)
        found = None if marks is None else marks.nearest(at, within)
        if found is not None:
            mark, count = found
            more = f"\n{count - 1:,} more here: zoom in" if count > 1 else ""
            return f"{mark.words}{more}\n\n{exact_time(mark.time_us)}"
        if lane is not None:
            level = self._source.pieces.at(lane.key, at)
            return f"{visible(lane.player_id)}{f' · {visible(level)}' if level else ''}\n\n{exact_time(at)}"
        return exact_time(at)

    def _lane_words(self, lane: Lane) -> str:
        played = length_words(max(lane.last_us - lane.first_us, 0))
        return (
            f"Player {visible(lane.player_id)}\nSession {visible(lane.session_id)}\nBuild {visible(lane.build_id)}\n"
            f"{dated_time(lane.first_us)} – {dated_time(lane.last_us)}, {played}"
        )

    def _marks_at(self, place: QPointF) -> tuple[Marks | None, int]:
        name, span = self._arrangement().fixed_at(place.y()), self._view.span
        by_name: dict[str, Marks] = {REJECTED: self._source.rejected, BOOKMARKS: self._source.bookmarks}
        within = 0 if span is None else round(GRAB_PX * span.length_us / self._arrangement().columns)
        return by_name.get(name), within
