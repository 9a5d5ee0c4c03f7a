"""Gameplay events of one level as places with a name: bounded, no Qt and no OpenGL."""

from collections import Counter
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


class MarkerStore:
    """The newest markers, oldest first. Past `MAX_NAMES` names the rest share the kind `OTHER`.

    `revision` grows with every change; what did not fit is counted in `dropped`.
    """

    def __init__(self, limit: int = MAX_MARKERS) -> None:
        self._limit = limit
        self._markers: list[Marker] = []
        self._kinds: dict[str, int] = {}
        self.hidden: set[str] = set()
        self.dropped = 0
        self.revision = 0
        self._table: tuple[int, Floats, NDArray[np.int32]] | None = None

    def __len__(self) -> int:
        return len(self._markers)

    def __getitem__(self, index: int) -> Marker:
        return self._markers[index]

    def add(self, markers: Iterable[Marker]) -> None:
        """Append markers in the order they came."""
        before = len(self._markers)
        self._markers.extend(markers)
        if len(self._markers) == before:
            return
        for marker in self._markers[before:]:
            if marker.name not in self._kinds:
                self._kinds[marker.name] = min(len(self._kinds), MAX_NAMES)
        # Trimmed in strides, so that appending stays cheap.
        if len(self._markers) > self._limit * 1.1:
            surplus = len(self._markers) - self._limit
            del self._markers[:surplus]
            self.dropped += surplus
        self.revision += 1

    def set_hidden(self, kind: str, hidden: bool) -> None:
        """Show or hide the markers of one kind."""
        if hidden != (kind in self.hidden):
            (self.hidden.add if hidden else self.hidden.discard)(kind)
            self.revision += 1

    def kinds(self) -> list[str]:
        """The kinds by number: event names in order of appearance, then OTHER."""
        names = [name for name, number in self._kinds.items() if number < MAX_NAMES]
        return [*names, OTHER] if len(self._kinds) > MAX_NAMES else names

    def counts(self) -> dict[str, int]:
        """How many markers each kind has."""
        kinds = self.kinds()
        _, numbers = self.table()
        found = Counter(numbers.tolist())
        return {kind: found.get(number, 0) for number, kind in enumerate(kinds)}

    def table(self) -> tuple[Floats, NDArray[np.int32]]:
        """Positions `(n, 3)` as sent, and the kind number of each."""
        if self._table is None or self._table[0] != self.revision:
            places = np.array([(m.x, m.y, m.z) for m in self._markers], dtype=np.float32).reshape(-1, 3)
            numbers = np.array([self._kinds[m.name] for m in self._markers], dtype=np.int32)
            self._table = self.revision, places, numbers
        return self._table[1], self._table[2]

    def shown(self) -> NDArray[np.bool_]:
        """Which markers' kinds are not hidden."""
        visible = np.array([kind not in self.hidden for kind in self.kinds()], dtype=np.bool_)
        _, numbers = self.table()
        return visible[numbers] if len(numbers) else np.zeros(0, dtype=np.bool_)
