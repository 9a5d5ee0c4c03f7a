"""Tracks from above, drawn by QPainter: a few curves, one a colour, however many sessions there are."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from console.telemetry.coordinates import transformed
from console.ui.level.colouring import DEFAULT, Colouring, Ramp, ramp, scale_of
from console.ui.level.framing import Section
from console.ui.level.palette import people
from console.ui.level.session_table import DIMMED, UNKNOWN_US
from console.ui.level.track_lists import DrawPlan, plan
from console.ui.level.track_pick import TrackPoint, track_at
from console.ui.level.tracks import SESSION, SPEED, TIME, TrackStore
from console.ui.theme import DARK, Tokens

BUDGET = 40_000
_STEPS = 9  # of a ramp
_FADES = 4  # of a trail
_SERIES = len(people(DARK))  # every scheme has as many
_UNKNOWN, _DIMMED = -1, -2
_HIGH = 1e6  # metres: the scale of depth, of which only the order counts


class FlatTracks:
    """The curves of a plot that show a track store. Changes are seen at the next `draw`."""

    def __init__(self, plot: pg.PlotItem, tokens: Tokens) -> None:
        self.trail_s = 0.0
        self.time_range_s = (-np.inf, np.inf)
        self.plan = DrawPlan()
        self.meaning: Colouring = DEFAULT
        self.values: Ramp = ramp(DEFAULT, tokens, 1.0)
        self._plot = plot
        self._curves: list[pg.PlotCurveItem] = []

    @property
    def seen_s(self) -> tuple[float, float]:
        """What is seen, in seconds since the store's base: the end of the range, and the trail before it."""
        start, end = self.time_range_s
        return (max(start, end - self.trail_s) if self.trail_s else start), end

    def clear(self) -> None:
        """Take every curve from the plot."""
        for curve in self._curves:
            self._plot.removeItem(curve)
        self._curves = []

    def draw(self, tracks: TrackStore, world: NDArray[np.float64], section: Section, tokens: Tokens) -> None:
        """Draw anew."""
        self.clear()
        self.plan = plan(
            tracks,
            BUDGET,
            time_range_s=self.seen_s,
        )
        for (group, fade), places in sorted(self._lines(tracks, world, section).items()):
            curve = pg.PlotCurveItem(x=places[:, 0], y=places[:, 1], connect="pairs")
            colour = QColor(self._colour(group, tokens))
            colour.setAlphaF(1.0 - fade / _FADES)
            curve.setPen(pg.mkPen(colour, width=1))
            self._plot.addItem(curve)
            self._curves.append(curve)

    def point_at(
        self,
        tracks: TrackStore,
        at: tuple[float, float],
        pixel: tuple[float, float],
        world: NDArray[np.float64],
        section: Section,
    ) -> TrackPoint | None:
        """The place on a shown track at x and y in metres, where a pixel is so wide and high; the uppermost counts."""
        # A picture of 2 × 2 pixels around the place, which reaches beyond it as it must.
        clip = np.diag([1 / pixel[0], 1 / pixel[1], -1 / _HIGH, 1.0])
        clip[0, 3], clip[1, 3] = -at[0] / pixel[0], -at[1] / pixel[1]
        return track_at(
            tracks,
            (1.0, 1.0),
            (2.0, 2.0),
            clip,
            world=world,
            section=section,
            time_range_s=self.seen_s,
        )

    def _lines(
        self, tracks: TrackStore, world: NDArray[np.float64], section: Section
    ) -> dict[tuple[int, int], NDArray[np.float64]]:
        """Ends of pieces of line, `(2 n, 2)` in metres, by colour and fade."""
        found: dict[tuple[int, int], list[NDArray[np.float64]]] = {}
        for chunk, stride, first, count in [*self.plan.strips, *self.plan.highlighted]:
            vertices = tracks.chunks[chunk][::stride]
            index = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
            line = vertices[index]
            places = transformed(world, line[:, :3])
            start, end = self.seen_s
            seen = section.holds(places[:, 2]) & (line[:, TIME] >= start) & (line[:, TIME] <= end)
            joined = seen[1:] & seen[:-1]
            joined[np.cumsum(count)[:-1] - 1] = False
            ends = np.flatnonzero(joined) + 1
            groups = self._groups(tracks, line[ends], scale_of(world))
            age = (end - line[ends, TIME]) / self.trail_s if self.trail_s else np.zeros(len(ends))
            fades = np.clip(age * _FADES, 0, _FADES - 1).astype(np.int64)
            keys = groups * _FADES + fades
            for key in np.unique(keys).tolist():
                here = ends[keys == key]
                pairs = np.stack([places[here - 1, :2], places[here, :2]], axis=1).reshape(-1, 2)
                found.setdefault(divmod(key, _FADES), []).append(pairs)
        return {key: np.concatenate(parts) for key, parts in found.items()}

    def _groups(self, tracks: TrackStore, vertices: NDArray[np.float32], scale: float) -> NDArray[np.int64]:
        """A number for the colour of each vertex: its session's group, or a step of the ramp."""
        session = vertices[:, SESSION].astype(np.int64)
        meaning = self.meaning
        if meaning.group:
            groups = tracks.sessions.colours(meaning.group)[session] % _SERIES
        else:
            value = vertices[:, meaning.field].astype(np.float64)
            if meaning.field == TIME:
                entered = tracks.sessions.entered_us[session]
                value = np.where(entered == UNKNOWN_US, -1.0, np.maximum(value - (entered - tracks.base_us) / 1e6, 0.0))
            elif meaning.field == SPEED:
                value *= scale
            stops = self.values.stops
            share = np.interp(value, stops, np.linspace(0, 1, len(stops)))
            groups = np.where(value < 0, _UNKNOWN, np.round(share * (_STEPS - 1))).astype(np.int64)
        return np.where(tracks.sessions.emphasis()[session] == DIMMED, _DIMMED, groups).astype(np.int64)

    def _colour(self, group: int, tokens: Tokens) -> str:
        if group == _DIMMED:
            return tokens.faint
        if self.meaning.group:
            return people(tokens)[group]
        if group == _UNKNOWN:
            return tokens.dim
        stops = self.values.stops
        return self.values.colour(float(np.interp(group / (_STEPS - 1), np.linspace(0, 1, len(stops)), stops)))
