"""What a person may choose in the performance view, and how rates read in the unit that was chosen. Without Qt."""

import math
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

import numpy as np

from console.ui.performance.session_rates import LOW_1, LOW_5, MEAN, Floats

Unit = Literal["fps", "ms"]
# A plot for each session; all in one plot; how all spread by the clock, or by the time since each began.
Picture = Literal["each", "overlay", "clock", "session"]

BUDGETS_FPS = (144.0, 120.0, 60.0, 30.0)
RATE_WORDS = {MEAN: "mean", LOW_5: "low 5 %", LOW_1: "low 1 %"}
PICTURE_WORDS: dict[Picture, str] = {
    "each": "Each session",
    "overlay": "Together",
    "clock": "Spread by clock",
    "session": "Spread by age",
}
PICTURE_TIPS: dict[Picture, str] = {
    "each": "A plot for each session, with all three rates",
    "overlay": "One rate of many sessions in one plot",
    "clock": "How one rate spreads over the sessions in scope, by the time of day",
    "session": "How one rate spreads over the sessions in scope, by the time since each of them began",
}
# A frame that hangs for longer is shown as long as this: it would flatten all the others.
LONGEST_MS = 10_000.0


@dataclass(frozen=True)
class Choices:
    """How frame rates are drawn. `rate` is for pictures that draw one of the three; budgets are the highest first."""

    picture: Picture = "each"
    rate: int = LOW_1
    unit: Unit = "fps"
    budgets: tuple[float, ...] = (60.0, 30.0)

    @property
    def spread(self) -> bool:
        """Whether bands are drawn, not sessions."""
        return self.picture in ("clock", "session")

    @property
    def strictest(self) -> float:
        """The highest budget; 60 frames per second when none is chosen."""
        return max(self.budgets, default=60.0)

    @property
    def mildest(self) -> float:
        """The lowest budget; 30 frames per second when none is chosen."""
        return min(self.budgets, default=30.0)

    def with_budget(self, fps: float, on: bool) -> "Choices":
        """The same with one budget more or less."""
        return replace(self, budgets=tuple(b for b in BUDGETS_FPS if (on if b == fps else b in self.budgets)))

    def as_text(self) -> str:
        """For the settings file."""
        budgets = " ".join(f"{fps:.0f}" for fps in self.budgets)
        return f"{self.picture},{self.rate},{self.unit},{budgets}"

    @classmethod
    def from_text(cls, saved: str) -> "Choices":
        """What `as_text` wrote; the defaults for anything else."""
        try:
            picture, rate, unit, budgets = saved.split(",")
            wanted = {float(fps) for fps in budgets.split()}
            number = int(rate)
        except ValueError:
            return cls()
        if picture not in get_args(Picture) or unit not in get_args(Unit) or number not in RATE_WORDS:
            return cls()
        known = tuple(b for b in BUDGETS_FPS if b in wanted)
        return cls(cast("Picture", picture), number, cast("Unit", unit), known)


def in_unit(fps: Floats, unit: Unit) -> Floats:
    """Frames per second as they are, or as milliseconds a frame: 1000 / fps, at most LONGEST_MS. NaN stays NaN."""
    if unit == "fps":
        return fps
    return 1000.0 / np.maximum(fps, 1000.0 / LONGEST_MS)


def number(fps: float, unit: Unit) -> str:
    """`58.3`, or `17.2` in milliseconds; a dash where nothing is known."""
    if math.isnan(fps):
        return "–"
    return f"{float(in_unit(np.array([fps]), unit)[0]):.1f}"


def amount(fps: float, unit: Unit) -> str:
    """`60 fps`, `16.7 ms`: a budget with its unit, without a fraction where there is none."""
    value = float(in_unit(np.array([fps]), unit)[0])
    return f"{value:.0f} {unit}" if value == round(value) else f"{value:.1f} {unit}"


def exact(fps: float, unit: Unit) -> str:
    """`58.34 fps`, ` 7.25 fps`, `17.14 ms`: a rate in two decimals; a dash where nothing is known."""
    return "–" if math.isnan(fps) else f"{float(in_unit(np.array([fps]), unit)[0]):7.2f} {unit}"


def under(fps: float, unit: Unit) -> str:
    """`< 60 fps`, `> 16.7 ms`: what misses a budget."""
    return f"{'<' if unit == 'fps' else '>'} {amount(fps, unit)}"


def percent(share: float) -> str:
    """`7 %`, `0.4 %`; a dash where nothing is known. What is not nothing never reads as 0, and not all not as 100."""
    if math.isnan(share):
        return "–"
    points = share * 100
    if 0 < points < 0.1:
        return "< 0.1 %"
    if points < 10 and points != round(points):
        return f"{points:.1f} %"
    return "> 99 %" if 99 < points < 100 else f"{points:.0f} %"


def played(seconds: float) -> str:
    """`2 h 05 min`, `34 min`, `3 min 20 s`, `12 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    if minutes >= 10:
        return f"{minutes} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
