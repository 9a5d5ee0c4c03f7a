"""A whole playtest: many players on one level, as a stream of events in the order a network would bring them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from console.simulator.level_plan import LevelPlan
from console.simulator.player import SAMPLES_PER_SEC, SimulatedPlayer, WireEvent
from console.simulator.profiles import draw_profile
from console.simulator.walking_graph import WalkingGraph

_JOIN_WITHIN_SECS = 4.0
_JOIN_WITHIN_SHARE = 0.15


class SentEvent(NamedTuple):
    """An event as on the wire, and the number of the player whose game sends it."""

    player: int
    event: WireEvent


@dataclass(frozen=True, kw_only=True)
class PlaytestSettings:
    """`duration_secs` is the time the players spend, None for no end. `started_at` is when the first may join.

    The same settings give the same events, to the last digit.
    """

    app_id: str
    players: int
    seed: int
    started_at: datetime
    duration_secs: float | None = None
    trajectory_secs: float = 5.0


class Playtest:
    """Pure: asks no clock and sends nothing. Time is given from outside, in seconds since the start."""

    def __init__(self, plan: LevelPlan, settings: PlaytestSettings) -> None:
        if settings.started_at.tzinfo is None:
            raise ValueError("the start of a playtest needs a time zone")
        graph = WalkingGraph(plan)
        self._tick = 0
        self._last_tick = None if settings.duration_secs is None else round(settings.duration_secs * SAMPLES_PER_SEC)
        self._players = [_player(index, plan, graph, settings) for index in range(settings.players)]

    @property
    def over(self) -> bool:
        return self._last_tick is not None and self._tick > self._last_tick

    def advance(self, to_secs: float) -> Iterator[SentEvent]:
        """Everything sent until then. At the end of the playtest every player leaves."""
        target = int(to_secs * SAMPLES_PER_SEC)
        end = target if self._last_tick is None else min(target, self._last_tick)
        while self._tick <= end:
            for index, player in enumerate(self._players):
                for event in player.tick(self._tick):
                    yield SentEvent(index, event)
            self._tick += 1
        if self.over:
            yield from self.stop()

    def stop(self) -> Iterator[SentEvent]:
        """End it early: what the games have not sent yet."""
        self._last_tick = self._tick - 1
        for index, player in enumerate(self._players):
            for event in player.leave(self._tick):
                yield SentEvent(index, event)


def _player(index: int, plan: LevelPlan, graph: WalkingGraph, settings: PlaytestSettings) -> SimulatedPlayer:
    # Who plays is the same in every run with this seed; what they do, and their sessions, differ with the start.
    profile = draw_profile(index, Random(f"{settings.seed}:{index}"))  # noqa: S311 - it must repeat
    random = Random(f"{settings.seed}:{index}:{settings.started_at.astimezone(UTC).isoformat()}")  # noqa: S311
    join_within = _JOIN_WITHIN_SECS
    if settings.duration_secs is not None:
        join_within = min(join_within, settings.duration_secs * _JOIN_WITHIN_SHARE)
    joins_at = 0 if index == 0 else round(random.uniform(0.0, join_within) * SAMPLES_PER_SEC)
    return SimulatedPlayer(
        plan,
        graph,
        profile,
        random,
        app_id=settings.app_id,
        started_at=settings.started_at.astimezone(UTC),
        joins_at=joins_at,
        trajectory_secs=settings.trajectory_secs,
    )
