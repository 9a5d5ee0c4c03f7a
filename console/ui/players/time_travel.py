"""The control that shows stages and risks at another time than now."""

import time

from PySide6.QtCore import QDate, QDateTime, QSignalBlocker, Qt, QTime, QTimer, Signal
from PySide6.QtWidgets import (
    QDateEdit,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

from console.players.profiles import DAY_US
from console.ui.theme import Theme
from console.ui.widgets.calendar import Calendar
from console.ui.widgets.form_fields import FIELD_HEIGHT

DAYS_BACK = 30
DAYS_AHEAD = 90
_PAUSE_MS = 150
_SLIDER_WIDTH = 220


class TimeTravel(QFrame):
    """`now_changed(int | None)`: µs since 1970-01-01 UTC, or None for the present, soon after it was chosen.

    A day is chosen; the time of day stays that of the moment of choosing, so that one step is one whole day.
    """

    now_changed = Signal(object)

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "tabrow")
        self._days = 0
        self._told: int | None = None
        caption = QLabel("As of")
        caption.setProperty("role", "dim")
        self.date = QDateEdit()
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("yyyy-MM-dd")
        self.date.setFixedHeight(FIELD_HEIGHT)
        self.date.setAccessibleName("Show stages and risks as of this day")
        self.date.setCalendarWidget(Calendar(colors))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(-DAYS_BACK, DAYS_AHEAD)
        self.slider.setPageStep(7)
        self.slider.setFixedWidth(_SLIDER_WIDTH)
        self.slider.setAccessibleName("Days from today")
        self.slider.setToolTip("Days from today: ←/→ a day, PgUp/PgDn a week")
        self.back = QPushButton("Now")
        self.back.setToolTip("Back to the present")
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 5)
        row.setSpacing(8)
        for widget in (caption, self.date, self.slider, self.back, self.words):
            row.addWidget(widget)
        row.addStretch(1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._tell)
        self.slider.valueChanged.connect(self._travel)
        self.date.dateChanged.connect(lambda date: self._travel(QDate.currentDate().daysTo(date)))
        self.back.clicked.connect(self.go_back)
        self._show()

    @property
    def now_us(self) -> int | None:
        """The chosen instant; None is the present."""
        return self._told

    def go_back(self) -> None:
        """See the present again, at once."""
        self._travel(0)
        self._pause.stop()
        self._tell()

    def _travel(self, days: int) -> None:
        if days != self._days:
            self._days = days
            self._show()
            self._pause.start()

    def _tell(self) -> None:
        now_us = None if self._days == 0 else time.time_ns() // 1000 + self._days * DAY_US
        if now_us is None and self._told is None:
            return
        self._told = now_us
        self.now_changed.emit(now_us)

    def _show(self) -> None:
        days = self._days
        with QSignalBlocker(self.slider), QSignalBlocker(self.date):
            self.slider.setValue(days)
            self.date.setDateTime(QDateTime(QDate.currentDate().addDays(days), QTime(12, 0)))
        self.back.setEnabled(days != 0)
        self.words.setProperty("tone", "warning" if days else "")
        self.words.setProperty("role", "" if days else "dim")
        self.words.style().polish(self.words)
        self.words.setText(words_for(days))


def words_for(days: int) -> str:
    """What is shown at a day this far from today."""
    if days == 0:
        return "the present"
    count = f"{abs(days)} day" if abs(days) == 1 else f"{abs(days)} days"
    if days > 0:
        return f"in {count}, if nobody plays until then"
    return f"{count} ago, by what was played until then"
