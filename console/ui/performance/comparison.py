"""Builds, hardware, levels or inputs beside each other: how well the game ran on each, and how sure a difference is."""

import math
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.columns import categories, numbers, text
from console.messages import Columns
from console.telemetry.frame_rates import FEW_SESSIONS, Difference, RateHistogram, SessionAverages, difference
from console.ui.hover import plain_hover
from console.ui.performance.choices import (
    BUDGETS_FPS,
    RATE_WORDS,
    Choices,
    Unit,
    amount,
    number,
    percent,
    played,
    under,
)
from console.ui.theme import Theme
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import plural, visible
from console.ui.widgets.roomy_table import RoomyTable
from console.ui.widgets.small_table import Column, Line
from console.ui.widgets.table_columns import Tone

GROUPINGS = (
    ("build", "Build"),
    ("gpu", "Graphics card"),
    ("cpu", "Processor"),
    ("os", "System"),
    ("level", "Level"),
    ("input", "Input"),
)
_COLUMNS = (
    Column("", 128),
    Column("Sessions", 72, mono=True, right=True),
    Column("Played", 108, mono=True, right=True),
    Column("Median", 64, mono=True, right=True),
    Column("5 %", 64, mono=True, right=True),
    Column("1 %", 64, mono=True, right=True),
    *(Column("", 84, mono=True, right=True) for _ in BUDGETS_FPS),
    Column("Difference", 112, mono=True, right=True),
)
_BUDGETS_AT = 6


@dataclass(frozen=True)
class Group:
    """One build, graphics card, level …; `name` "" is whatever did not say."""

    name: str
    players: int
    seconds: float
    averages: SessionAverages
    histogram: RateHistogram


def groups_of(groups: Columns, histograms: Columns) -> list[Group]:
    """From the answers of `frame_rate_groups` and `frame_rate_histograms`, those in both, the longest played first."""
    if not groups.rows or not histograms.rows:
        return []
    codes, names = categories(histograms, "group")
    bins, seconds = numbers(histograms, "bin"), numbers(histograms, "seconds")
    places = {name: code for code, name in enumerate(names)}
    found = []
    for row, name in enumerate(text(groups, "group")):
        if name not in places:  # came in between the two answers
            continue
        mine = codes == places[name]
        averages = SessionAverages(
            int(numbers(groups, "sessions")[row]),
            float(numbers(groups, "mean")[row]),
            float(numbers(groups, "variance")[row]),
        )
        histogram = RateHistogram.of_bins(bins[mine].astype("int64"), seconds[mine].astype("float64"))
        players, spent = int(numbers(groups, "players")[row]), float(numbers(groups, "seconds")[row])
        found.append(Group(name, players, spent, averages, histogram))
    return found


