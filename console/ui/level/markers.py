"""Gameplay events of one level as places with a name: bounded, no Qt and no OpenGL."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MAX_MARKERS = 50_000
MAX_NAMES = 15
OTHER = "other events"


@dataclass(frozen=True, slots=True)
class Marker:
    """One gameplay event with a place, in the game's own axes and units."""

    seq: int
    request_id: int
    index: int
    time_us: int
    name: str
    player_id: str
    x: float
    y: float
    z: float
    app_id: str = ""
    session_id: str = ""


class MarkerStore:
    """The newest markers, oldest first. Past `MAX_NAMES` names the rest share the kind `OTHER`.

    What is drawn and counted stands in arrays beside the markers, so that new ones cost what they bring.

    `revision` grows with every change; what did not fit is counted in `dropped`.
    """

    def __init__(self, limit: int = MAX_MARKERS) -> None:
        self._limit = limit
        self._markers: list[Marker] = []
        self._kinds: dict[str, int] = {}
        self.hidden: set[str] = set()
        self.dropped = 0
        self.revision = 0
        self._places = np.empty((0, 3), dtype=np.float32)
        self._numbers = np.empty(0, dtype=np.int32)
        self._times_us = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._markers)

    def __getitem__(self, index: int) -> Marker:
        return self._markers[index]

    def add(self, markers: Iterable[Marker]) -> None:
        """Append markers in the order they came."""
        fresh = list(markers)
        if not fresh:
            return
        for marker in fresh:
            if marker.name not in self._kinds:
                self._kinds[marker.name] = min(len(self._kinds), MAX_NAMES)
        count = len(self._markers)
        self._markers.extend(fresh)
        self._make_room(len(self._markers))
        self._places[count : len(self._markers)] = [(marker.x, marker.y, marker.z) for marker in fresh]
        self._numbers[count : len(self._markers)] = [self._kinds[marker.name] for marker in fresh]
        self._times_us[count : len(self._markers)] = [marker.time_us for marker in fresh]
        # Trimmed in strides, so that appending stays cheap.
        if len(self._markers) > self._limit * 1.1:
            surplus = len(self._markers) - self._limit
            del self._markers[:surplus]
            self._places = self._places[surplus:].copy()
            self._numbers = self._numbers[surplus:].copy()
            self._times_us = self._times_us[surplus:].copy()
            self.dropped += surplus
        self.revision += 1

    def _make_room(self, count: int) -> None:
        room = len(self._numbers)
        if count > room:
            more = max(count, 2 * room, 256) - room
            self._places = np.concatenate([self._places, np.empty((more, 3), dtype=np.float32)])
            self._numbers = np.concatenate([self._numbers, np.empty(more, dtype=np.int32)])
            self._times_us = np.concatenate([self._times_us, np.empty(more, dtype=np.int64)])

    def set_hidden(self, kind: str, hidden: bool) -> None:
        """Show or hide the markers of one kind."""
        if hidden != (kind in self.hidden):
            (self.hidden.add if hidden else self.hidden.discard)(kind)
            self.revision += 1

    def kinds(self) -> list[str]:
        """The kinds by number: event names in order of appearance, then OTHER."""
        names = [name for name, number in self._kinds.items() if number < MAX_NAMES]
        return [*names, OTHER] if len(self._kinds) > MAX_NAMES else names

    def counts(self, start_us: int | None = None, end_us: int | None = None) -> dict[str, int]:
        """How many markers each kind has in a span of time, hidden ones too."""
        kinds = self.kinds()
        found = np.bincount(self.table()[1][self.during(start_us, end_us)], minlength=len(kinds))
        return dict(zip(kinds, found.tolist(), strict=False))

    def table(self) -> tuple[Floats, NDArray[np.int32]]:
        """Positions `(n, 3)` as sent, and the kind number of each."""
        count = len(self._markers)
        return self._places[:count], self._numbers[:count]

    def during(self, start_us: int | None, end_us: int | None) -> NDArray[np.bool_]:
        """Which markers are of a span of time, both ends included; None is open."""
        times = self._times_us[: len(self._markers)]
        inside = np.ones(len(times), dtype=np.bool_)
        if start_us is not None:
            inside &= times >= start_us
        if end_us is not None:
            inside &= times <= end_us
        return inside

    def shown(self) -> NDArray[np.bool_]:
        """Which markers' kinds are not hidden."""
        visible = np.array([kind not in self.hidden for kind in self.kinds()], dtype=np.bool_)
        _, numbers = self.table()
        return visible[numbers] if len(numbers) else np.zeros(0, dtype=np.bool_)

    def find(self, seq: int, index: int) -> int | None:
        """The place of an event among the markers; None when it is none of them."""
        for place in range(len(self._markers) - 1, -1, -1):
            if self._markers[place].seq == seq and self._markers[place].index == index:
                return place
        return None
