"""Where the frame rate was lowest: one line a place, however often it was slow there."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.columns import numbers, text
from console.messages import Columns
from console.telemetry.events import UNASSIGNED_LEVEL
from console.ui.performance.choices import Choices, number, played, under
from console.ui.theme import Theme
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import dated_time, decimal, exact_time, plural, visible
from console.ui.widgets.roomy_table import RoomyTable
from console.ui.widgets.small_table import Column, Line

_COLUMNS = (
    Column("Low 1 %", 72, mono=True, right=True),
    Column("Times", 60, mono=True, right=True),
    Column("Sessions", 72, mono=True, right=True),
    Column("Level", 80),
    Column("Place", 160, mono=True),
    Column("Player", 112),
    Column("When", 134, mono=True),
    Column("Lasted", 64, mono=True, right=True),
)
MAX_WORST = 200  # places in one answer
_WISHES = {4: 216, 5: 160}  # so that a place a kilometre away is whole, and most names


@dataclass(frozen=True)
class WorstPlace:
    """A place, and its worst moment. `place` is in the game's own axes and units, `total_us` all slow time there."""

    app_id: str
    session_id: str
    player_id: str
    level_id: str
    start_us: int
    end_us: int
    time_us: int
    place: tuple[float, float, float]
    fps: float
    times: int
    sessions: int
    total_us: int


def worst_places(answer: Columns) -> list[WorstPlace]:
    """From the answer of `frame_rate_worst`."""
    if not answer.rows:
        return []
    texts = [text(answer, name) for name in ("app_id", "session_id", "player_id", "level_id")]
    names = ("start_us", "end_us", "time_us", "x", "y", "z", "fps", "times", "sessions", "total_us")
    columns = [numbers(answer, name).tolist() for name in names]
    return [
        WorstPlace(app, session, player, level, start, end, at, (x, y, z), *rest)
        for app, session, player, level, start, end, at, x, y, z, *rest in zip(*texts, *columns, strict=True)
    ]


class WorstTable(QWidget):
    """`marked(WorstPlace)`: look at this moment. `wanted(WorstPlace)`: go there on the level."""

    marked = Signal(object)
    wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = RoomyTable(theme, "Worst places", _COLUMNS, roomy=3, wishes=_WISHES)
        self.table.cellClicked.connect(lambda _row, _column: self.marked.emit(self.table.current_key))
        self.table.opened.connect(self.wanted)
        self.table.itemSelectionChanged.connect(self._enable)
        self._note = ElidedLabel()
        self._note.setProperty("role", "dim")
        self.go = QPushButton("Show on the level")
        self.go.setToolTip("Go to this place and moment on the level (Enter, or a double click on the line)")
        self.go.clicked.connect(lambda: self.wanted.emit(self.table.current_key))
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self._note, 1)
        bar.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        self._enable()

    def show_places(self, places: list[WorstPlace] | None, choices: Choices) -> None:
        """Show these; None while they are not known."""
        found = places or []
        self.table.show_lines([_line(place, choices) for place in found])
        limit = under(choices.mildest, choices.unit)
        if places is None:
            self._note.setText("Looking for the worst places …")
        elif not found:
            self._note.setText(f"All sessions: no trajectory's low 1 % was {limit}.")
        else:
            total = sum(place.times for place in found)
            moments = plural(total, "moment")
            where = plural(len(found), "place") if len(found) < MAX_WORST else f"the {MAX_WORST} worst places"
            self._note.setText(f"All sessions: {moments} {limit} at {where}, the worst first")

    def _enable(self) -> None:
        self.go.setEnabled(self.table.current_key is not None)


def _line(found: WorstPlace, choices: Choices) -> Line:
    level = "no level" if found.level_id == UNASSIGNED_LEVEL else visible(found.level_id, 64)
    lasted = (found.end_us - found.start_us) / 1e6
    cells = (
        number(found.fps, choices.unit),
        f"×{found.times:,}",
        f"{found.sessions:,}",
        level,
        "({})".format(", ".join(decimal(part) for part in found.place)),
        visible(found.player_id, 48),
        dated_time(found.time_us).partition(".")[0],
        f"{lasted:.1f} s",
    )
    hovers = (
        "The slowest 1 % of frames of the worst trajectory here",
        f"Trajectories at this place that missed the budget, {played(found.total_us / 1e6)} together",
        "Sessions in which it was slow here",
        found.level_id,
        "In the game's own axes and units, of the sample nearest to the middle of the worst trajectory",
        f"{found.player_id}\nsession {found.session_id}",
        exact_time(found.time_us),
        f"{lasted:,.3f} s: a rate is told for a whole trajectory",
    )
    return Line(found, cells, hovers)
