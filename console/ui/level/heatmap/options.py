"""What a person can ask of a heatmap, and its words. Pure."""

from dataclasses import dataclass
from typing import Literal

from console.telemetry.heat import Per

Rate = Literal["mean", "low_5", "low_1"]
Against = Literal["", "builds", "moment", "kept"]


@dataclass(frozen=True)
class Measure:
    """One thing that cells can tell. `query` answers it; `per` tells whether it can be divided by sessions or minutes.

    `quantile`: of a frame rate, what share of the time lies below the value; None for its mean.
    """

    name: str
    words: str
    unit: str
    tip: str
    query: Literal["heat", "heat_events"] = "heat"
    per: bool = True
    rate: bool = False
    quantile: float | None = None


MEASURES = (
    Measure("time", "Time spent", "s", "Seconds that players were in each cell"),
    Measure("density", "Presence", "s/m²", "Seconds that players were on each square metre, whatever the cells' size"),
    Measure("events", "Events", "events", "How often gameplay events happened in each cell", query="heat_events"),
    Measure("players", "Unique players", "players", "How many different players were in each cell", per=False),
    Measure("fps_mean", "Frame rate, average", "fps", "The frame rate on average, by time", per=False, rate=True),
    Measure(
        "fps_p5",
        "Frame rate, worst 5\u00a0%",
        "fps",
        "In the worst 5 % of the time spent in a cell the frame rate was below this (its 5th percentile)",
        per=False,
        rate=True,
        quantile=0.05,
    ),
    Measure(
        "fps_p1",
        "Frame rate, worst 1\u00a0%",
        "fps",
        "In the worst 1 % of the time spent in a cell the frame rate was below this (its 1st percentile)",
        per=False,
        rate=True,
        quantile=0.01,
    ),
)
RATES: tuple[tuple[Rate, str], ...] = (("mean", "mean rates"), ("low_5", "low 5 % rates"), ("low_1", "low 1 % rates"))
PER_WORDS: tuple[tuple[Per, str], ...] = (("absolute", "in all"), ("session", "per session"), ("minute", "per minute"))
AGAINST_WORDS: tuple[tuple[Against, str], ...] = (
    ("", "Nothing"),
    ("builds", "Another build"),
    ("moment", "Before a moment"),
    ("kept", "A kept selection"),
)
# Metres; 0 chooses by the level's size.
CELL_SIZES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
CELL_CHOICES = tuple((size, f"{size:g} m" if size else "automatic") for size in CELL_SIZES)
_CELLS_ACROSS = 120


@dataclass(frozen=True)
class Options:
    """`event` "" is any name; `smooth` is in cells; `least` samples, or events, a cell needs to be shown."""

    measure: str = "time"
    event: str = ""
    rate: Rate = "mean"
    per: Per = "absolute"
    cell_m: float = 0.0
    least: int = 1
    smooth: float = 0.0
    log: bool = True
    through: bool = False  # on every surface of a column, not only near the samples
    against: Against = ""
    build: str = ""  # the first side of a comparison of builds; the other is `base`
    base: str = ""

    @property
    def what(self) -> Measure:
        """The chosen measure."""
        return next(measure for measure in MEASURES if measure.name == self.measure)

    def asks_same_as(self, other: "Options") -> bool:
        """Whether what was answered for `other` can be painted for these."""
        return self.question() == other.question()

    def question(self) -> tuple[object, ...]:
        """What a new answer is needed for."""
        what = self.what
        asked = "player" if what.name == "players" else self.rate if what.rate else ""
        named = self.event if what.query == "heat_events" else ""
        builds = (self.build, self.base) if self.against == "builds" else ()
        return what.query, asked, named, self.cell_m, self.against, builds

    def unit(self) -> str:
        """The unit, with what it is divided by."""
        what = self.what
        if not what.per or self.per == "absolute":
            return what.unit
        return f"{what.unit} per {self.per}"

    def cut_words(self) -> list[str]:
        """What cells leave out or share, where they do: `of 5 samples and more`, `smoothed over 2 cells`."""
        words = []
        if self.least > 1:
            words.append(f"of {self.least:,} {'event' if self.what.query == 'heat_events' else 'sample'}s and more")
        if self.smooth:
            words.append(f"smoothed over {self.smooth:g} cell{'' if self.smooth == 1 else 's'}")
        return words

    def title(self) -> str:
        """The measure in words: `Events: Player_Died`."""
        what = self.what
        if what.query == "heat_events" and self.event:
            return f"{what.words}: {self.event}"
        if what.rate and self.rate != "mean":
            return f"{what.words}, from {dict(RATES)[self.rate]}"
        return what.words


def titled(title: str, unit: str) -> str:
    """A title with its unit, `Time spent, s per session`; a unit that the title names already is not said twice."""
    name, _, divisor = unit.partition(" per ")
    if name not in title.casefold().replace(":", " ").split():
        return f"{title}, {unit}"
    return f"{title} per {divisor}" if divisor else title


def automatic_cell(width_m: float, depth_m: float) -> float:
    """The size that gives about a hundred cells across: one of CELL_SIZES, or a power of two beyond."""
    wanted = max(width_m, depth_m) / _CELLS_ACROSS
    size = CELL_SIZES[1]
    while size < wanted:
        size *= 2
    return size
