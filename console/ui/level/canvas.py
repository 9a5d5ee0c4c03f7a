"""What the level view asks of a picture of a level, in three dimensions or flat."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import SignalInstance

from console.ui.level.framing import Bounds, Section
from console.ui.level.geometry import MeshGeometry
from console.ui.level.markers import MarkerStore
from console.ui.level.overlay import Label
from console.ui.level.tracks import LOW_1, LOW_5, MEAN, PLAYER, TrackStore
from console.ui.theme import Tokens

# What tracks are coloured by: words on screen, and the field of a vertex.
COLOUR_BY = (
    ("Player", PLAYER),
    ("Frame rate, mean", MEAN),
    ("Frame rate, low 5 %", LOW_5),
    ("Frame rate, low 1 %", LOW_1),
)


@dataclass(frozen=True)
class Worlds:
    """Matrices 4×4 that turn the mesh and the telemetry into the viewer's metres."""

    mesh: NDArray[np.float64]
    telemetry: NDArray[np.float64]


@dataclass(frozen=True)
class MarkerHit:
    """A person clicked a marker: its index in the marker store."""

    index: int


@dataclass(frozen=True)
class TrackHit:
    """A person clicked a track: its session key, the moment, and the place in the game's own axes and units."""

    session: str
    time_us: int
    place: tuple[float, float, float]


class LevelCanvas(Protocol):
    """Both canvases are widgets besides.

    `hit` sends a MarkerHit, a TrackHit, or None for a click beside everything; `failed` a sentence. `touched`: a
    person moved the camera since `fit`.
    """

    hit: SignalInstance
    failed: SignalInstance
    touched: bool

    def set_tokens(self, tokens: Tokens) -> None: ...
    def set_stores(self, tracks: TrackStore, markers: MarkerStore) -> None: ...
    def set_mesh(self, geometry: MeshGeometry | None) -> None: ...
    def set_worlds(self, worlds: Worlds) -> None: ...
    def set_bounds(self, bounds: Bounds) -> None: ...
    def set_labels(self, labels: list[Label]) -> None: ...
    def set_colour_by(self, field: int) -> None: ...
    def set_shown(self, *, tracks: bool, markers: bool) -> None: ...
    def set_xray(self, on: bool) -> None: ...
    def set_section(self, section: Section) -> None: ...
    def set_time_range(self, start_us: int | None, end_us: int | None) -> None: ...
    def fit(self, bounds: Bounds) -> None: ...
    def from_top(self, bounds: Bounds) -> None: ...
    def refresh(self) -> None: ...
