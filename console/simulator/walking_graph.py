"""Shortest ways over a level plan's waypoints."""

import heapq
import math
from collections import defaultdict
from itertools import pairwise

from console.simulator.level_plan import LevelPlan


class WalkingGraph:
    """Waypoints and the edges between them, weighed by length in metres. `places` are their positions."""

    def __init__(self, plan: LevelPlan) -> None:
        self._neighbours: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self.places = plan.places()
        for a, b in plan.edges:
            length = math.dist(self.places[a], self.places[b])
            self._neighbours[a].append((length, b))
            self._neighbours[b].append((length, a))

    def way(self, start: str, goal: str) -> list[str]:
        """The waypoints after `start` up to and with `goal`; empty when they are the same.

        Dijkstra's algorithm. Raises ValueError when no way leads there.
        """
        came_from: dict[str, str] = {}
        open_ways = [(0.0, start, start)]
        while open_ways:
            length, waypoint, previous = heapq.heappop(open_ways)
            if waypoint in came_from:
                continue
            came_from[waypoint] = previous
            if waypoint == goal:
                return _trace(came_from, start, goal)
            for step, name in self._neighbours[waypoint]:
                if name not in came_from:
                    heapq.heappush(open_ways, (length + step, name, waypoint))
        raise ValueError(f"no way leads from {start!r} to {goal!r}")

    def length(self, start: str, way: list[str]) -> float:
        """Metres from `start` along `way`."""
        stops = [start, *way]
        return math.fsum(math.dist(self.places[a], self.places[b]) for a, b in pairwise(stops))


def _trace(came_from: dict[str, str], start: str, goal: str) -> list[str]:
    way = []
    while goal != start:
        way.append(goal)
        goal = came_from[goal]
    return way[::-1]
