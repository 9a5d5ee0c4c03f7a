"""A player as the player API shows it."""

from typing import Any

import msgspec

from console.players.definitions import ChurnWindow
from console.players.instants import iso_text
from console.players.lifecycle import stage_of
from console.players.profiles import Profile


def player_object(profile: Profile, now_us: int, window: ChurnWindow, *, email: bool) -> dict[str, Any]:
    """The documented object. `email` is left out for those who may not see it.

    The stage is the one at `now_us`; money is a decimal number of at most 2 places.
    """
    shown: dict[str, Any] = {
        "id": profile.player_id,
        "external_id": profile.external_id,
        "device_id": profile.device_id,
        "email": profile.email,
        "lifecycle_stage": stage_of(profile, now_us, window),
        "session_count": profile.session_count,
        "total_revenue": money(profile.revenue_minor),
        "is_payer": profile.is_payer,
        "first_seen_at": iso_text(profile.first_seen_us),
        "last_seen_at": iso_text(profile.last_seen_us),
        "attributes": profile.attributes,
    }
    if not email:
        del shown["email"]
    return shown


def money(minor: int) -> msgspec.Raw:
    """Hundredths as a JSON number with 2 decimals: written digit by digit, so that nothing is rounded."""
    return msgspec.Raw(b"%d.%02d" % divmod(minor, 100))


def success_body(data: Any) -> bytes:
    """`{"success":true,"data":…}`. What is JSON already comes as `msgspec.Raw`."""
    return b'{"success":true,"data":' + msgspec.json.encode(data) + b"}"
