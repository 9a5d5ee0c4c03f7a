"""What the overview asks and shows, without Qt: bins of time, and the answers as rows."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.columns import numbers, text
from console.messages import Columns, RequestRow
from console.ui.selection import Scope

Floats = NDArray[np.float64]

MAX_BINS = 60
MAX_NAMES = 8
MAX_RATES = 6
OTHER = "(other events)"
_SECOND = 1_000_000
_NICE_SECS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800)


@dataclass(frozen=True)
class Bins:
    """Equally long bins of time, in µs; the last one holds the end of the span."""

    from_us: int
    bin_us: int
    count: int

    @property
    def to_us(self) -> int:
        """The last µs of the last bin."""
        return self.from_us + self.bin_us * self.count - 1

    def params(self) -> dict[str, int]:
        """As the queries take them."""
        return {"from_us": self.from_us, "to_us": self.to_us, "bin_us": self.bin_us}

    def span_of(self, index: int) -> tuple[int, int]:
        """From when to when a bin lasts."""
        return self.from_us + index * self.bin_us, self.from_us + (index + 1) * self.bin_us


def bins_of(first_us: int, last_us: int) -> Bins:
    """At most 60 bins of a length that people like, from a round time on, over a span."""
    needed = max(1, (last_us - first_us) / (MAX_BINS - 1) / _SECOND)
    secs = next((nice for nice in _NICE_SECS if nice >= needed), math.ceil(needed))
    bin_us = secs * _SECOND
    from_us = first_us // bin_us * bin_us
    return Bins(from_us, bin_us, (last_us - from_us) // bin_us + 1)


def bin_words(bins: Bins) -> str:
    """How long a bin is: `10 s`, `5 min`, `2 h`, `1 day`."""
    secs = bins.bin_us // _SECOND
    for size, word in ((604_800, "week"), (86_400, "day"), (3600, "h"), (60, "min")):
        if secs % size == 0:
            number = secs // size
            return f"{number} {word}s" if number > 1 and word in ("week", "day") else f"{number} {word}"
    return f"{secs} s"


@dataclass(frozen=True)
class Asked:
    """What is looked at: what the scope narrows it to, and a span of time; None is open."""

    scope: Scope
    from_us: int | None = None
    to_us: int | None = None

    def narrowed(self) -> dict[str, Any]:
        """The scope as the queries take it."""
        return self.scope.params()

    def params(self) -> dict[str, Any]:
        """Scope and span as the queries take them."""
        return self.narrowed() | self.span()

    def span(self) -> dict[str, int]:
        """The ends of the span as the queries take them, without those that are open."""
        ends = {"from_us": self.from_us, "to_us": self.to_us}
        return {name: value for name, value in ends.items() if value is not None}

    def holds(self, time_us: int) -> bool:
        """Whether a time lies in the span."""
        return (self.from_us is None or time_us >= self.from_us) and (self.to_us is None or time_us <= self.to_us)


@dataclass(frozen=True)
class Totals:
    """The answer of `overview_totals`."""

    sessions: int
    players: int
    builds: int
    total_secs: float
    median_secs: float
    most_at_once: int
    first_us: int
    last_us: int


def totals_of(answer: Columns) -> Totals | None:
    """None where nobody played."""
    if not answer.rows or not int(numbers(answer, "sessions")[0]):
        return None
    sessions, players, builds, most, first_us, last_us = (
        int(numbers(answer, name)[0])
        for name in ("sessions", "players", "builds", "most_at_once", "first_us", "last_us")
    )
    total_secs, median_secs = (float(numbers(answer, name)[0]) for name in ("total_secs", "median_secs"))
    return Totals(sessions, players, builds, total_secs, median_secs, most, first_us, last_us)


def under_way(answer: Columns, bins: Bins) -> Floats:
    """How many sessions were under way at any time in each bin, by `overview_sessions`, which tells of the changes."""
    result = np.zeros(bins.count)
    if answer.rows:
        starts, sessions = numbers(answer, "bin").tolist(), numbers(answer, "sessions").tolist()
        for start, stop, value in zip(starts, [*starts[1:], bins.count], sessions, strict=True):
            result[max(int(start), 0) : max(int(stop), 0)] = value
    return result


@dataclass(frozen=True)
class EventLine:
    """One event name: how often it came in each bin. `kind` 0: the names that are not among the most frequent."""

    name: str
    kind: int
    counts: Floats

    @property
    def total(self) -> int:
        return int(self.counts.sum())


def event_lines(answer: Columns, bins: Bins) -> list[EventLine]:
    """The answer of `overview_events`: the most frequent name first, all others together last."""
    if not answer.rows:
        return []
    names, places = text(answer, "name"), numbers(answer, "place").tolist()
    kinds = np.nan_to_num(numbers(answer, "kind").astype(np.float64)).astype(int).tolist()
    found: dict[int, EventLine] = {}
    cells = zip(places, names, kinds, numbers(answer, "bin").tolist(), numbers(answer, "events").tolist(), strict=True)
    for place, name, kind, index, events in cells:
        line = found.setdefault(int(place), EventLine(name if place else OTHER, kind, np.zeros(bins.count)))
        if 0 <= index < bins.count:
            line.counts[int(index)] += events
    return [found[place] for place in sorted(found, key=lambda place: (place == 0, place))]


@dataclass(frozen=True)
class RateLine:
    """How well the game ran in a build or a level, in frames per second; NaN where it was not told."""

    by: str
    app_id: str
    name: str
    sessions: int
    players: int
    median: float
    p5: float
    last_us: int
    owner: str = ""  # the application, where the name alone does not tell

    @property
    def words(self) -> str:
        """What it goes by on screen."""
        return f"{self.owner} · {self.name}" if self.owner else self.name


def rate_lines(answer: Columns) -> list[RateLine]:
    """The answer of `overview_rates`."""
    if not answer.rows:
        return []
    words = [text(answer, name) for name in ("by", "app_id", "name")]
    counts = [numbers(answer, name).tolist() for name in ("sessions", "players")]
    rates = [numbers(answer, name).astype(np.float64).tolist() for name in ("median", "p5")]
    last = numbers(answer, "last_us").tolist()
    return [RateLine(*cells) for cells in zip(*words, *counts, *rates, last, strict=True)]


def told_apart(lines: Sequence[RateLine], applications: Mapping[str, str]) -> list[RateLine]:
    """The same lines; `owner` is set where several applications have a build or level of one name."""
    owners: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for line in lines:
        owners[line.by, line.name].add(line.app_id)
    return [
        line
        if len(owners[line.by, line.name]) == 1
        else replace(line, owner=applications.get(line.app_id, line.app_id))
        for line in lines
    ]


@dataclass(frozen=True)
class Rejections:
    """Requests that brought events, and those refused: in each bin, and in all, as some came before or after."""

    accepted: Floats
    rejected: Floats
    accepted_in_all: int
    rejected_in_all: int

    @property
    def share(self) -> Floats:
        """The rejected share of each bin, 0 … 1; 0 where no request came."""
        whole = self.accepted + self.rejected
        return np.divide(self.rejected, whole, out=np.zeros_like(whole), where=whole > 0)

    @property
    def whole_share(self) -> float:
        """The rejected share of all; NaN where no request came."""
        whole = self.accepted_in_all + self.rejected_in_all
        return self.rejected_in_all / whole if whole else math.nan


def rejections(answer: Columns, rejected: Sequence[RequestRow], bins: Bins, asked: Asked) -> Rejections:
    """The answer of `overview_requests` beside the rejected requests, by when they were received.

    A refused request has neither build nor session; one of an unknown application counts to every one.
    """
    accepted, refused = np.zeros(bins.count), np.zeros(bins.count)
    accepted_in_all = refused_in_all = 0
    if answer.rows:
        index, requests = numbers(answer, "bin").astype(np.int64), numbers(answer, "requests")
        inside = (index >= 0) & (index < bins.count)
        accepted[index[inside]] = requests[inside]
        accepted_in_all = int(requests.sum())
    for row in rejected:
        if asked.holds(row.received_at_us) and (asked.scope.app_id is None or row.app_id in ("", asked.scope.app_id)):
            refused_in_all += 1
            place = (row.received_at_us - bins.from_us) // bins.bin_us
            if 0 <= place < bins.count:
                refused[place] += 1
    return Rejections(accepted, refused, accepted_in_all, refused_in_all)


def played(secs: float) -> str:
    """`48 s`, `12 min`, `3 h 05 min`, `1,204 h`."""
    if secs < 120:
        return f"{secs:.0f} s"
    if secs < 7200:
        return f"{secs / 60:.0f} min"
    minutes = round(secs / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if secs < 360_000 else f"{secs / 3600:,.0f} h"
