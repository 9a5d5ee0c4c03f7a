"""The tool that shows a level's heatmap: what is counted, how, of what, and compared with what."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QImage, QShowEvent, Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from console.telemetry.coordinates import transformed
from console.ui.level.controls import section_words
from console.ui.level.framing import EMPTY_BOUNDS
from console.ui.level.heat_picture import HeatPicture
from console.ui.level.heatmap.export import map_image, with_legend
from console.ui.level.heatmap.field import Field, field_of
from console.ui.level.heatmap.form import HeatForm
from console.ui.level.heatmap.legend import HeatLegend
from console.ui.level.heatmap.options import Options, titled
from console.ui.level.heatmap.source import HeatSource
from console.ui.level.workbench import Workbench
from console.ui.widgets.formatting import day_and_time, plural, visible

# Dragging a slider or the section's ends asks once, when it rests.
_PAUSE_MS = 150
_ADDED_UP = "floors above one another are added up"
# Live rows repaint the map at most so often.
_REPAINT_MS = 250


class HeatPanel(QWidget):
    """Draws while it is shown. What it counts follows the dock's selection, the timeline's range and the section."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench
        self._context = workbench.context
        self._source = HeatSource(workbench, self)
        self._field: Field | None = None
        self._asked: Options | None = None
        self._behind = False  # something else is to be asked for once somebody looks
        self._legend = HeatLegend(self._context.theme.tokens, workbench.stage)
        self._legend.hide()
        self._form = HeatForm(self._context.settings)
        self._status = QLabel()
        self._status.setTextFormat(Qt.TextFormat.PlainText)
        self._status.setProperty("role", "dim")
        self._status.setWordWrap(True)
        self._export = QPushButton("Export picture")
        self._export.setProperty("role", "menu")
        menu = QMenu(self._export)
        menu.addAction("As it is seen now…", self.export_view)
        menu.addAction("As a map from above…", self.export_map)
        self._export.setMenu(menu)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        column.addWidget(self._form)
        column.addWidget(self._status)
        column.addWidget(self._export, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self._pause = _single(self, _PAUSE_MS, self._ask)
        self._repaint = _single(self, _REPAINT_MS, self._show)
        self._form.changed.connect(self._options_changed)
        self._form.keep_wanted.connect(self._keep)
        self._form.moment_wanted.connect(self._use_moment)
        self._source.changed.connect(self._counted)
        self._source.asked.connect(self._tell)
        workbench.scene_changed.connect(self._scene_changed)
        workbench.section_changed.connect(self._ask_soon)
        workbench.canvas_changed.connect(self._draw)
        self._context.clock.range_changed.connect(self._ask_soon)
        self._context.theme.changed.connect(self._use_tokens)

    # what is shown, for tests and for exports

    @property
    def field(self) -> Field | None:
        """The map that is shown; None before the first answer."""
        return self._field

    def lines(self, *, flat: bool = False) -> list[str]:
        """What the map is of, a line each: the level and the heights, the selection or both sides.

        A `flat` picture has no floors: it says that they are added up.
        """
        scene = self._bench.scene
        sides = self._source.sides()
        words = [side.words for side in sides]
        if len(words) == 2:
            better = "faster" if self._field is not None and self._field.rate else "more"
            words = [f"{better} above 0: {words[0]}", f"{better} below 0: {words[1]}"]
        parts = [] if scene.level is None else [visible(scene.level, 60)]
        if self._field is not None:
            grid = self._field.grid
            parts.append(f"cells of {grid.cell_m:g} m")
            parts.append(section_words(self._bench.section))
            if flat:
                parts += filter(None, (self._field.heights_words(), _ADDED_UP))
            elif self._field.lowest is None and self._bench.source.geometry is not None:
                parts.append("on all floors")
            parts += self._form.options().cut_words()
        return [" · ".join(parts), *words]

    # asking

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._bench.stage.set_corner(self._legend)
        if self._asked is None or self._behind:
            self._ask()
        else:
            self._source.resume()
            self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._behind |= self._pause.isActive()
        self._pause.stop()
        self._repaint.stop()
        self._source.stop()
        self._field = None
        self._bench.canvas.set_heat(None, None)
        self._bench.stage.set_corner(None)

    def _scene_changed(self) -> None:
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
            self._form.set_events(list(self._bench.scene.markers.counts()))
            self._asked = self._form.options()
            self._source.ask(self._asked)

    def _options_changed(self) -> None:
        if self._asked is not None and self._form.options().asks_same_as(self._asked):
            self._show()
        else:
            self._ask_soon()

    def _keep(self) -> None:
        self._source.kept = self._source.present()
        self._form.tell_kept(self._source.kept.words())
        self._ask_soon()

    def _use_moment(self) -> None:
        moment = self._context.clock.cursor_us
        if moment is not None:
            self._source.moment_us = moment
            self._form.tell_moment(day_and_time(moment))
            self._ask_soon()

    # showing

    def _counted(self) -> None:
        if not self._repaint.isActive():
            self._repaint.start()

    def _show(self) -> None:
        if not self.isVisible():
            return
        self._form.set_builds(self._source.builds)
        sides = self._source.sides()
        self._field = field_of(self._form.options(), *sides) if sides else None
        self._draw()
        self._tell()

    def _use_tokens(self) -> None:
        self._legend.set_tokens(self._context.theme.tokens)
        if self.isVisible():
            self._draw()

    def _draw(self) -> None:
        if not self.isVisible():
            return
        field = self._field
        if field is None:
            self._bench.canvas.set_heat(None, None)
            return
        floor, tokens = (self._bench.scene.bounds() or EMPTY_BOUNDS)[0][2], self._context.theme.tokens
        picture = HeatPicture.of(field.grid, field.pixels(tokens), floor, field.layers(tokens))
        self._bench.canvas.set_heat(picture, field.words)

    def _tell(self) -> None:
        self._status.setText(self._state())
        options, field = self._form.options(), self._field
        self._export.setEnabled(field is not None and bool(field.shown))
        if field is None:
            words = self._state() or "Counting…"
        else:
            words = "\n".join(self.lines()[1:]) if field.shown else "Nothing to show here."
            if field.shown and not self._bench.canvas.has_depth:
                words = "\n".join(filter(None, (words, field.heights_words(), _ADDED_UP)))
        title = titled(options.title(), options.unit())
        self._legend.show_field(f"Difference: {title}" if field and field.compared else title, field, words)
        self._bench.stage.arrange()

    def _state(self) -> str:
        """One line or two: what is under way, what is missing, what no cell holds."""
        source, field = self._source, self._field
        if source.problem:
            return source.problem
        if source.loading or self._pause.isActive() or self._bench.scene.loading:
            return "Counting…"
        if self._bench.scene.level is None:
            return "Choose a level to see where its players were."
        if missing := self._form.missing():
            return missing
        if field is None:
            return "Where nothing was recorded yet, there is nothing to count."
        if self._form.options().against == "kept" and source.kept == source.present():
            return "What is kept is selected now: select other sessions, or another range of time."
        heats = [side.heat for side in source.sides()]
        parts = [f"{plural(field.shown, 'cell')} shown"]
        for count, words in (
            (sum(heat.beside for heat in heats), "beside the level"),
            (sum(heat.other_height for heat in heats), "at other heights"),
            (sum(heat.unrated for heat in heats), "without a frame rate"),
        ):
            if count:
                parts.append(f"{plural(count, 'event' if field.unit.startswith('event') else 'sample')} {words}")
        wanted = self._form.options().cell_m
        if wanted and field.grid.cell_m > wanted:
            parts.append(f"cells of {field.grid.cell_m:g} m, as smaller ones would be too many")
        return "\n".join(parts)

    # exports

    def export_view(self) -> None:
        """Save the level as it is seen now, with the legend."""
        canvas = cast("QWidget", self._bench.canvas)
        self._save(canvas.grab().toImage())

    def export_map(self) -> None:
        """Save the clean map from above, with the legend."""
        self._save(None)

    def _save(self, seen: QImage | None) -> None:
        dialog = QFileDialog(self, "Export the heatmap", str(Path.home() / "heatmap.png"), "Pictures (*.png)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.save(Path(name), seen))
        dialog.open()

    def save(self, file: Path, seen: QImage | None) -> None:
        """Write a PNG: of `seen`, or the map from above."""
        self._context.tasks.start(self._write(file, seen), "Export the heatmap")

    async def _write(self, file: Path, seen: QImage | None) -> None:
        field, tokens = self._field, self._context.theme.tokens
        if field is None:
            return
        geometry, world = self._bench.source.geometry, self._bench.scene.transforms.mesh
        flat = seen is None or not self._bench.canvas.has_depth
        section, lines = self._bench.section, self.lines(flat=flat)
        title = self._form.options().title()
        title = f"Difference: {title}" if field.compared else title

        def paint() -> bool:
            picture = seen
            if picture is None:
                ends = np.empty((0, 3)) if geometry is None else transformed(world, geometry.outline)
                held = section.holds(ends[:, 2]).reshape(-1, 2).all(axis=1)
                picture = map_image(field, ends[np.repeat(held, 2)], tokens)
            return with_legend(picture, field, title, lines, tokens).save(str(file))

        if await asyncio.to_thread(paint):
            self._context.messages.say(f"Saved {file.name}.", kind="good")
        else:
            self._context.messages.say(f"{file} cannot be written: choose another folder.", kind="bad")


def _single(parent: QWidget, interval_ms: int, call: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(call)
    return timer
