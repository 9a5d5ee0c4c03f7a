"""The sessions that never named a level, and a level to assign them to."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.columns import numbers, text
from console.messages import Columns
from console.messages.levels import MAX_LEVEL_CHARS
from console.telemetry.events import UNASSIGNED_LEVEL
from console.ui.dialogs import plain_label
from console.ui.theme import Theme
from console.ui.widgets.formatting import day_and_time, exact_time, plural, short_count, visible
from console.ui.widgets.small_table import Column, Line, SmallTable

MAX_LISTED = 500
_ROWS_SHOWN = 6  # always: while sessions come in, what is clicked below stays where it is
_COLUMNS = (
    Column("Player", 0),
    Column("Started", 96, mono=True),
    Column("Samples", 76, mono=True, right=True),
)


@dataclass(frozen=True)
class LooseSession:
    """A session in no level."""

    app_id: str
    session_id: str
    player_id: str
    first_us: int
    samples: int


def loose_sessions(answer: Columns) -> list[LooseSession]:
    """The `unassigned_sessions` query's answer."""
    if not answer.rows:
        return []
    texts = (text(answer, name) for name in ("app_id", "session_id", "player_id"))
    counts = (numbers(answer, name).tolist() for name in ("first_us", "samples"))
    return [
        LooseSession(app_id or "", session_id or "", player_id or "", int(first_us), int(samples))
        for app_id, session_id, player_id, first_us, samples in zip(*texts, *counts, strict=True)
    ]


class UnassignedSessions(QWidget):
    """Lists the newest of them. `assign_wanted(list[LooseSession] | None, str)`: these, or all, to a level."""

    assign_wanted = Signal(object, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sessions: list[LooseSession] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        heading = QLabel("SESSIONS WITHOUT A LEVEL")
        heading.setProperty("role", "heading")
        self._text = plain_label("", "dim")
        self.table = SmallTable(theme, "Sessions without a level", _COLUMNS)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.itemSelectionChanged.connect(self._tell)
        self.level = QComboBox()
        self.level.setEditable(True)
        self.level.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.level.setAccessibleName("Level to assign them to")
        self.level.setToolTip("A level of the list, or a new name")
        self.level.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        line = QLineEdit()
        line.setMaxLength(MAX_LEVEL_CHARS)
        line.setPlaceholderText("Level")
        self.level.setLineEdit(line)
        self.level.editTextChanged.connect(self._tell)
        self.assign = QPushButton()
        self.assign.clicked.connect(self._assign)
        for widget in (heading, self._text, self.table, self.level, self.assign):
            column.addWidget(widget)
        self.hide()

    def show_sessions(self, sessions: Sequence[LooseSession], levels: Sequence[str]) -> None:
        """Show these, newest first, and the levels to choose from; nothing at all when there are none."""
        self._sessions = list(sessions)
        self.setVisible(bool(sessions))
        lines = [
            Line(
                (session.app_id, session.session_id),
                (visible(session.player_id, 40), day_and_time(session.first_us)[5:], short_count(session.samples)),
                (
                    f"{visible(session.player_id)}\nsession {visible(session.session_id)}",
                    exact_time(session.first_us),
                    plural(session.samples, "sample"),
                ),
            )
            for session in self._sessions[:MAX_LISTED]
        ]
        self.table.show_lines(lines)
        self.table.setFixedHeight(self.table.height_of(_ROWS_SHOWN))
        typed = self.level.currentText()
        names = [name for name in levels if name != UNASSIGNED_LEVEL]
        if [self.level.itemText(index) for index in range(self.level.count())] != names:
            self.level.clear()
            self.level.addItems(names)
            self.level.setCurrentText(typed)
        self._tell()

    def chosen(self) -> list[LooseSession]:
        """The selected rows."""
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        return [self._sessions[row] for row in rows if row < len(self._sessions)]

    def _tell(self) -> None:
        total, chosen = len(self._sessions), len(self.chosen())
        more = f" The newest {MAX_LISTED} are listed." if total > MAX_LISTED else ""
        self._text.setText(
            f"{plural(total, 'session')} named no level.{more} Choose some, or none for all of them. What was sent "
            "stays as it was sent, and a session that names a level later is there."
        )
        named = chosen or total == 1
        self.assign.setText(f"Assign {plural(chosen or total, 'session')}" if named else f"Assign all {total:,}")
        level = self.level.currentText().strip()
        self.assign.setEnabled(bool(level) and level != UNASSIGNED_LEVEL)
        self.assign.setToolTip("" if self.assign.isEnabled() else "Say first which level they were in")

    def _assign(self) -> None:
        self.assign_wanted.emit(self.chosen() or None, self.level.currentText().strip())
