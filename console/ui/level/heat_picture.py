"""A picture of cells that is laid over a level from above, and the colours it is made of. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from console.telemetry.heat import Array, Grid
from console.ui.level.framing import ENDLESS
from console.ui.level.palette import rgb

Pixels = NDArray[np.uint8]

_STEPS = 256


# More floors above one another than these are not told apart in a picture.
MOST_LAYERS = 8
_MOST_ROWS = 8192  # that every graphics card takes, of all layers
# A surface so far beyond a layer's heights shows nothing of it any more, in metres.
FADE_M = 0.5


@dataclass(frozen=True)
class Layer:
    """Cells that lie on some surfaces only: `pixels` as those of a HeatPicture, between the heights `low` and `high`.

    Both are `(rows, columns)`, metres of the viewer; NaN where a cell has none.
    """

    pixels: Pixels
    low: Array
    high: Array


@dataclass(frozen=True)
class HeatPicture:
    """One pixel a cell: red, green, blue and alpha `(rows, columns, 4)`, the row with the lowest y first.

    It covers `left` … `right` and `near` … `far` (x and y), and surfaces between the heights `low` and `high`; where
    there is no surface it lies at the height `floor`. Metres of the viewer. With `layers`, surfaces show those that
    are at their height in place of `pixels`, which is the same seen from above.
    """

    pixels: Pixels
    left: float
    near: float
    right: float
    far: float
    floor: float
    low: float = -ENDLESS
    high: float = ENDLESS
    layers: tuple[Layer, ...] = ()

    @staticmethod
    def of(grid: Grid, pixels: Pixels, floor: float, layers: Sequence[Layer] = ()) -> "HeatPicture":
        """The picture of a grid's cells."""
        low = -ENDLESS if grid.low is None else grid.low
        high = ENDLESS if grid.high is None else grid.high
        most = max(1, min(MOST_LAYERS, _MOST_ROWS // (2 * grid.rows)))
        return HeatPicture(pixels, grid.x, grid.y, grid.right, grid.top, floor, low, high, tuple(layers[:most]))

    def lies_elsewhere(self, x: float, y: float, z: float) -> bool:
        """Whether the picture has something over a place that a surface at this height does not show."""
        if not self.layers:
            return False
        rows, columns = self.pixels.shape[:2]
        row = int((y - self.near) / (self.far - self.near) * rows)
        column = int((x - self.left) / (self.right - self.left) * columns)
        if not (0 <= row < rows and 0 <= column < columns):
            return False
        painted = [layer for layer in self.layers if layer.pixels[row, column, 3]]
        return bool(painted) and not any(
            layer.low[row, column] - FADE_M <= z <= layer.high[row, column] + FADE_M for layer in painted
        )


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
