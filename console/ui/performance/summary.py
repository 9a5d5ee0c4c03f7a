"""What the frame rates of some sessions come to: averages, shares under a budget, the worst moment. Without Qt."""

import math
from dataclasses import dataclass

import numpy as np

from console.telemetry.frame_rates import RateHistogram
from console.ui.performance.session_rates import (
    END,
    LOW_1,
    LOW_5,
    MEAN,
    RATE,
    START,
    Floats,
    SessionKey,
    SessionRates,
    Span,
)


@dataclass(frozen=True)
class Worst:
    """The moment with the lowest "low 1 %" rate (or mean, where no other was sent)."""

    key: SessionKey
    player_id: str
    level_id: str
    start_us: int
    end_us: int
    fps: float

    @property
    def middle_us(self) -> int:
        """What stands for the moment, here as in the list of the worst places."""
        return self.start_us + (self.end_us - self.start_us) // 2


@dataclass(frozen=True)
class Summary:
    """Averages over time, weighted by duration, in frames per second; NaN where a rate was never sent."""

    mean: float
    low_5: float
    low_1: float
    seconds: float
    sessions: int
    worst: Worst | None
    histograms: tuple[RateHistogram, RateHistogram, RateHistogram]

    def share_below(self, rate: int, fps: float) -> float:
        """Share of the time that one of the rates lies below so many frames per second, 0 … 1; NaN: never sent."""
        return self.histograms[rate].share_below(fps)


@dataclass(frozen=True)
class _Part:
    """One session's share of a summary: sums, so that parts add up without looking at every row again."""

    weighted: Floats  # of each rate: frames per second × seconds
    known: Floats  # of each rate: seconds in which it was sent
    seconds: float
    worst: Worst | None
    histograms: tuple[RateHistogram, ...]


class Summaries:
    """Summaries of sessions. What one session adds is kept until it changes: live sessions are looked at often."""

    def __init__(self) -> None:
        self._parts: dict[SessionKey, tuple[int, Span | None, _Part | None]] = {}

    def of(self, sessions: list[SessionRates], span: Span | None) -> Summary | None:
        """Over these sessions, as far as they lie in the span; None when they have no rates there."""
        parts = [part for session in sessions if (part := self._part(session, span)) is not None]
        kept = {session.key for session in sessions}
        self._parts = {key: value for key, value in self._parts.items() if key in kept}
        if not parts:
            return None
        weighted = np.sum([part.weighted for part in parts], axis=0)
        known = np.sum([part.known for part in parts], axis=0)
        mean, low_5, low_1 = (float(w / k) if k else math.nan for w, k in zip(weighted, known, strict=True))
        histograms = tuple(
            RateHistogram(np.sum([part.histograms[rate].seconds for part in parts], axis=0))
            for rate in (MEAN, LOW_5, LOW_1)
        )
        return Summary(
            mean=mean,
            low_5=low_5,
            low_1=low_1,
            seconds=sum(part.seconds for part in parts),
            sessions=len(parts),
            worst=min((p.worst for p in parts if p.worst), key=lambda worst: worst.fps, default=None),
            histograms=(histograms[0], histograms[1], histograms[2]),
        )

    def _part(self, session: SessionRates, span: Span | None) -> _Part | None:
        revision, of_span, part = self._parts.get(session.key, (-1, None, None))
        if (revision, of_span) != (session.revision, span):
            part = _part(session, span)
            self._parts[session.key] = session.revision, span, part
        return part


def _part(session: SessionRates, span: Span | None) -> _Part | None:
    rows = session.rows_in(span)
    table = session.table()[rows]
    if len(table) == 0:
        return None
    weights = np.maximum(table[:, END] - table[:, START], 1.0) / 1e6
    rates = table[:, RATE : RATE + 3]
    sent = np.isfinite(rates)
    return _Part(
        weighted=(np.where(sent, rates, 0.0) * weights[:, None]).sum(axis=0),
        known=(sent * weights[:, None]).sum(axis=0),
        seconds=float(weights.sum()),
        worst=_worst(session, rows),
        histograms=tuple(RateHistogram.of_rates(rates[:, rate], weights) for rate in (MEAN, LOW_5, LOW_1)),
    )


def _worst(session: SessionRates, rows: slice) -> Worst | None:
    table = session.table()[rows]
    rates = np.where(np.isfinite(table[:, RATE + LOW_1]), table[:, RATE + LOW_1], table[:, RATE + MEAN])
    if not np.isfinite(rates).any():
        return None
    index = int(np.nanargmin(rates))
    start, end = int(table[index, START]), int(table[index, END])
    level = session.level_at(rows.start + index)
    return Worst(session.key, session.player_id, level, start, end, float(rates[index]))
