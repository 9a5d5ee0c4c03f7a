"""Where triangles lie over the middles of a grid's cells. Pure.

A mesh of a million triangles is met in under a second: everything is done for many triangles at once, and most of them
are smaller than a cell and over no middle at all.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from console.telemetry.heat import Array, Cells, Grid

# Pairs of a triangle and a cell that are looked at at once, so that memory stays bounded.
_PAIRS = 1_000_000
_EDGE = 1e-9  # a middle on an edge is in both triangles
_FLAT = 1e-12  # square cells: smaller, as seen from above, is upright


@dataclass(frozen=True)
class Triangles:
    """Triangles that are not upright, in cells of a grid: x, y and z of corners are `(3, n)`, z in metres.

    `rise_x` and `rise_y` tell how many metres the plane rises in a cell's length; `faces_up` which side is the outside.
    """

    x: Array
    y: Array
    z: Array
    rise_x: Array
    rise_y: Array
    faces_up: NDArray[np.bool_]

    @staticmethod
    def of(vertices: Array, faces: NDArray[np.integer], grid: Grid, *, mirrored: bool = False) -> "Triangles":
        """Of `vertices` `(n, 3)` in the viewer's metres.

        Outside is the side from which corners run around counter-clockwise; clockwise when `mirrored` (the mesh was
        turned by a matrix with a negative determinant).
        """
        corners = np.ascontiguousarray(faces.T)
        x, y, z = (
            np.ascontiguousarray(values)[corners]
            for values in (
                (vertices[:, 0] - grid.x) / grid.cell_m,
                (vertices[:, 1] - grid.y) / grid.cell_m,
                vertices[:, 2],
            )
        )
        bx, by, bz = x[1] - x[0], y[1] - y[0], z[1] - z[0]
        cx, cy, cz = x[2] - x[0], y[2] - y[0], z[2] - z[0]
        area = bx * cy - by * cx
        lies = np.flatnonzero(np.abs(area) > _FLAT)
        whole = area[lies]
        rise_x = (bz[lies] * cy[lies] - by[lies] * cz[lies]) / whole
        rise_y = (bx[lies] * cz[lies] - bz[lies] * cx[lies]) / whole
        faces_up = (whole < 0) if mirrored else (whole > 0)
        return Triangles(x[:, lies], y[:, lies], z[:, lies], rise_x, rise_y, faces_up)

    def only(self, mask: NDArray[np.bool_]) -> "Triangles":
        """Some of them."""
        kept = np.flatnonzero(mask)
        return Triangles(
            self.x[:, kept], self.y[:, kept], self.z[:, kept], self.rise_x[kept], self.rise_y[kept], self.faces_up[kept]
        )

    def turned_over(self) -> "Triangles":
        """With their insides out."""
        return replace(self, faces_up=~self.faces_up)

    def __len__(self) -> int:
        return len(self.rise_x)


@dataclass(frozen=True)
class Hits:
    """Triangles over cells: which triangle, which cell (row × columns + column), and its plane's height there, in m."""

    triangle: Cells
    cell: Cells
    z: Array


def over_middles(triangles: Triangles, grid: Grid) -> Hits:
    """Every cell whose middle lies in a triangle, as seen from above."""
    ends = np.array([[grid.columns], [grid.rows]], dtype=np.float64) - 1
    lowest = np.stack([triangles.x.min(axis=0), triangles.y.min(axis=0)]) - 0.5  # middles have whole numbers
    highest = np.stack([triangles.x.max(axis=0), triangles.y.max(axis=0)]) - 0.5
    first = np.clip(np.ceil(lowest - _EDGE), 0, ends + 1)
    last = np.clip(np.floor(highest + _EDGE), -1, ends)
    wide, deep = np.maximum(last - first + 1, 0).astype(np.int64)
    near = np.flatnonzero((wide > 0) & (deep > 0))
    wide, pairs = wide[near], wide[near] * deep[near]
    left, low = first[:, near].astype(np.int64)
    upto = np.cumsum(pairs)
    found: list[tuple[Cells, Cells, Array]] = []
    start = 0
    while start < len(near):
        done = int(upto[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(upto, done + _PAIRS, side="right")))
        which = np.repeat(np.arange(start, stop), pairs[start:stop])
        number = np.arange(len(which)) - (upto[which] - pairs[which] - done)
        found.append(
            _met(triangles, grid, near[which], left[which] + number % wide[which], low[which] + number // wide[which])
        )
        start = stop
    if not found:
        nothing = np.empty(0, dtype=np.int64)
        return Hits(nothing, nothing, np.empty(0))
    triangle, cell, z = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Hits(triangle, cell, z)


def over_own_middle(triangles: Triangles, grid: Grid) -> Hits:
    """The cell that each triangle's own middle lies in: for those that are over no cell's middle."""
    x, y = triangles.x.mean(axis=0), triangles.y.mean(axis=0)
    inside = np.flatnonzero((x >= 0) & (x < grid.columns) & (y >= 0) & (y < grid.rows))
    cell = y[inside].astype(np.int64) * grid.columns + x[inside].astype(np.int64)
    return Hits(inside, cell, triangles.z.mean(axis=0)[inside])


def _met(triangles: Triangles, grid: Grid, which: Cells, column: Cells, row: Cells) -> tuple[Cells, Cells, Array]:
    """Of pairs of a triangle and a cell, those where the cell's middle is inside."""
    x, y = column + 0.5, row + 0.5
    ax, bx, cx = triangles.x[:, which]
    ay, by, cy = triangles.y[:, which]
    areas = [
        (qx - px) * (y - py) - (qy - py) * (x - px)
        for px, py, qx, qy in ((ax, ay, bx, by), (bx, by, cx, cy), (cx, cy, ax, ay))
    ]
    slack = _EDGE * np.abs(areas[0] + areas[1] + areas[2])
    lowest, highest = np.minimum.reduce(areas), np.maximum.reduce(areas)
    met = np.flatnonzero((lowest >= -slack) | (highest <= slack))
    kept = which[met]
    z = triangles.z[0, kept] + triangles.rise_x[kept] * (x[met] - ax[met]) + triangles.rise_y[kept] * (y[met] - ay[met])
    return kept, row[met] * grid.columns + column[met], z
