"""Narrowing the requests table by what few values a column has: status class, route, key, address. Pure.

Facets stand beside the text filter: a row is shown when both let it pass.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Literal, get_args

from msgspec import Struct

from console.messages import RequestRow

FacetName = Literal["status", "route", "key", "peer"]
FACETS: tuple[FacetName, ...] = get_args(FacetName)
TITLES: dict[FacetName, str] = {"status": "Status", "route": "Route", "key": "Key", "peer": "From"}
NO_KEY = "(no known key)"
COUNTED_ROWS = 50_000
LISTED_VALUES = 30

STATUS_WORDS = {"1xx": "interim", "2xx": "accepted", "3xx": "moved", "4xx": "refused", "5xx": "failed here"}
# The parts of the player API's paths that are no ids, where an id could stand.
_WORDS_FOR_IDS = frozenset({"external", "batch", "stream", "evaluate"})


class Facets(Struct, frozen=True):
    """Of each facet the values that may pass; none named: any."""

    status: frozenset[str] = frozenset()
    route: frozenset[str] = frozenset()
    key: frozenset[str] = frozenset()
    peer: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.status or self.route or self.key or self.peer)

    def of(self, name: FacetName) -> frozenset[str]:
        """The chosen values of one facet."""
        chosen: frozenset[str] = getattr(self, name)
        return chosen

    def choosing(self, name: FacetName, values: Iterable[str]) -> "Facets":
        """With other values of one facet."""
        return Facets(**{each: frozenset(values) if each == name else self.of(each) for each in FACETS})

    def predicate(self) -> Callable[[RequestRow], bool] | None:
        """Whether a row passes; None when every row does."""
        tests = [(_VALUE_OF[name], chosen) for name in FACETS if (chosen := self.of(name))]
        if not tests:
            return None
        return lambda row: all(value_of(row) in chosen for value_of, chosen in tests)


def facet_values(
    rows: Sequence[RequestRow], name: FacetName, facets: Facets, admits: Callable[[RequestRow], bool] | None = None
) -> list[tuple[str, int]]:
    """The values of one facet and how many rows have each, the most frequent first; chosen ones always.

    Counted are the newest 50,000 rows that pass the other facets and `admits`: what choosing the value would show.
    """
    others = facets.choosing(name, ()).predicate()
    value_of = _VALUE_OF[name]
    newest: Iterable[RequestRow] = islice(reversed(rows), COUNTED_ROWS)
    for test in (admits, others):
        if test is not None:
            newest = filter(test, newest)
    counts = Counter(map(value_of, newest))
    chosen = facets.of(name)
    found = counts.most_common(LISTED_VALUES)
    listed = {value for value, _ in found}
    found += [(value, counts[value]) for value in sorted(chosen - listed)]
    return sorted(found) if name == "status" else found


def status_class(row: RequestRow) -> str:
    """`4xx`."""
    return f"{row.status // 100}xx"


def route_name(row: RequestRow) -> str:
    """`POST /v1/players/players/*/purchase`: without what differs between players."""
    return _route_name(row.method, row.route)


@lru_cache(maxsize=4096)
def _route_name(method: str, route: str) -> str:
    path = route.partition("?")[0]
    parts = path.split("/")
    if path.startswith("/v1/"):
        at = 4
        if len(parts) > at and parts[at] == "external":
            at += 1
        if len(parts) > at and parts[at] not in _WORDS_FOR_IDS:
            parts[at] = "*"
        if len(parts) > 6 and parts[5] == "overrides":
            parts[6] = "*"
    elif path.startswith("/api/export/"):
        parts[3:] = ["*"]
    return f"{method} {'/'.join(parts)}".strip() or "(not HTTP)"


def _key(row: RequestRow) -> str:
    return row.key_label or NO_KEY


def _peer(row: RequestRow) -> str:
    return row.peer or "(unknown)"


_VALUE_OF: dict[FacetName, Callable[[RequestRow], str]] = {
    "status": status_class,
    "route": route_name,
    "key": _key,
    "peer": _peer,
}
