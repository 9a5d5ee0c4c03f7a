"""From what was counted in cells to what a heatmap shows: values, scale, colours, and words of a cell. Pure."""

import math
from dataclasses import dataclass

import numpy as np

from console.telemetry.heat import Array, Grid, Heat, Totals, difference, ratio, reached, shares, smoothed
from console.ui.level.heat_picture import Layer, Pixels, painted
from console.ui.level.heatmap.options import Options
from console.ui.level.palette import RAMP_FPS, ramp_share
from console.ui.theme import Tokens

OPACITY = 0.82
# What a cell of a smoothed map must have of a sample to be shown.
_TRACE = 0.05
# Games tell where feet are, or eyes, of players who may jump: floors show what happened so far above them, in metres,
# and so little below.
_BODY_M, _ABOVE_M = 2.0, 0.3
# So much of the scale is a rounding error.
_SLACK = 1e-9


@dataclass(frozen=True)
class Side:
    """One of the selections that are compared, or the only one: its words, and what was counted."""

    words: str
    heat: Heat
    totals: Totals


@dataclass(frozen=True)
class Field:
    """The `values` of cells, NaN where nothing is shown, the `samples` they are of, and the scale, `low` to `high`.

    `lowest` and `highest` are the heights of those samples; without them a map shows at all heights.
    """

    grid: Grid
    values: Array
    samples: Array
    low: float
    high: float
    log: bool
    unit: str
    compared: bool
    rate: bool
    lowest: Array | None = None
    highest: Array | None = None

    @property
    def shown(self) -> int:
        """How many cells have a value."""
        return int(np.isfinite(self.values).sum())

    def shares(self) -> Array:
        """Where each cell lies on the scale, 0 … 1."""
        if self.rate and not self.compared:
            return np.interp(self.values, RAMP_FPS, [ramp_share(fps) for fps in RAMP_FPS])
        return shares(self.values, self.low, self.high, log=self.log)

    def colours(self, tokens: Tokens) -> tuple[str, ...]:
        """The ramp's colours, low to high."""
        if self.compared:
            # A loss of frames is orange, as low rates are everywhere.
            return tokens.difference[::-1] if self.rate else tokens.difference
        return tokens.frame_rate if self.rate else tokens.sequence

    def pixels(self, tokens: Tokens, opacity: float = OPACITY) -> Pixels:
        return painted(self.shares(), self.colours(tokens), opacity)

    def layers(self, tokens: Tokens) -> tuple[Layer, ...]:
        """The map on surfaces near its samples; none where it shows at all heights.

        A cell of which no height is known shows wherever any other does.
        """
        if self.lowest is None or self.highest is None:
            return ()
        known = np.isfinite(self.lowest)
        if not known.any():
            return ()
        low, high = self.lowest[known].min(), self.highest[known].max()
        low, high = np.where(known, self.lowest, low) - _BODY_M, np.where(known, self.highest, high) + _ABOVE_M
        return (Layer(self.pixels(tokens), low, high),)

    def ticks(self) -> list[tuple[float, str]]:
        """Places on the ramp, 0 … 1, with their numbers: of counts whole ones; `≥` where cells lie beyond an end."""
        if self.rate and not self.compared:
            return [(ramp_share(fps), f"{fps:.0f}") for fps in RAMP_FPS]
        if not self.shown:
            return []
        known = self.values[np.isfinite(self.values)]
        middle = math.sqrt(self.low * self.high) if self.log else (self.low + self.high) / 2
        if not self.compared and (known == np.round(known)).all():
            middle = round(middle)
        inner = [middle] if self.low < middle < self.high else []
        places = shares(np.array(inner), self.low, self.high, log=self.log).tolist()
        slack = (self.high - self.low) * _SLACK
        below = "≤ " if known.min() < self.low - slack else ""
        above = "≥ " if known.max() > self.high + slack else ""
        return [
            (0.0, below + self._number(self.low)),
            *((place, self._number(value)) for place, value in zip(places, inner, strict=True)),
            (1.0, above + self._number(self.high)),
        ]

    def words(self, x: float, y: float) -> str:
        """The cell at a place: its value, how many samples it is of, and where it is; "" beside the grid."""
        cell = self.grid.cell_at(x, y)
        if cell is None:
            return ""
        value, samples = float(self.values[cell]), float(self.samples[cell])
        middle = self.grid.centre(*cell)
        count = f"{samples:,.0f} {'event' if self.unit.startswith('event') else 'sample'}{'s' if samples != 1 else ''}"
        told = "nothing" if math.isnan(value) else f"{self._number(value)} {self.unit}"
        return f"{told}\n{count}\nx {middle[0]:.1f} m, y {middle[1]:.1f} m{self._heights(cell)}"

    def heights_words(self) -> str:
        """Between which heights the samples of the shown cells were; "" where that is not told."""
        if self.lowest is None or self.highest is None:
            return ""
        known = np.isfinite(self.values) & np.isfinite(self.lowest)
        if not known.any():
            return ""
        return f"samples at z {self.lowest[known].min():.1f} … {self.highest[known].max():.1f} m"

    def _heights(self, cell: tuple[int, int]) -> str:
        if self.lowest is None or self.highest is None or not np.isfinite(self.lowest[cell]):
            return ""
        low, high = f"{self.lowest[cell]:.1f}", f"{self.highest[cell]:.1f}"
        return f", z {low} m" if low == high else f", z {low} … {high} m"

    def _number(self, value: float) -> str:
        text = number_words(value)
        return f"+{text}" if self.compared and value > 0 else text


