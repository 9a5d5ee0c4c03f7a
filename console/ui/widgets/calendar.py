"""The calendar that pops up under a date, in the window's own colours."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QToolButton, QWidget

from console.ui.icons import icon
from console.ui.theme import Theme


class Calendar(QCalendarWidget):
    """Qt's, without week numbers, and with weekends as plain as other days."""

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors = colors
        self.setGridVisible(False)
        self.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            self.setWeekdayTextFormat(day, QTextCharFormat())  # Qt's are red, whatever the ground
        colors.changed.connect(self._paint_icons)
        self._paint_icons()

    def _paint_icons(self) -> None:
        for name, picture in (("qt_calendar_prevmonth", "chevron-left"), ("qt_calendar_nextmonth", "chevron-right")):
            button = self.findChild(QToolButton, name)
            if button is not None:
                button.setIcon(icon(picture, self._colors.tokens.text))
