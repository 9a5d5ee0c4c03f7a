from itertools import pairwise

import pytest

from console.simulator.level_plan import LevelPlan
from console.simulator.walking_graph import WalkingGraph


@pytest.fixture
def graph(plan: LevelPlan) -> WalkingGraph:
    return WalkingGraph(plan)


def test_a_way_leads_over_edges_to_its_goal(plan: LevelPlan, graph: WalkingGraph) -> None:
    edges = {frozenset(edge) for edge in plan.edges}
    start = plan.spawns[0].waypoint
    for goal in plan.places():
        way = [start, *graph.way(start, goal)]
        assert way[-1] == goal
        assert all(frozenset(step) in edges for step in pairwise(way))


def test_no_other_first_step_is_shorter(plan: LevelPlan, graph: WalkingGraph) -> None:
    start = plan.spawns[0].waypoint
    for goal in plan.places():
        shortest = graph.length(start, graph.way(start, goal))
        for detour in (end for edge in plan.edges if start in edge for end in edge if end != start):
            assert graph.length(start, [detour, *graph.way(detour, goal)]) >= shortest - 1e-9


def test_the_way_to_where_one_is_has_no_steps(plan: LevelPlan, graph: WalkingGraph) -> None:
    start = plan.spawns[0].waypoint
    assert graph.way(start, start) == []
    assert graph.length(start, []) == 0.0


def test_an_unknown_goal_is_refused(plan: LevelPlan, graph: WalkingGraph) -> None:
    with pytest.raises(ValueError, match="no way leads"):
        graph.way(plan.spawns[0].waypoint, "moon")
