"""What the level view asks of a picture of a level, in three dimensions or flat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import SignalInstance

from console.ui.level.colouring import Colouring, Ramp
from console.ui.level.fit_beside import Card
from console.ui.level.framing import Bounds, Place, Section
from console.ui.level.geometry import MeshGeometry
from console.ui.level.heat_picture import HeatPicture
from console.ui.level.markers import MarkerStore
from console.ui.level.overlay import Label
from console.ui.level.pins import Pin
from console.ui.level.track_lists import DrawPlan
from console.ui.level.tracks import TrackStore
from console.ui.theme import Tokens


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
class ClusterHit:
    """A person clicked several markers that lie on each other: their indices in the marker store."""

    indices: tuple[int, ...]


@dataclass(frozen=True)
class TrackHit:
    """A person clicked a track: its session's number, the moment, and the place in the game's own axes and units."""

    session: int
    time_us: int
    place: tuple[float, float, float]


class LevelCanvas(Protocol):
    """Both canvases are widgets besides.

    `hit` sends a MarkerHit, a ClusterHit, a TrackHit, or None for a click beside everything; `activated` the same for
    something that was clicked twice; `failed` a sentence. `touched`: a
    person moved the camera since `fit`. `pointed` sends the Ray under a click while a point is asked for; such a click
    is no `hit`.
    `drawn` tells how much of the tracks the last frame showed.
    `fly_to` goes where most of `signs` are in sight, places (n, 3) in the viewer's metres; else the middle of the box.
    `fit` shows all of a box, beside the `cards` that lie over the picture where there is room.
    `set_heat` lays a picture over the floors; `words` of a place's x and y are shown where the pointer rests.
    """

    hit: SignalInstance
    activated: SignalInstance
    failed: SignalInstance
    pointed: SignalInstance
    touched: bool
    has_depth: bool  # something may hide something else, and there are sides to look from

    @property
    def remark(self) -> str:
        """What a person has to know of how the level is drawn; "" for nothing."""
        ...

    def set_tokens(self, tokens: Tokens) -> None: ...
    def set_stores(self, tracks: TrackStore, markers: MarkerStore) -> None: ...
    def set_mesh(self, geometry: MeshGeometry | None) -> None: ...
    def set_worlds(self, worlds: Worlds) -> None: ...
    def set_bounds(self, bounds: Bounds) -> None: ...
    def set_labels(self, labels: list[Label]) -> None: ...
    def set_colouring(self, meaning: Colouring, values: Ramp) -> None: ...
    def set_trail(self, seconds: float) -> None: ...
    def set_playing(self, on: bool) -> None: ...
    def set_shown(self, *, tracks: bool, markers: bool) -> None: ...
    def set_xray(self, on: bool) -> None: ...
    def set_section(self, section: Section) -> None: ...
    def set_time_range(self, start_us: int | None, end_us: int | None) -> None: ...
    def ask_point(self, on: bool) -> None: ...
    def set_pins(self, pins: Sequence[Pin]) -> None: ...
    def fit(self, bounds: Bounds, cards: Sequence[Card] = ()) -> None: ...
    def fly_to(self, bounds: Bounds, signs: NDArray[np.float64] | None = None) -> None: ...
    def set_top(self, on: bool) -> None: ...
    def set_heat(self, picture: HeatPicture | None, words: Callable[[float, float], str] | None) -> None: ...
    def set_picked(self, place: Place | None) -> None: ...
    def places_of_markers(self, indices: tuple[int, ...]) -> NDArray[np.float64]: ...
    def drawn(self) -> DrawPlan: ...
    def refresh(self) -> None: ...
