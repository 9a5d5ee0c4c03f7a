"""When a rule holds: from an instant, until another, or either left open."""

import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.players.definitions import Schedule
from console.players.profiles import DAY_US
from console.players.time_words import ago_text, span_text
from console.ui.dialogs import plain_label
from console.ui.flags.paths import Path
from console.ui.theme import Theme
from console.ui.widgets.moment_field import MomentField

_OFFERED_US = 7 * DAY_US


class ScheduleField(QWidget):
    """`changed` when a person edits it. Times are the person's own; UTC is in the hover, and is what is saved."""

    changed = Signal()

    def __init__(self, colors: Theme) -> None:
        super().__init__()
        self.start = MomentField(colors, "from", offered="from a time on")
        self.end = MomentField(colors, "until", offered="until a time", ahead_us=_OFFERED_US)
        self.state = plain_label("", "dim")
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.start)
        row.addWidget(self.end)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.state)
        for part in (self.start, self.end):
            part.changed.connect(self._edited)

    def show_schedule(self, schedule: Schedule | None) -> None:
        """Show it without telling that it was edited."""
        self.start.show_text(schedule.start_at if schedule is not None else None)
        self.end.show_text(schedule.end_at if schedule is not None else None)
        self._show_state()

    def schedule(self) -> Schedule | None:
        """None when both ends are open."""
        if self.start.text is None and self.end.text is None:
            return None
        return Schedule(start_at=self.start.text, end_at=self.end.text)

    def widget_at(self, steps: Path) -> QWidget:
        """Where the value of a path is edited."""
        return self.end.field if steps[:1] == ("end_at",) else self.start.field

    def _edited(self) -> None:
        self._show_state()
        self.changed.emit()

    def _show_state(self) -> None:
        words = state_words(self.start.at_us, self.end.at_us, time.time_ns() // 1000)
        self.state.setText(words.capitalize())
        self.state.setVisible(bool(words))


def state_words(start_us: int | None, end_us: int | None, now_us: int) -> str:
    """`begins in 3 h`, `holds now, ends in 2 days`, `ended 5 min ago`; nothing where both ends are open."""
    if start_us is not None and end_us is not None and start_us >= end_us:
        return "ends before it begins"
    if start_us is not None and now_us < start_us:
        return f"begins in {span_text(start_us - now_us)}"
    if end_us is not None and now_us >= end_us:
        return f"ended {ago_text(now_us - end_us)}"
    if end_us is not None:
        return f"holds now, ends in {span_text(end_us - now_us)}"
    return "holds now" if start_us is not None else ""
