"""Rows for tests of the tables: those of the fakes, with the values the tests read."""

from console.messages import EventRow, RequestRow
from console.telemetry.events import EventKind
from tests.ui.fakes import make_event, make_request


def event_row(seq: int = 1, **changes: object) -> EventRow:
    """A gameplay event, with some fields different."""
    fields: dict[str, object] = {"name": "Door_Open", "player_id": "player_03", "session_id": "s-03-7f3a"}
    return make_event(seq, **(fields | changes))


def trajectory_row(seq: int = 1, **changes: object) -> EventRow:
    """A trajectory of 50 samples over 5 seconds."""
    fields: dict[str, object] = {
        "kind": EventKind.TRAJECTORY,
        "name": "",
        "fps_mean": 53.0,
        "fps_low_5": 45.0,
        "fps_low_1": 24.0,
        "samples": 50,
        "duration_us": 5_000_000,
        "status": "playing",
    }
    return event_row(seq, **(fields | changes))


def request_row(request_id: int = 1, **changes: object) -> RequestRow:
    """An accepted request, with some fields different."""
    fields: dict[str, object] = {"events": 46, "bytes": 3_800, "took_us": 3_400, "peer": "192.168.1.40"}
    return make_request(request_id, **(fields | changes))


def rejected_row(request_id: int = 1, **changes: object) -> RequestRow:
    """A request that was refused for a bad position."""
    fields: dict[str, object] = {
        "status": 400,
        "events": 0,
        "error": "invalid_event",
        "first_error": '$[3].position[1]: expected a number, got str "x"',
    }
    return request_row(request_id, **(fields | changes))
