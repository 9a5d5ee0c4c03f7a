"""How the rates of many sessions spread in each bin of time: what the store answers, in the unit shown. Without Qt."""

from dataclasses import dataclass

import numpy as np

from console.columns import numbers
from console.messages import Columns
from console.ui.performance.choices import Unit, exact, in_unit
from console.ui.performance.session_rates import Floats
from console.ui.widgets.formatting import plural

PERCENTS = (5, 25, 50, 75, 95)


@dataclass(frozen=True)
class Bands:
    """Bins in order of time. `quantiles` has a row for each of PERCENTS, of frames per second."""

    starts: Floats  # seconds, since 1970 or since each session began
    width: float  # seconds
    sessions: Floats
    quantiles: Floats

    @classmethod
    def of(cls, answer: Columns) -> "Bands | None":
        """From the answer of `frame_rate_bands`; None when nothing was played."""
        if not answer.rows:
            return None
        return cls(
            numbers(answer, "start_us").astype(np.float64) / 1e6,
            float(numbers(answer, "width_us")[0]) / 1e6,
            numbers(answer, "sessions").astype(np.float64),
            np.stack([numbers(answer, f"p{percent}").astype(np.float64) for percent in PERCENTS]),
        )

    def in_unit(self, unit: Unit) -> Floats:
        """The quantiles in order of size: the 5 % fastest frames are those with the shortest times."""
        values = in_unit(self.quantiles, unit)
        return values if unit == "fps" else values[::-1]

    def median_line(self, unit: Unit) -> tuple[Floats, Floats]:
        """Middles of the bins and medians, NaN where bins are missing."""
        middles = self.starts + self.width / 2
        values = in_unit(self.quantiles[2], unit)
        gaps = np.flatnonzero(np.diff(self.starts) > self.width * 1.5) + 1
        return np.insert(middles, gaps, middles[gaps]), np.insert(values, gaps, np.nan)

    def words_at(self, seconds: float, unit: Unit) -> list[str]:
        """What the bin at a time holds, a line each; none where there is no bin."""
        index = int(np.searchsorted(self.starts, seconds, side="right")) - 1
        if index < 0 or seconds > self.starts[index] + self.width:
            return []
        lines = [plural(int(self.sessions[index]), "session")]
        for percent, fps in zip(PERCENTS, self.quantiles[:, index].tolist(), strict=True):
            name = "median" if percent == 50 else f"{percent} % below" if unit == "fps" else f"{percent} % above"
            lines.append(f"{name:<11}{exact(fps, unit)}")
        return lines
