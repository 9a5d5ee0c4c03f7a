"""What a timeline shows, from the server: asked for by what is in sight, and kept up by the feed."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from console.messages import Columns, FeedRows
from console.telemetry.events import EventKind
from console.ui.asking import Asking
from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.selection import Scope, by_application
from console.ui.timeline.lanes import MAX_LANES, Key, Lanes
from console.ui.timeline.marks import Marks, bookmarked_events, bookmarked_requests, rejections
from console.ui.timeline.pieces import GAP_US, Activity, LevelPieces
from console.ui.timeline.span import Span
from console.ui.timeline.ticks import Ticks

_TELL_MS: Final = 200
_ASK_MS: Final = 120
_AGAIN_MS: Final = 2_000
_ROWS: Final = 10_000
_ARRIVED: Final = 50_000
_BINS: Final = 2_000
_LEAST_GAP_US: Final = 1_000_000
_COARSER_LEVELS: Final = 8.0
_LOAD: Final = "Load the timeline"


@dataclass(frozen=True)
class _Asked:
    """What the last answer was about: these sessions, this span, one tick for so many microseconds."""

    keys: frozenset[Key]
    span: Span
    bin_us: int

    def covers(self, wanted: "_Asked", *, finer: float = 0.4, coarser: float = 1.5) -> bool:
        """Whether the answer will do: what it tells is at most so much finer and coarser than the pixels wanted now."""
        return (
            wanted.keys <= self.keys
            and self.span.start_us <= wanted.span.start_us
            and finer * wanted.bin_us <= self.bin_us <= coarser * wanted.bin_us
        )


class TimelineSource(QObject):
    """`changed` after something is different, five times a second at most; the clock is told how far all reaches.

    `look` says what is in sight. What the store answered is kept up by rows of the feed, so that a live recording asks
    nothing again and again. While nobody looks only the lanes are asked for: the clock is told how far they reach.
    """

    changed = Signal()

    def __init__(
        self, context: ViewContext, parent: QObject | None = None, *, wall_clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._wall_clock = wall_clock
        self._turn = 0
        self._asked: _Asked | None = None
        self._asked_upto_us = 0
        self._asked_levels: _Asked | None = None
        self._wanted: _Asked | None = None
        self._looking = False
        self._active = False
        self._behind = False  # somebody who looked would have been told more
        self._forget()
        self._tell = self._timer(_TELL_MS, self._tell_now)
        self._ask = self._timer(_ASK_MS, self._ask_now)
        self._asking = Asking(context, self._load, _LOAD, self, least_pause_ms=_AGAIN_MS)
        context.feed.connected.connect(lambda _hello: self.reload())
        context.feed.rows_arrived.connect(self._take_rows)
        context.feed.changed.connect(self._topic_changed)
        context.selection.scope_changed.connect(self._scope_changed)
        if context.feed.hello is not None:
            self.reload()

    def set_active(self, active: bool) -> None:
        """Whether somebody looks."""
        self._active = active
        if active and self._behind:
            self._behind = False
            self.reload()

    def look(self, keys: Sequence[Key], span: Span, width_px: int) -> None:
        """These sessions and this span are in sight now, on so many pixels."""
        bin_us = max(1, span.length_us // max(width_px, 1))
        wanted = _Asked(frozenset(keys), span, bin_us)
        asked = self._asked
        known = asked is not None and asked.covers(wanted) and self._covers_end(span)
        if known and (self._looking or not self.ticks.crowded):
            return
        room = span.length_us // 2
        self._wanted = _Asked(wanted.keys, Span(span.start_us - room, span.end_us + room), bin_us)
        if not self._ask.isActive():
            self._ask.start()

    def reload(self) -> None:
        """Ask for everything anew; what is shown stays until the answer is there."""
        self._turn += 1
        self._asking.give_up()
        self._asking.set_active(True)  # from the first connection on

    # ----------------------------------------------------------------------------------------------------------------

    def _timer(self, ms: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(ms)
        timer.timeout.connect(act)
        return timer

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._context.tasks.start(work, _LOAD)

    def _forget(self) -> None:
        self.lanes = Lanes()
        self.ticks = Ticks()
        self.pieces = LevelPieces()
        self.activity = Activity()
        self.near: Activity | None = None
        self.rejected = Marks()
        self.bookmarks = Marks()

    def _now_us(self) -> int:
        return round(self._wall_clock() * 1e6)

    def _number_of(self, key: Key) -> int | None:
        lane = self.lanes.get(key)
        return None if lane is None else lane.number

    def _covers_end(self, span: Span) -> bool:
        """What came after the answer is there by the feed; only what is older than its end must lie within it."""
        assert self._asked is not None
        extent = self.lanes.extent
        newest = self._asked_upto_us if extent is None else min(extent.end_us, self._asked_upto_us)
        return min(span.end_us, newest) <= self._asked.span.end_us

    # asking

    async def _load(self) -> None:
        turn, scope = self._turn, self._context.selection.scope
        self._asked = self._asked_levels = None
        answer = await self._context.client.query("timeline_lanes", limit=MAX_LANES, **scope.params())
        lanes = await asyncio.to_thread(Lanes, answer, self._now_us())
        if turn != self._turn:
            return
        lanes.note(self.ticks.live, scope, self._now_us())
        if scope == Scope():
            self._context.colours.learn(lanes.in_order())
        self.lanes = lanes
        self.ticks.start_over(self._number_of)
        self._asked_upto_us = 0 if lanes.extent is None else lanes.extent.end_us
        if not self._active:
            self._behind = True
            self._tell_now()
            return
        await self._load_activity(turn, scope)
        if turn != self._turn:
            return
        self._tell_now()
        await self._load_rejections(turn, scope)
        await self._load_bookmarks(turn, scope)
        if turn == self._turn:
            self._tell_soon()

    async def _load_activity(self, turn: int, scope: Scope) -> None:
        extent = self.lanes.extent
        if extent is None:
            return
        found = await self._activity(scope, extent.start_us, extent.end_us, _BINS)
        if turn == self._turn:
            self.activity, self.near = found, None

    async def _activity(self, scope: Scope, start_us: int, end_us: int, bins: int) -> Activity:
        bin_us = max(1, (end_us - start_us) // bins)
        params = scope.params() | {"from_us": start_us, "to_us": end_us, "bin_us": bin_us}
        return Activity(await self._context.client.query("timeline_activity", **params))

    async def _load_rejections(self, turn: int, scope: Scope) -> None:
        rows = await self._context.client.requests(rejected_only=True, limit=_ROWS)
        if turn == self._turn:
            self.rejected = Marks(rejections(rows, scope))

    async def _load_bookmarks(self, turn: int, scope: Scope) -> None:
        client = self._context.client
        known = await client.bookmarks()
        found = Marks()
        if known.events:
            found.add(bookmarked_events(await client.events(limit=_ROWS, matching="is:bookmarked"), scope))
        if known.requests:
            page = await client.find_requests("is:bookmarked", limit=_ROWS, after_id=known.requests[0] - 1)
            found.add(bookmarked_requests(page.rows, scope))
        if turn == self._turn:
            self.bookmarks = found

    def _ask_now(self) -> None:
        wanted = self._wanted
        # One at a time: while games send much, sessions come into sight faster than the store answers.
        if wanted is not None and self._context.feed.hello is not None and not self._looking:
            self._looking = True
            self._asked = wanted
            extent = self.lanes.extent
            self._asked_upto_us = 0 if extent is None else extent.end_us
            self._start(self._look(self._turn, wanted, self._context.selection.scope))

    async def _look(self, turn: int, wanted: _Asked, scope: Scope) -> None:
        client, began = self._context.client, time.perf_counter()
        sessions = by_application(wanted.keys)
        within = {"from_us": wanted.span.start_us, "to_us": wanted.span.end_us}
        try:
            ticks, near, levels = await asyncio.gather(
                client.query("timeline_ticks", sessions=sessions, bin_us=wanted.bin_us, **within),
                self._activity(scope, wanted.span.start_us, wanted.span.end_us, _BINS),
                self._levels(wanted, sessions),
            )
        except BaseException:
            if self._asked is wanted:
                self._asked = None
            raise
        finally:
            self._looking = False
            # The dearer an answer, the later the next question: the store is to have time for other views.
            self._ask.setInterval(max(_ASK_MS, round((time.perf_counter() - began) * 1e3)))
            if self._wanted is not wanted:
                self._ask.start()
        if turn == self._turn and self._asked is wanted:
            self.ticks.take(ticks, self._number_of)
            self.near = near
            if levels is not None:
                self.pieces.take(levels)
                self._asked_levels = wanted
            self.changed.emit()

    async def _levels(self, wanted: _Asked, sessions: dict[str, list[str]]) -> Columns | None:
        """Which levels were played; None when it is known as finely as it can be seen: it is the dearest question."""
        known = self._asked_levels
        at_end = known is not None and min(wanted.span.end_us, self._asked_upto_us) <= known.span.end_us
        if known is not None and at_end and known.covers(wanted, finer=0.0, coarser=_COARSER_LEVELS):
            return None
        gap_us = max(2 * wanted.bin_us, _LEAST_GAP_US, min(GAP_US, wanted.span.length_us // 200))
        return await self._context.client.query(
            "timeline_levels",
            sessions=sessions,
            from_us=wanted.span.start_us,
            to_us=wanted.span.end_us,
            gap_us=gap_us,
        )

    # being told

    def _topic_changed(self, topic: str) -> None:
        if topic == "bookmarks" and not self._active:
            self._behind = True
        elif topic == "bookmarks":
            self._start(self._reload_bookmarks(self._turn, self._context.selection.scope))

    async def _reload_bookmarks(self, turn: int, scope: Scope) -> None:
        await self._load_bookmarks(turn, scope)
        self._tell_soon()

    def _scope_changed(self, _scope: Scope) -> None:
        self._forget()
        self._tell_now()
        if self._context.feed.hello is not None:
            self.reload()

    def _take_rows(self, rows: FeedRows) -> None:
        scope = self._context.selection.scope
        for row in rows.events:  # whoever is new has the next colour, whichever view shows them first
            if row.session_id and row.kind is not EventKind.PLAYER_API:
                self._context.colours.session(row.app_id, row.session_id, row.player_id)
        if rows.requests and self.rejected.add(rejections(rows.requests, scope)):
            self._tell_soon()
        crowded = self.activity.arrived > _ARRIVED
        if rows.skipped_events or crowded:
            if self._active:
                self._asking.ask_soon()
            else:
                self._behind = True
        events = rows.events
        if scope != Scope():
            events = [row for row in events if scope.admits(row.app_id, row.build_id, row.session_id)]
        if events:
            self.lanes.note(events, scope, self._now_us())
            self.ticks.add(events, self._number_of)
            self.pieces.add(events)
            if self._active or not crowded:  # else it is asked for once somebody looks, and need not grow until then
                self.activity.add(events)
                if self.near is not None:
                    self.near.add(events)
            self._tell_soon()

    def _tell_soon(self) -> None:
        if not self._tell.isActive():
            self._tell.start()

    def _tell_now(self) -> None:
        self._tell.stop()
        clock = self._context.clock
        clock.set_busy(self.activity.busy())
        extent = self.lanes.extent
        clock.set_extent(None if extent is None else TimeRange(extent.start_us, extent.end_us))
        self.changed.emit()
