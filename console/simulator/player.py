"""One player's playtest: sessions, the way through the funnel, deaths, and the events a game would send of it."""

import enum
import math
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import numpy as np

from console.simulator.frame_rate import FrameRateMeter
from console.simulator.level_plan import Hazard, LevelPlan, Point
from console.simulator.profiles import Profile
from console.simulator.walker import Walker
from console.simulator.walking_graph import WalkingGraph
from console.telemetry.coordinates import from_viewer

SAMPLES_PER_SEC = 10
_TICK_SECS = 1 / SAMPLES_PER_SEC

_ERRANDS = (0, 0, 1, 1, 2, 3, 4)  # places looked at on the way to a step
_PICK_UP_SHARE = 0.8
_JUMPS_PER_SEC = 0.06
_FIGHTS_PER_SEC = 0.03
_SHOTS_PER_FIGHT = (2, 7)
_MAGAZINE = 30
_RESPAWN_SECS = (1.5, 3.0)
_BREAK_SECS = (6.0, 18.0)
_GIVEN_UP_SECS = (30.0, 90.0)
_GIVES_UP_PER_METRE = 0.004  # the longer the way to the next step, the more players lose patience on it
_GIVES_UP_AFTER_DEATH = 0.12
_WEAPONS = ("Rifle", "Pistol", "Bow")
_TARGETS = ("Guard", "Drone", "Turret", "Barrel")

WireEvent = dict[str, Any]


class _State(enum.Enum):
    AWAY = enum.auto()
    PLAYING = enum.auto()
    DEAD = enum.auto()


@dataclass
class _Session:
    """What lasts from one start of the level to its end. Times are in ticks since the playtest began."""

    session_id: str
    started: int
    weapon: str
    steps_reached: int = 0
    checkpoint: str = ""
    deaths: int = 0
    ammo: int = _MAGAZINE
    shots_left: int = 0
    leaves_at: int | None = None
    errands: deque[str] = field(default_factory=deque)
    picked_up: set[str] = field(default_factory=set)


