"""What a filter can ask of an event or a request, from what was journaled."""

from collections.abc import Iterator, Sequence
from typing import Any

from console.messages import EventRow, RequestRow
from console.players.commands import Command, TrackEvent, decode_recorded
from console.server.rows import RowBuilder
from console.storage.journal import JournaledIngest
from console.telemetry.decoding import decode_events
from console.telemetry.events import Event, FunnelStep, GameplayEvent, PlayerIdentity, Trajectory
from console.telemetry.filter_fields import LATE_US
from console.telemetry.filter_predicate import plain_payload
from console.telemetry.filters import Facts, Filter

REJECTED_FROM = 400


def event_facts(row: EventRow, event: Event | Command, *, peer: str, route: str, bookmarked: bool) -> Facts:
    """The facts of one event, from its row and what it was made of."""
    input_method, custom_data, hardware = _free(event)
    return Facts(
        event=row.name,
        kind=row.kind.name.lower(),
        app=row.app_id,
        build=row.build_id,
        player=row.player_id,
        session=row.session_id,
        level=row.level_id,
        input=input_method,
        status=row.status,
        ip=peer,
        route=route,
        time=row.time_us,
        x=row.x,
        y=row.y,
        z=row.z,
        fps_mean=row.fps_mean,
        fps_low_5=row.fps_low_5,
        fps_low_1=row.fps_low_1,
        custom_data=None if custom_data is None else plain_payload(custom_data),
        hardware=None if hardware is None else plain_payload(hardware),
        late=row.received_at_us - row.time_us > LATE_US,
        bookmarked=bookmarked,
    )


def request_facts(row: RequestRow, *, rejected: bool, bookmarked: bool) -> Facts:
    """The facts of a request itself."""
    return with_request(Facts(), row, rejected=rejected, bookmarked=bookmarked)


def with_request(facts: Facts, row: RequestRow, *, rejected: bool, bookmarked: bool) -> Facts:
    """The facts of an event as those of the request that carried it: what both have is the request's."""
    facts.app = row.app_id
    facts.status = row.status
    facts.ip = row.peer
    facts.route = row.route
    facts.time = row.received_at_us
    facts.method = row.method
    facts.error = row.error
    facts.first_error = row.first_error
    facts.client = row.client
    facts.key = row.key_label
    facts.bytes = row.bytes
    facts.events = row.events
    facts.took = None if row.took_us is None else row.took_us / 1_000
    facts.rejected = rejected
    facts.bookmarked = bookmarked
    return facts


def matching_rows(
    builder: RowBuilder, ingest: JournaledIngest, wanted: Filter, bookmarked: frozenset[int]
) -> list[EventRow]:
    """Those of a request's events that match. Raises NeedsDiagnosis, msgspec.MsgspecError."""
    return [row for row, facts in facts_of(builder, ingest, bookmarked) if wanted.matches(facts)]


def facts_of(
    builder: RowBuilder, ingest: JournaledIngest, bookmarked: frozenset[int]
) -> Iterator[tuple[EventRow, Facts]]:
    """A request's events with their rows, which `builder` makes. Raises NeedsDiagnosis, msgspec.MsgspecError."""
    events: Sequence[Event | Command]
    first = len(builder.events)
    given: dict[str, Any] = {
        "first_seq": ingest.first_seq,
        "first_index": 0,
        "request_id": ingest.request_id,
        "received_at_us": ingest.received_at_us,
        "app_id": ingest.app_id,
    }
    if ingest.commands:
        events = commands = decode_recorded(ingest.commands).commands
        builder.add_commands(commands, **given)
    else:
        events = told = decode_events(ingest.body).events
        builder.add(told, **given)
    for row, event in zip(builder.events[first:], events, strict=True):
        yield (
            row,
            event_facts(row, event, peer=ingest.peer, route=ingest.route, bookmarked=row.seq in bookmarked),
        )


def _free(event: Event | Command) -> tuple[str, dict[str, Any] | None, dict[str, Any] | None]:
    """Input method, custom data and hardware, as far as this kind of event has them."""
    if isinstance(event, GameplayEvent):
        return event.input_method or "", event.custom_data, None
    if isinstance(event, Trajectory):
        return event.input_method or "", None, None
    if isinstance(event, PlayerIdentity):
        return "", None, event.hardware
    if isinstance(event, FunnelStep):
        return "", None, None
    return "", event.properties if isinstance(event, TrackEvent) else None, None
