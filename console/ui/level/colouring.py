"""What the colours of tracks can mean, and which value has which colour. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.ui.level.palette import RAMP_FPS, mix, rgb
from console.ui.level.tracks import LOW_1, LOW_5, MEAN, SESSION, SPEED, TIME
from console.ui.theme import Tokens


@dataclass(frozen=True)
class Colouring:
    """One meaning. `field` of a vertex gives the value; with `group` it is a session's player, build or itself.

    `words` are for the list of meanings, `title` for the legend.
    """

    name: str
    words: str
    title: str
    field: int
    group: str = ""
    unit: str = ""


COLOURINGS = (
    Colouring("player", "Player", "Players", SESSION, group="player"),
    Colouring("session", "Session", "Sessions", SESSION, group="session"),
    Colouring("build", "Build", "Builds", SESSION, group="build"),
    Colouring("time", "Time on the level", "Time on the level", TIME),
    Colouring("speed", "Speed", "Speed", SPEED, unit="m/s"),
    Colouring("mean", "Frame rate, mean", "Mean frame rate", MEAN, unit="fps"),
    Colouring("low_5", "Frame rate, low 5 %", "Low 5 % frame rate", LOW_5, unit="fps"),
    Colouring("low_1", "Frame rate, low 1 %", "Low 1 % frame rate", LOW_1, unit="fps"),
)
DEFAULT = COLOURINGS[-1]


def colouring(name: object) -> Colouring:
    """The colouring of that name, the default when there is none."""
    return next((known for known in COLOURINGS if known.name == name), DEFAULT)


@dataclass(frozen=True)
class Ramp:
    """Values and their `#rrggbb`, both ascending with the value; what lies beyond has the colour of the end."""

    stops: tuple[float, ...]
    colours: tuple[str, ...]
    labels: tuple[str, ...]

    def colour(self, value: float) -> str:
        """The colour of a value, in steps between the stops."""
        if value <= self.stops[0]:
            return self.colours[0]
        for number in range(1, len(self.stops)):
            if value <= self.stops[number]:
                low, high = self.stops[number - 1], self.stops[number]
                return mix(self.colours[number - 1], self.colours[number], (value - low) / (high - low))
        return self.colours[-1]

    def share(self, value: float) -> float:
        """Where a value is drawn on the ramp, 0 … 1: between two stops in even steps."""
        place = float(np.interp(value, self.stops, np.linspace(0, 1, len(self.stops))))
        return min(1.0, max(0.0, place))


def ramp(meaning: Colouring, tokens: Tokens, highest: float) -> Ramp:
    """The ramp of a colouring without groups; `highest` is where that of time (s) and speed (m/s) ends."""
    if meaning.field in (MEAN, LOW_5, LOW_1):
        return Ramp(RAMP_FPS, tokens.frame_rate, tuple(f"{fps:.0f}" for fps in RAMP_FPS))
    colours = tokens.sequence
    stops = tuple(highest * step / (len(colours) - 1) for step in range(len(colours)))
    ends = (0.0, highest / 2, highest)
    if meaning.field == TIME:
        return Ramp(stops, colours, tuple(length_words(end) for end in ends))
    return Ramp(stops, colours, tuple(f"{end:g}" for end in ends))


def scale_of(world: NDArray[np.float64]) -> float:
    """How long a unit of telemetry is in the viewer's metres."""
    return float(abs(np.linalg.det(world[:3, :3])) ** (1 / 3))


def nice_end(values: NDArray[np.floating], *, least: float) -> float:
    """1, 2 or 5 times a power of ten, above all but the highest 2 % of `values`: the end of a ramp that rests."""
    usual = float(np.percentile(values, 98)) if len(values) else 0.0
    wanted = max(usual, least)
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= wanted * 0.999))


_NICE_SECS = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 36000)


def nice_time(longest_s: float) -> float:
    """A round length of time that holds `longest_s`."""
    found = next((float(end) for end in _NICE_SECS if end >= longest_s), None)
    return found if found is not None else float(np.ceil(longest_s / 86400) * 86400)


def length_words(seconds: float) -> str:
    """`30 s`, `2.5 min`, `1 h`: a length of time at a ramp."""
    if seconds < 60:
        return f"{seconds:g} s"
    return f"{seconds / 60:g} min" if seconds < 3600 else f"{seconds / 3600:g} h"


def series_colours(colours: Sequence[str], numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Red, green and blue for each number, `(n, 3)`; the colours repeat."""
    table = np.array([rgb(colour) for colour in colours]) * 255
    result: NDArray[np.uint8] = np.round(table[numbers % len(colours)]).astype(np.uint8)
    return result
