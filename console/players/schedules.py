"""When a rule holds."""

from typing import NamedTuple

from console.players.definitions import InvalidDefinition, Schedule
from console.players.instants import instant_us
from console.players.values import InvalidValue


class Span(NamedTuple):
    """From `start_us` up to but not including `end_us`; None leaves an end open."""

    start_us: int | None
    end_us: int | None

    def holds(self, now_us: int) -> bool:
        return (self.start_us is None or now_us >= self.start_us) and (self.end_us is None or now_us < self.end_us)


def schedule_span(schedule: Schedule, path: str) -> Span:
    """A schedule in µs since 1970-01-01 UTC. Raises InvalidDefinition."""
    span = Span(_edge(schedule.start_at, f"{path}.start_at"), _edge(schedule.end_at, f"{path}.end_at"))
    if span.start_us is not None and span.end_us is not None and span.start_us >= span.end_us:
        raise InvalidDefinition(f"{path}.end_at", "is not after start_at: the rule would never hold")
    return span


def _edge(text: str | None, path: str) -> int | None:
    if text is None:
        return None
    try:
        return instant_us(text, path)
    except InvalidValue as error:
        raise InvalidDefinition(path, error.message) from None
