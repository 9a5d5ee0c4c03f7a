"""What a game does with the player API beside its telemetry: registers its player, records sessions, obeys flags."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec

from console.simulator.community import Member
from console.simulator.sender import SendingRefused, back_off_secs, wait_at_most

_TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=3)
_ATTEMPTS = 6
_AT_ONCE = 8
_LOOK_EVERY_SECS = (3.0, 5.0)
COINS = ("coin", "gem", "star")


@dataclass(frozen=True)
class PlayerTarget:
    """`url` is the player API's base address without `/v1`, as `http://127.0.0.1:18000`; `key` a public one."""

    url: str
    key: str


@dataclass
class PlayerTally:
    """What was recorded. Counts are of calls that the server accepted, events of events."""

    players: int = 0
    sessions: int = 0
    purchases: int = 0
    events: int = 0
    evaluations: int = 0
    refused: int = 0
    first_refusal: str = ""


class PlayerGame:
    """One application's games, as far as the player API goes. `call` waits out 429 and 503.

    Deterministic ids make it repeatable: a second demo on the same workspace counts nothing twice.
    """

    def __init__(self, session: aiohttp.ClientSession, target: PlayerTarget) -> None:
        self._session = session
        self._base = target.url.rstrip("/") + "/v1"
        self._headers = {"X-API-Key": target.key, "User-Agent": "Playtest-Simulator"}
        self.tally = PlayerTally()

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """The `data` of the answer, None when it was refused. Raises SendingRefused when the key is."""
        content = None if body is None else msgspec.json.encode(body)
        headers = self._headers if content is None else {**self._headers, "Content-Type": "application/json"}
        for attempt in range(_ATTEMPTS):
            try:
                async with self._session.request(
                    method, self._base + path, data=content, headers=headers, timeout=_TIMEOUT
                ) as response:
                    status, told, text = response.status, response.headers.get("Retry-After"), await response.read()
            except (aiohttp.ClientError, OSError, TimeoutError):
                status, told, text = 0, None, b""
            if status in (401, 403):
                raise SendingRefused(f"the player API answered {status}: {text[:200].decode('utf-8', 'replace')}")
            if 200 <= status < 300:
                return msgspec.json.decode(text)["data"]
            if status not in (0, 429, 503):
                self.tally.refused += 1
                answer = text[:200].decode("utf-8", "replace")
                self.tally.first_refusal = self.tally.first_refusal or f"{method} {path}: {status} {answer}"
                return None
            await asyncio.sleep(back_off_secs(attempt, float(told) if told else None))
        return None

    # the past

    async def tell_past(self, members: Sequence[Member]) -> None:
        """Record the past of those whose build knows the player API, several players at a time."""
        limit = asyncio.Semaphore(_AT_ONCE)

        async def tell(member: Member) -> None:
            async with limit:
                await self._tell_past_of(member)

        for outcome in await asyncio.gather(*map(tell, filter(_is_registered, members)), return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def _tell_past_of(self, member: Member) -> None:
        player = await self._register(member)
        if player is None:
            return
        for session in member.sessions:
            given = {
                "session_id": session.session_id,
                "started_at": session.started_at.isoformat(),
                "duration_seconds": session.duration_secs,
            }
            if await self.call("POST", f"/players/players/{player}/session", given) is not None:
                self.tally.sessions += 1
        for purchase in member.purchases:
            path = f"/players/players/{player}/purchase?amount={purchase.amount}"
            if await self.call("POST", path, {"transaction_id": purchase.transaction_id}) is not None:
                self.tally.purchases += 1

    async def _register(self, member: Member) -> str | None:
        given = {"external_id": member.external_id, "device_id": member.device_id, "attributes": member.attributes}
        if member.email is not None:
            given["email"] = member.email
        player = await self.call("POST", "/players/players", given)
        if player is None:
            return None
        self.tally.players += 1
        return str(player["id"])

    # the present

    async def play(self, member: Member, stop: asyncio.Event) -> None:
        """One player's game until `stop`: it looks at its flags every few seconds and says what they changed."""
        player = await self._register(member)
        if player is None:
            return
        started_at = datetime.now(UTC)
        session_id = f"{member.external_id}-{started_at:%Y%m%d-%H%M%S}"
        game = _Game(player, session_id)
        while not stop.is_set():
            await self._look(game)
            await wait_at_most(stop, random.uniform(*_LOOK_EVERY_SECS))  # noqa: S311 - spreads load
        played_secs = (datetime.now(UTC) - started_at).total_seconds()
        given = {"session_id": session_id, "started_at": started_at.isoformat(), "duration_seconds": played_secs}
        if await self.call("POST", f"/players/players/{player}/session", given) is not None:
            self.tally.sessions += 1

    async def _look(self, game: "_Game") -> None:
        answer = await self.call("POST", "/flags/flags/evaluate", {"player_id": game.player_id})
        if answer is None:
            return
        self.tally.evaluations += 1
        values = {key: flag.get("value") for key, flag in answer["flags"].items()}
        changed = {key: value for key, value in values.items() if game.flags.get(key) != value}
        game.flags = values
        if changed:
            await self._track(game, "flags_applied", changed)
        coins = 2 if values.get("double_coins") is True else 1
        await self._track(game, "item_collect", {"item": random.choice(COINS), "amount": coins})  # noqa: S311

    async def _track(self, game: "_Game", name: str, properties: dict[str, Any]) -> None:
        event = {
            "player_id": game.player_id,
            "event_name": name,
            "session_id": game.session_id,
            "properties": properties,
        }
        if await self.call("POST", "/events/events", event) is not None:
            self.tally.events += 1


def _is_registered(member: Member) -> bool:
    return member.registered


@dataclass
class _Game:
    player_id: str
    session_id: str
    flags: dict[str, Any] = field(default_factory=dict)
