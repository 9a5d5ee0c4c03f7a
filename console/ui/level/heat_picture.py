"""A picture of cells that is laid over a level from above, and the colours it is made of. Pure."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from console.telemetry.heat import Array, Grid
from console.ui.level.framing import ENDLESS
from console.ui.level.palette import rgb

Pixels = NDArray[np.uint8]

_STEPS = 256


@dataclass(frozen=True)
class HeatPicture:
    """One pixel a cell: red, green, blue and alpha `(rows, columns, 4)`, the row with the lowest y first.

    It covers `left` … `right` and `near` … `far` (x and y), and surfaces between the heights `low` and `high`; where
    there is no surface it lies at the height `floor`. Metres of the viewer.
    """

    pixels: Pixels
    left: float
    near: float
    right: float
    far: float
    floor: float
    low: float = -ENDLESS
    high: float = ENDLESS

    @staticmethod
    def of(grid: Grid, pixels: Pixels, floor: float) -> "HeatPicture":
        """The picture of a grid's cells."""
        low = -ENDLESS if grid.low is None else grid.low
        high = ENDLESS if grid.high is None else grid.high
        return HeatPicture(pixels, grid.x, grid.y, grid.right, grid.top, floor, low, high)


@cache
def ramp(colours: tuple[str, ...]) -> NDArray[np.float64]:
    """256 colours `(256, 3)`, 0 … 255, evenly between some `#rrggbb`."""
    given = np.array([rgb(colour) for colour in colours]) * 255
    places = np.linspace(0, 1, len(given))
    steps = np.linspace(0, 1, _STEPS)
    return np.column_stack([np.interp(steps, places, given[:, channel]) for channel in range(3)])


def painted(shares: Array, colours: tuple[str, ...], opacity: float) -> Pixels:
    """Cells in the colours of their shares (0 … 1); NaN is clear."""
    known = np.isfinite(shares)
    index = np.clip(np.where(known, shares, 0.0) * (_STEPS - 1), 0, _STEPS - 1).round().astype(np.intp)
    pixels = np.zeros((*shares.shape, 4), dtype=np.uint8)
    pixels[..., :3] = ramp(colours)[index]
    pixels[..., 3] = np.where(known, round(opacity * 255), 0)
    pixels[~known] = 0
    return pixels
