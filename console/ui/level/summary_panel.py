"""The tool that sums up what is selected: who played how long, where it ran worst, who died, and whether it fits."""

import asyncio
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from console.messages import Columns
from console.telemetry.coordinates import transformed
from console.ui.asking import Asking
from console.ui.level.axes_words import AXES_WORDS, placed
from console.ui.level.calibration.verdict import inside_words
from console.ui.level.summary import death_words, played_in, played_words, waits_in
from console.ui.level.workbench import Workbench
from console.ui.performance.worst_table import WorstPlace, worst_places
from console.ui.widgets.formatting import exact_time, visible
from console.ui.widgets.small_table import Column, Line, SmallTable
from console.ui.widgets.table_columns import Tone

_WORST = 6
# Frame rates worth a look, and those in the colour of bad news, in frames per second.
_SLOW_FPS, _BAD_FPS = 60, 30
_FAR_M = 1e5  # numbers that nobody reads, and the column does not hold
_LIVE_MS = 5_000
_AROUND_M = 6.0


class SummaryPanel(QWidget):
    """Of the sessions in scope, on the level that is shown, in the range of the clock; anew while somebody plays."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench
        self._context = workbench.context
        self._slow_words = ""
        self._asked: dict[str, object] = {}
        self._asking = Asking(self._context, self._load, "Sum up the selection", self, least_pause_ms=_LIVE_MS)
        self._build()
        workbench.scene_changed.connect(self._refresh)
        workbench.rows_shown.connect(self._asking.ask_soon)
        self._context.clock.range_changed.connect(self._refresh)
        self._soon = QTimer(self)  # many changes of the scene come at once
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._asking.ask)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(4)
        self._played = _lines()
        column.addWidget(self._played)
        column.addSpacing(12)
        column.addWidget(_heading(f"Worst places (low 1 % below {_SLOW_FPS} fps)"))
        self._worst = SmallTable(
            self._context.theme,
            "Worst places",
            (Column("fps", 40, mono=True, right=True), Column("Place, m", 120, mono=True), Column("Player", 0)),
        )
        self._worst.opened.connect(self._go)
        self._no_worst = _lines("dim")
        column.addWidget(self._worst)
        column.addWidget(self._no_worst)
        column.addSpacing(12)
        column.addWidget(_heading("Deaths"))
        self._deaths = _lines()
        column.addWidget(self._deaths)
        column.addSpacing(12)
        column.addWidget(_heading("Coordinates"))
        self._axes = _lines()
        self._inside = _lines("")
        self._calibrate = QPushButton("Calibrate…")
        self._calibrate.setProperty("role", "link")
        self._calibrate.setToolTip("Bring the telemetry in line with the level's model")
        self._calibrate.clicked.connect(lambda: self._bench.tool_wanted.emit("calibrate"))
        for widget in (self._axes, self._inside, self._calibrate):
            column.addWidget(widget)
        column.addStretch(1)
        self._show_nothing()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_axes()
        self._asking.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._asking.set_active(False)

    def _refresh(self) -> None:
        if self.isVisible():
            self._show_axes()
        if self._params() == self._asked:
            self._asking.ask_soon()  # the picture is another one, or what is known of it
            return
        self._asking.give_up()  # what it is about is no longer shown
        if self.isVisible():
            self._soon.start()

    # asking

    def _params(self) -> dict[str, object]:
        span = self._context.clock.range
        within = {} if span is None else {"from_us": span.start_us, "to_us": span.end_us}
        return self._bench.scene.query_params() | within

    async def _load(self) -> None:
        scene, query = self._bench.scene, self._context.client.query
        params = self._asked = self._params()
        if scene.level is None:
            self._show_nothing()
            return
        self._show(
            *await asyncio.gather(
                query("level_summary", **params),
                query("frame_rate_worst", below=_SLOW_FPS, limit=_WORST, **params),
                query("level_waits", **params),
            )
        )

    # showing

    def _show_nothing(self) -> None:
        """There is no level, or it was not yet answered what is known of it."""
        known = self._bench.scene.known and self._bench.scene.level is None
        self._played.setText("Nobody has played yet" if known else "Loading…")
        self._slow_words = "No frame rates yet" if known else ""
        self._deaths.setText("No event tells of a death" if known else "")
        self._show_worst([])

    def _show(self, played: Columns, worst: Columns, waits: Columns) -> None:
        who = played_in(played)
        self._played.setText("\n".join(played_words(who)))
        self._slow_words = f"Nowhere below {_SLOW_FPS} fps" if who.samples else "No frame rates yet"
        deaths = [visible(line, 80) for line in death_words(waits_in(waits))]
        self._deaths.setText("\n".join(deaths) or "No event tells of a death")
        self._show_worst([place for place in worst_places(worst) if np.isfinite(place.place).all()])
        self._show_axes()

    def _show_worst(self, places: list[WorstPlace]) -> None:
        self._worst.setVisible(bool(places))
        self._no_worst.setVisible(not places)
        self._no_worst.setText(self._slow_words)
        if places:
            shown = self._shown_at(places)
            lines = [self._line(place, where) for place, where in zip(places, shown.tolist(), strict=True)]
            self._worst.show_lines(lines)
            self._worst.setFixedHeight(self._worst.fitting_height(_WORST))

    def _line(self, place: WorstPlace, where: list[float]) -> Line:
        times = f"{place.times}× " if place.times > 1 else ""  # before the name: a long one is cut off
        sent = ", ".join(f"{number:g}" for number in place.place)
        return Line(
            place,
            (
                f"{place.fps:.0f}",
                ", ".join(f"{round(metres):d}" for metres in where) if np.abs(where).max() < _FAR_M else "far away",
                f"{times}{visible(place.player_id, 24)}",
            ),
            (
                f"{place.fps:.1f} frames per second",
                f"As sent: {sent}\nEnter or a double click goes there",
                f"{visible(place.player_id)}\n{exact_time(place.time_us)}\n{place.times:,} times",
            ),
            (Tone.BAD if place.fps < _BAD_FPS else Tone.WARNING, None, None),
        )

    def _shown_at(self, places: list[WorstPlace]) -> np.ndarray[Any, np.dtype[np.float64]]:
        sent = np.array([place.place for place in places], dtype=np.float64).reshape(-1, 3)
        return transformed(self._bench.scene.transforms.telemetry, sent)

    def _show_axes(self) -> None:
        scene = self._bench.scene
        model, transforms = scene.active_model(), scene.transforms
        rows = [f"telemetry  {AXES_WORDS[transforms.telemetry_axes]}"]
        if model is not None:
            rows.insert(0, f"model      {AXES_WORDS[transforms.mesh_axes]}")
        if moved := placed(transforms):
            rows.append(f"calibrated {' and '.join(moved)}")
        self._axes.setText("\n".join(rows))
        words, tone = inside_words(scene.share_inside()) if model is not None else ("No model to compare with", "")
        self._inside.setText(words)
        self._inside.setProperty("tone", tone)
        self._inside.style().polish(self._inside)
        self._calibrate.setVisible(model is not None)

    def _go(self, place: WorstPlace) -> None:
        """To the worst moment, and to where it was."""
        x, y, z = self._shown_at([place])[0].tolist()
        self._context.clock.seek(place.time_us)
        around = _AROUND_M
        self._bench.canvas.fly_to(((x - around, y - around, z - around / 3), (x + around, y + around, z + around / 3)))


def _heading(words: str) -> QLabel:
    label = QLabel(words.upper())
    label.setProperty("role", "heading")
    return label


def _lines(role: str = "mono") -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label
