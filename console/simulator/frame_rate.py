"""What frame rate a player sees where."""

import math
from random import Random

from console.simulator.level_plan import LevelPlan, Point
from console.simulator.profiles import Profile

_FRAMES_PER_SAMPLE = 10
_JITTER = 0.035
_HITCHES_PER_FRAME = 0.002
_HITCH_FACTOR = 0.38


class FrameRateMeter:
    """Collects frames between two trajectories, as a game's own counter does."""

    def __init__(self, plan: LevelPlan, profile: Profile, random: Random) -> None:
        self._plan = plan
        self._profile = profile
        self._random = random
        self._frames: list[float] = []

    def sample(self, position: Point) -> None:
        """Draw the frames around one position sample."""
        hardware = self._profile.hardware
        usual = min(self.usual_at(position), hardware.frames_cap)
        hitches = _HITCHES_PER_FRAME * (1 + 4 * hardware.weakness)
        for _ in range(_FRAMES_PER_SAMPLE):
            frame = usual * (1.0 - abs(self._random.gauss(0.0, _JITTER)))
            self._frames.append(frame * _HITCH_FACTOR if self._random.random() < hitches else frame)

    def usual_at(self, position: Point) -> float:
        """Frames/s without jitter, hitches and cap. Bad spots hit weak hardware harder."""
        factor = 1.0
        for spot in self._plan.bad_spots:
            nearness = 1.0 - math.dist(position, spot.centre) / spot.radius
            if nearness > 0:
                depth = nearness * nearness * (3.0 - 2.0 * nearness)  # smoothstep: no edge to be seen
                factor = min(factor, 1.0 - (1.0 - spot.frame_rate_factor) * depth)
        hardware = self._profile.hardware
        return float(hardware.fps * self._profile.build.speed * factor ** (1.0 + 0.5 * hardware.weakness))

    def take(self) -> dict[str, float]:
        """The `fps` map of a trajectory over the frames since the last call, which must be one at least.

        `low_5` and `low_1` are the means of the slowest 5 % and 1 %, so never above the mean.
        """
        frames = sorted(self._frames)
        self._frames.clear()
        return {"mean": _mean(frames, 1.0), "low_5": _mean(frames, 0.05), "low_1": _mean(frames, 0.01)}


def _mean(frames: list[float], share: float) -> float:
    slowest = frames[: max(1, math.ceil(len(frames) * share))]
    return round(math.fsum(slowest) / len(slowest), 1)
