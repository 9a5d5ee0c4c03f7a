"""Where a change of players comes from, as the journal keeps it, and how it is answered."""

from dataclasses import dataclass
from hashlib import blake2b

from aiohttp import web
from msgspec import Struct

from console.messages import KeyKind
from console.players.definitions import ChurnWindow, Tier
from console.server.admission import Grant

_FINGERPRINT_BYTES = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One request that wants something changed. `idempotency_key` lets its sender repeat it safely."""

    request: web.Request
    received_at_us: int
    route: str
    grant: Grant
    body: bytes
    wire_bytes: int
    idempotency_key: str | None = None

    @property
    def app_id(self) -> str:
        """The application that is changed."""
        return self.grant.app_id

    @property
    def shows_email(self) -> bool:
        """Whether the answer may hold what only servers and people may see."""
        return self.grant.kind == "secret"

    @property
    def fingerprint(self) -> bytes:
        """What tells whether a repeated idempotency key comes with the same request, and the same rights."""
        request = self.request
        parts = (request.method, self.route, request.query_string, self.grant.kind)
        return blake2b(
            "\n".join(parts).encode("utf-8", "replace") + b"\n" + self.body, digest_size=_FINGERPRINT_BYTES
        ).digest()


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonGrant:
    """Stands where a key would: somebody at the window changes something. There is no limit for people."""

    app_id: str
    churn_window: ChurnWindow
    key_id: str = ""
    label: str = "window"
    kind: KeyKind = "secret"
    revoked: bool = False
    tier: Tier = "enterprise"


class Answer(Struct, frozen=True):
    """What is answered, byte for byte as it is journaled.

    `events` were recorded with it; none when there was nothing new. `replayed`: it was given to an earlier request of
    the same idempotency key.
    """

    status: int
    body: bytes
    events: int = 0
    replayed: bool = False
