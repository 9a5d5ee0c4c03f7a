"""Request bodies as games send them: a quarter trajectories, the rest gameplay events, funnel steps and identities."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgpack

_SAMPLES = 10
_NAMES = ("Player_Jump", "Weapon_Fire", "Item_Pickup", "Door_Open", "Player_Death")


def make_bodies(app_id: str, *, events_per_body: int, bodies: int, seed: int = 1) -> list[bytes]:
    """Distinct bodies. A body of one event is a map, not an array of one, as the documented example sends it."""
    random = Random(seed)
    made = []
    for _ in range(bodies):
        events = [_event(app_id, random) for _ in range(events_per_body)]
        made.append(msgpack.packb(events[0] if events_per_body == 1 else events))
    return made


def make_marked_bodies(app_id: str, count: int) -> list[bytes]:
    """Single gameplay events, each with a player id of its own: `marked_0`, `marked_1`, …"""
    random = Random(2)
    return [msgpack.packb({**_gameplay(app_id, random), "player_id": f"marked_{number}"}) for number in range(count)]


def _event(app_id: str, random: Random) -> dict[str, Any]:
    player = random.randrange(64)
    now = datetime.now(UTC) - timedelta(milliseconds=random.randrange(2000))
    who = {
        "app_id": app_id,
        "build_id": f"Win64_Shipping_1.0.{player % 3}",
        "player_id": f"player_{player:02d}",
        "session_id": f"5e9d2c1a-0000-4000-8000-{player:012d}",
    }
    kind = random.random()
    if kind < 0.25:
        return {**who, **_trajectory(now, random)}
    if kind < 0.35:
        return {"funnel_step_name": f"Step_{random.randrange(6)}", **who, "level_id": "Level_1", "timestamp": _z(now)}
    if kind < 0.37:
        del who["session_id"]
        hardware = {"gpu": "RTX 3060", "ram": "16GB"}
        return {"event_name": "Create_Player", **who, "region": "EU-West", "hardware": hardware, "timestamp": _z(now)}
    return {**_gameplay(app_id, random), **who, "timestamp": _z(now)}


def _gameplay(app_id: str, random: Random) -> dict[str, Any]:
    return {
        "event_name": random.choice(_NAMES),
        "app_id": app_id,
        "build_id": "Win64_Shipping_1.0.2",
        "player_id": "player_00",
        "session_id": "5e9d2c1a-0000-4000-8000-000000000000",
        "level_id": "Level_1",
        "position": [round(random.uniform(-50, 50), 3) for _ in range(3)],
        "custom_data": {"weapon": "Sword", "ammo": random.randrange(30)},
        "input_method": "Gamepad",
        "timestamp": _z(datetime.now(UTC)),
    }


def _trajectory(now: datetime, random: Random) -> dict[str, Any]:
    x, y, z = (random.uniform(-50, 50) for _ in range(3))
    positions: list[float] = []
    for _ in range(_SAMPLES):
        x, z = x + random.uniform(-0.5, 0.5), z + random.uniform(-0.5, 0.5)
        positions += [round(x, 3), round(y, 3), round(z, 3)]
    mean = random.uniform(30, 120)
    return {
        "status": "Gameplay",
        "input_method": "Gamepad",
        "fps": {"mean": mean, "low_5": mean * 0.8, "low_1": mean * 0.6},
        "positions": positions,
        "timestamp_start": _z(now - timedelta(seconds=1)),
        "timestamp_end": _z(now),
    }


def _z(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
