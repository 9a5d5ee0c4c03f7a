"""The tool that shows which floors nobody visited, and who left the level."""

import math

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.telemetry.coordinates import transformed
from console.telemetry.coverage import Coverage, band_of
from console.ui.dialogs import plain_label
from console.ui.level.coverage.colours import CoverageLegend, coverage_picture
from console.ui.level.coverage.source import CoverageSource
from console.ui.level.coverage.words import (
    Outside,
    Stray,
    away_words,
    covered_words,
    region_cells,
    spot_words,
    storey_cells,
)
from console.ui.level.framing import WHOLE_HEIGHT, Section
from console.ui.level.heatmap.options import CELL_CHOICES
from console.ui.level.workbench import Workbench
from console.ui.widgets.form_fields import FIELD_HEIGHT, Choice
from console.ui.widgets.formatting import day_and_time, visible
from console.ui.widgets.small_table import Column, Line, SmallTable

_PAUSE_MS = 200
_LOOKING = "Looking at every floor…"
_NO_MODEL = "This level has no model: without floors nothing can be told of where nobody was. Drop one here."
_HIDDEN = "From above, the highest floor that players can walk to hides those below: choose one to see it"
_SEE_STOREY = "Show this floor only"
_SEE_ALL = "Show the whole level"
_ROWS_SHOWN = 8
# How near to where somebody was the floor counts as visited, in metres.
_REACHES = ((0.0, "the spot itself"), (1.0, "1 m around"), (2.0, "2 m around"), (4.0, "4 m around"))
# A flight ends with so much around what it is to show, in metres.
_AROUND_M = 4.0


