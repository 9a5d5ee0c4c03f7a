"""Who played before today: the past of a playtest's players, for lifecycle, churn and segments to speak of.

Pure: the same seed and the same day give the same community.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from console.simulator.profiles import Profile, draw_profile

_COUNTRIES = ("US", "DE", "BR", "JP", "FR", "PL", "KR", "SE")
_PRICES = ("0.99", "1.99", "4.99", "9.99", "19.99")
_SESSION_MINUTES = (8.0, 75.0)


class PastSession(NamedTuple):
    """One session of a member."""

    session_id: str
    started_at: datetime
    duration_secs: float


class PastPurchase(NamedTuple):
    """`amount` as the player API takes it."""

    transaction_id: str
    amount: str


@dataclass(frozen=True)
class Member:
    """A player with a past. The first members are those who play in the playtest, by the same ids.

    Who played lately uses a build that knows the player API; the others' builds only said who plays.
    """

    external_id: str
    build_id: str
    region: str
    hardware: dict[str, Any]
    registered: bool
    device_id: str
    email: str | None
    attributes: dict[str, Any]
    sessions: tuple[PastSession, ...]
    purchases: tuple[PastPurchase, ...]


class _Habit(NamedTuple):
    """How somebody plays: between which days ago, how often in that time, and how many buy something."""

    weight: int
    first_days_ago: tuple[int, int]
    last_days_ago: tuple[int, int]
    play_share: float
    payer_share: float


_HABITS = (
    _Habit(5, (20, 70), (0, 1), 0.4, 0.4),  # regulars
    _Habit(3, (0, 5), (0, 1), 0.8, 0.15),  # newcomers
    _Habit(3, (25, 60), (5, 8), 0.45, 0.3),  # slipping away
    _Habit(2, (30, 70), (10, 13), 0.35, 0.2),  # dormant
    _Habit(3, (35, 90), (18, 40), 0.3, 0.15),  # gone
)
_RETURNING_SHARE = 0.12
_LATELY_DAYS = 1


def draw_community(*, size: int, seed: int, now: datetime) -> list[Member]:
    """The players and what they did before `now`, which needs a time zone."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [_member(index, Random(f"{seed}:past:{index}"), seed, midnight, now) for index in range(size)]  # noqa: S311


def past_telemetry(member: Member, app_id: str) -> list[dict[str, Any]]:
    """What the game of a member sent then: who plays, at every start."""
    return [
        {
            "event_name": "Create_Player",
            "app_id": app_id,
            "build_id": member.build_id,
            "player_id": member.external_id,
            "region": member.region,
            "hardware": member.hardware,
            "timestamp": session.started_at.isoformat(),
        }
        for session in member.sessions
    ]


def _member(index: int, random: Random, seed: int, midnight: datetime, now: datetime) -> Member:
    profile = draw_profile(index, Random(f"{seed}:{index}"))  # noqa: S311  # the one who plays
    (habit,) = random.choices(_HABITS, [habit.weight for habit in _HABITS])
    first = random.randint(*habit.first_days_ago)
    last = min(first, random.randint(*habit.last_days_ago))
    days = [day for day in range(first, last - 1, -1) if day in (first, last) or random.random() < habit.play_share]
    if last > 14 and random.random() < _RETURNING_SHARE:
        days.append(random.randint(1, 4))
    sessions = [
        session
        for day in days
        for part in range(1 + (random.random() < 0.3))
        if (session := _session(profile, random, midnight - timedelta(days=day), part, now)) is not None
    ]
    registered = last <= _LATELY_DAYS
    purchases = [
        PastPurchase(f"{profile.player_id}-order-{number}", random.choice(_PRICES))
        for number in range(random.randint(1, 5) if registered and random.random() < habit.payer_share else 0)
    ]
    return Member(
        external_id=profile.player_id,
        build_id=profile.build.build_id,
        region=profile.region,
        hardware=profile.hardware.on_the_wire(),
        registered=registered,
        device_id=f"device-{random.getrandbits(48):012x}",
        email=f"{profile.player_id}@example.com" if random.random() < 0.6 else None,
        attributes={
            "country": random.choice(_COUNTRIES),
            "level": 1 + len(sessions) + random.randint(0, 10),
            "is_vip": bool(purchases) and random.random() < 0.3,
            "build_id": profile.build.build_id,
            "input_method": profile.input_method,
            "skill": round(profile.skill, 2),
        },
        sessions=tuple(sessions),
        purchases=tuple(purchases),
    )


def _session(profile: Profile, random: Random, day: datetime, part: int, now: datetime) -> PastSession | None:
    """One session of a day; None when it would be today after `now`."""
    started_at = day + timedelta(hours=random.uniform(9, 15) + 5 * part)
    duration_secs = 60 * random.uniform(*_SESSION_MINUTES)
    if started_at + timedelta(seconds=duration_secs) >= now:
        return None
    return PastSession(
        session_id=f"{profile.player_id}-{started_at:%Y%m%d}-{part}",
        started_at=started_at,
        duration_secs=round(duration_secs, 1),
    )
