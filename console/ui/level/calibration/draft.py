"""What a person tries out while calibrating one level model, without Qt: transforms, their past, pairs of places."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from msgspec.structs import replace as with_changes

from console.messages import Axes, LevelModelChanges
from console.telemetry.calibration import CalibrationError, PointFit, fit_points
from console.telemetry.coordinates import Matrix, Transforms, from_viewer, transformed
from console.telemetry.placement import Placement
from console.ui.level.pins import Pin
from console.ui.level.surface import Place

MAX_PAIRS = 12
_PAST = 100
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass
class Pair:
    """One place twice: `mesh` in the mesh's own axes, so that it stays where it was clicked, and `sent` by the game."""

    mesh: Place | None = None
    sent: Place | None = None
    residual_m: float | None = None


@dataclass
class Draft:
    """`saved` is what the server has, `now` what is shown. Undo goes back over saving, too."""

    saved: Transforms
    now: Transforms
    pairs: list[Pair] = field(default_factory=list)
    fit: PointFit | None = None
    problem: str = ""
    _past: list[Transforms] = field(default_factory=list)
    _last: str = ""

    @property
    def changed(self) -> bool:
        """Whether there is something to save."""
        return self.now != self.saved

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    def take_saved(self, saved: Transforms) -> None:
        """The server has other transforms now: by this draft, or by somebody else, which can be undone."""
        if saved != self.saved:
            self.saved = saved
            self.change(saved)

    def change(self, now: Transforms, what: str = "") -> None:
        """Show these. Changes of the same `what`, one after another, are undone together."""
        if now == self.now:
            return
        if not what or what != self._last:
            self._past = [*self._past[-_PAST:], self.now]
        self._last = what
        self.now = now

    def undo(self) -> None:
        """Back to before the last change."""
        if self._past:
            self.now = self._past.pop()
            self._last = ""

    def discard(self) -> None:
        """Back to what is saved."""
        self.change(self.saved)

    def to_save(self) -> LevelModelChanges:
        """What the server is asked to keep."""
        now = self.now
        return LevelModelChanges(
            mesh_axes=now.mesh_axes, telemetry_axes=now.telemetry_axes, calibration=now.calibration
        )

    # pairs of places

    def add_pair(self) -> int | None:
        """A new pair's index; None when there are enough."""
        if len(self.pairs) >= MAX_PAIRS:
            return None
        self.pairs.append(Pair())
        return len(self.pairs) - 1

    def remove_pair(self, index: int) -> None:
        del self.pairs[index]
        self._forget_fit()

    def put(self, index: int, place: Place) -> None:
        """The pair's place on the level, in the viewer's metres as they are now."""
        x, y, z = from_viewer([place], self.now.mesh_axes, self.now.calibration.mesh)[0].tolist()
        self.pairs[index].mesh = (x, y, z)
        self._forget_fit()

    def send(self, index: int, sent: Place | None) -> None:
        """The same place as the game sends it."""
        self.pairs[index].sent = sent
        self._forget_fit()

    def place(self, pair: Pair) -> Place | None:
        """Where on the level, in the viewer's metres."""
        return None if pair.mesh is None else _turned(self.now.mesh, pair.mesh)

    def shown(self, pair: Pair) -> Place | None:
        """Where what was sent is shown, in the viewer's metres."""
        return None if pair.sent is None else _turned(self.now.telemetry, pair.sent)

    def pins(self) -> list[Pin]:
        """Each pair on the level."""
        return [Pin(number + 1, self.place(pair), self.shown(pair)) for number, pair in enumerate(self.pairs)]

    @property
    def whole_pairs(self) -> list[Pair]:
        """Those with both places."""
        return [pair for pair in self.pairs if pair.mesh is not None and pair.sent is not None]

    def fit_pairs(self) -> None:
        """Place the telemetry so that the pairs come together; `fit` and `problem` say how well."""
        self._forget_fit()
        pairs = self.whole_pairs
        if not pairs:
            return
        now = self.now
        places = transformed(now.mesh, np.array([pair.mesh for pair in pairs], dtype=np.float64))
        sent = np.array([pair.sent for pair in pairs], dtype=np.float64)
        try:
            found = fit_points(sent, places, now.telemetry_axes, now.calibration.telemetry)
        except CalibrationError as error:
            self.problem = str(error)
            return
        calibration = with_changes(now.calibration, telemetry=found.placement)
        self.change(replace(now, telemetry_axes=found.axes, calibration=calibration))
        self.fit = found
        for pair, residual in zip(pairs, found.residuals_m, strict=True):
            pair.residual_m = residual

    def _forget_fit(self) -> None:
        self.fit, self.problem = None, ""
        for pair in self.pairs:
            pair.residual_m = None


def with_placement(transforms: Transforms, part: str, placement: Placement) -> Transforms:
    """The same with another placement of the `mesh` or the `telemetry`."""
    calibration = with_changes(transforms.calibration, **{part: placement})
    return replace(transforms, calibration=calibration)


def with_axes(transforms: Transforms, part: str, axes: str) -> Transforms:
    """The same with an engine's axes for the `mesh` or the `telemetry`: directions of one's own are given up."""
    placement: Placement = getattr(transforms.calibration, part)
    changed = with_placement(transforms, part, with_changes(placement, directions=None))
    return replace(changed, **{f"{part}_axes": axes})  # type: ignore[arg-type]  # one of Axes


def axes_changes(saved: Transforms, mesh: Axes, telemetry: Axes) -> LevelModelChanges:
    """What to save for these axes; a part whose axes stay keeps its directions."""
    wanted = saved if mesh == saved.mesh_axes else with_axes(saved, "mesh", mesh)
    wanted = wanted if telemetry == saved.telemetry_axes else with_axes(wanted, "telemetry", telemetry)
    calibration = None if wanted.calibration == saved.calibration else wanted.calibration
    return LevelModelChanges(mesh_axes=mesh, telemetry_axes=telemetry, calibration=calibration)


def read_place(text: str) -> Place | None:
    """Three numbers in any dress: `1, 2, 3`, `(1.5 -2 3e2)`, `X=1 Y=2 Z=3`. None for anything else."""
    found = _NUMBER.findall(text)
    if len(found) != 3:
        return None
    x, y, z = (float(number) for number in found)
    return (x, y, z) if all(np.isfinite((x, y, z))) else None


def place_text(place: Iterable[float]) -> str:
    """`12.5, -3, 40.25`: to the centimetre, and no zeros that say nothing."""
    return ", ".join(f"{round(number, 2):g}" if abs(number) < 1e5 else f"{number:.0f}" for number in place)


def _turned(matrix: Matrix, place: Place) -> Place:
    x, y, z = transformed(matrix, [place])[0].tolist()
    return x, y, z
