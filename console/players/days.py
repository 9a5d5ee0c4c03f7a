"""When a player was there, as far as a profile tells: the last sign of life before an instant, and the usual pause.

Everything about lifecycle and churn is computed from this, for any instant: the present, the future ("if the player
stays away") and the past.
"""

from bisect import bisect_right
from operator import sub
from typing import NamedTuple

from console.players.profiles import DAY_US, Profile

# The pauses between this many of the last active days make the usual one.
RECENT_DAYS = 10
MIN_PAUSE_DAYS = 1.0
MAX_PAUSE_DAYS = 14.0
# Assumed while fewer than 3 active days tell nothing.
ASSUMED_PAUSE_DAYS = 2.0


class Presence(NamedTuple):
    """What was known of a player at `now_us`.

    `days` are the active UTC days, counted from 1970-01-01, ascending; there is at least one.
    """

    now_us: int
    first_us: int
    last_us: int
    days: tuple[int, ...]

    @property
    def away_us(self) -> int:
        """How long the last sign of life is past."""
        return self.now_us - self.last_us


def presence(profile: Profile, now_us: int) -> Presence:
    """The player as of `now_us`; an instant before the player was first seen counts as that one.

    Of the past, sessions tell when the player was last there. On a day without one, that is the end of the day.
    """
    first_us, last_us, days = profile.first_seen_us, profile.last_seen_us, profile.days
    now_us = max(now_us, first_us)
    if last_us > now_us:
        days = days[: bisect_right(days, now_us // DAY_US)]
        last_us = _last_sign(profile, days, now_us)
    first_day, last_day = first_us // DAY_US, last_us // DAY_US
    if not days or days[0] > first_day:
        days = (first_day, *days)
    if days[-1] < last_day:
        days = (*days, last_day)
    return Presence(now_us, first_us, last_us, days)


def pause_days(days: tuple[int, ...]) -> float:
    """The usual pause between active days: the median of the last ones, 1 … 14 days; 2 with fewer than 3 days."""
    if len(days) < 3:
        return ASSUMED_PAUSE_DAYS
    recent = days[-RECENT_DAYS:]
    gaps = sorted(map(sub, recent[1:], recent))
    middle = len(gaps) // 2
    median = float(gaps[middle]) if len(gaps) % 2 else (gaps[middle - 1] + gaps[middle]) / 2
    return min(max(median, MIN_PAUSE_DAYS), MAX_PAUSE_DAYS)


def _last_sign(profile: Profile, days: tuple[int, ...], now_us: int) -> int:
    last = max(
        (min(session.ended_us, now_us) for session in profile.sessions if session.started_us <= now_us),
        default=profile.first_seen_us,
    )
    if days and days[-1] > last // DAY_US:
        last = min((days[-1] + 1) * DAY_US - 1, now_us)
    return max(last, profile.first_seen_us)
