"""What a filter can ask for by a cell of the requests table. Pure."""

from collections.abc import Callable, Sequence
from typing import Final

from console.messages import RequestRow
from console.ui.widgets.filter_terms import instant, term


def cell_terms(row: RequestRow, column: str) -> Sequence[str]:
    """Terms of the filter language, the likeliest first; "" among them is for none."""
    terms = _TERMS.get(column)
    return () if terms is None else terms(row)


def _time(row: RequestRow) -> Sequence[str]:
    at = instant(row.received_at_us)
    return f"time:>={at}", f"time:<={at}"


def _took(row: RequestRow) -> Sequence[str]:
    return ("-took:*",) if row.took_us is None else (f"took:>={row.took_us / 1_000:g}",)


def _client(row: RequestRow) -> Sequence[str]:
    client = term("client", row.client)
    return (term("error", row.error), client) if row.error else (client,)


_TERMS: Final[dict[str, Callable[[RequestRow], Sequence[str]]]] = {
    "time": _time,
    "status": lambda row: (f"status:{row.status}",),
    "route": lambda row: (term("route", row.route), term("method", row.method)),
    "events": lambda row: (f"events:{row.events}",),
    "size": lambda row: (f"bytes:>={row.bytes}",),
    "took": _took,
    "key": lambda row: (term("key", row.key_label),),
    "from": lambda row: (term("ip", row.peer),),
    "client": _client,
}
