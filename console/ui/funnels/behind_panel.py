"""Who is behind a bar: sessions, what they did last, and the ways to their tracks and events."""

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.telemetry.events import UNASSIGNED_LEVEL
from console.ui.context import ViewContext
from console.ui.funnels.model import Bar, Behind, Report
from console.ui.icons import icon
from console.ui.navigation import Destination, LevelMomentSubject, LevelSubject
from console.ui.selection import Picked, Scope
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import day_and_time, exact_time, plural, visible
from console.ui.widgets.roomy_table import RoomyTable
from console.ui.widgets.small_table import Column, Line

_COLUMNS = (
    Column("Player", 132, mono=True),
    Column("Farthest step", 148),
    Column("Last event", 148),
    Column("When", 134, mono=True),
    Column("Level", 112),
    Column("Build", 112),
)
_WISHES = {4: 176, 0: 176, 1: 176, 2: 176}


class BehindPanel(QWidget):
    """`destination_wanted(Destination)`; `closed()`. Enter or a double click shows where a session ended."""

    destination_wanted = Signal(object)
    closed = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._app_id = ""
        self._rows: dict[str, Behind] = {}
        self.title = ElidedLabel()
        self.tracks, self.events = QPushButton("Show tracks"), QPushButton("Show in Live")
        self.tracks.setToolTip("Narrow every view to these sessions, and show where they went on the level")
        self.events.setToolTip("Narrow every view to these sessions, and show their events")
        self.tracks.clicked.connect(self._show_tracks)
        self.events.clicked.connect(lambda: self._go(Destination(view="live", scope=self._scope())))
        close = QPushButton()
        close.setIcon(icon("close", context.theme.tokens.dim))
        close.setProperty("role", "quiet")
        close.setAccessibleName("Close the list of sessions")
        close.setToolTip("Close the list")
        close.clicked.connect(self.closed)
        self.table = RoomyTable(context.theme, "Sessions behind the bar", _COLUMNS, roomy=5, wishes=_WISHES)
        self.table.opened.connect(self._open)
        self.table.itemSelectionChanged.connect(self._pick)
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 8)
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        for button in (self.tracks, self.events, close):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.table, 1)

    def show_rows(self, app_id: str, report: Report, bar: Bar, rows: Sequence[Behind], total: int) -> None:
        """List who is behind a bar of a funnel."""
        self._app_id = app_id
        self._rows = {row.session_id: row for row in rows}
        words = bar_words(report, bar, total)
        self.title.setText(f"{words} · newest {len(rows)} listed" if total > len(rows) else words)
        self.tracks.setEnabled(bool(rows))
        self.events.setEnabled(bool(rows))
        self.table.show_lines([_line(row, report) for row in rows])

    def _scope(self) -> Scope:
        return Scope.of_sessions(self._app_id, self._rows)

    def _show_tracks(self) -> None:
        levels = Counter(_level(row) for row in self._rows.values())
        if levels:
            subject = LevelSubject(levels.most_common(1)[0][0])
            self._go(Destination(view="level", scope=self._scope(), subject=subject))

    def _open(self, session_id: object) -> None:
        row = self._rows.get(str(session_id))
        if row is None:
            return
        time_us = row.last_us or row.time_us
        self._context.clock.seek(time_us)
        subject = LevelMomentSubject(_level(row), time_us, self._app_id, row.session_id, row.place)
        self._go(Destination(view="level", subject=subject))

    def _pick(self) -> None:
        row = self._rows.get(str(self.table.current_key))
        if row is not None and row.request_id:
            self._context.selection.pick(
                Picked(
                    row.request_id,
                    row.seq,
                    row.index,
                    time_us=row.last_us,
                    app_id=self._app_id,
                    session_id=row.session_id,
                    level_id=_level(row),
                    place=row.place,
                )
            )

    def _go(self, destination: Destination) -> None:
        self.destination_wanted.emit(destination)


def bar_words(report: Report, bar: Bar, total: int) -> str:
    """What a bar stands for, in words."""
    title = visible(report.steps[bar.step].title, 60)
    of = "" if bar.group is None else f" · {visible(bar.group, 60) or '(not told)'}"
    who = plural(total, report.unit)
    if bar.lost and bar.step + 1 < len(report.steps):
        return f"{who} reached {title} but not {visible(report.steps[bar.step + 1].title, 60)}{of}"
    return f"{who} reached {title}{of}"


def _level(row: Behind) -> str:
    return row.last_level or row.level_id or UNASSIGNED_LEVEL


def _line(row: Behind, report: Report) -> Line:
    time_us = row.last_us or row.time_us
    step = report.steps[row.step].title if row.step < len(report.steps) else ""
    cells = (row.player_id, step, row.last_name, day_and_time(time_us), _level(row), row.build_id)
    who = f"{row.player_id}\nsession {row.session_id}"
    hovers = (who, step, row.last_name, exact_time(time_us), _level(row), row.build_id)
    return Line(row.session_id, tuple(visible(cell, 60) for cell in cells), hovers)
