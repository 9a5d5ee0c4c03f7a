import math
from itertools import pairwise
from random import Random

import pytest

from console.simulator.level_plan import LevelPlan, Point
from console.simulator.walker import Walker
from console.simulator.walking_graph import WalkingGraph

_TICK_SECS = 0.1
_BODY_ROOM_METRES = 0.4  # what the sample level leaves free beside every way


@pytest.fixture
def walker(plan: LevelPlan) -> Walker:
    return Walker(WalkingGraph(plan), Random(3), spawn=plan.spawns[0].waypoint, pace=4.0)


def _walk_to(walker: Walker, goal: str) -> list[Point]:
    walker.head_for(goal)
    track = [walker.position]
    while not walker.arrived:
        walker.step(_TICK_SECS)
        track.append(walker.position)
        assert len(track) < 5000, "it never arrives"
    return track


def _distance_to_ways(plan: LevelPlan, position: Point) -> float:
    places = plan.places()
    return min(_distance(position, places[a], places[b]) for a, b in plan.edges)


def _distance(p: Point, a: Point, b: Point) -> float:
    along = sum((q - s) * (e - s) for q, s, e in zip(p, a, b, strict=True)) / math.dist(a, b) ** 2
    along = min(max(along, 0.0), 1.0)
    return math.dist(p, [s + (e - s) * along for s, e in zip(a, b, strict=True)])


def test_it_passes_every_waypoint_of_its_way(plan: LevelPlan, walker: Walker) -> None:
    start, goal = plan.spawns[0].waypoint, plan.funnel[-1].waypoint
    expected = WalkingGraph(plan).way(start, goal)
    walker.head_for(goal)
    passed: list[str] = []
    while not walker.arrived:
        passed += walker.step(_TICK_SECS)
    assert passed == expected
    assert walker.waypoint == goal


def test_it_moves_smoothly_and_stays_beside_the_ways(plan: LevelPlan, walker: Walker) -> None:
    track: list[Point] = []
    for goal in plan.places():
        track += _walk_to(walker, goal)[1 if track else 0 :]
    steps = [math.dist(a, b) for a, b in pairwise(track)]
    assert max(steps) < 0.8
    assert max(abs(b - a) for a, b in pairwise([0.0, *steps])) < 0.3
    assert max(_distance_to_ways(plan, position) for position in track) < _BODY_ROOM_METRES


def test_it_turns_round_on_the_way_without_a_leap(plan: LevelPlan, walker: Walker) -> None:
    walker.head_for(plan.funnel[-1].waypoint)
    for _ in range(25):
        walker.step(_TICK_SECS)
    before = walker.position
    track = _walk_to(walker, plan.spawns[0].waypoint)
    assert math.dist(before, track[1]) < 0.8
    assert walker.waypoint == plan.spawns[0].waypoint


def test_a_jump_rises_and_lands(walker: Walker) -> None:
    ground = walker.position[2]
    walker.jump()
    heights = []
    while walker.airborne:
        walker.step(_TICK_SECS)
        heights.append(walker.position[2] - ground)
    assert 0.6 < max(heights) < 1.0
    assert heights[-1] == 0.0


def test_it_stands_still_where_it_is_placed(plan: LevelPlan, walker: Walker) -> None:
    _walk_to(walker, plan.funnel[-1].waypoint)
    walker.place(plan.spawns[0].waypoint)
    walker.step(_TICK_SECS)
    assert walker.arrived
    assert walker.position == plan.places()[plan.spawns[0].waypoint]
