"""Segments over HTTP: who is in them, and their definitions for tools."""

from typing import Any

from aiohttp import web

from console.players.definitions import Segment, UnknownSegment
from console.players.instants import iso_text
from console.server.flags import FlagService
from console.server.player_api.call import Call, invalid, not_found, reply
from console.server.player_api.definition_bodies import SegmentBody, patched, segment_body
from console.server.player_api.evaluation_requests import Subject, author, refusing, shown_checks, subject
from console.server.player_api.routes import Operation, public, secret
from console.server.players import PlayerService


class SegmentsApi:
    """Handlers of `/v1/segments`."""

    def __init__(self, *, flags: FlagService, players: PlayerService) -> None:
        self._flags = flags
        self._players = players

    def routes(self) -> dict[str, dict[str, Operation]]:
        """Patterns below `/v1`."""
        return {
            "/segments/segments": {"GET": secret(refusing(self.list_all)), "POST": secret(refusing(self.create))},
            "/segments/segments/{id}": {
                "GET": secret(refusing(self.get)),
                "PUT": secret(refusing(self.replace)),
                "PATCH": secret(refusing(self.patch)),
                "DELETE": secret(refusing(self.delete)),
            },
            "/segments/segments/{id}/evaluate": {"POST": public(refusing(self.evaluate))},
            "/segments/player/{player_id}": {"GET": public(refusing(self.of_player))},
        }

    # membership

    async def evaluate(self, call: Call) -> web.Response:
        """Whether a player is in a segment; with `?explain=1` also everything that was compared."""
        request = await call.body(Subject)
        profile = subject(call, self._players, request.player_id)
        definitions = await self._flags.definitions(call.app_id)
        explain = call.switch("explain")
        segment_id, window = call.values["id"], call.grant.churn_window
        try:
            membership = definitions.membership(segment_id, profile, call.now_us, window, explain=explain)
        except UnknownSegment:
            raise not_found(f"There is no segment {segment_id[:100]!r}.") from None
        answer: dict[str, Any] = {
            "segment_id": membership.segment_id,
            "player_id": profile.player_id,
            "is_member": membership.is_member,
            "evaluated_at": iso_text(call.now_us),
        }
        if explain:
            answer["explanation"] = {"checks": shown_checks(membership.checks, to_secret_key=call.is_secret)}
        return reply(call, answer)

    async def of_player(self, call: Call) -> web.Response:
        """The segments a player is in."""
        profile = subject(call, self._players, call.values["player_id"])
        definitions = await self._flags.definitions(call.app_id)
        segments = definitions.segments_of(profile, call.now_us, call.grant.churn_window)
        named = [{"id": segment.segment_id, "name": segment.name} for segment in segments]
        return reply(call, {"player_id": profile.player_id, "segments": named})

    # definitions

    async def list_all(self, call: Call) -> web.Response:
        """Every segment, by id."""
        return reply(call, {"segments": [segment_body(s) for s in await self._flags.segments(call.app_id)]})

    async def get(self, call: Call) -> web.Response:
        """One segment."""
        return reply(call, segment_body(await self._segment(call)))

    async def create(self, call: Call) -> web.Response:
        """A new segment."""
        body = await call.body(SegmentBody)
        saved = await self._flags.save_segment(call.app_id, body.segment(), replaces=None, by=author(call))
        return reply(call, segment_body(saved), 201)

    async def replace(self, call: Call) -> web.Response:
        """Another segment in place of one; with a `version`, only while that is the present one."""
        body = await call.body(SegmentBody)
        return await self._save(call, await self._segment(call), body)

    async def patch(self, call: Call) -> web.Response:
        """A JSON merge patch of a segment."""
        patch = await call.body(dict[str, Any])
        present = await self._segment(call)
        return await self._save(call, present, patched(segment_body(present), patch, SegmentBody))

    async def delete(self, call: Call) -> web.Response:
        """Forget a segment that no flag uses."""
        segment_id = call.values["id"]
        await self._flags.delete_segment(call.app_id, segment_id, by=author(call))
        return reply(call, {"id": segment_id, "deleted": True})

    # ----------------------------------------------------------------------------------------------------------------

    async def _segment(self, call: Call) -> Segment:
        return await self._flags.segment(call.app_id, call.values["id"])

    async def _save(self, call: Call, present: Segment, body: SegmentBody) -> web.Response:
        segment = body.segment()
        if segment.segment_id != present.segment_id:
            raise invalid(
                f"is {segment.segment_id[:100]!r}, but a segment keeps its id {present.segment_id!r}: create another",
                "$.id",
            )
        replaces = present.version if body.version is None else body.version
        saved = await self._flags.save_segment(call.app_id, segment, replaces=replaces, by=author(call))
        return reply(call, segment_body(saved))