def number_words(value: float) -> str:
    """Three significant digits: `0.0123`, `4.5`, `1,230`."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(digits, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def field_of(options: Options, first: Side, second: Side | None = None) -> Field:
    """What is shown of one selection, or of the difference of two: first − second."""
    values = _measured(options, first)
    samples = first.heat.samples
    if second is not None:
        other = _measured(options, second)
        samples = samples + second.heat.samples
        if not options.what.rate:
            # Nothing there is an amount too; only what nobody has stays open.
            values, other = np.nan_to_num(values), np.nan_to_num(other)
        values = difference(values, other)
    enough = max(float(options.least), 1e-9)
    counted = smoothed(samples, options.smooth)
    values = np.where((counted >= (max(_TRACE, enough) if options.smooth else enough)), values, np.nan)
    lowest, highest = first.heat.lowest, first.heat.highest
    if second is not None:
        lowest, highest = np.minimum(lowest, second.heat.lowest), np.maximum(highest, second.heat.highest)
    ends = (None, None) if options.through else reached(lowest, highest, options.smooth)
    low, high, log = _scale(values, options, compared=second is not None)
    return Field(
        first.heat.grid, values, samples, low, high, log, options.unit(), second is not None, options.what.rate, *ends
    )


def _measured(options: Options, side: Side) -> Array:
    heat, what, radius = side.heat, options.what, options.smooth
    if what.rate:
        if what.quantile is None:
            return ratio(heat.rate_seconds, heat.seconds, radius)
        rates = heat.rate_quantile(what.quantile)
        return ratio(np.nan_to_num(rates) * heat.seconds, heat.seconds, radius)
    amounts = {
        "time": heat.seconds,
        "density": heat.seconds / heat.grid.cell_m**2,
        "events": heat.samples,
        "players": heat.players,
    }[what.name]
    values = smoothed(amounts, radius)
    return values / side.totals.divisor(options.per) if what.per else values


def _scale(values: Array, options: Options, *, compared: bool) -> tuple[float, float, bool]:
    """Lowest and highest value of the ramp, and whether it goes by orders of magnitude."""
    known = values[np.isfinite(values)]
    if compared:
        # The outermost percent must not make all else pale.
        most = float(np.percentile(np.abs(known), 99)) if len(known) else 0.0
        most = most or (float(np.abs(known).max()) if len(known) else 0.0) or 1.0
        return -most, most, False
    if options.what.rate:
        return RAMP_FPS[0], RAMP_FPS[-1], False
    positive = known[known > 0]
    if not len(positive):
        return 0.0, 1.0, False
    high = float(positive.max())
    if not options.log:
        return 0.0, float(np.percentile(positive, 99)) if len(positive) > 100 else high, False
    low = max(float(positive.min()), high / 1e4)
    return (low, high, True) if low < high else (0.0, high, False)
