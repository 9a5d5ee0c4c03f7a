"""The tool that shows which floors nobody visited, and who left the level."""

import asyncio
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.columns import numbers
from console.telemetry.coordinates import transformed
from console.telemetry.coverage import Coverage, coverage, floors, widened
from console.telemetry.heat import Grid, Heat
from console.ui.level.coverage.colours import CoverageLegend, painted_coverage
from console.ui.level.coverage.words import Outside, Stray, away_words, covered_words, region_cells
from console.ui.level.framing import WHOLE_HEIGHT, Bounds
from console.ui.level.heat_picture import HeatPicture
from console.ui.level.heatmap.options import CELL_SIZES, automatic_cell
from console.ui.level.model import INSIDE_MARGIN_M
from console.ui.level.workbench import Workbench
from console.ui.widgets.form_fields import FIELD_HEIGHT, Choice
from console.ui.widgets.formatting import day_and_time, visible
from console.ui.widgets.small_table import Column, Line, SmallTable

_PAUSE_MS = 200
_LOOKING = "Looking at every floor…"
_STRAYS = 200
_ROWS_SHOWN = 8
# How near a visited cell another counts as seen, in cells.
_REACHES = ((0, "the cell itself"), (1, "one cell around"), (2, "two cells around"))
# A flight ends with so much around what it is to show, in metres.
_AROUND_M = 4.0


