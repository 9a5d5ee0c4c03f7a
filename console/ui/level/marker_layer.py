"""Which markers a picture of a level shows and where, for both canvases alike. No Qt and no OpenGL."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from console.telemetry.coordinates import transformed
from console.ui.level.clusters import Cells, Clusters, cell_size, cells
from console.ui.level.framing import WHOLE_HEIGHT, Section
from console.ui.level.marker_signs import is_deadly
from console.ui.level.markers import MarkerStore
from console.ui.widgets.formatting import day_and_time, exact_time, visible

SIGN_PX = 18.0
# From one sign to the next of the same cell, in pixels: as much as a number of three digits takes under each.
SLOT_PX = (26.0, 20.0)
_REACH_PX = 11.0
_MAX_KINDS = 6


class MarkerLayer:
    """A marker store seen through a transform, a span of time, a section and hidden kinds.

    What is asked again without a change between is answered from memory: a camera in motion asks for every frame.
    """

    def __init__(self, markers: MarkerStore) -> None:
        self._markers = markers
        self._world: NDArray[np.float64] = np.eye(4)
        self._section = WHOLE_HEIGHT
        self._span: tuple[int | None, int | None] = (None, None)
        self._cells: tuple[object, Cells] | None = None
        self._clusters: tuple[object, Clusters] | None = None

    @property
    def markers(self) -> MarkerStore:
        return self._markers

    def set_markers(self, markers: MarkerStore) -> None:
        self._markers = markers
        self._cells = self._clusters = None

    def set_world(self, world: NDArray[np.float64]) -> None:
        """The matrix from the game's axes and units to the viewer's metres."""
        self._world = world
        self._cells = self._clusters = None

    def set_section(self, section: Section) -> None:
        self._section = section

    def set_time_range(self, start_us: int | None, end_us: int | None) -> None:
        self._span = (start_us, end_us)

    def clusters(self, metres_per_pixel: float) -> Clusters:
        """What is to be drawn where a pixel is so wide. The same object as long as nothing changed."""
        size = cell_size(metres_per_pixel)
        state = (size, self._markers.revision, self._section, self._span)
        if self._clusters is None or self._clusters[0] != state:
            sorted_in = self._sorted_in(size)
            shown = self._markers.shown() & self._markers.during(*self._span)
            shown &= self._section.holds(sorted_in.places[:, 2])
            self._clusters = state, sorted_in.clusters(shown)
        return self._clusters[1]

    def _sorted_in(self, size: float) -> Cells:
        state = (size, len(self._markers), self._markers.dropped)
        if self._cells is None or self._cells[0] != state:
            places, kinds = self._markers.table()
            deadly = np.array([is_deadly(kind) for kind in self._markers.kinds()], dtype=np.bool_)
            self._cells = state, cells(transformed(self._world, places), kinds.copy(), size, deadly)
        return self._cells[1]

    def places(self, indices: NDArray[np.int64]) -> NDArray[np.float64]:
        """Where some markers are (n, 3), in metres of the viewer."""
        return transformed(self._world, self._markers.table()[0][indices])

    def words(self, indices: NDArray[np.int64]) -> str:
        """What a tool tip says of some markers, one thing a line."""
        if len(indices) == 1:
            marker = self._markers[int(indices[0])]
            return "\n".join((visible(marker.name), visible(marker.player_id), exact_time(marker.time_us)))
        found = [self._markers[index] for index in indices.tolist()]
        names = Counter(marker.name for marker in found).most_common()
        lines = [f"{count:,} × {visible(name)}" for name, count in names[:_MAX_KINDS]]
        if len(names) > _MAX_KINDS:
            lines.append(f"and {len(names) - _MAX_KINDS:,} other names")
        players = len({(marker.app_id, marker.player_id) for marker in found})
        lines.append("by one player" if players == 1 else f"by {players:,} players")
        first, last = min(marker.time_us for marker in found), max(marker.time_us for marker in found)
        return "\n".join([*lines, f"{day_and_time(first)} … {day_and_time(last)}"])


def cluster_at(clusters: Clusters, seen: NDArray[np.float64], x: float, y: float) -> int | None:
    """The cluster whose sign is under a point, the nearest to the viewer of several.

    `seen` (n, 3) tells where the clusters' places are on the screen, in pixels, and how far away.
    """
    if len(clusters) == 0:
        return None
    at = seen[:, :2] + clusters.slots * SLOT_PX
    near = np.hypot(at[:, 0] - x, at[:, 1] - y) <= _REACH_PX
    if not near.any():
        return None
    return int(np.argmin(np.where(near, seen[:, 2], np.inf)))
