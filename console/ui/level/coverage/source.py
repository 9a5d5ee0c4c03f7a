"""Asks the server once where players were, compares it with the level's ground, and adds what comes in since."""

import asyncio
import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from console.columns import numbers
from console.messages import FeedRows, TrajectoryRow
from console.telemetry.coordinates import transformed
from console.telemetry.coverage import HEIGHT_STEP_M, Coverage, Visits, counting_grid, coverage, height_steps
from console.telemetry.events import UNASSIGNED_LEVEL
from console.telemetry.ground import ABOVE_M, BELOW_M, Ground
from console.telemetry.heat import Grid
from console.ui.asking import Asking
from console.ui.level.chosen import Chosen, present
from console.ui.level.coverage.words import Outside
from console.ui.level.framing import WHOLE_HEIGHT, Bounds, Section
from console.ui.level.geometry import MeshGeometry
from console.ui.level.heatmap.options import automatic_cell
from console.ui.level.model import INSIDE_MARGIN_M
from console.ui.level.workbench import Workbench

_STRAYS = 200
# Live rows kept in case an answer under way does not hold them yet, by number and by the bytes of their samples.
_RECENT_ROWS, _RECENT_BYTES = 5_000, 16 << 20
# Ground that was visited anew is compared at most so often; who left the level is asked again at most so often.
_COMPARE_MS, _OUTSIDE_MS = 500, 10_000


@dataclass(frozen=True)
class _Counted:
    """What an answer was of, and how far it and the live rows since reach."""

    level: str
    chosen: Chosen
    to_viewer: NDArray[np.float64]
    visits: Visits


