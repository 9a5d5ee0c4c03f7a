from datetime import UTC, datetime, timedelta

import msgpack

from console.simulator.community import draw_community, past_telemetry
from console.simulator.profiles import draw_profile
from console.telemetry.decoding import decode_events
from tests.simulator.conftest import APP_ID

_NOW = datetime(2026, 2, 12, 10, tzinfo=UTC)


def test_the_same_seed_gives_the_same_community() -> None:
    assert draw_community(size=20, seed=3, now=_NOW) == draw_community(size=20, seed=3, now=_NOW)
    assert draw_community(size=20, seed=3, now=_NOW) != draw_community(size=20, seed=4, now=_NOW)


def test_the_first_members_are_those_who_play() -> None:
    from random import Random

    members = draw_community(size=3, seed=7, now=_NOW)
    played = [draw_profile(index, Random(f"7:{index}")).player_id for index in range(3)]
    assert [member.external_id for member in members] == played


def test_sessions_are_over_and_have_ids_of_their_own() -> None:
    members = draw_community(size=60, seed=1, now=_NOW)
    sessions = [session for member in members for session in member.sessions]
    assert len({session.session_id for session in sessions}) == len(sessions) > 300
    assert all(s.started_at + timedelta(seconds=s.duration_secs) < _NOW for s in sessions)


def test_some_play_still_and_some_are_gone() -> None:
    members = draw_community(size=60, seed=1, now=_NOW)
    away_days = [(_NOW - max(s.started_at for s in member.sessions)).days for member in members if member.sessions]
    assert min(away_days) <= 1
    assert max(away_days) >= 18
    assert any(member.purchases for member in members)
    assert not all(member.purchases for member in members)


def test_past_telemetry_is_valid_and_spans_the_sessions() -> None:
    member = next(member for member in draw_community(size=60, seed=1, now=_NOW) if not member.registered)
    events = past_telemetry(member, APP_ID)
    assert len(decode_events(msgpack.packb(events)).events) == len(member.sessions) > 0
    times = [datetime.fromisoformat(event["timestamp"]) for event in events]
    assert min(times) == min(session.started_at for session in member.sessions)
    assert max(times) < _NOW
