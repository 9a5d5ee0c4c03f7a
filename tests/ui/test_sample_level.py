"""The sample level that ships: its files come from the script, and its paths can be walked."""

import importlib.util
import json
from collections import defaultdict, deque
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from console.resources import resource


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sample_level", resource("make_sample_level.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return _script()


@pytest.fixture(scope="module")
def level() -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(resource("levels/sample.json").read_text(encoding="utf-8"))
    return answer


def test_the_files_are_what_the_script_makes(script: ModuleType, level: dict[str, Any]) -> None:
    triangles = script.build()
    mesh = script.glb(triangles)
    assert resource("levels/sample.glb").read_bytes() == mesh
    assert len(mesh) < 300_000
    assert json.loads(json.dumps(script.describe(triangles))) == level


def test_no_wall_stands_in_the_way_of_an_edge(script: ModuleType, level: dict[str, Any]) -> None:
    places = {w["id"]: tuple(w["xyz"]) for w in level["waypoints"]}
    triangles = script.build()
    for start, end in level["edges"]:
        assert script.edge_problems(triangles, places[start], places[end]) == [], (start, end)


def test_a_wall_would_be_noticed(script: ModuleType) -> None:
    wall = script.box((-5, 5), (0.0, 0.4), (0, 3))
    floor = script.box((-5, 5), (-5, 5), (-1, 0))
    problems = script.edge_problems(np.concatenate([floor, wall]), (0, -2, 0), (0, 2, 0))
    assert any("wall" in problem for problem in problems)
    gap = np.concatenate([script.box((-5, 5), (-5, -1), (-1, 0)), script.box((-5, 5), (1, 5), (-1, 0))])
    assert any("lower" in problem for problem in script.edge_problems(gap, (0, -2, 0), (0, 2, 0)))


def test_every_waypoint_can_be_reached(level: dict[str, Any]) -> None:
    neighbours = defaultdict(set)
    for a, b in level["edges"]:
        neighbours[a].add(b)
        neighbours[b].add(a)
    first = level["spawns"][0]["waypoint"]
    seen, queue = {first}, deque([first])
    while queue:
        for place in neighbours[queue.popleft()] - seen:
            seen.add(place)
            queue.append(place)
    assert seen == {w["id"] for w in level["waypoints"]}


def test_what_happens_lies_inside_the_level(level: dict[str, Any]) -> None:
    low, high = np.array(level["bounds"])
    ids = {w["id"] for w in level["waypoints"]}
    for place in [*level["spawns"], *level["funnel"], *level["items"], *level["doors"]]:
        assert place["waypoint"] in ids
    points = [w["xyz"] for w in level["waypoints"]]
    points += [spot["centre"] for spot in [*level["bad_spots"], *level["hazards"]]]
    assert (np.array(points) >= low).all()
    assert (np.array(points) <= high).all()


def test_faces_turn_outwards(script: ModuleType) -> None:
    for solid in (
        script.box((0, 1), (0, 2), (0, 3)),
        script.prism(3, 4, 1, (0, 2), 8, 0.5),
        script.ramp((0, 1), (0, 2), 0, 1),
    ):
        centre = solid.reshape(-1, 3).mean(axis=0)
        a, b, c = np.moveaxis(solid - centre, 1, 0)
        assert np.einsum("ij,ij->", a, np.cross(b, c)) > 0