class CoveragePanel(QWidget):
    """Draws while it is shown. It follows the dock's selection, the timeline's range and the section."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench
        self._context = workbench.context
        self._level: str | None = None  # of which is shown
        self._found: Coverage | None = None
        self._outside = Outside()
        self._request = 0
        self._cancel: Callable[[], object] | None = None
        self._legend = CoverageLegend(self._context.theme.tokens, workbench.stage)
        self._legend.hide()
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        workbench.scene_changed.connect(self._scene_changed)
        workbench.section_changed.connect(self._ask_soon)
        workbench.canvas_changed.connect(self._draw)
        self._context.clock.range_changed.connect(self._ask_soon)
        self._context.theme.changed.connect(self._draw)

    @property
    def found(self) -> Coverage | None:
        """What is shown; None without a model, or before the first answer."""
        return self._found

    @property
    def outside(self) -> Outside:
        """Who left the level."""
        return self._outside

    # set-up

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        self._cell = Choice()
        for size in CELL_SIZES:
            self._cell.addItem(f"{size:g} m" if size else "automatic", size)
        self._reach = Choice()
        for cells, words in _REACHES:
            self._reach.addItem(words, cells)
        self._reach.setCurrentIndex(1)
        for words, field, tip in (
            ("Cells", self._cell, "The side of a cell, in metres"),
            ("Seen from", self._reach, "What a player who was in a cell has visited"),
        ):
            field.setFixedHeight(FIELD_HEIGHT)
            field.setAccessibleName(words)
            field.setToolTip(tip)
            field.currentIndexChanged.connect(self._ask_soon)
            row = QHBoxLayout()
            label = _text("dim")
            label.setText(words)
            label.setFixedWidth(92)
            row.addWidget(label)
            row.addWidget(field, 1)
            column.addLayout(row)
        self._covered = _text()
        self._missed_heading = _text("heading")
        self._missed_heading.setText("NOT VISITED")
        self._regions = SmallTable(
            self._context.theme,
            "Regions that nobody visited, the largest first",
            (Column("Area", 84, mono=True, right=True), Column("Around x, y, z (m)", 0, mono=True)),
        )
        self._regions.opened.connect(self._fly_to_region)
        self._regions.itemSelectionChanged.connect(self._region_selected)
        self._outside_heading = _text("heading")
        self._outside_heading.setText("OUTSIDE THE LEVEL")
        self._outside_words = _text()
        self._strays = SmallTable(
            self._context.theme,
            "Sessions that left the level, the farthest first",
            (Column("Farthest", 104, mono=True, right=True), Column("Player", 0)),
        )
        self._strays.opened.connect(self._fly_to_stray)
        for widget in (
            self._covered,
            self._missed_heading,
            self._regions,
            self._outside_heading,
            self._outside_words,
            self._strays,
        ):
            column.addWidget(widget)
        column.addStretch(1)

    # asking

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pause.stop()
        self._give_up()
        self._found = None
        self._bench.canvas.set_heat(None, None)
        self._bench.stage.set_corner(None)

    def _scene_changed(self) -> None:
        self._ask_soon()
        if self.isVisible() and self._level != self._bench.scene.level:
            self._give_up()
            self._found, self._outside = None, Outside()
            self._show(_LOOKING)

    def _ask_soon(self) -> None:
        if self.isVisible():
            self._pause.start()

    def _give_up(self) -> None:
        self._request += 1
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _ask(self) -> None:
        self._give_up()
        self._level = self._bench.scene.level
        bounds = self._bench.scene.mesh_bounds()
        if self._bench.source.geometry is None or bounds is None:
            self._found, self._outside = None, Outside()
            self._show("This level has no model: without floors nothing can be told of where nobody was.")
            return
        self._covered.setText(_LOOKING)
        self._cancel = self._context.tasks.start(self._load(self._request, bounds), "Look at the floors", self._failed)

    async def _load(self, request: int, bounds: Bounds) -> None:
        geometry, scene = self._bench.source.geometry, self._bench.scene
        if geometry is None:
            return
        grid, params = self._grid(bounds), self._params()
        matrix = scene.transforms.telemetry
        client = self._context.client
        answer = await client.query(
            "heat", to_grid=grid.from_game(matrix), columns=grid.columns, rows=grid.rows, **_band(grid), **params
        )
        box = [value - INSIDE_MARGIN_M for value in bounds[0]] + [value + INSIDE_MARGIN_M for value in bounds[1]]
        strays = await client.query("outside", to_viewer=matrix[:3].ravel().tolist(), box=box, limit=_STRAYS, **params)
        heat = Heat(grid)
        heat.add(
            numbers(answer, "cell").astype(np.int64),
            numbers(answer, "samples").astype(np.float64),
            numbers(answer, "seconds").astype(np.float64),
        )
        world, reach = scene.transforms.mesh, int(self._reach.currentData())

        def compare() -> Coverage:
            turned = transformed(world, geometry.vertices)
            heights = floors(turned, geometry.faces, grid, mirrored=bool(np.linalg.det(world[:3, :3]) < 0))
            return coverage(grid, heights, widened(heat.samples > 0, reach))

        found = await asyncio.to_thread(compare)
        if request == self._request:
            self._found, self._outside = found, Outside.of(strays)
            self._show(covered_words(found))

    def _failed(self, error: Exception) -> None:
        self._found, self._outside = None, Outside()
        self._show(str(error))

    def _params(self) -> dict[str, object]:
        params = self._bench.scene.query_params()
        span = self._context.clock.range
        return params if span is None else params | {"from_us": span.start_us, "to_us": span.end_us}

    def _grid(self, bounds: Bounds) -> Grid:
        (x0, y0, _), (x1, y1, _) = bounds
        section = self._bench.section
        cell = float(self._cell.currentData()) or automatic_cell(x1 - x0, y1 - y0)
        low = None if section.low <= WHOLE_HEIGHT.low else section.low
        high = None if section.high >= WHOLE_HEIGHT.high else section.high
        return Grid.over(bounds, cell, low=low, high=high)

    # showing

    def _show(self, words: str) -> None:
        if not self.isVisible():
            return
        found, outside = self._found, self._outside
        regions = () if found is None else found.regions
        self._covered.setText(words)
        self._missed_heading.setVisible(bool(regions))
        self._regions.setVisible(bool(regions))
        self._regions.show_lines([Line(number, region_cells(region)) for number, region in enumerate(regions)])
        self._outside_heading.setVisible(found is not None)
        self._outside_words.setVisible(found is not None)
        self._outside_words.setText(outside.words())
        self._strays.setVisible(bool(outside.strays))
        self._strays.show_lines(
            [
                Line(
                    number,
                    (away_words(stray.away_m), visible(stray.player_id, 40)),
                    (
                        f"{stray.samples:,} samples outside",
                        f"{visible(stray.session_id)}\n{day_and_time(stray.time_us)}",
                    ),
                )
                for number, stray in enumerate(outside.strays)
            ]
        )
        for table in (self._regions, self._strays):
            table.setFixedHeight(table.fitting_height(_ROWS_SHOWN))
        self._draw()

    def _draw(self) -> None:
        if not self.isVisible():
            return
        found = self._found
        self._bench.stage.set_corner(None if found is None else self._legend)
        if found is None:
            self._bench.canvas.set_heat(None, None)
            return
        self._legend.set_tokens(self._context.theme.tokens)
        floor = (self._bench.scene.mesh_bounds() or ((0, 0, 0), (0, 0, 0)))[0][2]
        pixels = painted_coverage(found, self._context.theme.tokens)
        self._bench.canvas.set_heat(HeatPicture.of(found.grid, pixels, floor), self._words)

    def _words(self, x: float, y: float) -> str:
        found = self._found
        cell = None if found is None else found.grid.cell_at(x, y)
        if found is None or cell is None:
            return ""
        for mask, words in (
            (found.visited, "visited"),
            (found.missed, "nobody was here"),
            (found.cut_off, "cannot be walked to from where players were"),
        ):
            if mask[cell]:
                return words
        return ""

    # going there

    def _region_selected(self) -> None:
        rows = self._regions.selectionModel().selectedRows()
        if rows and self._regions.hasFocus():
            self._fly_to_region(rows[0].row())

    def _fly_to_region(self, number: object) -> None:
        if self._found is not None and isinstance(number, int) and number < len(self._found.regions):
            region = self._found.regions[number]
            self._fly(region.low, region.high)

    def _fly_to_stray(self, number: object) -> None:
        if isinstance(number, int) and number < len(self._outside.strays):
            stray: Stray = self._outside.strays[number]
            place = transformed(self._bench.scene.transforms.telemetry, np.array([stray.place]))[0].tolist()
            self._fly((place[0], place[1], place[2]), (place[0], place[1], place[2]))

    def _fly(self, low: tuple[float, float, float], high: tuple[float, float, float]) -> None:
        near = (low[0] - _AROUND_M, low[1] - _AROUND_M, low[2])
        far = (high[0] + _AROUND_M, high[1] + _AROUND_M, high[2])
        self._bench.canvas.fly_to((near, far))


def _band(grid: Grid) -> dict[str, float]:
    band = {} if grid.low is None else {"low": grid.low}
    return band if grid.high is None else band | {"high": grid.high}


def _text(role: str = "") -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
