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


class BadSpot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where the frame rate drops: at its centre to `fps_factor` of what the hardware does elsewhere."""

    name: str
    position: Point
    radius: float
    fps_factor: float


class Hazard(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place that kills: `deadliness` is an average player's chance to die on one way through."""

    name: str
    position: Point
    radius: float
    deadliness: float


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A funnel step, reached at a waypoint. `give_up` is the share of players who leave instead of reaching it."""

    name: str
    waypoint: str
    give_up: float = 0.0


class LevelPlan(Struct, frozen=True, kw_only=True):
    """`waypoints` by name; `edges` join two of them and are walked both ways, straight, `width` metres wide.

    Players start at the waypoint `spawn` and try to reach the `funnel` in order. `items` and `doors` are waypoints
    where something is picked up or opened. `axes` is what the game sends. `model` is the mesh file beside the plan.
    """

    level_id: str
    model: str
    mesh_axes: Axes
    axes: Axes
    bounds: tuple[Point, Point]
    spawn: str
    waypoints: dict[str, Point]
    edges: list[tuple[str, str]]
    width: float = 1.0
    bad_spots: list[BadSpot] = []
    hazards: list[Hazard] = []
    funnel: list[Step] = []
    items: list[str] = []
    doors: list[str] = []

    def faults(self) -> list[str]:
        """What contradicts itself, one plain sentence each."""
        named = [self.spawn, *(name for edge in self.edges for name in edge), *(step.waypoint for step in self.funnel)]
        named += [*self.items, *self.doors]
        faults = [f"the waypoint {name!r} is not listed" for name in dict.fromkeys(named) if name not in self.waypoints]
        if not self.edges:
            return [*faults, "it has no edges to walk on"]
        unreached = set(self.waypoints) - self._reachable()
        return [*faults, *(f"no way leads from the spawn to {name!r}" for name in sorted(unreached))]

    def _reachable(self) -> set[str]:
        reached = {self.spawn}
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
