"""The feed as signals: merged, bounded, nothing lost without being counted."""

import time

import pytest
from pytestqt.qtbot import QtBot

from console import messages as m
from console.client import ConsoleUnavailable
from console.ui import live_feed
from console.ui.live_feed import Connection, LiveFeed
from tests.ui.fakes import FakeClient, make_event, make_request, make_status, make_trajectory


@pytest.fixture
def feed(qtbot: QtBot) -> LiveFeed:
    return LiveFeed()


def hello(**changes: int) -> m.FeedHello:
    return m.FeedHello(last_seq=0, last_request_id=0, status=make_status(**changes))


def collect(feed: LiveFeed) -> list[m.FeedRows]:
    arrived: list[m.FeedRows] = []
    feed.rows_arrived.connect(arrived.append)
    return arrived


def test_hello_connects_at_once_and_stays_readable(feed: LiveFeed) -> None:
    seen: list[object] = []
    feed.connected.connect(seen.append)
    feed.connection_changed.connect(lambda connection, reason: seen.append((connection, reason)))
    first = hello()
    feed.receive(first)
    assert seen == [(Connection.CONNECTED, ""), first]
    assert feed.hello is first
    assert feed.status is first.status


def test_frames_of_one_tick_become_one_signal(feed: LiveFeed, qtbot: QtBot) -> None:
    arrived = collect(feed)
    for seq in range(1, 5):
        feed.receive(m.FeedRows(events=[make_event(seq)], requests=[make_request(seq)], trajectories=[]))
    feed.receive(m.FeedRows(events=[], requests=[], trajectories=[make_trajectory()], skipped_events=7))
    qtbot.waitUntil(lambda: len(arrived) == 1)
    assert [row.seq for row in arrived[0].events] == [1, 2, 3, 4]
    assert [row.request_id for row in arrived[0].requests] == [1, 2, 3, 4]
    assert len(arrived[0].trajectories) == 1
    assert arrived[0].skipped_events == 7


def test_a_flood_is_cut_into_ticks_and_its_oldest_rows_are_counted(
    feed: LiveFeed, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_feed, "MAX_PENDING_ROWS", 20)
    monkeypatch.setattr(live_feed, "MAX_ROWS_PER_TICK", 15)
    arrived = collect(feed)
    feed.receive(m.FeedRows(events=[make_event(seq) for seq in range(50)], requests=[], trajectories=[]))
    qtbot.waitUntil(lambda: len(arrived) == 2)
    assert arrived[0].skipped_events == 30
    assert [row.seq for rows in arrived for row in rows.events] == list(range(30, 50))
    assert arrived[1].skipped_events == 0


def test_a_slow_receiver_makes_the_next_tick_come_later(
    feed: LiveFeed, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_feed, "MAX_ROWS_PER_TICK", 1)
    begins: list[float] = []
    ends: list[float] = []

    def work(rows: m.FeedRows) -> None:
        begins.append(time.perf_counter())
        time.sleep(0.06)
        ends.append(time.perf_counter())

    feed.rows_arrived.connect(work)
    feed.receive(m.FeedRows(events=[make_event(1), make_event(2)], requests=[], trajectories=[]))
    qtbot.waitUntil(lambda: len(ends) == 2)
    assert begins[1] - ends[0] >= 0.05


def test_status_and_topics_are_merged(feed: LiveFeed, qtbot: QtBot) -> None:
    statuses: list[m.ServerStatus] = []
    topics: list[str] = []
    feed.status_changed.connect(statuses.append)
    feed.changed.connect(topics.append)
    for total in (1, 2, 3):
        feed.receive(m.FeedStatus(status=make_status(events_total=total)))
        feed.receive(m.FeedChanged(topic="applications"))
    qtbot.waitUntil(lambda: bool(statuses))
    assert [status.events_total for status in statuses] == [3]
    assert topics == ["applications"]


def test_after_its_end_nothing_is_told(feed: LiveFeed, qtbot: QtBot) -> None:
    told = collect(feed)
    feed.receive(m.FeedRows(events=[make_event(1)], requests=[], trajectories=[]))
    feed.close()
    qtbot.wait(3 * live_feed.TICK_MS)
    assert told == []


def test_a_reconnection_drops_what_the_history_brings_anyway(feed: LiveFeed, qtbot: QtBot) -> None:
    arrived = collect(feed)
    feed.receive(m.FeedRows(events=[make_event(1)], requests=[], trajectories=[]))
    feed.receive(hello())
    feed.receive(m.FeedRows(events=[make_event(9)], requests=[], trajectories=[]))
    qtbot.waitUntil(lambda: bool(arrived))
    assert [row.seq for rows in arrived for row in rows.events] == [9]


def test_connection_is_told_only_when_it_changes(feed: LiveFeed) -> None:
    told: list[tuple[Connection, str]] = []
    feed.connection_changed.connect(lambda connection, reason: told.append((connection, reason)))
    feed.set_connection(Connection.RESTARTING, "why")
    feed.set_connection(Connection.RESTARTING, "why")
    assert told == [(Connection.RESTARTING, "why")]


async def test_follow_ends_with_the_feed_and_forgets_the_hello(style: object) -> None:
    feed, client = LiveFeed(), FakeClient()
    for frame in (hello(), None):
        client.frames.put_nowait(frame)
    await feed.follow(client)
    assert feed.hello is None
    assert feed.status is not None


async def test_follow_lets_the_client_s_errors_through(style: object) -> None:
    class Broken(FakeClient):
        async def feed(self):  # type: ignore[no-untyped-def,override]
            raise ConsoleUnavailable("gone")
            yield

    with pytest.raises(ConsoleUnavailable):
        await LiveFeed().follow(Broken())


def test_it_tells_once_when_the_event_store_has_caught_up_with_what_was_there(feed: LiveFeed, qtbot: QtBot) -> None:
    told: list[str] = []
    feed.caught_up.connect(lambda: told.append("caught up"))
    feed.status_changed.connect(lambda status: told.append(f"{status.events_behind} behind"))
    feed.receive(hello(events_behind=7))
    for behind in (2, 0, 3, 0):
        before = len(told)
        feed.receive(m.FeedStatus(make_status(events_behind=behind)))
        with qtbot.waitSignal(feed.status_changed):
            assert len(told) == before
    assert told == ["7 behind", "2 behind", "0 behind", "caught up", "3 behind", "0 behind"]


def test_it_tells_of_the_store_s_return_though_games_never_stop_sending(feed: LiveFeed, qtbot: QtBot) -> None:
    told: list[int] = []
    feed.caught_up.connect(lambda: told.append(feed.status.events_total if feed.status else 0))

    def hear(total: int, behind: int, problem: str = "") -> None:
        feed.receive(m.FeedStatus(make_status(events_total=total, events_behind=behind, problem=problem)))
        with qtbot.waitSignal(feed.status_changed):
            pass

    feed.receive(hello(events_total=1_000, events_behind=600))
    hear(1_300, 400)  # 900 can be queried
    hear(1_500, 450)
    hear(1_600, 500)
    assert told == [1_500]
    hear(1_700, 900, "its process ended")  # questions under way had no answer
    hear(1_800, 1_800, "its process ended")
    hear(2_000, 300)
    hear(2_300, 400)
    assert told == [1_500, 2_300]
    feed.receive(hello(events_total=3_000))
    hear(3_100, 50)
    assert told == [1_500, 2_300]
