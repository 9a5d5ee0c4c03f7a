"""Fields of a form that scrolls: the wheel scrolls the form, and changes nothing on its way."""

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QSpinBox

# Of a line or a choice, as the style sheet makes it.
FIELD_HEIGHT = 28
_DECIMALS = 4


class Choice(QComboBox):
    """One of a few."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Slide(QSlider):
    """A share by eye."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class CountField(QSpinBox):
    """A whole number with its unit."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class NumberField(QDoubleSpinBox):
    """Up to four decimals, and no zeros which say nothing: `25 %`, not `25.00 %`."""

    def __init__(self, name: str, most: float, suffix: str = "") -> None:
        super().__init__()
        self.setRange(0, most)
        self.setDecimals(_DECIMALS)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType if not suffix else self.stepType())
        self.setSuffix(suffix)
        self.setFixedSize(104, FIELD_HEIGHT)
        self.lineEdit().setTextMargins(6, 0, 0, 0)
        self.setAccessibleName(name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the wheel scrolls the form

    def textFromValue(self, value: float) -> str:
        text = self.locale().toString(value, "f", _DECIMALS)
        point = self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text
