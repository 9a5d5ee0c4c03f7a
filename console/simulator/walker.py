"""How one player moves: along a way, at a varying pace, never quite in the middle, jumping now and then."""

import math
from collections import deque
from random import Random

from console.simulator.level_plan import Point
from console.simulator.walking_graph import WalkingGraph

_GRAVITY = 9.81
_JUMP_SPEED = 4.0  # metres/s upwards: 0.8 m high, 0.8 s long
_SPEED_SETTLES_SECS = 0.35
_BODY_FOLLOWS_SECS = 0.14  # twice, one behind the other: rounds corners without a jerk
_SWERVE_SETTLES_SECS = 1.6
_PAUSES_PER_SEC = 0.04
_SWERVE_MAX_METRES = 0.28  # the sample level has this much room beside every way


class Walker:
    """A body in the level, in the viewer's metres. Deterministic for a given random source.

    `pace` is the usual speed in metres/s.
    """

    def __init__(self, graph: WalkingGraph, random: Random, *, spawn: str, pace: float) -> None:
        self._graph = graph
        self._random = random
        self._pace = pace
        self.place(spawn)

    def place(self, waypoint: str) -> None:
        """Stand still at a waypoint, as after a spawn."""
        self.waypoint = waypoint
        self._way: deque[str] = deque()
        self._track: Point = self._graph.places[waypoint]
        self._body: Point = self._track
        self._feet: Point = self._track
        self._speed = 0.0
        self._swerve = 0.0
        self._height = 0.0
        self._rise = 0.0
        self._pause_secs = 0.0

    @property
    def position(self) -> Point:
        x, y, z = self._feet
        return x, y, z + self._height

    @property
    def arrived(self) -> bool:
        """Whether there is no way left to go."""
        return not self._way

    @property
    def airborne(self) -> bool:
        return self._height > 0.0

    def head_for(self, waypoint: str) -> None:
        """Take the shortest way from the waypoint that was passed last, or from the next one if already on the way."""
        start = self._way[0] if self._way else self.waypoint
        onward = self._graph.way(start, waypoint)
        self._way = deque([start, *onward] if self._way else onward)

    def jump(self) -> None:
        """Leave the ground, unless already in the air."""
        if not self.airborne:
            self._rise = _JUMP_SPEED
            self._height = 1e-9

    def step(self, secs: float) -> list[str]:
        """Move on, and return the waypoints that were passed."""
        self._change_pace(secs)
        passed = self._advance(self._speed * secs)
        self._move_feet(secs)
        self._fall(secs)
        return passed

    def _change_pace(self, secs: float) -> None:
        if self._pause_secs > 0:
            self._pause_secs -= secs
        elif self._random.random() < _PAUSES_PER_SEC * secs:
            self._pause_secs = self._random.uniform(0.6, 2.5)
        wanted = 0.0 if self._pause_secs > 0 or self.arrived else self._pace * self._random.uniform(0.75, 1.25)
        self._speed += (wanted - self._speed) * _share(secs, _SPEED_SETTLES_SECS)

    def _advance(self, metres: float) -> list[str]:
        passed = []
        while self._way:
            goal = self._graph.places[self._way[0]]
            left = math.dist(self._track, goal)
            if left > metres:
                self._track = _between(self._track, goal, metres / left)
                break
            metres -= left
            self._track = goal
            self.waypoint = self._way.popleft()
            passed.append(self.waypoint)
        return passed

    def _move_feet(self, secs: float) -> None:
        settled = _share(secs, _SWERVE_SETTLES_SECS)
        self._swerve += self._random.gauss(0.0, 0.5 * _SWERVE_MAX_METRES) * math.sqrt(settled) - self._swerve * settled
        self._swerve = min(max(self._swerve, -_SWERVE_MAX_METRES), _SWERVE_MAX_METRES)
        aim = self._track
        if self._way:
            goal = self._graph.places[self._way[0]]
            dx, dy = goal[0] - aim[0], goal[1] - aim[1]
            if length := math.hypot(dx, dy):
                aim = (aim[0] - dy / length * self._swerve, aim[1] + dx / length * self._swerve, aim[2])
        follows = _share(secs, _BODY_FOLLOWS_SECS)
        self._body = _between(self._body, aim, follows)
        self._feet = _between(self._feet, self._body, follows)

    def _fall(self, secs: float) -> None:
        if self.airborne:
            self._height = max(0.0, self._height + self._rise * secs - _GRAVITY * secs * secs / 2)
            self._rise -= _GRAVITY * secs


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share


def _share(secs: float, settles_secs: float) -> float:
    """How much of a difference is gone after `secs` of exponential decay."""
    return 1.0 - math.exp(-secs / settles_secs)
