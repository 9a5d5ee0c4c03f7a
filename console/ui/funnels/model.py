"""What is asked about a funnel, and what came back, without Qt."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from console.columns import numbers, text
from console.messages import Columns
from console.telemetry.funnel_definition import FunnelDefinition, Step, StepKind
from console.telemetry.funnels import (
    NameFound,
    StepTally,
    chance_of_difference,
    usual_order,
)
from console.ui.selection import Scope
from console.ui.widgets.formatting import percent, plural, visible

By = Literal["build", "level", "input"]
BY_WORDS: dict[By | None, str] = {
    None: "No breakdown",
    "build": "By build",
    "level": "By level",
    "input": "By input method",
}
WITHIN_SECS = (None, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 86_400)
MAX_SHOWN_GROUPS = 5
LIKELY_CHANCE = 0.05
LEAST_OF_A_GROUP = 20  # of fewer, the test of shares says nothing
_KINDS: dict[int, StepKind] = {1: "funnel", 2: "gameplay"}


@dataclass(frozen=True)
class Where:
    """Which events count: an application, what the scope narrows it to, and a span of time."""

    app_id: str
    scope: Scope = Scope()  # noqa: RUF009  # frozen
    from_us: int | None = None
    to_us: int | None = None

    def params(self) -> dict[str, Any]:
        """As the queries take it."""
        span = {"from_us": self.from_us, "to_us": self.to_us}
        given = {name: value for name, value in span.items() if value is not None}
        return self.scope.params() | {"app_id": self.app_id} | given


@dataclass(frozen=True)
class Bar:
    """A bar of the chart: who reached a step, or with `lost` who reached it and none after. `group` None: all."""

    step: int
    lost: bool = False
    group: str | None = None


def step_params(steps: Sequence[Step]) -> dict[str, Any]:
    """Steps as the queries take them."""
    return {"names": [step.name for step in steps], "kinds": [step.kind for step in steps]}


def report_params(definition: FunnelDefinition, by: By | None) -> dict[str, Any]:
    """A funnel as the query `funnel` takes it."""
    given = step_params(definition.steps) | {"per": definition.per, "strict": int(definition.strict), "by": by}
    if definition.within_secs is not None:
        given["within_us"] = round(definition.within_secs * 1e6)
    return {name: value for name, value in given.items() if value is not None}


def names_found(answer: Columns) -> list[NameFound]:
    """The answer of `step_names`: what could be a step."""
    if not answer.rows:
        return []
    columns = (numbers(answer, "kind").tolist(), text(answer, "name"))
    counts = (numbers(answer, "sessions").tolist(), numbers(answer, "events").tolist())
    return [
        NameFound(name, _KINDS[int(kind)], int(sessions), int(events))
        for kind, name, sessions, events in zip(*columns, *counts, strict=True)
    ]


def in_usual_order(names: Sequence[NameFound], answer: Columns) -> list[NameFound]:
    """Put names into the order that `step_order` tells of them."""
    earlier = np.zeros((len(names), len(names)), np.int64)
    if answer.rows:
        earlier[numbers(answer, "first"), numbers(answer, "second")] = numbers(answer, "sessions")
    return usual_order(names, earlier)


@dataclass(frozen=True)
class Group:
    """A build, a level or an input method of the breakdown; "" where it was not told."""

    name: str
    tallies: tuple[StepTally, ...]

    @property
    def title(self) -> str:
        return self.name or "(not told)"


@dataclass(frozen=True)
class Report:
    """A funnel with its numbers."""

    definition: FunnelDefinition
    tallies: tuple[StepTally, ...]
    groups: tuple[Group, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.definition.steps

    @property
    def entered(self) -> int:
        return self.tallies[0].units if self.tallies else 0

    @property
    def unit(self) -> str:
        return self.definition.per

    def summary(self) -> str:
        """The whole funnel in one sentence."""
        last = self.tallies[-1].units
        if not self.entered:
            return f"No {self.unit} reached the first step."
        if len(self.tallies) == 1:
            return (
                f"{plural(last, self.unit)} reached {visible(self.steps[0].title, 60)}: add a step to see who goes on."
            )
        return (
            f"{plural(last, self.unit)} of {self.entered:,} ({part_of(last, self.entered)}) came from the first step"
            f" to the last."
        )


def report(definition: FunnelDefinition, answer: Columns) -> Report:
    """The answer of the query `funnel`."""
    found: dict[str | None, list[StepTally]] = {}
    codes = numbers(answer, "group").tolist()
    values = answer.columns["group"].values or []
    counts = numbers(answer, "units").tolist()
    medians, p90s = numbers(answer, "median_secs").tolist(), numbers(answer, "p90_secs").tolist()
    for code, units, median, p90 in zip(codes, counts, medians, p90s, strict=True):
        group = None if code < 0 else values[code]
        found.setdefault(group, []).append(StepTally(int(units), median, p90))
    whole = tuple(found.pop(None, [StepTally(0, math.nan, math.nan) for _ in definition.steps]))
    groups = [Group(name or "", tuple(tallies)) for name, tallies in found.items()]
    return Report(definition, whole, tuple(groups))


def part_of(part: int, whole: int) -> str:
    """`62.1 %`; a dash where there is nothing to have a part of."""
    return percent(part / whole if whole else math.nan)


def difference(tallies: Sequence[StepTally], base: Sequence[StepTally], step: int) -> tuple[str, bool]:
    """How many points more than the first group reached a step, and whether that is more than chance would do."""
    of, other = tallies[0].units, base[0].units
    if not of or not other or not step:
        return "", False
    points = (tallies[step].units / of - base[step].units / other) * 100
    chance = chance_of_difference(tallies[step].units, of, base[step].units, other)
    return f"{points:+.1f} pt".replace("-", "−"), chance < LIKELY_CHANCE and min(of, other) >= LEAST_OF_A_GROUP


def length(secs: float) -> str:
    """`0.8 s`, `42 s`, `3 min 20 s`, `2 h 05 min`; a dash for NaN."""
    if math.isnan(secs):
        return "–"
    if secs < 9.95:
        return f"{secs:.1f} s"
    whole = round(secs)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 172_800:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole / 86_400:.1f} days"


def within_words(secs: float | None) -> str:
    """What the choice of the longest time between steps says."""
    if secs is None:
        return "Any time between steps"
    for size, unit in ((3600, "h"), (60, "min")):
        if secs >= size and secs % size == 0:
            return f"Within {secs / size:.0f} {unit} a step"
    return f"Within {secs:g} s a step"


@dataclass(frozen=True)
class Behind:
    """A session behind a bar, with the last event that it sent at all: its request, number and place, when known."""

    session_id: str
    player_id: str
    build_id: str
    level_id: str
    step: int
    time_us: int
    last_name: str = ""
    last_us: int = 0
    last_level: str = ""
    request_id: int = 0
    seq: int = 0
    index: int = 0
    place: tuple[float, float, float] | None = None


def behind_bar(answer: Columns, last: Columns) -> tuple[list[Behind], int]:
    """Who is behind a bar by the queries `funnel` and `last_events`, newest first, and how many there are in all."""
    if not answer.rows:
        return [], 0
    ends: dict[str, dict[str, Any]] = {}
    if last.rows:
        place = [numbers(last, name).astype(np.float64).tolist() for name in "xyz"]
        names, levels = text(last, "name"), text(last, "level_id")
        whole = {name: numbers(last, name).tolist() for name in ("time_us", "request_id", "seq", "index")}
        for row, session in enumerate(text(last, "session_id")):
            x, y, z = (values[row] for values in place)
            ends[session] = {
                "last_name": names[row],
                "last_level": levels[row],
                "last_us": int(whole["time_us"][row]),
                "request_id": int(whole["request_id"][row]),
                "seq": int(whole["seq"][row]),
                "index": int(whole["index"][row]),
                "place": None if math.isnan(x + y + z) else (x, y, z),
            }
    columns = [text(answer, name) for name in ("session_id", "player_id", "build_id", "level_id")]
    steps, times = numbers(answer, "step").tolist(), numbers(answer, "time_us").tolist()
    rows = [
        Behind(session, player, build, level, int(step), int(time_us), **ends.get(session, {}))
        for session, player, build, level, step, time_us in zip(*columns, steps, times, strict=True)
    ]
    return rows, int(numbers(answer, "total")[0])
