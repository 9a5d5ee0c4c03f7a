"""Going to a moment, or marking a range, by typing when it was: as a note or a video's clock tells it."""

from PySide6.QtCore import QDateTime, QPoint, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QVBoxLayout, QWidget

from console.ui.clock import Clock, TimeRange
from console.ui.dialogs import plain_label
from console.ui.style import heading_font
from console.ui.theme import Theme
from console.ui.widgets.form_fields import FIELD_HEIGHT
from console.ui.widgets.moment_field import MomentEdit

_WIDTH = 184
_SECOND_US = 1_000_000


class MomentPopup(QFrame):
    """Closes by itself when a person clicks elsewhere, or presses Esc. Times are in the person's zone."""

    def __init__(self, clock: Clock, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._clock = clock
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.moment, self.start, self.end = (MomentEdit(theme) for _ in range(3))
        self.go = QPushButton("Go")
        self.go.setToolTip("Have every view show this moment (Enter)")
        self.go.clicked.connect(self._go)
        self.mark = QPushButton("Show range")
        self.mark.clicked.connect(self._mark)
        whole, at = clock.range or clock.extent, clock.cursor_us
        offered = TimeRange(0, 0) if whole is None else whole
        begins_us, ends_us = offered.start_us, -(-offered.end_us // _SECOND_US) * _SECOND_US  # all of it, in seconds
        given = (offered.end_us if at is None else at, begins_us, ends_us)
        names = ("Moment", "Start of the range", "End of the range")
        for edit, name, time_us in zip((self.moment, self.start, self.end), names, given, strict=True):
            edit.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
            edit.setFixedWidth(_WIDTH)
            edit.setAccessibleName(f"{name}, local time")
            edit.setDateTime(QDateTime.fromMSecsSinceEpoch(time_us // 1_000_000 * 1000))
            edit.lineEdit().returnPressed.connect(self._go if edit is self.moment else self._mark)
        self.start.dateTimeChanged.connect(self._check)
        self.end.dateTimeChanged.connect(self._check)
        self._lay_out()
        self._check()

    def open_above(self, widget: QWidget) -> None:
        """Show it over a widget's left corner, where the first field can be typed into at once."""
        self.ensurePolished()
        self.adjustSize()
        corner = widget.mapToGlobal(QPoint(0, 0))
        self.move(corner.x(), corner.y() - self.height() - 4)
        self.show()
        self.moment.setFocus()
        self.moment.setSelectedSection(MomentEdit.Section.HourSection)

    def _lay_out(self) -> None:
        column, grid = QVBoxLayout(self), QGridLayout()
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        head = plain_label("When, local time", "heading")
        head.setFont(heading_font())
        column.addWidget(head)
        grid.setSpacing(8)
        for row, (words, edit) in enumerate((("Moment", self.moment), ("From", self.start), ("To", self.end))):
            label = plain_label(words, "dim")
            label.setBuddy(edit)
            grid.addWidget(label, row, 0)
            grid.addWidget(edit, row, 1)
            grid.setRowMinimumHeight(row, FIELD_HEIGHT)
        grid.addWidget(self.go, 0, 2)
        grid.addWidget(self.mark, 2, 2)
        column.addLayout(grid)

    def _chosen(self) -> tuple[int, int]:
        """The range's ends in µs, as typed."""
        return _time_us(self.start), _time_us(self.end)

    def _check(self) -> None:
        start_us, end_us = self._chosen()
        self.mark.setEnabled(start_us < end_us)
        self.mark.setToolTip(
            "Narrow every view to what was in between (Enter)"
            if start_us < end_us
            else "A range ends after its start: choose a later end"
        )

    def _go(self) -> None:
        self._clock.seek(_time_us(self.moment))
        self.close()

    def _mark(self) -> None:
        start_us, end_us = self._chosen()
        if start_us < end_us:
            self._clock.set_range(TimeRange(start_us, end_us))
            self.close()


def _time_us(edit: MomentEdit) -> int:
    return int(edit.dateTime().toMSecsSinceEpoch()) * 1000