class CoverageSource(QObject):
    """`changed()`: another coverage, none any more, or other strays. `asked()`: a question is under way."""

    changed = Signal()
    asked = Signal()

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench
        context = workbench.context
        self.found: Coverage | None = None
        self.outside = Outside()
        self.problem = ""
        self._cell_m = 0.0
        self._reach_m = 0.0
        self._section = WHOLE_HEIGHT
        self._level: str | None = None  # that was asked for
        self._counted: _Counted | None = None
        self._upto = 0  # up to this number, rows are counted or none of this selection
        self._recent: deque[TrajectoryRow] = deque()
        self._recent_bytes = 0
        self._asked: tuple[object, ...] = ()
        self._gone = 0  # the number of the last row that is not kept any more
        self._missed_rows = False  # rows went that no answer held
        self._asked_of: MeshGeometry | None = None
        self._active = False
        self._ground: tuple[MeshGeometry, tuple[bytes, Grid, int], Ground] | None = None  # and what it is of
        self._loading = Asking(
            context, self._load, "Look at the floors", self, least_pause_ms=_OUTSIDE_MS, on_error=self._failed
        )
        self._comparing = Asking(
            context, self._compare, "Look at the floors", self, least_pause_ms=_COMPARE_MS, on_error=self._failed
        )
        self._straying = Asking(
            context, self._load_outside, "Look who left", self, least_pause_ms=_OUTSIDE_MS, on_error=self._failed
        )
        context.feed.rows_arrived.connect(self._take_rows)

    @property
    def loading(self) -> bool:
        """Whether the visits are asked for."""
        return self._loading.running

    def stop(self) -> None:
        """Nobody looks any more: ask nothing, and leave rows unread."""
        self._active = False
        for asking in (self._loading, self._comparing, self._straying):
            asking.set_active(False)

    def resume(self) -> None:
        """Somebody looks again, at what was asked for last."""
        self._active = True
        if self._missed_rows:
            self._loading.ask_soon()
        self._loading.set_active(self._level is not None)
        self._straying.set_active(self._level is not None)
        self._comparing.set_active(self._counted is not None)
        self._add(list(self._recent))

    def leave_level(self) -> bool:
        """Forget what was found on a level that is no longer shown. Whether there was any."""
        if self._level == self._bench.scene.level:
            return False
        for asking in (self._loading, self._comparing, self._straying):
            asking.give_up()
        had = self.found is not None
        self._forget()
        return had

    def ask(self, cell_m: float, reach_m: float, section: Section) -> None:
        """Look anew, at what is selected now. `cell_m` 0 chooses by the level's size; both lengths are in metres."""
        self._cell_m, self._reach_m, self._section = cell_m, reach_m, section
        self._level = self._bench.scene.level
        self._active, self.problem = True, ""
        self._asked, self._asked_of = self._question(), self._bench.source.geometry
        for asking in (self._loading, self._comparing, self._straying):
            asking.give_up()
            asking.set_active(False)
        if self._level is None or self._bench.source.geometry is None or self._bench.scene.mesh_bounds() is None:
            self._level = None
            self._forget()
            self.changed.emit()
            return
        self._loading.set_active(True)
        self._straying.set_active(True)
        self.asked.emit()

    def is_current(self) -> bool:
        """Whether what was asked for last is what is selected now, on the same model at the same place."""
        return self._asked_of is self._bench.source.geometry and self._asked == self._question()

    def compare(self, reach_m: float, section: Section) -> None:
        """Look at the same visits in another way: nothing is asked for again."""
        self._reach_m, self._section = reach_m, section
        if self._counted is not None:
            self._comparing.set_active(True)
            self._comparing.ask()

    def _question(self) -> tuple[object, ...]:
        scene = self._bench.scene
        worlds = scene.transforms.mesh.tobytes(), scene.transforms.telemetry.tobytes()
        return scene.level, scene.mesh_bounds(), worlds, present(self._bench)

    def _forget(self) -> None:
        self.found, self._counted, self.outside = None, None, Outside()

    def _failed(self, error: Exception) -> None:
        self.found, self.problem = None, str(error)
        self.changed.emit()

    # asking

    async def _load(self) -> None:
        scene, geometry, bounds = self._bench.scene, self._bench.source.geometry, self._bench.scene.mesh_bounds()
        if geometry is None or bounds is None or scene.level is None:
            return
        chosen, level, matrix = present(self._bench), scene.level, scene.transforms.telemetry
        grid, by = self._grid(bounds)
        ground, answer = await asyncio.gather(
            self._ground_of(geometry, scene.transforms.mesh, grid, by),
            self._bench.context.client.query(
                "visited",
                to_grid=grid.from_game(matrix),
                columns=grid.columns,
                rows=grid.rows,
                step_m=HEIGHT_STEP_M,
                low=bounds[0][2] - BELOW_M - HEIGHT_STEP_M,  # what nothing of the level can hold is not told of
                high=bounds[1][2] + ABOVE_M + HEIGHT_STEP_M,
                **chosen.params(level),
            ),
        )
        visits = Visits(ground)

        def compare() -> Coverage:
            cells, steps, samples = (numbers(answer, name).astype(np.int64) for name in ("cell", "step", "samples"))
            visits.add(cells, steps, samples)
            return self._covered(visits, visits.samples > 0)

        found = await asyncio.to_thread(compare)
        self._upto = int(numbers(answer, "upto").max()) if answer.rows else 0
        self._counted, self.found, self.problem = _Counted(level, chosen, matrix, visits), found, ""
        self._missed_rows = self._gone > self._upto
        if self._missed_rows:  # more came while it was answered than are kept
            self._loading.ask_soon()
        self._comparing.give_up()  # what was compared is older
        self._add(list(self._recent))
        self.changed.emit()

    async def _compare(self) -> None:
        counted = self._counted
        if counted is None:
            return
        seen = counted.visits.samples > 0  # now: rows go on coming
        self.found = await asyncio.to_thread(self._covered, counted.visits, seen)
        self.changed.emit()

    async def _load_outside(self) -> None:
        scene, bounds = self._bench.scene, self._bench.scene.mesh_bounds()
        if bounds is None or scene.level is None:
            return
        self.outside = Outside.of(
            await self._bench.context.client.query(
                "outside",
                to_viewer=scene.transforms.telemetry[:3].ravel().tolist(),
                box=[value - INSIDE_MARGIN_M for value in bounds[0]] + [value + INSIDE_MARGIN_M for value in bounds[1]],
                margin=INSIDE_MARGIN_M,
                limit=_STRAYS,
                **present(self._bench).params(scene.level),
            )
        )
        self.changed.emit()

    async def _ground_of(self, geometry: MeshGeometry, world: NDArray[np.float64], grid: Grid, by: int) -> Ground:
        """The ground of a mesh; the last one is kept, as another selection stands on the same."""
        known, of = self._ground, (world.tobytes(), grid, by)
        if known is not None and known[0] is geometry and known[1] == of:
            return known[2]
        found = await asyncio.to_thread(_ground, geometry, world, grid, by)
        self._ground = geometry, of, found
        return found

    def _covered(self, visits: Visits, seen: NDArray[np.bool_]) -> Coverage:
        section = self._section
        low = -math.inf if section.low <= WHOLE_HEIGHT.low else section.low
        high = math.inf if section.high >= WHOLE_HEIGHT.high else section.high
        reach = round(self._reach_m / visits.ground.grid.cell_m)
        return coverage(visits.ground, seen, reach=reach, low=low, high=high)

    def _grid(self, bounds: Bounds) -> tuple[Grid, int]:
        (x0, y0, _), (x1, y1, _) = bounds
        return counting_grid(bounds, self._cell_m or automatic_cell(x1 - x0, y1 - y0))

    # live

    def _take_rows(self, rows: FeedRows) -> None:
        if rows.skipped_events:  # what the feed left out is in the store
            self._loading.ask_soon()
        if not rows.trajectories:
            return
        self._recent.extend(rows.trajectories)
        self._recent_bytes += sum(len(row.positions) for row in rows.trajectories)
        while len(self._recent) > _RECENT_ROWS or self._recent_bytes > _RECENT_BYTES:
            gone = self._recent.popleft()
            self._recent_bytes -= len(gone.positions)
            self._gone = max(self._gone, gone.seq)
        if self._active:
            self._add(rows.trajectories)
        self._missed_rows |= self._counted is not None and self._gone > self._upto

    def _add(self, rows: list[TrajectoryRow]) -> None:
        """Count live rows, and look again when they were where nobody was before."""
        counted = self._counted
        if counted is None:
            return
        rows = [row for row in rows if row.seq > self._upto]
        self._upto = max((row.seq for row in rows), default=self._upto)
        wanted = [
            row for row in rows if (row.level_id or UNASSIGNED_LEVEL) == counted.level and counted.chosen.admits(row)
        ]
        places = [counted.chosen.samples_of(row) for row in wanted]
        if not wanted or not sum(map(len, places)):
            return
        points = transformed(counted.to_viewer, np.concatenate(places))
        cells = counted.visits.ground.grid.numbers(points)
        anew = counted.visits.add(cells, height_steps(points[:, 2]), np.ones(len(cells), dtype=np.int64))
        if anew:
            self._comparing.set_active(self._active)
            self._comparing.ask_soon()
        self._straying.ask_soon()


def _ground(geometry: MeshGeometry, world: NDArray[np.float64], grid: Grid, by: int) -> Ground:
    mirrored = bool(np.linalg.det(world[:3, :3]) < 0)
    return Ground.of(transformed(world, geometry.vertices), geometry.faces, grid, mirrored=mirrored, by=by)
