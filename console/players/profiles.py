"""A player's profile: what was said of the player, and what the player did, whichever API it came by.

Two halves that never overwrite each other. A `Player` is made by commands, in the journal's order. An `Activity` is
summed up from events by minimum, maximum and union, so that it is the same in whatever order they are added. A player
whom only telemetry knows has the second half alone.
"""

import uuid
from typing import Any

from msgspec import Struct

DAY_US = 86_400_000_000


class Player(Struct, frozen=True, kw_only=True):
    """What commands made. Times are µs since 1970-01-01 UTC; `revenue_minor` is in hundredths.

    `attribute_seqs` holds the sequence number of the last write of those attributes that telemetry writes too. `days`
    are the UTC days since 1970-01-01 on which commands saw the player, ascending, the latest 1,000.
    """

    player_id: str
    app_id: str
    external_id: str | None = None
    device_id: str | None = None
    email: str | None = None
    attributes: dict[str, Any] = {}
    attribute_seqs: dict[str, int] = {}
    first_us: int
    last_us: int
    days: tuple[int, ...] = ()
    revenue_minor: int = 0
    purchases: int = 0
    last_purchase_us: int | None = None


class Activity(Struct, frozen=True, kw_only=True):
    """What was seen of a player. `days` are UTC days since 1970-01-01, ascending, each once.

    `attributes` come from `Create_Player` (`region`, `hardware`), with the sequence number that wrote each.
    """

    first_us: int
    last_us: int
    days: tuple[int, ...] = ()
    attributes: dict[str, Any] = {}
    attribute_seqs: dict[str, int] = {}


class PlayedSession(Struct, frozen=True, kw_only=True, gc=False):
    """One session of a player, of either API. `ended_us` is its last sign of life, or its start plus its duration."""

    session_id: str
    started_us: int
    ended_us: int

    @property
    def duration_secs(self) -> float:
        return max(0, self.ended_us - self.started_us) / 1e6


class Purchase(Struct, frozen=True, kw_only=True):
    """One purchase, in hundredths."""

    at_us: int
    amount_minor: int
    transaction_id: str | None = None


class Profile(Struct, frozen=True, kw_only=True):
    """Both halves together: what the APIs and the window show, and what segments and flags look at."""

    player_id: str
    app_id: str
    external_id: str | None = None
    device_id: str | None = None
    email: str | None = None
    attributes: dict[str, Any] = {}
    session_count: int = 0
    revenue_minor: int = 0
    purchases: int = 0
    last_purchase_us: int | None = None
    first_seen_us: int
    last_seen_us: int
    days: tuple[int, ...] = ()
    sessions: tuple[PlayedSession, ...] = ()

    @property
    def is_payer(self) -> bool:
        return self.purchases > 0


def player_id_of(journal_id: str, app_id: str, external_id: str) -> str:
    """The id of the player with this external id: the same however, and by which API, the player became known.

    A name-based UUID (RFC 9562, version 5) below the journal's random id, so that nobody else can compute it.
    """
    return str(uuid.uuid5(uuid.UUID(hex=journal_id), f"{app_id}\n{external_id}"))
