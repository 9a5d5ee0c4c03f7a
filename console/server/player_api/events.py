"""Events over HTTP: one, or a batch of which the good ones are recorded."""

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from console.players.commands import TrackEvent
from console.players.instants import iso_text
from console.players.json_bodies import decode_json
from console.players.values import InvalidValue
from console.server.errors import ApiError, player_code
from console.server.player_api.bodies import MAX_BATCH, BatchBody, TrackBody, event_of
from console.server.player_api.call import Call, answered, invalid, message_of
from console.server.player_api.routes import Operation, public
from console.server.player_decisions import UnknownPlayer
from console.server.players import PlayerService
from console.server.random_ids import RandomIds

_MAX_TOLD = 3


class Tracked(Struct, frozen=True, kw_only=True):
    """The answer to one event."""

    event_id: str
    player_id: str
    event_name: str
    timestamp: str
    received_at: str


class EventsApi:
    """Handlers of `/v1/events`, but for the stream."""

    def __init__(self, players: PlayerService) -> None:
        self._players = players
        self._new_id = RandomIds()

    def routes(self) -> Mapping[str, Mapping[str, Operation]]:
        """By pattern below `/v1`, then by method."""
        return {
            "/events/events": {"POST": public(self.track, events=1)},
            "/events/events/batch": {"POST": public(self.track_batch)},
        }

    async def track(self, call: Call) -> web.StreamResponse:
        """Record one event (201). Sent again with the `event_id` it had, it is the same one (200)."""
        body = await call.body(TrackBody)
        event = event_of(body, new_id=self._new_id(), received_at_us=call.now_us)
        return answered(call, await self._players.track(call.source(), event, _tracked))

    async def track_batch(self, call: Call) -> web.StreamResponse:
        """Record the good events of a batch (200), and say what is wrong with each other one. None good is 400."""
        items = (await call.body(BatchBody)).events
        if not items:
            raise invalid("there are no events in it", "$.events")
        if len(items) > MAX_BATCH:
            raise invalid(f"at most {MAX_BATCH} events at once, not {len(items):,}", "$.events")
        call.take_events(len(items))
        good: dict[int, TrackEvent] = {}
        bad: dict[int, ApiError | InvalidValue] = {}
        for index, item in enumerate(items):
            try:
                good[index] = self._event(call, item, index)
            except (InvalidValue, ApiError) as error:
                bad[index] = error
        if not good:
            raise _all_refused(bad)
        indices = list(good)

        def answer(repeated: set[int]) -> tuple[int, Any]:
            again = {indices[place] for place in repeated}
            results = [_result(index, good.get(index), bad.get(index), index in again) for index in range(len(items))]
            return 200, {"accepted": len(good), "rejected": len(bad), "results": results}

        return answered(call, await self._players.track_batch(call.source(), list(good.values()), answer))

    def _event(self, call: Call, item: msgspec.Raw, index: int) -> TrackEvent:
        path = f"$.events[{index}]"
        try:
            body = decode_json(bytes(item), TrackBody)
        except InvalidValue as error:
            raise InvalidValue(path + error.path.removeprefix("$"), error.message) from error
        event = event_of(body, new_id=self._new_id(), received_at_us=call.now_us, path=path)
        if not self._players.is_known(call.app_id, event.player_id):
            raise UnknownPlayer(event.player_id)
        return event


def _tracked(event: TrackEvent, received_at_us: int) -> Tracked:
    received_at = iso_text(received_at_us)
    return Tracked(
        event_id=event.event_id,
        player_id=event.player_id,
        event_name=event.event_name,
        timestamp=received_at if event.time_us == received_at_us else iso_text(event.time_us),
        received_at=received_at,
    )


def _result(
    index: int, event: TrackEvent | None, error: ApiError | InvalidValue | None, repeated: bool
) -> dict[str, Any]:
    if event is not None:
        return {"index": index, "event_id": event.event_id, **({"duplicate": True} if repeated else {})}
    assert error is not None
    status = error.status if isinstance(error, ApiError) else 400
    return {"index": index, "error": {"code": player_code(status), "message": message_of(error)}}


def _all_refused(bad: dict[int, ApiError | InvalidValue]) -> ApiError:
    told = "; ".join(f"event {index}: {message_of(error)}" for index, error in list(bad.items())[:_MAX_TOLD])
    more = f"; and {len(bad) - _MAX_TOLD} more" if len(bad) > _MAX_TOLD else ""
    return ApiError(400, "invalid_event", f"None of the events was accepted: {told}{more}")
