"""The two rows of controls around a level: what is shown above it, how it is measured below."""

from collections.abc import Sequence
from typing import get_args

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from console.messages import Axes
from console.ui.level.axes_words import AXES_WORDS
from console.ui.level.colouring import COLOURINGS
from console.ui.level.framing import WHOLE_HEIGHT, Section
from console.ui.widgets.formatting import visible
from console.ui.widgets.range_slider import RangeSlider

SECTION_STEPS = 400
TRAILS = (("whole", 0.0), ("5 s", 5.0), ("15 s", 15.0), ("60 s", 60.0))
# In pixels: lists become so narrow before anything else gives way.
_LEAST_LIST = 84
_MORE_PX = 60  # of the section's slider than its least


class TopControls(QFrame):
    """Level, colouring and switches."""

    level_chosen = Signal(str)
    colour_chosen = Signal(str)
    fit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        self._level = QComboBox()
        self._level.setAccessibleName("Level")
        self._level.setToolTip("The level that is shown")
        self._level.setMinimumWidth(_LEAST_LIST)
        self._level.setMaximumWidth(260)
        self._level.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._level.activated.connect(self._chose)
        self.colour = QComboBox()
        self.colour.setAccessibleName("Colour tracks by")
        self.colour.setToolTip("What the colours of the tracks mean")
        for meaning in COLOURINGS:
            self.colour.addItem(meaning.words, meaning.name)
        self.colour.setMinimumWidth(_LEAST_LIST)
        self.colour.activated.connect(lambda index: self.colour_chosen.emit(COLOURINGS[index].name))
        row.addWidget(self._level)
        row.addWidget(self.colour)
        row.addSpacing(8)
        self.tracks = _switch("Tracks", "Show where players went")
        self.markers = _switch("Markers", "Show gameplay events at their places")
        self.xray = _switch("X-ray", "See tracks through walls and roofs (X)")
        self.top = _switch("Top", "Look straight down, without perspective: drag moves, the wheel zooms (T)")
        fit = QPushButton("Fit")
        fit.setToolTip("See the picked event, else the chosen sessions, else the whole level (F)")
        fit.clicked.connect(self.fit_wanted)
        for button in (self.tracks, self.markers, self.xray, self.top, fit):
            row.addWidget(button)
        row.addStretch(1)

    def set_levels(self, levels: Sequence[str], current: str | None) -> None:
        """Fill the list without telling that something was chosen."""
        known = [self._level.itemData(index) for index in range(self._level.count())]
        with QSignalBlocker(self._level):
            if known != list(levels) or not levels:
                self._level.clear()
                for level in levels:
                    self._level.addItem(visible(level, 48), level)
                if not levels:
                    self._level.addItem("No level", None)
            self._level.setEnabled(bool(levels))
            self._level.setCurrentIndex(
                max(0, list(levels).index(current) if current is not None and current in levels else 0)
            )

    def focus_level(self) -> None:
        self._level.setFocus()

    def _chose(self, index: int) -> None:
        level = self._level.itemData(index)
        if isinstance(level, str):
            self.level_chosen.emit(level)


