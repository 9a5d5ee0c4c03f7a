"""Counters of the documented APIs, in the Prometheus text format."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, Literal

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS_SECS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

Value = int | float
Kind = Literal["counter", "gauge"]


class ApiMetrics:
    """What is counted while requests are answered. Plain numbers, touched on the loop only."""

    def __init__(self) -> None:
        self.accepted_requests = 0
        self.accepted_events = 0
        self.accepted_bytes = 0
        self.answers: dict[tuple[str, int], int] = {}
        self._durations = [0] * (len(_BUCKETS_SECS) + 1)
        self._duration_sum_secs = 0.0

    def accepted(self, events: int, wire_bytes: int) -> None:
        """Count an acknowledged ingestion request."""
        self.accepted_requests += 1
        self.accepted_events += events
        self.accepted_bytes += wire_bytes

    def answered(self, route: str, status: int) -> None:
        """Count any other answer. `route` is a route's pattern, never a path as sent: labels stay few."""
        key = (route, status)
        self.answers[key] = self.answers.get(key, 0) + 1

    def took(self, duration_secs: float) -> None:
        """Put an ingestion request, from parsed headers to its answer, into the histogram."""
        self._durations[bisect_left(_BUCKETS_SECS, duration_secs)] += 1
        self._duration_sum_secs += duration_secs

    def lines(self) -> list[str]:
        """This part of the exposition."""
        name = "playtest_ingest_duration_seconds"
        lines = [
            *metric("playtest_ingest_requests_total", "counter", "Ingestion requests stored.", self.accepted_requests),
            *metric("playtest_ingest_events_total", "counter", "Events stored.", self.accepted_events),
            *metric("playtest_ingest_bytes_total", "counter", "Body bytes stored, as sent.", self.accepted_bytes),
            *labelled(
                "playtest_responses_total",
                "Answers of the documented APIs, but for stored ingestion requests.",
                self.answers.items(),
            ),
            f"# HELP {name} From parsed headers to the answer of a stored request.",
            f"# TYPE {name} histogram",
        ]
        running = 0
        for bound, count in zip((*_BUCKETS_SECS, "+Inf"), self._durations, strict=True):
            running += count
            lines.append(f'{name}_bucket{{le="{bound}"}} {running}')
        return [*lines, f"{name}_sum {self._duration_sum_secs:.6f}", f"{name}_count {running}"]


def metric(name: str, kind: Kind, text: str, value: Value) -> list[str]:
    """One number with its description."""
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}", f"{name} {value}"]


def labelled(name: str, text: str, values: Iterable[tuple[tuple[str, int], int]]) -> list[str]:
    """A counter by route and status."""
    lines = [f"# HELP {name} {text}", f"# TYPE {name} counter"]
    lines.extend(f'{name}{{route="{_escaped(route)}",status="{status}"}} {count}' for (route, status), count in values)
    return lines


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
