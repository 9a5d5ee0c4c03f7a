"""Who plays, on what: drawn from a small cast with the variety of a real playtest."""

from dataclasses import dataclass
from random import Random
from typing import Any

_BUILD_NAME = "Win64_Shipping_{}"


@dataclass(frozen=True)
class Hardware:
    """`fps` is what it reaches in an easy place; `frames_cap` what its screen or setting allows."""

    gpu: str
    cpu: str
    ram: str
    os: str
    fps: float
    frames_cap: float

    @property
    def weakness(self) -> float:
        """0 for hardware that keeps 90 frames/s, towards 1 for the slowest."""
        return min(max((90.0 - self.fps) / 60.0, 0.0), 1.0)

    def on_the_wire(self) -> dict[str, Any]:
        return {"gpu": self.gpu, "cpu": self.cpu, "ram": self.ram, "os": self.os}


@dataclass(frozen=True)
class Build:
    """`speed` scales every frame rate: the older build draws too much."""

    build_id: str
    speed: float


BUILDS = (Build(_BUILD_NAME.format("1.0.1"), 0.84), Build(_BUILD_NAME.format("1.0.2"), 1.0))

HARDWARE = (
    Hardware("RTX 4090", "Ryzen 9 7950X", "64GB", "Windows 11", 190.0, 144.0),
    Hardware("RTX 4070", "Core i7-13700K", "32GB", "Windows 11", 132.0, 120.0),
    Hardware("RTX 3060", "Ryzen 5 5600X", "16GB", "Windows 11", 92.0, 120.0),
    Hardware("RX 6600", "Ryzen 5 3600", "16GB", "Windows 10", 78.0, 75.0),
    Hardware("GTX 1650", "Core i5-10400F", "16GB", "Windows 10", 54.0, 60.0),
    Hardware("Steam Deck", "Van Gogh", "16GB", "SteamOS 3", 47.0, 60.0),
    Hardware("Iris Xe", "Core i5-1240P", "8GB", "Windows 11", 33.0, 60.0),
)

_REGIONS = ("EU-West", "EU-Central", "US-East", "US-West", "SA-East", "AP-Northeast")
_INPUT_METHODS = ("Gamepad", "KeyboardMouse")


@dataclass(frozen=True)
class Profile:
    """`skill` runs from 0 to 1; an average player has 0.5. `pace` is in metres/s."""

    player_id: str
    region: str
    hardware: Hardware
    build: Build
    input_method: str
    skill: float
    pace: float


def draw_profile(index: int, random: Random) -> Profile:
    """The player with this number. Builds and hardware take turns, so that even a few players differ."""
    hardware = HARDWARE[(index * 3 + random.randrange(2)) % len(HARDWARE)]
    skill = min(max(random.gauss(0.5, 0.2), 0.0), 1.0)
    return Profile(
        player_id=f"player_{index:02d}",
        region=random.choice(_REGIONS),
        hardware=hardware,
        build=BUILDS[0 if index % 3 == 2 else 1],
        input_method=random.choice(_INPUT_METHODS),
        skill=skill,
        pace=3.0 + 2.0 * skill + random.uniform(-0.3, 0.3),
    )
