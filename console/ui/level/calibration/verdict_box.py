"""What is said of how well the telemetry lies on the level, and the other axes that may be tried."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from console.telemetry.coordinates import Transforms
from console.ui.dialogs import plain_label
from console.ui.level.calibration.parts import button, say
from console.ui.level.calibration.verdict import Verdict, advice, axes_words, standing_words
from console.ui.theme import Theme
from console.ui.widgets.small_table import Column, Line, SmallTable

# Room for what is said of other axes, in pixels: what is clicked below stays where it is when that comes, or goes.
_VERDICT_PX = 256
_LEAST_OTHERS_PX = 3 * 24 + 27


class VerdictBox(QWidget):
    """The advice, and a table of other axes. `used(Transforms)`: the level is to be shown so.

    `standing` says how the samples stand on the floors, wherever it is put.
    """

    used = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict: Verdict | None = None
        self.standing = plain_label("", "dim")
        self.advice = plain_label("")
        self.apply = button("Try this", "Show the level so; nothing is saved yet")
        self.apply.clicked.connect(self._use_advice)
        self.others = _OtherAxes(
            theme,
            "Other axes",
            (Column("Model · telemetry", 0), Column("Inside", 60, right=True), Column("Floors", 60, right=True)),
        )
        self.others.setToolTip("How well other axes would fit. A click shows the level so; nothing is saved yet.")
        self.others.setMinimumHeight(_LEAST_OTHERS_PX)
        self.others.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)  # what advice leaves
        self.others.opened.connect(self.used)
        self.others.cellClicked.connect(lambda row, _column: self.others.opened.emit(self.others.lines[row].key))
        self.setMinimumHeight(_VERDICT_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.advice)
        column.addWidget(self.apply)
        column.addWidget(self.others, 1)

    def keep_room(self, coming: bool) -> None:
        """For the verdict, as soon as there is something to judge: it comes while a person clicks already."""
        self.standing.setVisible(coming)
        self.setVisible(coming)

    def show_verdict(self, verdict: Verdict | None, transforms: Transforms) -> None:
        """Of a placement; None: nothing is known of it yet."""
        self._verdict = verdict
        better = None if verdict is None else verdict.better
        self.apply.setVisible(better is not None)
        if verdict is None:
            self.standing.setText(" ")
            self.advice.hide()
            self.others.show_lines([])
            return
        self.standing.setText(standing_words(verdict.now))
        say(self.advice, advice(verdict, transforms), "warning")
        self.others.show_lines(
            [
                Line(
                    fit.transforms,
                    (axes_words(fit.transforms), f"{fit.inside * 100:.0f} %", f"{fit.standing * 100:.0f} %"),
                    (axes_words(fit.transforms), "Samples inside the model", standing_words(fit)),
                )
                for fit in verdict.others
            ]
        )

    def _use_advice(self) -> None:
        better = None if self._verdict is None else self._verdict.better
        if better is not None:
            self.used.emit(better.transforms)


class _OtherAxes(SmallTable):
    def sizeHint(self) -> QSize:
        """No higher than it must be: long advice has the box grow, and is not cut."""
        return QSize(super().sizeHint().width(), _LEAST_OTHERS_PX)
