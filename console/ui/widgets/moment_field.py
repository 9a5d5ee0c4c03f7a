"""A field for an instant that may be left open: shown in the person's zone, kept as UTC."""

import time
from functools import cached_property

from PySide6.QtCore import QDate, QDateTime, QLocale, QSignalBlocker, Qt, QTime, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QDateTimeEdit, QHBoxLayout, QWidget

from console.players.instants import instant_us, iso_text
from console.players.values import InvalidValue
from console.ui.hover import plain_hover
from console.ui.theme import Theme
from console.ui.widgets.calendar import Calendar
from console.ui.widgets.form_fields import FIELD_HEIGHT
from console.ui.widgets.formatting import exact_time

_HOUR_US = 3_600_000_000
_WIDTH = 160
_YEAR_DIGITS = 4
_SEPARATORS = "-/.: T"
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)


class MomentEdit(QDateTimeEdit):
    """Date and time to the minute, with a calendar; the wheel scrolls the form around it.

    Takes times and dates as they are written, `12:00` or `2026-11-20 12:00`, from the section it is in. Who types
    minutes and no seconds means the full minute.
    """

    def __init__(self, colors: Theme) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not by the wheel, which passes it
        self.setLocale(QLocale.c())  # digits as in all other times, and as typed: a country's own would mix with those
        self.setCalendarPopup(True)
        self.setCalendarWidget(Calendar(colors))
        self.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.setFixedSize(_WIDTH, FIELD_HEIGHT)
        self._digits = ""  # typed in a row
        self._advanced = False  # the last one led to the next section
        self._before = self.dateTime()
        self._minutes_typed = self._seconds_typed = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt would skip a section for the separator that follows a full one, and not take a year for one elsewhere."""
        text, section = event.text(), self.currentSection()
        if event.key() in _MODIFIERS:  # on many keyboards a colon, or a digit, is typed with one held
            super().keyPressEvent(event)
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._leave_minutes()
        if text and text in _SEPARATORS:
            digits, advanced = self._digits, self._advanced
            self._digits, self._advanced = "", False
            if text in "-/" and len(digits) == _YEAR_DIGITS and section is not QDateTimeEdit.Section.MonthSection:
                date = self._before.date()
                date.setDate(
                    int(digits), date.month(), min(date.day(), QDate(int(digits), date.month(), 1).daysInMonth())
                )
                self.setDateTime(QDateTime(date, self._before.time()))
                self.setSelectedSection(QDateTimeEdit.Section.MonthSection)
            elif not advanced:
                super().keyPressEvent(event)
            return
        if not text.isdecimal():
            self._digits, self._advanced = "", False
            super().keyPressEvent(event)
            return
        if not self._digits:
            self._before = self.dateTime()
        self._digits += text
        super().keyPressEvent(event)
        self._advanced = self.currentSection() is not section
        self._minutes_typed |= section is QDateTimeEdit.Section.MinuteSection
        self._seconds_typed |= section is QDateTimeEdit.Section.SecondSection
        if self._advanced:
            self._leave_minutes()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._leave_minutes()
        self._seconds_typed = False
        super().focusOutEvent(event)

    def _leave_minutes(self) -> None:
        """Begin the minute that was typed, unless its second was typed as well."""
        typed, self._minutes_typed = self._minutes_typed, False
        if typed and not self._seconds_typed:
            self.interpretText()  # of two digits, one may be typed
            section, time_of_day = self.currentSection(), self.time()
            self.setTime(QTime(time_of_day.hour(), time_of_day.minute()))
            self.setSelectedSection(section)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class MomentField(QWidget):
    """A tick, and the instant once it is ticked. `changed` when a person edits it.

    An instant that nobody touches stays written as it was, whatever its zone and fraction.
    """

    changed = Signal()

    def __init__(self, colors: Theme, name: str, *, offered: str, ahead_us: int = 0) -> None:
        """`offered` says what a tick gives; the first instant is the next full hour, `ahead_us` later."""
        super().__init__()
        self._colors = colors
        self._name = name
        self._offered = offered
        self._ahead_us = ahead_us
        self._text: str | None = None
        self.tick = QCheckBox(offered)
        self.tick.toggled.connect(self._ticked)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.tick.setFixedHeight(FIELD_HEIGHT)
        self._row.addWidget(self.tick)

    @cached_property
    def edit(self) -> QDateTimeEdit:
        """Made when it is first needed: a calendar is dear."""
        edit = MomentEdit(self._colors)
        edit.setAccessibleName(f"{self._name}, local time")
        edit.dateTimeChanged.connect(self._edited)
        self._row.addWidget(edit)
        return edit

    @property
    def field(self) -> QWidget:
        """Where a problem with the instant is shown."""
        return self.edit if self._text is not None else self.tick

    @property
    def text(self) -> str | None:
        """ISO 8601, in UTC when a person chose it here; None leaves it open."""
        return self._text

    @property
    def at_us(self) -> int | None:
        """µs since 1970-01-01 UTC; None when it is open, or is no time."""
        return _read(self._text)

    def show_text(self, text: str | None) -> None:
        """Show an instant without telling that it was edited."""
        self._text = text
        with QSignalBlocker(self.tick):
            self.tick.setChecked(text is not None)
        self._show()

    def _ticked(self, on: bool) -> None:
        hour = time.time_ns() // 1000 // _HOUR_US + 1
        self._text = iso_text(hour * _HOUR_US + self._ahead_us) if on else None
        self._show()
        self.changed.emit()

    def _edited(self, moment: QDateTime) -> None:
        self._text = iso_text(moment.toMSecsSinceEpoch() * 1000)
        self._explain()
        self.changed.emit()

    def _show(self) -> None:
        there = self._text is not None
        self.tick.setText(self._name if there else self._offered)
        if there:
            at_us = self.at_us
            with QSignalBlocker(self.edit):
                self.edit.setDateTime(
                    QDateTime.currentDateTime() if at_us is None else QDateTime.fromMSecsSinceEpoch(at_us // 1000)
                )
            self._explain()
        if there or "edit" in self.__dict__:
            self.edit.setVisible(there)

    def _explain(self) -> None:
        at_us = self.at_us
        self.edit.setToolTip(plain_hover(exact_time(at_us) if at_us is not None else f"{self._text} is no time"))


def _read(text: str | None) -> int | None:
    try:
        return None if text is None else instant_us(text, "")
    except InvalidValue:
        return None
