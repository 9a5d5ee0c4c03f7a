"""A test event takes the way of every game's: over HTTP, with the public key, through every check."""

from datetime import UTC, datetime

import msgspec

from console.messages import RequestRow
from console.server.console_api.call import Call, Refused
from console.server.console_api.own_requests import application_of, post

_AGENT = "playtest-console-test"


async def send(call: Call) -> RequestRow:
    """Post one gameplay event to the server's own telemetry API; returns its request, accepted or not."""
    application, token = await application_of(call)
    now = datetime.fromtimestamp(call.services.clock() / 1e9, UTC)
    event = {
        "event_name": "Test_Event",
        "app_id": application.app_id,
        "build_id": "console-test",
        "player_id": "console",
        "session_id": f"test-{now:%Y%m%d-%H%M%S}",
        "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "custom_data": {"message": "Hello from Playtest Console"},
    }
    answer = await post(call, "/api/events", msgspec.msgpack.encode(event), token, _AGENT)
    if answer.row is None:
        raise Refused(
            503,
            "not_listed",
            f"The event was answered with {answer.status}, but so much else arrives that it is not listed.",
        )
    return answer.row
