"""What the simulator knows of a level: where players can walk, and what happens there.

One JSON file beside the level's mesh. All positions and lengths are in the viewer's metres, right-handed, Z up,
at the height of a player's feet.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from console.messages import Axes

Point = tuple[float, float, float]


class InvalidLevelPlan(Exception):
    """The file is not a plan, or contradicts itself. The text names the file and the fault."""


class Place(Struct, frozen=True, kw_only=True):
    """A waypoint: the node of the graph that players walk on."""

    id: str
    xyz: Point


class Spawn(Struct, frozen=True, kw_only=True):
    """A waypoint at which players start."""

    waypoint: str


class Step(Struct, frozen=True, kw_only=True):
    """A funnel step, reached at a waypoint."""

    step: str
    waypoint: str


class Thing(Struct, frozen=True, kw_only=True):
    """An item to pick up, or a door to open, at a waypoint."""

    name: str
    waypoint: str


class BadSpot(Struct, frozen=True, kw_only=True):
    """A place where the frame rate drops: at its centre to this factor of what the hardware does elsewhere."""

    name: str
    centre: Point
    radius: float
    frame_rate_factor: float


class Hazard(Struct, frozen=True, kw_only=True):
    """A place that kills: `death_chance` is an average player's on one way through."""

    name: str
    centre: Point
    radius: float
    death_chance: float


class LevelPlan(Struct, frozen=True, kw_only=True):
    """The graph of waypoints and what happens on it.

    An edge joins two waypoints, is straight, and is walked both ways; a body fits through with room to spare.
    Players start at a spawn and try to reach the funnel's steps in order; a first step at a spawn is reached by
    starting, at whichever spawn. `model` is the mesh file beside the plan,
    in `mesh_axes`; `telemetry_axes` is what the game sends.
    """

    level_id: str
    model: str
    mesh_axes: Axes
    telemetry_axes: Axes
    bounds: tuple[Point, Point]
    spawns: list[Spawn]
    waypoints: list[Place]
    edges: list[tuple[str, str]]
    funnel: list[Step] = []
    bad_spots: list[BadSpot] = []
    hazards: list[Hazard] = []
    items: list[Thing] = []
    doors: list[Thing] = []

    def places(self) -> dict[str, Point]:
        """Positions of the waypoints by id."""
        return {place.id: place.xyz for place in self.waypoints}

    def faults(self) -> list[str]:
        """What contradicts itself, one plain sentence each."""
        if not self.spawns:
            return ["it has no spawn to start at"]
        known = self.places()
        named = [name for edge in self.edges for name in edge]
        named += [spawn.waypoint for spawn in self.spawns] + [step.waypoint for step in self.funnel]
        named += [thing.waypoint for thing in (*self.items, *self.doors)]
        faults = [f"the waypoint {name!r} is not listed" for name in dict.fromkeys(named) if name not in known]
        unreached = known.keys() - self._reachable()
        return faults + [f"no way leads from the first spawn to {name!r}" for name in sorted(unreached)]

    def _reachable(self) -> set[str]:
        reached = {self.spawns[0].waypoint}
        while True:
            further = {b for edge in self.edges for a, b in (edge, edge[::-1]) if a in reached} - reached
            if not further:
                return reached
            reached |= further


def read_level_plan(path: Path) -> LevelPlan:
    """Raises InvalidLevelPlan."""
    try:
        plan = msgspec.json.decode(path.read_bytes(), type=LevelPlan)
    except (OSError, msgspec.MsgspecError) as error:
        raise InvalidLevelPlan(f"{path} cannot be read as a level plan: {error}") from error
    if faults := plan.faults():
        raise InvalidLevelPlan(f"{path}: {faults[0]}")
    return plan
