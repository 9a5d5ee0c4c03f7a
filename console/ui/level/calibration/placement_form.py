"""One part's axes and placement as fields: the mesh's or the telemetry's."""

from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from console.messages import Axes
from console.telemetry.coordinates import ALL_AXES, Transforms, directions_of
from console.telemetry.placement import ALL_DIRECTIONS, MAX_OFFSET_M, MAX_SCALE, MIN_SCALE, Direction, Placement
from console.ui.level.axes_words import AXES_WORDS
from console.ui.level.calibration.draft import with_axes, with_placement
from console.ui.widgets.form_fields import FIELD_HEIGHT, Choice, NumberField

_WORDS = {"mesh": "model", "telemetry": "telemetry"}


class PlacementForm(QWidget):
    """`edited(Transforms, str)`: what a person wants, and which field said so."""

    edited = Signal(object, str)

    def __init__(self, part: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part = part
        self._shown = Transforms("gltf", "unity")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        whose = _WORDS[part]
        self.axes = _choice(f"Axes of the {whose}", "Which way is up, and what a unit is")
        for axes in ALL_AXES:
            self.axes.addItem(AXES_WORDS[axes], axes)
        self.axes.activated.connect(self._choose_axes)
        grid.addWidget(self.axes, 0, 0, 1, 3)
        self.directions = [self._direction(name) for name in ("right (x)", "away (y)", "up (z)")]
        grid.addWidget(_label("What points right, away and up"), 1, 0, 1, 3)
        for column, field in enumerate(self.directions):
            grid.addWidget(field, 2, column)
        self.scale = self._number("Scale", "Times what a unit is by the axes", MIN_SCALE, MAX_SCALE, "×")
        self.yaw = self._number("Turn", "Counter-clockwise seen from above, in degrees", -360, 360, "°")
        grid.addWidget(_label("Scale"), 3, 0)
        grid.addWidget(_label("Turn, seen from above"), 3, 1, 1, 2)
        grid.addWidget(self.scale, 4, 0)
        grid.addWidget(self.yaw, 4, 1, 1, 2)
        self.offset = [
            self._number(f"Shift {name}", f"Metres along {name}", -MAX_OFFSET_M, MAX_OFFSET_M) for name in "xyz"
        ]
        grid.addWidget(_label("Shift along x, y and z, in metres"), 5, 0, 1, 3)
        for column, number in enumerate(self.offset):
            grid.addWidget(number, 6, column)
        for column in range(3):
            grid.setColumnStretch(column, 1)

    def show_transforms(self, transforms: Transforms) -> None:
        """Show these without telling that something was edited."""
        self._shown = transforms
        axes: Axes = getattr(transforms, f"{self._part}_axes")
        placement = self._placement
        fields = (self.axes, *self.directions, self.scale, self.yaw, *self.offset)
        blockers = [QSignalBlocker(field) for field in fields]
        self.axes.setCurrentIndex(self.axes.findData(axes))
        for field, direction in zip(self.directions, placement.directions or directions_of(axes), strict=True):
            field.setCurrentIndex(field.findData(direction))
        numbers = (self.scale, self.yaw, *self.offset)
        for number, value in zip(numbers, (placement.scale, placement.yaw, *placement.offset), strict=True):
            number.setValue(value)
        for blocker in blockers:
            blocker.unblock()

    @property
    def _placement(self) -> Placement:
        placement: Placement = getattr(self._shown.calibration, self._part)
        return placement

    def _choose_axes(self, _: int) -> None:
        self._edit(with_axes(self._shown, self._part, self.axes.currentData()), "axes")

    def _choose_direction(self, changed: int) -> None:
        """Each axis of the engine is used once: the direction that had it takes what is given up."""
        axes: Axes = getattr(self._shown, f"{self._part}_axes")
        before = list(self._placement.directions or directions_of(axes))
        wanted: Direction = self.directions[changed].currentData()
        for other, direction in enumerate(before):
            if other != changed and direction[1] == wanted[1]:
                before[other] = before[changed]
        before[changed] = wanted
        x, y, z = before
        directions = None if (x, y, z) == directions_of(axes) else (x, y, z)
        placement = replace(self._placement, directions=directions)
        self._edit(with_placement(self._shown, self._part, placement), "directions")

    def _type_number(self, field: str) -> None:
        x, y, z = (number.value() for number in self.offset)
        before = self._placement
        # Only what was typed: the others are shown rounded.
        changes: dict[str, object] = {
            "Scale": {"scale": max(self.scale.value(), MIN_SCALE)},
            "Turn": {"yaw": self.yaw.value()},
            "Shift x": {"offset": (x, before.offset[1], before.offset[2])},
            "Shift y": {"offset": (before.offset[0], y, before.offset[2])},
            "Shift z": {"offset": (before.offset[0], before.offset[1], z)},
        }[field]  # type: ignore[assignment]
        self._edit(with_placement(self._shown, self._part, replace(before, **changes)), field)

    def _edit(self, transforms: Transforms, field: str) -> None:
        self._shown = transforms
        self.edited.emit(transforms, f"{self._part} {field}")

    def _direction(self, name: str) -> Choice:
        index = ("right (x)", "away (y)", "up (z)").index(name)
        tip = f"Which of its axes points {name.split(' ')[0]} in the viewer"
        field = _choice(f"What is {name} of the {_WORDS[self._part]}", tip)
        for direction in ALL_DIRECTIONS:
            field.addItem(direction.replace("-", "−"), direction)
        field.activated.connect(lambda _: self._choose_direction(index))
        return field

    def _number(self, name: str, tip: str, least: float, most: float, suffix: str = "") -> NumberField:
        number = NumberField(f"{name} of the {_WORDS[self._part]}", most)
        number.setRange(least, most)
        number.setSuffix(suffix)
        number.setMinimumWidth(56)
        number.setMaximumWidth(16_777_215)
        number.setToolTip(tip)
        number.setKeyboardTracking(False)
        number.valueChanged.connect(lambda _: self._type_number(name))
        return number


def _choice(name: str, tip: str) -> Choice:
    field = Choice()
    field.setAccessibleName(name)
    field.setToolTip(tip)
    field.setFixedHeight(FIELD_HEIGHT)
    field.setMinimumWidth(56)
    return field


def _label(words: str) -> QLabel:
    label = QLabel(words)
    label.setProperty("role", "dim")
    return label
