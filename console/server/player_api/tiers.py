"""Rate tiers: how many requests a minute and events a second each key may send."""

import math
import time
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from console.players.definitions import Tier
from console.server.errors import ApiError, refused_for_now

# Events may come at once that would take this long at the tier's rate.
EVENT_BURST_SECS: Final = 10.0
# Requests may come at once that would take this long: the minute that the tiers are documented in.
REQUEST_BURST_SECS: Final = 60.0


class TierLimits(Struct, frozen=True):
    """The documented limits of one tier."""

    requests_per_minute: int
    events_per_second: int

    @property
    def most_events(self) -> int:
        """How many events can come at once."""
        return round(self.events_per_second * EVENT_BURST_SECS)


TIERS: Final[dict[Tier, TierLimits | None]] = {
    "free": TierLimits(100, 10),
    "growth": TierLimits(1_000, 100),
    "pro": TierLimits(10_000, 1_000),
    "enterprise": None,
}


class _Bucket:
    """A token bucket, kept as the instant at which it is full again (GCRA, ITU-T I.371)."""

    __slots__ = ("_burst_secs", "_full_at", "_interval_secs")

    def __init__(self, per_second: float, burst_secs: float) -> None:
        self._interval_secs = 1.0 / per_second
        self._burst_secs = burst_secs
        self._full_at = -math.inf

    def take(self, count: int, now_secs: float) -> float:
        """Seconds until `count` tokens are there; 0 takes them."""
        full_at = max(self._full_at, now_secs) + count * self._interval_secs
        wait = full_at - now_secs - self._burst_secs
        if wait > 1e-9:  # adding tenths ten times does not give exactly one
            return wait
        self._full_at = full_at
        return 0.0

    def state(self, now_secs: float) -> tuple[int, int]:
        """Tokens left, and whole seconds until all are back."""
        until_full = max(0.0, self._full_at - now_secs)
        left = (self._burst_secs - until_full) / self._interval_secs
        return max(0, math.floor(left + 1e-6)), math.ceil(until_full - 1e-9)


class _Buckets:
    """The two buckets of one key, for as long as its application stays in one tier."""

    __slots__ = ("events", "requests", "tier")

    def __init__(self, tier: Tier, limits: TierLimits) -> None:
        self.tier = tier
        self.requests = _Bucket(limits.requests_per_minute / 60.0, REQUEST_BURST_SECS)
        self.events = _Bucket(limits.events_per_second, EVENT_BURST_SECS)


class Tiers:
    """Counts requests and events of each key. The tier is given at each call: a change holds from the next request on.

    `monotonic` gives seconds: a step of the wall clock neither blocks nor opens.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: dict[str, _Buckets] = {}

    def take_request(self, key_id: str, tier: Tier) -> None:
        """Count one request. Raises ApiError 429."""
        limits = TIERS[tier]
        if limits is None:
            return
        wait = self._of(key_id, tier, limits).requests.take(1, self._monotonic())
        if wait:
            raise refused_for_now(
                429,
                "rate_limited",
                f"This key's tier ({tier}) allows {limits.requests_per_minute:,} requests a minute: "
                f"wait {max(wait, 0.1):.1f} seconds.",
                wait,
            )

    def take_events(self, key_id: str, tier: Tier, count: int) -> None:
        """Count the events of one request. Raises ApiError 429, or 400 for more than can ever come at once."""
        limits = TIERS[tier]
        if limits is None:
            return
        if count > limits.most_events:
            raise ApiError(
                400,
                "batch_too_large",
                f"This key's tier ({tier}) allows {limits.events_per_second:,} events a second, and so at most "
                f"{limits.most_events:,} events in one batch; this one has {count:,}.",
            )
        wait = self._of(key_id, tier, limits).events.take(count, self._monotonic())
        if wait:
            raise refused_for_now(
                429,
                "rate_limited",
                f"This key's tier ({tier}) allows {limits.events_per_second:,} events a second: "
                f"wait {max(wait, 0.1):.1f} seconds.",
                wait,
            )

    def headers(self, key_id: str, tier: Tier) -> dict[str, str]:
        """What every answer of a limited tier tells (draft-ietf-httpapi-ratelimit-headers): quota, rest, reset."""
        limits = TIERS[tier]
        if limits is None:
            return {}
        buckets, now = self._of(key_id, tier, limits), self._monotonic()
        requests, requests_secs = buckets.requests.state(now)
        events, events_secs = buckets.events.state(now)
        return {
            "RateLimit-Policy": (
                f'"requests";q={limits.requests_per_minute};w={REQUEST_BURST_SECS:.0f}, '
                f'"events";q={limits.most_events};w={EVENT_BURST_SECS:.0f}'
            ),
            "RateLimit": f'"requests";r={requests};t={requests_secs}, "events";r={events};t={events_secs}',
        }

    def _of(self, key_id: str, tier: Tier, limits: TierLimits) -> _Buckets:
        buckets = self._buckets.get(key_id)
        if buckets is None or buckets.tier != tier:
            buckets = self._buckets[key_id] = _Buckets(tier, limits)
        return buckets