class CoveragePanel(QWidget):
    """Draws while it is shown. It follows the dock's selection, the timeline's range and the section."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench
        self._context = workbench.context
        self._source = CoverageSource(workbench, self)
        self._listed = WHOLE_HEIGHT  # the band of heights that regions are listed of
        self._looked_at: Section | None = None  # the band of the region that was flown to
        self._looking = False
        self._drawn: tuple[Coverage, str] | None = None  # and in which colours; None: nothing on this canvas
        self._behind = True  # it is to be asked for once somebody looks
        self._legend = CoverageLegend(self._context.theme.tokens, workbench.stage)
        self._legend.hide()
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        workbench.scene_changed.connect(self._scene_changed)
        workbench.section_changed.connect(self._section_changed)
        self._source.changed.connect(self._show)
        self._source.asked.connect(self._show)
        workbench.canvas_changed.connect(self._draw_anew)
        self._context.clock.range_changed.connect(self._ask_soon)
        self._context.theme.changed.connect(self._draw)

    @property
    def found(self) -> Coverage | None:
        """What is shown; None without a model, or before the first answer."""
        return self._source.found

    @property
    def outside(self) -> Outside:
        """Who left the level."""
        return self._source.outside

    # set-up

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        self._add_fields(column)
        self._add_tables(column)
        column.addStretch(1)

    def _add_fields(self, column: QVBoxLayout) -> None:
        self._cell = Choice()
        for size, words in CELL_CHOICES:
            self._cell.addItem(words, size)
        self._reach = Choice()
        for metres, words in _REACHES:
            self._reach.addItem(words, metres)
        self._reach.setCurrentIndex(1)
        for words, field, tip in (
            (
                "Cells",
                self._cell,
                "The side of a cell, in metres. One is shown as visited when most of its floor is; areas stay the same",
            ),
            (
                "Seen from",
                self._reach,
                "How far around where players were the floor counts as visited, as far as one can walk there",
            ),
        ):
            field.setFixedHeight(FIELD_HEIGHT)
            field.setAccessibleName(words)
            field.setToolTip(tip)
            field.currentIndexChanged.connect(self._ask_soon if field is self._cell else self._compare)
            row = QHBoxLayout()
            label = plain_label(words, "dim")
            label.setFixedWidth(92)
            row.addWidget(label)
            row.addWidget(field, 1)
            column.addLayout(row)

    def _add_tables(self, column: QVBoxLayout) -> None:
        self._covered = plain_label("")
        self._storeys_heading = plain_label("FLOORS", "heading")
        self._storeys = SmallTable(
            self._context.theme,
            "Floors, the highest first, and how much of each was visited",
            (
                Column("Heights (m)", 0, mono=True),
                Column("Visited", 76, mono=True, right=True),
                Column("of", 84, mono=True, right=True),
            ),
        )
        self._storeys.opened.connect(self._see_storey)
        self._storeys.itemSelectionChanged.connect(self._storey_selected)
        self._missed_heading = plain_label("NOT VISITED", "heading")
        self._regions = SmallTable(
            self._context.theme,
            "Regions that nobody visited, the largest first",
            (Column("Area", 84, mono=True, right=True), Column("Around x, y, z (m)", 0, mono=True)),
        )
        self._regions.opened.connect(self._fly_to_region)
        self._regions.itemSelectionChanged.connect(self._region_selected)
        self._outside_heading = plain_label("OUTSIDE THE LEVEL", "heading")
        self._outside_words = plain_label("")
        self._strays = SmallTable(
            self._context.theme,
            "Sessions that left the level, the farthest first",
            (Column("Farthest", 104, mono=True, right=True), Column("Player", 0)),
        )
        self._strays.opened.connect(self._fly_to_stray)
        for widget in (
            self._covered,
            self._storeys_heading,
            self._storeys,
            self._missed_heading,
            self._regions,
            self._outside_heading,
            self._outside_words,
            self._strays,
        ):
            column.addWidget(widget)

    # asking

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._drawn = None
        if self._behind:
            self._ask()
        else:
            self._source.resume()
            self._section_changed(self._bench.section)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._behind |= self._pause.isActive()
        self._pause.stop()
        self._source.stop()
        self._bench.canvas.set_heat(None, None)
        self._bench.stage.set_corner(None)

    def _scene_changed(self) -> None:
        if not self._source.is_current():
            self._ask_soon()
        if self._source.leave_level():
            self._show()

    def _ask_soon(self) -> None:
        if self.isVisible():
            self._pause.start()
        else:
            self._behind = True

    def _ask(self) -> None:
        if self.isVisible():
            self._behind = False
            if self._bench.section != self._looked_at:
                self._listed = self._bench.section
            self._source.ask(float(self._cell.currentData()), self._within(), self._listed)

    def _section_changed(self, section: Section) -> None:
        """Another band of heights is listed, unless it was chosen to look at a region that is listed."""
        if self._looking:
            self._looked_at = section
        elif self.isVisible() and section not in (self._looked_at, self._listed):
            self._listed = section
            self._compare()

    def _compare(self) -> None:
        self._source.compare(self._within(), self._listed)

    def _within(self) -> float:
        return float(self._reach.currentData())

    # showing

    def _state(self) -> str:
        """What there is to say of the whole: the shares, or why there are none."""
        found, bench = self.found, self._bench
        if self._source.problem:
            return self._source.problem
        if found is not None:
            hides = found.ground.layer.max(initial=0) > 0 and not bench.canvas.has_depth
            return f"{covered_words(found)}\n{_HIDDEN}" if hides else covered_words(found)
        if bench.scene.level is None:
            return "Choose a level to see where nobody was."
        if bench.scene.mesh_bounds() is None:
            return _NO_MODEL
        return _LOOKING

    def _show(self) -> None:
        if not self.isVisible():
            return
        found, outside = self.found, self.outside
        regions = () if found is None else found.regions
        storeys = () if found is None else tuple(storey for storey in found.storeys if not math.isnan(storey.share))
        several = len(storeys) > 1
        self._covered.setText(self._state())
        self._storeys.setVisible(several)
        self._storeys_heading.setVisible(several)
        lines = [Line(storey.number, storey_cells(storey), (_SEE_STOREY,) * 3) for storey in reversed(storeys)]
        self._storeys.show_lines([Line(None, ("all heights", "", ""), (_SEE_ALL,) * 3), *lines])
        self._missed_heading.setVisible(bool(regions))
        self._regions.setVisible(bool(regions))
        self._regions.show_lines([Line(region.middle, region_cells(region)) for region in regions])
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
        for table in (self._storeys, self._regions, self._strays):
            table.setFixedHeight(table.fitting_height(_ROWS_SHOWN))
        self._draw()

    def _draw(self) -> None:
        if not self.isVisible():
            return
        found = self.found
        self._bench.stage.set_corner(None if found is None else self._legend)
        if found is None:
            self._drawn = None
            self._bench.canvas.set_heat(None, None)
            return
        tokens, canvas = self._context.theme.tokens, self._bench.canvas
        self._legend.set_tokens(tokens)
        if self._drawn is not None and self._drawn[0] is found and self._drawn[1] == tokens.scheme:
            return
        self._drawn = found, tokens.scheme
        floor = (self._bench.scene.mesh_bounds() or ((0, 0, 0), (0, 0, 0)))[0][2]
        canvas.set_heat(coverage_picture(found, tokens, floor), self._words)

    def _draw_anew(self) -> None:
        self._drawn = None
        self._draw()

    def _words(self, x: float, y: float, z: float | None = None) -> str:
        return "" if self.found is None else spot_words(self.found, x, y, z)

    # going there

    def _storey_selected(self) -> None:
        rows = self._storeys.selectionModel().selectedRows()
        if rows and self._storeys.hasFocus():
            self._see_storey(self._storeys.lines[rows[0].row()].key)

    def _see_storey(self, number: object) -> None:
        """Cut the level to one floor; None: show all of it."""
        self._looked_at = None
        storeys = () if self.found is None else self.found.storeys
        storey = next((storey for storey in storeys if storey.number == number), None)
        self._bench.section_wanted.emit(WHOLE_HEIGHT if storey is None else Section(storey.low, storey.high))

    def _region_selected(self) -> None:
        rows = self._regions.selectionModel().selectedRows()
        if rows and self._regions.hasFocus():
            self._fly_to_region(self._regions.lines[rows[0].row()].key)

    def _fly_to_region(self, key: object) -> None:
        found = self.found
        region = None if found is None else next((one for one in found.regions if one.middle == key), None)
        if found is not None and region is not None:
            if found.ground.storeys > 1:
                self._looking = True
                self._bench.section_wanted.emit(Section(*band_of(found, region)))
                self._looking = False
            self._fly(region.low, region.high)

    def _fly_to_stray(self, number: object) -> None:
        if isinstance(number, int) and number < len(self.outside.strays):
            stray: Stray = self.outside.strays[number]
            place = transformed(self._bench.scene.transforms.telemetry, np.array([stray.place]))[0].tolist()
            self._fly((place[0], place[1], place[2]), (place[0], place[1], place[2]))

    def _fly(self, low: tuple[float, float, float], high: tuple[float, float, float]) -> None:
        near = (low[0] - _AROUND_M, low[1] - _AROUND_M, low[2])
        far = (high[0] + _AROUND_M, high[1] + _AROUND_M, high[2])
        self._bench.canvas.fly_to((near, far))
