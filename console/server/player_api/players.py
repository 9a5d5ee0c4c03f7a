"""Players over HTTP: who they are, their sessions and purchases, and how likely they are to come back."""

import asyncio
import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from console.players.churn_risk import churn_risk
from console.players.lifecycle import lifecycle
from console.players.profiles import Profile
from console.players.values import InvalidValue, amount_minor, identifier
from console.server.player_api.bodies import (
    PurchaseBody,
    RegisterBody,
    SessionBody,
    UpdateBody,
    patch_of,
    registration_of,
    session_of,
)
from console.server.player_api.call import Call, answered, invalid, not_found, reply
from console.server.player_api.routes import Operation, public, secret
from console.server.player_decisions import Profiles
from console.server.player_json import player_object
from console.server.players import PlayerService

MAX_LISTED: Final = 200
LISTED: Final = 50


class PlayersApi:
    """Handlers of `/v1/players`."""

    def __init__(self, *, players: PlayerService, profiles: Profiles) -> None:
        self._players = players
        self._profiles = profiles

    def routes(self) -> Mapping[str, Mapping[str, Operation]]:
        """By pattern below `/v1`, then by method."""
        one = "/players/players/{player_id}"
        return {
            "/players/players": {"POST": public(self.register), "GET": secret(self.list_players)},
            "/players/players/external/{external_id}": {"GET": secret(self.by_external)},
            one: {"GET": public(self.get), "PATCH": public(self.update)},
            f"{one}/session": {"POST": public(self.record_session)},
            f"{one}/purchase": {"POST": public(self.record_purchase)},
            f"{one}/lifecycle": {"GET": secret(self.lifecycle)},
            f"{one}/churn-risk": {"GET": secret(self.churn_risk)},
        }

    async def register(self, call: Call) -> web.StreamResponse:
        """Create a player (201), or merge what is given into the one there is (200)."""
        wanted = registration_of(await call.body(RegisterBody))
        return answered(call, await self._players.register(call.source(), wanted))

    async def list_players(self, call: Call) -> web.StreamResponse:
        """A page of players, in a stable order; `next_cursor` leads to the next, null after the last."""
        limit = call.count("limit", LISTED, most=MAX_LISTED)
        cursor = call.query("cursor")
        after = None if not cursor else decoded_cursor(cursor)
        profiles, following = await asyncio.to_thread(self._profiles.list, call.app_id, limit=limit, cursor=after)
        return reply(
            call,
            {
                "players": [self._shown(call, profile) for profile in profiles],
                "next_cursor": None if following is None else encoded_cursor(following),
            },
        )

    async def get(self, call: Call) -> web.StreamResponse:
        """One player by id."""
        return reply(call, self._shown(call, self._profile(call)))

    async def by_external(self, call: Call) -> web.StreamResponse:
        """One player by the id that the game gave."""
        external_id = identifier(call.values["external_id"], "external_id")
        profile = self._players.by_external(call.app_id, external_id)
        if profile is None:
            raise not_found(f"There is no player with the external_id {external_id[:100]!r}.")
        return reply(call, self._shown(call, profile))

    async def update(self, call: Call) -> web.StreamResponse:
        """Change a player by a JSON merge patch (RFC 7396)."""
        player_id = call.player_id()
        patch = patch_of(await call.body(UpdateBody))
        return answered(call, await self._players.update(call.source(), player_id, patch))

    async def record_session(self, call: Call) -> web.StreamResponse:
        """Note that the player played; answers with the player."""
        player_id = call.player_id()
        session = session_of(await call.optional_body(SessionBody))
        return answered(call, await self._players.record_session(call.source(), player_id, session))

    async def record_purchase(self, call: Call) -> web.StreamResponse:
        """Note that the player paid `?amount=`; answers with the player."""
        player_id = call.player_id()
        body = await call.optional_body(PurchaseBody) or PurchaseBody()
        text = call.query("amount")
        if text is None and body.amount is not None:
            raise invalid("belongs into the query string: ?amount=4.99", "$.amount")
        amount = amount_minor(text or "", "amount")
        transaction_id = _transaction_id(call, body)
        return answered(call, await self._players.record_purchase(call.source(), player_id, amount, transaction_id))

    async def lifecycle(self, call: Call) -> web.StreamResponse:
        """The player's stage, and the numbers it follows from."""
        return reply(call, lifecycle(self._profile(call), call.now_us, call.grant.churn_window))

    async def churn_risk(self, call: Call) -> web.StreamResponse:
        """How likely the player is gone for good, and why."""
        return reply(call, churn_risk(self._profile(call), call.now_us, call.grant.churn_window))

    def _profile(self, call: Call) -> Profile:
        return self._players.profile(call.app_id, call.player_id())

    def _shown(self, call: Call, profile: Profile) -> dict[str, object]:
        return player_object(profile, call.now_us, call.grant.churn_window, email=call.is_secret)


def encoded_cursor(place: str) -> str:
    """A place in the list as clients are to keep it: as it is, without looking into it."""
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def decoded_cursor(cursor: str) -> str:
    """Raises ApiError 400."""
    try:
        place = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        place = ""
    if not place or encoded_cursor(place) != cursor:  # characters of no alphabet would be passed over
        raise invalid(f"{cursor[:40]!r} is not one that this list gave", "cursor")
    return place


def _transaction_id(call: Call, body: PurchaseBody) -> str | None:
    """From the query string or the body. Raises InvalidValue."""
    in_query, in_body = call.query("transaction_id"), body.transaction_id
    if in_query is not None and in_body is not None and in_query != in_body:
        raise InvalidValue("$.transaction_id", "is another one than in the query string")
    chosen = in_body if in_query is None else in_query
    return None if chosen is None else identifier(chosen, "transaction_id")
