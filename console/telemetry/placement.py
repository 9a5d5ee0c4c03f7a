"""How a level's mesh and telemetry lie in the viewer beyond their engine's axes, as it is kept and sent. Pure, light.

`coordinates` makes matrices of it.
"""

import math
from typing import Literal, get_args

from msgspec import Struct

Direction = Literal["+x", "-x", "+y", "-y", "+z", "-z"]
ALL_DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
Directions = tuple[Direction, Direction, Direction]

MIN_SCALE, MAX_SCALE = 1e-6, 1e6
MAX_OFFSET_M = 1e9


class Placement(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What follows an engine's axes: turned about the viewer's z, made larger, then moved.

    - `directions`: what the viewer's x, y and z are of the engine's; None: as the engine's axes say
    - `scale`: times the engine's metres a unit
    - `yaw`: degrees, counter-clockwise seen from above
    - `offset`: metres of the viewer, added last

    Raises ValueError for numbers that are not finite or out of reach, and for directions that name an axis twice.
    """

    directions: Directions | None = None
    scale: float = 1.0
    yaw: float = 0.0
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        if self.directions is not None and len({name[1] for name in self.directions}) < 3:
            raise ValueError(f"directions must name each of x, y and z once, not {', '.join(self.directions)}")
        if not MIN_SCALE <= self.scale <= MAX_SCALE:
            raise ValueError(f"scale must be between {MIN_SCALE:g} and {MAX_SCALE:g}, not {self.scale:g}")
        if not math.isfinite(self.yaw):
            raise ValueError(f"yaw must be a number of degrees, not {self.yaw:g}")
        if not all(abs(metres) <= MAX_OFFSET_M for metres in self.offset):
            raise ValueError(f"offset must be within {MAX_OFFSET_M:g} m, not {self.offset}")


class Calibration(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The placement of a level's mesh and that of its telemetry."""

    mesh: Placement = Placement()
    telemetry: Placement = Placement()


# Both lie as their axes say.
AS_AXES_SAY = Calibration()
