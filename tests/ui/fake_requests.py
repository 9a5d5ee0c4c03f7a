"""Recorded requests of a stand-in server: answers the calls about them from its public fields."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from console.client.requests import RequestCalls
from console.messages import RequestDetail, RequestRow
from console.messages import requests as r
from console.telemetry.failure_lines import failure_pattern
from tests.ui.noted import Noted

NOW_US = 1_771_000_000_000_000


def make_failure(number: int = 1, **changes: Any) -> r.FailureGroup:
    """A group of equal failures, with some fields different."""
    kind = r.FailureKind(status=400, error="invalid_event", pattern='$[*].position[*]: expected a number, got str "…"')
    values: dict[str, Any] = {
        "kind": kind,
        "requests": 412,
        "kept": 412,
        "peers": ["192.168.1.40", "192.168.1.41", "192.168.1.42"],
        "peers_total": 3,
        "routes": ["/api/events"],
        "keys": ["PC build"],
        "clients": ["UnityPlayer/2022.3"],
        "example": '$[3].position[1]: expected a number, got str "x"',
        "first_us": NOW_US - 3_600_000_000,
        "last_us": NOW_US - number * 60_000_000,
        "newest_id": 900 - number,
    }
    return r.FailureGroup(**(values | changes))


class FakeRequests(Noted, RequestCalls):
    """To be mixed into the FakeClient."""

    failure_groups: tuple[r.FailureGroup, ...] = ()
    failures_forgotten = 0

    async def failure_report(self, *, app_id: str | None = None, since_us: int | None = None) -> r.FailureReport:
        self._note("failure_report", app_id=app_id)
        groups = list(self.failure_groups)
        total = sum(group.requests for group in groups)
        return r.FailureReport(
            groups=groups, groups_total=len(groups), requests=total, forgotten=self.failures_forgotten
        )

    async def requests_of_failure(self, kind: r.FailureKind, *, limit: int = 1000) -> list[RequestRow]:
        self._note("requests_of_failure", kind=kind)
        return [row for row in self.request_list if failure_pattern(row.first_error) == kind.pattern][-limit:]

    async def request_details(self, request_ids: Sequence[int]) -> AsyncIterator[tuple[int, list[RequestDetail]]]:
        self._note("request_details", request_ids=list(request_ids))
        for done, request_id in enumerate(request_ids, 1):
            yield done, [self.details[request_id]] if request_id in self.details else []

    request_list: list[RequestRow]
    details: dict[int, RequestDetail]
