"""Values of the integration check that cross the console API, as MessagePack both ways."""

from typing import Literal

from msgspec import Struct

# "unknown": nothing was seen yet that would tell, or the game does not use this part.
Verdict = Literal["good", "warn", "bad", "unknown"]
# From what a person should look at first to what needs no look.
VERDICTS: tuple[Verdict, ...] = ("bad", "warn", "unknown", "good")

Part = Literal["connection", "events", "sending", "player_api"]


class IntegrationLine(Struct, frozen=True, kw_only=True):
    """One thing that was checked of one SDK.

    `found` is a few words for the eye, `reason` a sentence that says how it is known, `mend` what to do, "" where
    nothing is to be done. `request_id` is a request that shows it, None where no single one does.
    """

    topic: str
    part: Part
    title: str
    verdict: Verdict
    found: str
    reason: str
    mend: str = ""
    request_id: int | None = None


class Integration(Struct, frozen=True, kw_only=True):
    """What one SDK does, as far as its requests tell: an application, a family of user agents, a peer.

    `app_id` is "" while no request came with a key that is known. `client` is the family, `user_agent` the newest one
    in full. `first_us` and `last_us` are when the first and the newest looked-at request came. `sampled` requests were
    decoded for the lines about events; all others are counted only.
    """

    app_id: str
    app_name: str
    client: str
    user_agent: str
    peer: str
    verdict: Verdict
    first_us: int
    last_us: int
    requests: int
    rejected: int
    events: int
    sampled: int
    lines: list[IntegrationLine]


class IntegrationReport(Struct, frozen=True, kw_only=True):
    """Every SDK that is remembered, the newest first.

    `forgotten` SDKs gave way to newer ones since the server started; `missed` requests came too fast to be looked
    at: they are counted, but nothing else is told from them.
    """

    version: str
    made_us: int
    since_us: int
    integrations: list[Integration]
    forgotten: int = 0
    missed: int = 0