class BottomControls(QFrame):
    """Length of trails, section height and the axes of model and telemetry."""

    section_changed = Signal(float, float)  # lowest and highest, as shares of the level's height
    axes_chosen = Signal(str, str)
    trail_chosen = Signal(float)  # seconds, 0 for all
    calibrate_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(_label("Trail"))
        self.trail = QComboBox()
        self.trail.setAccessibleName("Length of trails")
        self.trail.setToolTip("How much of each track is seen before the moment that is looked at; it fades out")
        for words, seconds in TRAILS:
            self.trail.addItem(words, seconds)
        self.trail.setMinimumWidth(self.trail.sizeHint().width())
        self.trail.activated.connect(lambda index: self.trail_chosen.emit(TRAILS[index][1]))
        row.addWidget(self.trail)
        row.addSpacing(4)
        row.addWidget(_label("Section"))
        self.section = RangeSlider(SECTION_STEPS)
        self.section.setMinimumWidth(80)
        self.section.setMaximumWidth(240)
        self.section.setAccessibleName("Section: lowest and highest height shown")
        self.section.setToolTip(
            "Show only a band of heights: cut away roofs, upper floors, cellars.\n"
            "Drag an end, or what is between; arrows move the end that was moved last. A double click shows all."
        )
        self.section.changed.connect(self._section_moved)
        row.addWidget(self.section, 1)
        self._height = QLabel("whole height")
        self._height.setProperty("role", "mono-dim")
        self._height.setMinimumWidth(112)
        row.addWidget(self._height)
        row.addStretch(1)
        self.mesh_axes = _axes_combo("Axes of the model")
        self.telemetry_axes = _axes_combo("Axes of the telemetry")
        self._axes = QWidget()
        axes_row = QHBoxLayout(self._axes)
        axes_row.setContentsMargins(0, 0, 0, 0)
        axes_row.setSpacing(8)
        for words, combo in (("Model", self.mesh_axes), ("Telemetry", self.telemetry_axes)):
            axes_row.addWidget(_label(words))
            axes_row.addWidget(combo)
            combo.activated.connect(self._chose)
        row.addWidget(self._axes)
        self.calibration = QPushButton()
        self.calibration.setProperty("role", "link")
        self.calibration.clicked.connect(self.calibrate_wanted)
        row.addWidget(self.calibration)
        self.set_calibrated(None)

    def minimumSizeHint(self) -> QSize:
        """Without the axes: they go where there is no room."""
        hint = super().minimumSizeHint()
        if not self._axes.isHidden():
            hint.setWidth(hint.width() - self._axes.minimumSizeHint().width())
        return hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The tool that calibrates holds them too.
        room = event.size().width() - (self.minimumSizeHint().width() + _MORE_PX)
        self._axes.setVisible(room >= self._axes.sizeHint().width())

    def set_calibrated(self, what: str | None, *, saved: bool = True) -> None:
        """What is moved, turned or scaled besides the axes ("" for nothing); None where there is no model.

        `saved` is false while something is tried out, which nobody else sees yet.
        """
        self.calibration.setVisible(what is not None)
        self.calibration.setText("Not saved yet" if not saved else "✓ Calibrated" if what else "Calibrate…")
        also = f"Besides its axes, the {what} is moved, turned or scaled.\n" if what else ""
        if not saved:
            also += "It is tried out, and not saved yet: under Calibrate it is kept for everybody, or discarded.\n"
        self.calibration.setToolTip(f"{also}Bring the telemetry in line with the level's model")

    def set_axes(self, mesh: Axes, telemetry: Axes) -> None:
        """Show these without telling that something was chosen."""
        for combo, axes in ((self.mesh_axes, mesh), (self.telemetry_axes, telemetry)):
            with QSignalBlocker(combo):
                combo.setCurrentIndex(combo.findData(axes))

    def set_trail(self, seconds: float) -> None:
        """Show this length of trails without telling that it was chosen."""
        self.trail.setCurrentIndex(max(0, self.trail.findData(seconds)))

    def set_section(self, section: Section) -> None:
        """What the slider's ends mean."""
        self._height.setText(section_words(section))

    def move_section(self, low: float, high: float) -> None:
        """Show these ends, as shares of the level's height, without telling that a person moved them."""
        ends = sorted(round(min(max(share, 0.0), 1.0) * SECTION_STEPS) for share in (low, high))
        self.section.set_ends(*ends)

    def _section_moved(self, low: int, high: int) -> None:
        self.section_changed.emit(low / SECTION_STEPS, high / SECTION_STEPS)

    def _chose(self, _: int) -> None:
        self.axes_chosen.emit(self.mesh_axes.currentData(), self.telemetry_axes.currentData())


def section_words(section: Section) -> str:
    """`whole height`, `≤ 6.0 m`, `≥ 1.0 m`, `1.0 … 6.0 m`."""
    if section == WHOLE_HEIGHT:
        return "whole height"
    if section.low == WHOLE_HEIGHT.low:
        return f"≤ {section.high:.1f} m"
    if section.high == WHOLE_HEIGHT.high:
        return f"≥ {section.low:.1f} m"
    return f"{section.low:.1f} … {section.high:.1f} m"


def _axes_combo(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(f"{name}: which way is up, and what a unit is")
    for axes in get_args(Axes):
        combo.addItem(AXES_WORDS[axes], axes)
    combo.setMinimumWidth(combo.sizeHint().width())  # never half a name
    return combo


def _switch(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setCheckable(True)
    return button


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "dim")
    return label