class SimulatedPlayer:
    """Deterministic for a given random source: no clock, no I/O.

    Times are ticks of a tenth of a second since `started_at`, which must have a zone.
    """

    def __init__(
        self,
        plan: LevelPlan,
        graph: WalkingGraph,
        profile: Profile,
        random: Random,
        *,
        app_id: str,
        started_at: datetime,
        joins_at: int,
        trajectory_secs: float,
    ) -> None:
        self._plan = plan
        self._graph = graph
        self._profile = profile
        self._random = random
        self._app_id = app_id
        self._started_at = started_at
        self._window = max(1, round(trajectory_secs * SAMPLES_PER_SEC))
        self._walker = Walker(graph, random, spawn=plan.spawns[0].waypoint, pace=profile.pace)
        self._items = {item.waypoint: item.name for item in plan.items}
        self._doors = {door.waypoint: door.name for door in plan.doors}
        self._meter = FrameRateMeter(plan, profile, random)
        self._state = _State.AWAY
        self._wakes_at = joins_at
        self._introduced = False
        self._session = _Session("", 0, _WEAPONS[0])
        self._track: list[Point] = []
        self._track_started = 0
        self._inside: set[str] = set()

    def tick(self, now: int) -> Iterator[WireEvent]:
        """What the game sends at this tick. Call with every tick in turn."""
        if self._state is _State.PLAYING:
            yield from self._play(now)
        elif now >= self._wakes_at:
            if self._state is _State.DEAD:
                self._respawn()
            else:
                yield from self._begin(now)

    def leave(self, now: int) -> Iterator[WireEvent]:
        """The playtest is over: what is still unsent."""
        if self._state is _State.PLAYING:
            yield from self._close_track(now)
        self._state = _State.AWAY
        self._wakes_at = now + 1

    # ------------------------------------------------------------------------------------------------------- sessions

    def _begin(self, now: int) -> Iterator[WireEvent]:
        if not self._introduced:
            self._introduced = True
            yield self._identity(now)
        spawn = self._random.choice(self._plan.spawns).waypoint
        session_id = UUID(int=self._random.getrandbits(128), version=4)
        self._session = _Session(str(session_id), now, self._random.choice(_WEAPONS), checkpoint=spawn)
        self._state = _State.PLAYING
        self._walker.place(spawn)
        first = self._plan.funnel[0].waypoint if self._plan.funnel else spawn
        starts = first in {spawn.waypoint for spawn in self._plan.spawns}
        yield from self._reach(first if starts else spawn, now)
        self._choose_way(now)

    def _end(self, now: int, break_secs: tuple[float, float]) -> Iterator[WireEvent]:
        yield from self._close_track(now)
        self._state = _State.AWAY
        self._wakes_at = now + _ticks(self._random.uniform(*break_secs))

    def _respawn(self) -> None:
        self._state = _State.PLAYING
        self._inside.clear()
        self._walker.place(self._session.checkpoint)
        self._head_for_goal()

    # -------------------------------------------------------------------------------------------------------- playing

    def _play(self, now: int) -> Iterator[WireEvent]:
        for waypoint in self._walker.step(_TICK_SECS):
            yield from self._pass(waypoint, now)
        self._sample(now)
        yield from self._act(now)
        if (hazard := self._deadly_hazard()) is not None:
            yield from self._die(hazard, now)
        elif self._finished:
            yield self._gameplay("Level_Complete", now, self._score(now))
            yield from self._end(now, _BREAK_SECS)
        elif self._session.leaves_at is not None and now >= self._session.leaves_at:
            yield self._gameplay("Player_Quit", now, {"reason": "gave_up", **self._score(now)})
            yield from self._end(now, _GIVEN_UP_SECS)
        else:
            if self._walker.arrived:
                self._head_for_goal()
            if len(self._track) >= self._window:
                yield from self._close_track(now)

    @property
    def _finished(self) -> bool:
        return bool(self._plan.funnel) and self._session.steps_reached == len(self._plan.funnel)

    def _pass(self, waypoint: str, now: int) -> Iterator[WireEvent]:
        session = self._session
        lies_here = waypoint in self._items and waypoint not in session.picked_up
        if lies_here and self._random.random() < _PICK_UP_SHARE:
            session.picked_up.add(waypoint)
            yield self._gameplay("Item_Pickup", now, {"item": self._items[waypoint], "carried": len(session.picked_up)})
        if waypoint in self._doors:
            yield self._gameplay("Door_Open", now, {"door": self._doors[waypoint]})
        if (yield from self._reach(waypoint, now)):
            self._choose_way(now)

    def _reach(self, waypoint: str, now: int) -> Generator[WireEvent, None, bool]:
        """Tell of every next funnel step that is reached here; the generator's value says whether one was."""
        session, reached = self._session, False
        while not self._finished and self._plan.funnel[session.steps_reached].waypoint == waypoint:
            yield self._funnel_step(self._plan.funnel[session.steps_reached].step, now)
            session.steps_reached += 1
            session.checkpoint = waypoint
            reached = True
        return reached

    def _choose_way(self, now: int) -> None:
        """Set out for the next step, maybe by way of other places, maybe to give up before it."""
        if self._finished or not self._plan.funnel:
            return
        session, start = self._session, self._walker.waypoint
        goal = self._plan.funnel[session.steps_reached].waypoint
        places = sorted(self._graph.places)
        session.errands = deque(self._random.choices(places, k=self._random.choice(_ERRANDS)))
        metres = self._graph.length(start, self._graph.way(start, goal))
        if self._random.random() < metres * _GIVES_UP_PER_METRE * (1.5 - self._profile.skill):
            session.leaves_at = now + _ticks(self._random.uniform(0.4, 0.8) * metres / self._profile.pace)
        self._head_for_goal()

    def _head_for_goal(self) -> None:
        """The next errand, then the next step; anywhere when there is none."""
        if self._session.errands:
            self._walker.head_for(self._session.errands.popleft())
        elif self._finished or not self._plan.funnel:
            self._walker.head_for(self._random.choice(sorted(self._graph.places)))
        else:
            self._walker.head_for(self._plan.funnel[self._session.steps_reached].waypoint)

    def _act(self, now: int) -> Iterator[WireEvent]:
        session = self._session
        if not self._walker.airborne and self._random.random() < _JUMPS_PER_SEC * _TICK_SECS:
            yield self._gameplay("Player_Jump", now, {"weapon": session.weapon, "ammo": session.ammo})
            self._walker.jump()
        if session.shots_left == 0 and self._random.random() < _FIGHTS_PER_SEC * _TICK_SECS:
            session.shots_left = self._random.randint(*_SHOTS_PER_FIGHT)
        elif session.shots_left and self._random.random() < 3 * _TICK_SECS:
            session.shots_left -= 1
            session.ammo = session.ammo - 1 if session.ammo > 1 else _MAGAZINE
            hit = self._random.random() < 0.2 + 0.6 * self._profile.skill
            shot = {"weapon": session.weapon, "ammo": session.ammo, "hit": hit}
            yield self._gameplay("Weapon_Fire", now, shot | {"target": self._random.choice(_TARGETS)})

    # --------------------------------------------------------------------------------------------------------- dangers

    def _deadly_hazard(self) -> Hazard | None:
        """The hazard that strikes now: each is decided once, on the way into it."""
        for hazard in self._plan.hazards:
            if math.dist(self._walker.position, hazard.centre) > hazard.radius:
                self._inside.discard(hazard.name)
            elif hazard.name not in self._inside:
                self._inside.add(hazard.name)
                if self._random.random() < hazard.death_chance * (1.5 - self._profile.skill):
                    return hazard
        return None

    def _die(self, hazard: Hazard, now: int) -> Iterator[WireEvent]:
        session = self._session
        session.deaths += 1
        session.shots_left = 0
        yield self._gameplay("Player_Death", now, {"cause": hazard.name, "deaths": session.deaths})
        if self._random.random() < _GIVES_UP_AFTER_DEATH * session.deaths:
            yield self._gameplay("Player_Quit", now, {"reason": "died", **self._score(now)})
            yield from self._end(now, _GIVEN_UP_SECS)
            return
        yield from self._close_track(now)
        self._state = _State.DEAD
        self._wakes_at = now + _ticks(self._random.uniform(*_RESPAWN_SECS))

    # --------------------------------------------------------------------------------------------------------- events

    def _sample(self, now: int) -> None:
        if not self._track:
            self._track_started = now
        self._track.append(self._walker.position)
        self._meter.sample(self._walker.position)

    def _close_track(self, now: int) -> Iterator[WireEvent]:
        """The trajectory so far, if any: its first sample is from its start, its last from its end."""
        if not self._track:
            return
        positions = self._to_game(self._track)
        ended = self._track_started + len(self._track) - 1
        self._track = []
        yield {
            **self._who(),
            "status": "Gameplay",
            "input_method": self._profile.input_method,
            "fps": self._meter.take(),
            "positions": positions,
            "timestamp_start": self._stamp(self._track_started),
            "timestamp_end": self._stamp(ended),
        }

    def _identity(self, now: int) -> WireEvent:
        profile = self._profile
        return {
            "event_name": "Create_Player",
            "app_id": self._app_id,
            "build_id": profile.build.build_id,
            "player_id": profile.player_id,
            "region": profile.region,
            "hardware": profile.hardware.on_the_wire(),
            "timestamp": self._stamp(now),
        }

    def _funnel_step(self, name: str, now: int) -> WireEvent:
        return {
            "funnel_step_name": name,
            **self._who(),
            "level_id": self._plan.level_id,
            "timestamp": self._stamp(now),
        }

    def _gameplay(self, name: str, now: int, custom_data: dict[str, Any]) -> WireEvent:
        return {
            "event_name": name,
            **self._who(),
            "level_id": self._plan.level_id,
            "position": self._to_game([self._walker.position]),
            "custom_data": custom_data,
            "input_method": self._profile.input_method,
            "timestamp": self._stamp(now),
        }

    def _who(self) -> WireEvent:
        return {
            "app_id": self._app_id,
            "build_id": self._profile.build.build_id,
            "player_id": self._profile.player_id,
            "session_id": self._session.session_id,
        }

    def _score(self, now: int) -> dict[str, Any]:
        session = self._session
        return {
            "play_secs": round((now - session.started) * _TICK_SECS, 1),
            "deaths": session.deaths,
            "steps": session.steps_reached,
        }

    def _to_game(self, track: list[Point]) -> list[float]:
        """Flat `x y z …` in the game's axes and units, to a tenth of a millimetre."""
        game = from_viewer(np.asarray(track, dtype=np.float64), self._plan.telemetry_axes)
        return [float(number) for number in np.round(game, 4).ravel()]

    def _stamp(self, tick: int) -> str:
        moment = self._started_at + timedelta(milliseconds=tick * 1000 // SAMPLES_PER_SEC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ticks(secs: float) -> int:
    return max(1, round(secs * SAMPLES_PER_SEC))
