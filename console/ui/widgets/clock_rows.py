"""A table of recorded rows follows the clock: it shows the range, goes to the moment, or follows the newest row."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QSize, QTimer
from PySide6.QtWidgets import QPushButton

from console.ui.clock import Clock, TimeRange
from console.ui.hover import plain_hover
from console.ui.icons import icon
from console.ui.theme import Theme
from console.ui.widgets.filter_bar import FilterBar
from console.ui.widgets.filter_terms import instant
from console.ui.widgets.formatting import dated_time, exact_time, time_span
from console.ui.widgets.row_table import RowTable

_TELL_MS: Final = 120
_AROUND_US: Final = 30_000_000


def range_terms(chosen: TimeRange | None) -> str:
    """The terms of a filter that find what lies in a range; "" for no range, and for times no calendar has."""
    if chosen is None:
        return ""
    try:
        return f"time:>={instant(chosen.start_us)} time:<={instant(chosen.end_us)}"
    except (OverflowError, ValueError):
        return ""


class ClockRows(QObject):
    """Brings one table to where the clock is, eight times a second at most, and only while it is seen.

    The button that it puts into the filter's bar says what the clock narrows the table to, and undoes it; or offers the
    rows around a moment, or a picked row, that is older than all that are loaded.
    """

    def __init__(
        self,
        table: RowTable,
        bar: FilterBar,
        clock: Clock,
        theme: Theme,
        time_of: Callable[[Any], int],
        key_of: Callable[[Any], int],
    ) -> None:
        super().__init__(table)
        self._table = table
        self._bar = bar
        self._clock = clock
        self._theme = theme
        self._time_of = time_of
        self._key_of = key_of
        self._times: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._known: tuple[object, int, int] | None = None  # of which rows: the store, the first and the last key
        self._was_following = clock.following
        self._wanted: tuple[int, int] | None = None
        self._missing = False  # what is wanted is to be marked once it is loaded
        self.button = QPushButton()
        self.button.setProperty("role", "state")
        self.button.setProperty("tone", "accent")
        self.button.setIconSize(QSize(12, 12))
        self.button.clicked.connect(self._clicked)
        self.button.hide()
        bar.insert_before_field(self.button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TELL_MS)
        self._timer.timeout.connect(self.show_moment)
        table.installEventFilter(self)
        table.followed.connect(self._followed)
        table.rows.rowsInserted.connect(self._rows_changed)
        table.rows.modelReset.connect(self._rows_changed)
        clock.moved.connect(self._moved)
        clock.range_changed.connect(self._range_changed)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()
        self._show_button()

    def want(self, key: int | None, time_us: int = 0) -> None:
        """A row that was picked elsewhere, and when that was; None: none was."""
        self._wanted = None if key is None else (key, time_us)
        self._missing = key is not None and self._table.rows.shown.find(key) is None
        self._show_button()

    def show_moment(self) -> None:
        """Bring the row nearest in time into sight, and mark it."""
        at, table = self._clock.cursor_us, self._table
        if self._clock.following or at is None:
            table.show_moment(None)
        elif table.isVisible():
            row = self._nearest(at)
            table.show_moment(None if row is None else self._key_of(table.rows.row(row)), row)
        self._show_button()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and not self._clock.following:
            self._timer.start()
        return super().eventFilter(watched, event)

    # ----------------------------------------------------------------------------------------------------------------

    def _moved(self) -> None:
        following = self._clock.following
        if following and not self._was_following:
            self._timer.stop()
            self.show_moment()
            self._table.follow()
        elif not following:
            if self._was_following:
                self._table.stop_following()
            if not self._timer.isActive():
                self._timer.start()
        self._was_following = following

    def _range_changed(self) -> None:
        """What was new is so no longer: other rows are shown."""
        if not self._table.rows.store.frozen:
            self._table.pill.set_new(0)
        self._show_button()

    def _followed(self) -> None:
        """The person wants the newest row: of the range while there is one, else the present."""
        if self._clock.range is None:
            self._clock.follow()

    def _rows_changed(self) -> None:
        if self._wanted is not None:
            self._show_button()
            missing = self._table.rows.shown.find(self._wanted[0]) is None
            if self._missing and not missing:
                self._table.mark(self._wanted[0])
            self._missing = missing
        if not self._clock.following and not self._timer.isActive():
            self._timer.start()

    def _nearest(self, time_us: int) -> int | None:
        times = self._times_of_rows()
        return int(np.abs(times - time_us).argmin()) if len(times) else None

    def _times_of_rows(self) -> NDArray[np.int64]:
        """When each shown row was; rows that came at the end are added to what is known of the others."""
        shown, key_of = self._table.rows.shown, self._key_of
        count, known = len(shown), self._known
        if not count:
            self._known, self._times = None, self._times[:0]
            return self._times
        first, last = key_of(shown[0]), key_of(shown[count - 1])
        have = len(self._times)
        grown = (
            known is not None
            and known[:2] == (shown, first)
            and 0 < have <= count
            and key_of(shown[have - 1]) == known[2]
        )
        begin = have if grown else 0
        added = np.fromiter((self._time_of(shown[row]) for row in range(begin, count)), np.int64, count - begin)
        self._times = np.concatenate([self._times[:begin], added]) if begin else added
        self._known = (shown, first, last)
        return self._times

    def _is_older(self) -> bool:
        """Whether the moment lies before every loaded row."""
        at = self._clock.cursor_us
        if self._clock.following or self._clock.range is not None or at is None or self._known is None:
            return False
        return bool(len(self._times)) and at < int(self._times.min()) and self._table.rows.store.total > 1

    def _missing_us(self) -> int | None:
        """When the picked row was, if it is older than every loaded one: what is sent late lies beside its time."""
        shown = self._table.rows.shown
        if self._wanted is None or self._bar.field.text() or not len(shown):
            return None
        key, time_us = self._wanted
        return time_us if key < min(self._key_of(shown[0]), self._key_of(shown[len(shown) - 1])) else None

    def _around_us(self) -> int | None:
        """Around which moment there are rows that are worth loading."""
        if self._clock.range is not None:
            return None
        missing_us = self._missing_us()
        return self._clock.cursor_us if missing_us is None and self._is_older() else missing_us

    def _show_button(self) -> None:
        chosen, at = self._clock.range, self._around_us()
        self.button.setVisible(chosen is not None or at is not None)
        if chosen is not None:
            words = time_span(chosen.start_us, chosen.end_us)
            start, end = exact_time(chosen.start_us), exact_time(chosen.end_us)
            hover = f"Only rows from\n{start}\nto\n{end}\n\nClick to show all again"
            self._say(words, hover, f"Only rows from {words}: show all again")
        elif at is not None:
            words = f"Load {dated_time(at).partition('.')[0]} ± {_AROUND_US // 1_000_000} s"
            what = "This moment is older" if self._missing_us() is None else "What is picked was received earlier"
            self._say(words, f"{what} than the rows in the table.\nClick to load those around it", words)

    def _say(self, words: str, hover: str, name: str) -> None:
        if words != self.button.text():
            self.button.setText(words)
            self.button.setToolTip(plain_hover(hover))
            self.button.setAccessibleName(name)
            self._paint_icon()

    def _clicked(self) -> None:
        at = self._around_us()
        if self._clock.range is not None:
            self._clock.set_range(None)
        elif at is not None:
            self._clock.set_range(TimeRange(at - _AROUND_US, at + _AROUND_US))

    def _paint_icon(self) -> None:
        name = "close" if self._clock.range is not None else "download"
        self.button.setIcon(icon(name, self._theme.tokens.accent))
