"""Asks the server what happened in the cells of a level, and adds what comes in since: nothing is asked for twice."""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from console.columns import numbers, text
from console.messages import Columns, EventRow, FeedRows, TrajectoryRow
from console.telemetry.coordinates import transformed
from console.telemetry.events import UNASSIGNED_LEVEL, EventKind
from console.telemetry.heat import BIN_RATIO, Grid, Heat, Totals, rate_bin
from console.ui.asking import Asking
from console.ui.level.chosen import BYTES_A_SAMPLE, Chosen, present
from console.ui.level.framing import WHOLE_HEIGHT, Bounds
from console.ui.level.heatmap.field import Side
from console.ui.level.heatmap.options import Options, automatic_cell
from console.ui.level.workbench import Workbench
from console.ui.selection import Scope

# Live rows kept in case an answer under way does not hold them yet.
_RECENT_ROWS = 20_000
_RECENT_BYTES = 64 << 20  # of their samples
# What cannot be added up (unique players, sessions) is asked for again at most so often, and only when something came.
_AGAIN_MS = 5_000


@dataclass
class _Counted:
    level: str
    chosen: Chosen
    heat: Heat
    totals: Totals
    upto: int


class HeatSource(QObject):
    """`changed()`: other sides, or more in them. `asked()`: a question is under way."""

    changed = Signal()
    asked = Signal()

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench
        self._options = Options()
        self._level: str | None = None  # that was asked for
        self._active = False
        self._answered = False  # what was asked for last
        self._sides: list[_Counted] = []
        self._recent: deque[TrajectoryRow | EventRow] = deque()
        self._recent_bytes = 0
        self.kept: Chosen | None = None
        self.moment_us: int | None = None
        self.problem = ""
        self.builds: list[str] = []
        self._asking = Asking(
            workbench.context,
            self._load,
            "Count the heatmap",
            self,
            least_pause_ms=_AGAIN_MS,
            on_error=self._failed,
        )
        workbench.context.feed.rows_arrived.connect(self._take_rows)

    # reading

    @property
    def loading(self) -> bool:
        """Whether another question is under way; the same one asked anew leaves what is shown as it is."""
        return self._asking.running and not self._answered

    def sides(self) -> list[Side]:
        """One, or the two that are compared; none before the first answer."""
        return [Side(side.chosen.words(), side.heat, side.totals) for side in self._sides]

    def present(self) -> Chosen:
        """What the dock and the timeline narrow every view to now."""
        return present(self._bench)

    # asking

    def stop(self) -> None:
        """Nobody looks any more: ask nothing."""
        self._active = False
        self._asking.set_active(False)

    def resume(self) -> None:
        """Somebody looks again, at what was asked for last."""
        self._active = True
        self._asking.set_active(True)
        self.changed.emit()

    def leave_level(self) -> bool:
        """Forget what was counted on a level that is no longer shown. Whether there was any."""
        if self._level == self._bench.scene.level:
            return False
        self._asking.give_up()
        left, self._sides = self._sides, []
        return bool(left)

    def ask(self, options: Options) -> None:
        """Count anew, for these options and what is selected now."""
        self._options, self._level, self._answered = options, self._bench.scene.level, False
        self._asking.give_up()
        if self._bench.scene.level is None:
            self.stop()
            self._sides = []
            self.changed.emit()
            return
        self._active = True
        self._asking.set_active(True)
        self.asked.emit()

    def chosen_sides(self) -> list[Chosen]:
        """What the options ask to see: the selection, or it and what it is compared with."""
        options, now = self._options, self.present()
        if options.against == "builds" and options.build and options.base and options.build != options.base:
            scope = now.scope
            return [
                replace(now, scope=Scope(scope.app_id, build, scope.sessions))
                for build in (options.build, options.base)
            ]
        if options.against == "moment" and self.moment_us is not None:
            return [replace(now, from_us=self.moment_us), replace(now, to_us=self.moment_us - 1)]
        if options.against == "kept" and self.kept is not None:
            return [now, self.kept]
        return [now]

    def grid(self) -> Grid | None:
        """The cells: over the level's box, in the height section."""
        scene, section = self._bench.scene, self._bench.section
        bounds: Bounds | None = scene.bounds()
        if bounds is None:
            return None
        (x0, y0, _), (x1, y1, _) = bounds
        cell = self._options.cell_m or automatic_cell(x1 - x0, y1 - y0)
        low = None if section.low <= WHOLE_HEIGHT.low else section.low
        high = None if section.high >= WHOLE_HEIGHT.high else section.high
        return Grid.over(bounds, cell, low=low, high=high)

    async def _load(self) -> None:
        grid = self.grid()
        counted = [] if grid is None else [await self._count(grid, chosen) for chosen in self.chosen_sides()]
        self.problem, self._sides, self._answered = "", counted, True
        for side in counted:
            self._add(side, [row for row in self._recent if row.seq > side.upto])
        self.changed.emit()

    async def _count(self, grid: Grid, chosen: Chosen) -> _Counted:
        client, scene, options = self._bench.context.client, self._bench.scene, self._options
        level = scene.level or ""
        params = chosen.params(level)
        laid: dict[str, object] = {
            "to_grid": grid.from_game(scene.transforms.telemetry),
            "columns": grid.columns,
            "rows": grid.rows,
        }
        laid |= {} if grid.low is None else {"low": grid.low}
        laid |= {} if grid.high is None else {"high": grid.high}
        what = options.what
        if what.query == "heat_events":
            laid |= {"names": [options.event]} if options.event else {}
        elif what.rate:
            laid |= {"by": options.rate, "bin_ratio": BIN_RATIO}
        elif what.name == "players":
            laid["by"] = "player"
        builds = await client.query("level_builds", **params)
        answer = await client.query(what.query, **params, **laid)
        if chosen == self.present():
            self.builds = text(builds, "build_id")
        totals = Totals(
            int(numbers(builds, "sessions").sum()),
            float(numbers(builds, "seconds").sum()),
        )
        heat = Heat(grid)
        _take(heat, answer, rated=what.rate)
        return _Counted(level, chosen, heat, totals, int(numbers(answer, "upto").max()))

    def _failed(self, error: Exception) -> None:
        self.problem = str(error)
        self.changed.emit()

    # live

    def _take_rows(self, rows: FeedRows) -> None:
        placed = [event for event in rows.events if event.kind is EventKind.GAMEPLAY and event.x is not None]
        fresh: list[TrajectoryRow | EventRow] = [*rows.trajectories, *placed]
        if rows.skipped_events:  # what the feed left out is in the store
            self._asking.ask_soon()
        if not fresh:
            return
        self._remember(fresh)
        if not self._active:
            self._asking.ask_soon()  # as soon as somebody looks again
            return
        added = [self._add(side, fresh) for side in self._sides]
        if any(added):
            self.changed.emit()

    def _remember(self, fresh: list[TrajectoryRow | EventRow]) -> None:
        self._recent.extend(fresh)
        self._recent_bytes += sum(map(_bytes, fresh))
        while len(self._recent) > _RECENT_ROWS or self._recent_bytes > _RECENT_BYTES:
            self._recent_bytes -= _bytes(self._recent.popleft())

    def _add(self, side: _Counted, rows: list[TrajectoryRow | EventRow]) -> bool:
        """Count live rows. Whether there were any."""
        options = self._options
        events = options.what.query == "heat_events"
        wanted = [
            row
            for row in rows
            if isinstance(row, EventRow) == events
            and row.seq > side.upto
            and (row.level_id or UNASSIGNED_LEVEL) == side.level
            and side.chosen.admits(row)
        ]
        if not wanted:
            return False
        self._asking.ask_soon()  # how many sessions and players there are is not told by rows
        if options.what.name == "players":
            return False
        matrix = self._bench.scene.transforms.telemetry
        places = [
            (row.x, row.y, row.z)
            for row in wanted
            if isinstance(row, EventRow) and options.event in ("", row.name) and side.chosen.holds(row.time_us)
        ]
        if places:
            points = transformed(matrix, np.array(places, dtype=np.float64))
            cells = side.heat.grid.numbers(points)
            side.heat.add(cells, np.ones(len(cells)), np.zeros(len(cells)))
            side.heat.add_heights(cells, points[:, 2], points[:, 2])
        for row in wanted:
            if isinstance(row, TrajectoryRow):
                self._add_track(side, row, options)
        side.upto = max(side.upto, *(row.seq for row in wanted))
        return True

    def _add_track(self, side: _Counted, row: TrajectoryRow, options: Options) -> None:
        count = len(row.positions) // BYTES_A_SAMPLE
        if not count:
            return
        places = transformed(self._bench.scene.transforms.telemetry, side.chosen.samples_of(row))
        cells = side.heat.grid.numbers(places)
        side.heat.add_heights(cells, places[:, 2], places[:, 2])
        seconds = np.full(len(cells), max(row.end_us - row.start_us, 0) / 1e6 / count)
        totals = side.totals
        side.totals = replace(totals, seconds=totals.seconds + float(seconds.sum()))
        if not options.what.rate:
            side.heat.add(cells, np.ones(len(cells)), seconds)
            return
        rate = {"mean": row.fps_mean, "low_5": row.fps_low_5, "low_1": row.fps_low_1}[options.rate]
        known = np.full(len(cells), np.nan if rate is None else rate)
        side.heat.add(
            cells, np.ones(len(cells)), seconds, bins=rate_bin(known), rate_seconds=np.nan_to_num(known) * seconds
        )


def _bytes(row: TrajectoryRow | EventRow) -> int:
    return len(row.positions) if isinstance(row, TrajectoryRow) else 0


def _take(heat: Heat, answer: Columns, *, rated: bool) -> None:
    """Put an answer of the event store into cells."""
    cells = numbers(answer, "cell").astype(np.int64)
    samples = numbers(answer, "samples").astype(np.float64)
    parts = numbers(answer, "parts").astype(np.float64)
    seconds = numbers(answer, "seconds").astype(np.float64) if "seconds" in answer.columns else np.zeros(len(cells))
    if rated:
        bins = numbers(answer, "part").astype(np.int64)
        rate_seconds = np.nan_to_num(numbers(answer, "rate_seconds").astype(np.float64))
        heat.add(cells, samples, seconds, bins=bins, rate_seconds=rate_seconds)
    else:
        heat.add(cells, samples, seconds, players=parts)
    ends = (numbers(answer, name).astype(np.float64) for name in ("lowest", "highest"))
    heat.add_heights(cells, *ends)
