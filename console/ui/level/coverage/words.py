"""What coverage says: shares, areas, regions, and who left the level. Pure."""

import math
from dataclasses import dataclass

import numpy as np

from console.columns import numbers, text
from console.messages import Columns
from console.telemetry.coverage import FINEST_M, Coverage, Region, Storey
from console.ui.widgets.formatting import decimal, percent, plural


@dataclass(frozen=True)
class Stray:
    """A session that left the level's box: how many samples did, how far, and when and where, as the game sent it."""

    app_id: str
    session_id: str
    player_id: str
    samples: int
    away_m: float
    time_us: int
    place: tuple[float, float, float]


@dataclass(frozen=True)
class Outside:
    """All samples of a level that lie outside of its box, by distance, and the sessions that were farthest."""

    samples: int = 0
    sessions: int = 0
    all_samples: int = 0
    within_1_m: int = 0
    within_10_m: int = 0
    within_100_m: int = 0
    strays: tuple[Stray, ...] = ()

    @staticmethod
    def of(answer: Columns) -> "Outside":
        """The answer of the `outside` query."""
        if not answer.rows:
            return Outside()
        samples, sessions, all_samples, near, far, farther = (
            int(numbers(answer, name)[0])
            for name in (
                "outside_samples",
                "outside_sessions",
                "all_samples",
                "within_1_m",
                "within_10_m",
                "within_100_m",
            )
        )
        places = zip(*(numbers(answer, name).tolist() for name in "xyz"), strict=True)
        rows = zip(
            text(answer, "app_id"),
            text(answer, "session_id"),
            text(answer, "player_id"),
            numbers(answer, "samples").tolist(),
            numbers(answer, "away_m").tolist(),
            numbers(answer, "time_us").tolist(),
            places,
            strict=True,
        )
        strays = tuple(Stray(*row) for row in rows)
        return Outside(samples, sessions, all_samples, near, far, farther, strays)

    def words(self) -> str:
        """How many samples are outside, and how far."""
        if not self.samples:
            return "Every sample lies inside the level."
        share = self.samples / self.all_samples if self.all_samples else math.nan
        bands = (
            (self.within_1_m, "up to 1 m"),
            (self.within_10_m - self.within_1_m, "1 to 10 m"),
            (self.within_100_m - self.within_10_m, "10 to 100 m"),
            (self.samples - self.within_100_m, "farther than 100 m"),
        )
        lines = [f"{plural(self.samples, 'sample')} of {plural(self.sessions, 'session')}, {percent(share)} of all:"]
        lines += [f"{words}: {count:,}" for count, words in bands if count]
        return "\n".join(lines)


def covered_words(found: Coverage) -> str:
    """The share of the floor that was visited, and what nobody can walk to."""
    lines = []
    if math.isnan(found.share):
        lines.append("No floor here was visited. Is the model in line with the telemetry? See Calibrate.")
    else:
        lines.append(f"{percent(found.share)} of {_area(found.reached_m2)} of floor visited")
        if found.cut_off.any():
            lines.append(f"{_area(found.cut_off_m2)} more cannot be walked to from there (roofs, ledges)")
    if found.ground.grid.cell_m > FINEST_M:
        lines.append(
            f"So large a level is counted in cells of {found.ground.grid.cell_m:.1f} m: ledges may join stairs"
        )
    if found.ground.inside_out:
        lines.append("The model's faces look the wrong way: floors were found on their backs")
    return "\n".join(lines)


def storey_cells(storey: Storey) -> tuple[str, str, str]:
    """A line of the table of floors: its heights in metres, the share visited, and of how much."""
    low, high = f"{storey.ground_low:.1f}", f"{storey.ground_high:.1f}"
    heights = low if low == high else f"{low} … {high}"
    return heights, percent(storey.share), _area(storey.visited_m2 + storey.missed_m2)


def region_cells(region: Region) -> tuple[str, str]:
    """A line of the table: the area, and where."""
    x, y, z = region.middle
    return _area(region.area_m2), f"{x:.1f}, {y:.1f}, {z:.1f}"


def spot_words(found: Coverage, x: float, y: float, z: float | None = None) -> str:
    """What is known of the floor at a place; without a height, of every floor there. "" where there is none."""
    ground = found.ground
    cell = ground.grid.cell_at(x, y)
    if cell is None:
        return ""
    number = np.array([cell[0] * ground.grid.columns + cell[1]])
    first, last = np.searchsorted(ground.cell, number[0]), np.searchsorted(ground.cell, number[0], side="right")
    spots = range(int(first), int(last))
    if z is not None:
        at = int(ground.spots_at(number, np.array([z]))[0])
        spots = range(at, at + 1) if at >= 0 else range(0)
    lines = []
    for spot in reversed(spots):
        for mask, words in (
            (found.visited, "visited"),
            (found.missed, "nobody was here"),
            (found.cut_off, "cannot be walked to from where players were"),
        ):
            if mask[spot]:
                lines.append(words if len(spots) == 1 else f"{ground.height[spot]:.1f} m: {words}")
    return "\n".join(lines)


def away_words(metres: float) -> str:
    """`1,204.5 m`, `1e+09 m`."""
    return f"{metres:,.1f} m" if metres < 1e6 else f"{decimal(metres)} m"


def _area(square_metres: float) -> str:
    return f"{square_metres:,.0f} m²" if square_metres >= 10 else f"{square_metres:.1f} m²"