class Comparison(QWidget):
    """A line a group. The first one is what the others are compared with; a double click puts another one first.

    `grouping_changed()`: a person wants other groups.
    """

    grouping_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: list[Group] = []
        self._choices = Choices()
        self._reference = ""
        self._has_reference = False
        self.by = QComboBox()
        self.by.setAccessibleName("Compare by")
        for value, words in GROUPINGS:
            self.by.addItem(words, value)
        self.by.currentIndexChanged.connect(self._grouping_changed)
        self._note = ElidedLabel()
        self._note.setProperty("role", "dim")
        self.table = RoomyTable(theme, "Comparison of frame rates", _COLUMNS, roomy=0)
        self.table.opened.connect(self._put_first)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        label = QLabel("Compare by")
        label.setProperty("role", "dim")
        label.setBuddy(self.by)
        bar.addWidget(label)
        bar.addWidget(self.by)
        bar.addWidget(self._note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(bar)
        column.addWidget(self.table, 1)

    @property
    def grouping(self) -> str:
        """What makes the groups, as the store's questions call it."""
        return str(self.by.currentData())

    def show_groups(self, groups: list[Group], choices: Choices) -> None:
        """Show these, in this unit and with these budgets."""
        self._groups, self._choices = groups, choices
        self._fill()

    def _grouping_changed(self) -> None:
        self._has_reference = False
        self._groups = []
        self._fill()
        self.grouping_changed.emit()

    def _put_first(self, key: object) -> None:
        self._reference, self._has_reference = str(key), True
        self._fill()

    def _fill(self) -> None:
        unit = self._choices.unit
        groups = list(self._groups)
        if self._has_reference:
            groups.sort(key=lambda group: group.name != self._reference)
        self._title(0, self.by.currentText())
        for index, fps in enumerate(BUDGETS_FPS, _BUDGETS_AT):
            self._title(index, under(fps, unit))
            self.table.setColumnHidden(index, fps not in self._choices.budgets)
        self._explain_heads()
        self.table.share_room()
        self.table.show_lines([self._line(group, groups[0]) for group in groups])
        rate = RATE_WORDS[self._choices.rate]
        words = f"{rate[0].upper()}{rate[1:]} of each trajectory, weighted by time"
        if len(groups) > 1:
            words += f" · differences from {visible(groups[0].name, 32) or 'those not told'}, of the sessions' averages"
        self._note.setText(words if groups else "Nothing was played with this.")

    def _explain_heads(self) -> None:
        unit = self._choices.unit
        tips = {3 + place: _percentile_words(share, unit) for place, share in enumerate((50, 5, 1))}
        tips |= {_BUDGETS_AT + n: f"Share of the time {under(fps, unit)}" for n, fps in enumerate(BUDGETS_FPS)}
        tips[len(_COLUMNS) - 1] = "Of the sessions' averages from those of the first line, with its 95 % interval"
        for column, words in tips.items():
            if (head := self.table.horizontalHeaderItem(column)) is not None:
                head.setToolTip(plain_hover(words))

    def _title(self, column: int, words: str) -> None:
        if (head := self.table.horizontalHeaderItem(column)) is not None:
            head.setText(words)

    def _line(self, group: Group, first: Group) -> Line:
        unit = self._choices.unit
        histogram = group.histogram
        cells = [
            visible(group.name, 64) or "not told",
            f"{group.averages.sessions:,}",
            played(group.seconds),
            *(number(histogram.percentile(share), unit) for share in (50, 5, 1)),
            *(percent(histogram.share_below(fps)) for fps in BUDGETS_FPS),
        ]
        hovers = [
            group.name or "The game did not say.",
            f"{plural(group.averages.sessions, 'session')} of {plural(group.players, 'player')}",
            f"{group.seconds:,.0f} s",
            *(_percentile_words(share, unit) for share in (50, 5, 1)),
            *(f"Share of the time {under(fps, unit)}" for fps in BUDGETS_FPS),
        ]
        tones: list[Tone | None] = [None if group.name else Tone.DIM] + [None] * (len(cells) - 1)
        if group is first:
            return Line(group.name, (*cells, "–"), (*hovers, "What the others are compared with"), tuple(tones))
        gap = difference(group.averages, first.averages)
        words, hover, tone = difference_words(gap, group, first, unit)
        return Line(group.name, (*cells, words), (*hovers, hover), (*tones, tone))


def difference_words(gap: Difference, group: Group, first: Group, unit: Unit) -> tuple[str, str, Tone | None]:
    """A cell, what explains it, and its tone: how much more frames (or milliseconds) than the first, and how sure."""
    if unit == "fps":
        change, half = gap.fps, gap.half_width
    else:
        ours, theirs = (1000 / max(side.averages.mean, 0.1) for side in (group, first))
        change = ours - theirs
        # The interval of a reciprocal, by its slope at the mean.
        half = gap.half_width * ours / max(group.averages.mean, 0.1)
    told = f"{change:+.1f}".replace("-", "−")
    counts = f"{plural(group.averages.sessions, 'session')} against {first.averages.sessions:,}"
    means = f"{amount(round(group.averages.mean, 1), unit)} against {amount(round(first.averages.mean, 1), unit)}"
    if gap.few:
        hover = f"{means}, {counts}.\nWith fewer than {FEW_SESSIONS} sessions on a side this says little."
        return f"{told} (few)", hover, Tone.DIM
    if math.isnan(half):
        return told, f"{means}, {counts}.", Tone.DIM
    words = f"{told} ± {half:.1f}"
    hover = f"{means}, {counts}.\n± is the 95 % interval of the difference of the sessions' averages (Welch)."
    if not gap.clear:
        return words, f"{hover}\nIt includes zero: this may be chance.", Tone.DIM
    faster = gap.fps > 0
    return words, f"{hover}\nIt is {'faster' if faster else 'slower'}.", Tone.GOOD if faster else Tone.BAD


def _percentile_words(share: int, unit: Unit) -> str:
    if share == 50:
        return f"Half of the time it was {'lower' if unit == 'fps' else 'longer'}"
    return f"{share} % of the time it was {'lower' if unit == 'fps' else 'longer'}"
