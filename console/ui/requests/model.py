"""The requests table without Qt: which columns a request has, and how they read."""

from console.messages import INJECTED, RequestRow
from console.ui.selection import Scope
from console.ui.widgets.formatting import byte_size, dated_time, duration, exact_time, status_meaning, visible
from console.ui.widgets.row_store import RowStore
from console.ui.widgets.table_columns import RowCells, TableColumn, Tone, dim

HISTORY_ROWS = 10_000


def request_key(row: RequestRow) -> int:
    """Requests are in order of their id."""
    return row.request_id


def is_rejected(row: RequestRow) -> bool:
    """Whether the request was refused, by us or for a fault of ours: not by fault injection."""
    return row.status >= 400 and not is_made_up(row)


def is_made_up(row: RequestRow) -> bool:
    """Whether fault injection answered the request, or left it without an answer."""
    return row.error == INJECTED


def admits(scope: Scope, row: RequestRow) -> bool:
    """Whether the left dock's choice includes this request.

    A request has no build and no session of its own, so only the application narrows. One that was refused before
    its key was known belongs to no application and is always shown: it is what its sender is looking for.
    """
    return scope.app_id is None or not row.app_id or row.app_id == scope.app_id


def request_store(capacity: int | None = None) -> RowStore[RequestRow]:
    """An empty store of requests."""
    return RowStore(request_key) if capacity is None else RowStore(request_key, capacity=capacity)


def request_cells() -> RowCells[RequestRow]:
    """The table's columns, in the order of their first appearance."""
    return RowCells(COLUMNS, request_key)


def status_tone(status: int) -> Tone:
    """Good below 400, a warning for "come back later", bad otherwise."""
    if status < 400:
        return Tone.GOOD
    return Tone.WARNING if status in (429, 501, 503) else Tone.BAD


def bar_tone(row: RequestRow) -> Tone | None:
    """The bar at the left of a rejected request: it is told by shape as well as by colour."""
    if is_made_up(row):
        return Tone.DIM
    return status_tone(row.status) if row.status >= 400 else None


def _time(row: RequestRow) -> str:
    return dated_time(row.received_at_us)


def _time_hover(row: RequestRow) -> str:
    return exact_time(row.received_at_us)


_SHORT_STATUS = {
    200: "200 ok",
    201: "201 created",
    204: "204 done",
    400: "400 invalid",
    401: "401 no key",
    403: "403 refused",
    404: "404 unknown",
    405: "405 method",
    408: "408 late",
    413: "413 too big",
    415: "415 type",
    429: "429 too fast",
    501: "501 not here",
    503: "503 busy",
}


def _status(row: RequestRow) -> str:
    if is_made_up(row):
        return f"{row.status} injected" if row.status else "no answer"
    return _SHORT_STATUS.get(row.status) or str(row.status)


def _status_tone(row: RequestRow) -> Tone:
    if is_made_up(row):
        return Tone.DIM
    return status_tone(row.status)


def _status_hover(row: RequestRow) -> str:
    if row.injected:
        return f"{status_meaning(row.status)}\nInjected on purpose: {visible(row.injected)}"
    return status_meaning(row.status) + (f"\n{visible(row.error)}" if row.error else "")


def _route(row: RequestRow) -> str:
    return f"{visible(row.method, 16)} {visible(row.route)}"


def _route_hover(row: RequestRow) -> str:
    return f"{visible(row.method, 16)} {visible(row.route, 2_000)}"


def _events(row: RequestRow) -> str:
    return f"{row.events:,}"


def _events_tone(row: RequestRow) -> Tone:
    return Tone.TEXT if row.events else Tone.DIM


def _size(row: RequestRow) -> str:
    return byte_size(row.bytes)


def _size_hover(row: RequestRow) -> str:
    return f"{row.bytes:,} bytes, after decompression"


def _took(row: RequestRow) -> str:
    return "–" if row.took_us is None else duration(row.took_us)


def _took_hover(row: RequestRow) -> str:
    if row.took_us is None:
        return "The server stopped before the time could be written down"
    return f"{row.took_us:,} µs from the headers to the answer"


def _key(row: RequestRow) -> str:
    return visible(row.key_label)


def _from(row: RequestRow) -> str:
    return visible(row.peer)


def _client(row: RequestRow) -> str:
    if row.injected and not is_made_up(row):
        return visible(f"Injected: {row.injected}" + (f"; {row.first_error}" if row.first_error else ""))
    return visible(row.first_error or row.client)


def _client_tone(row: RequestRow) -> Tone:
    return status_tone(row.status) if is_rejected(row) and row.first_error else Tone.DIM


def _client_hover(row: RequestRow) -> str:
    lines = (f"Injected: {row.injected}" if row.injected else "", row.first_error, row.client)
    return "\n".join(visible(line, 2_000) for line in lines if line)


COLUMNS: tuple[TableColumn[RequestRow], ...] = (
    TableColumn("time", "Time", 104, _time, dim, _time_hover, mono=True),
    TableColumn("status", "Status", 96, _status, _status_tone, _status_hover, order=lambda row: row.status),
    TableColumn("route", "Route", 250, _route, hover=_route_hover, mono=True, middle=True, least=138),
    TableColumn("events", "Events", 60, _events, _events_tone, mono=True, right=True, order=lambda row: row.events),
    TableColumn(
        "size", "Size", 78, _size, hover=_size_hover, mono=True, right=True, leaves=1, order=lambda row: row.bytes
    ),
    TableColumn(
        "took", "Took", 72, _took, hover=_took_hover, mono=True, right=True, leaves=2, order=lambda row: row.took_us
    ),
    TableColumn("key", "Key", 86, _key, dim, least=60, leaves=4),
    TableColumn("from", "From", 104, _from, least=84, leaves=3),
    TableColumn("client", "Client / first error", 200, _client, _client_tone, _client_hover, least=120),
)
