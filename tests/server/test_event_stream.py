"""The event stream without sockets: what readers are sent, from the journal and as it happens."""

import asyncio
import random
import uuid
from collections.abc import AsyncGenerator, AsyncIterator

import msgspec
import pytest

from console.players.commands import Command, Recorded, Register, TrackEvent, encode_recorded
from console.players.profiles import player_id_of
from console.server import event_stream, stream_batches
from console.server.event_stream import EventStream, StreamClosed
from console.server.stream_reader import Wanted
from console.server.streamed_events import Names
from console.storage.journal import Committed, IngestRequest, JournaledIngest, Receipt
from tests.server.sse import Message, messages

JOURNAL_ID = uuid.UUID(int=7).hex
PLAYER = "550e8400-e29b-41d4-a716-446655440000"
ANY = Wanted()


def player_of(app_id: str, external_id: str) -> str:
    return player_id_of(JOURNAL_ID, app_id, external_id)


class Recording:
    """A journal in memory, and the stream that is told of its commits."""

    def __init__(self) -> None:
        self.ingests: list[JournaledIngest] = []
        self.seq = 0
        self.reads = 0
        self.stream = EventStream(Names(JOURNAL_ID, player_of), self.read, heartbeat_secs=60.0)

    def read(self, seq: int, max_events: int) -> list[JournaledIngest]:
        self.reads += 1
        found = [ingest for ingest in self.ingests if ingest.first_seq + ingest.events > seq]
        return found[: max(1, max_events // 10)]

    def journal(self, app_id: str, events: int, body: bytes, commands: bytes = b"") -> Committed:
        request = IngestRequest(
            received_at_us=1_000_000, app_id=app_id, key_id="k", key_label="", peer="", method="POST", route="",
            client="", headers=b"[]", body=body, wire_bytes=0, events=events, commands=commands,
        )  # fmt: skip
        first_seq = self.seq + 1
        self.seq += events
        request_id = len(self.ingests) + 1
        self.ingests.append(JournaledIngest(request_id, 1_000_000, app_id, first_seq, events, body, commands))
        return request, Receipt(request_id, first_seq), 0

    def tracked(self, *names: str, app_id: str = "app", player_id: str = PLAYER) -> Committed:
        commands: list[Command] = [
            TrackEvent(event_id=f"E{name}", player_id=player_id, event_name=name, time_us=5_000_000) for name in names
        ]
        return self.journal(app_id, len(commands), b"{}", encode_recorded(Recorded(commands=commands)))

    def commands(self, *commands: Command) -> Committed:
        return self.journal("app", len(commands), b"{}", encode_recorded(Recorded(commands=list(commands))))

    def telemetry(self, *events: dict[str, object]) -> Committed:
        common = {"app_id": "app", "build_id": "b", "player_id": "anna", "timestamp": "2026-02-12T11:00:00.5+01:00"}
        return self.journal("app", len(events), msgspec.msgpack.encode([common | event for event in events]))

    def publish(self, *commits: Committed) -> None:
        self.stream.publish(commits)

    def reader(
        self, wanted: Wanted = ANY, after_seq: int | None = None, *, app_id: str = "app", key_id: str = "k"
    ) -> "Reading":
        return Reading(self.stream.chunks(app_id=app_id, key_id=key_id, wanted=wanted, after_seq=after_seq))


class Reading:
    """One reader, past the first block. Its stream is closed with it."""

    def __init__(self, chunks: AsyncGenerator[bytes]) -> None:
        self._chunks = chunks
        self._ready: list[Message] = []

    async def __aenter__(self) -> "Reading":
        assert await anext(self._chunks) == b"retry: 3000\n\n"
        # A step further, so that a reader without a past listens before the test goes on.
        self._first = asyncio.ensure_future(anext(self._chunks, b""))
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._first.cancel()
        await asyncio.gather(self._first, return_exceptions=True)
        await self._chunks.aclose()

    async def next(self) -> Message:
        while not self._ready:
            async with asyncio.timeout(30):
                chunk = await self._first
            if not chunk:
                raise EOFError
            self._ready = messages(chunk)
            self._first = asyncio.ensure_future(anext(self._chunks, b""))
        return self._ready.pop(0)

    async def take(self, count: int) -> list[Message]:
        return [await self.next() for _ in range(count)]

    @property
    def waits(self) -> bool:
        return not self._ready and not self._first.done()


@pytest.fixture
async def recording() -> AsyncIterator[Recording]:
    recording = Recording()
    async with recording.stream.running():
        yield recording
    assert recording.stream.readers == 0


def ids(found: list[Message]) -> list[int]:
    return [int(message.id) for message in found]


async def test_tracked_event_comes_whole_in_the_documented_order(recording: Recording) -> None:
    async with recording.reader() as reader:
        event = TrackEvent(
            event_id="E", player_id=PLAYER, event_name="level_complete", time_us=1_737_815_400_000_000,
            session_id="session_abc123", properties={"level": 5, "stars": [1, 2]},
        )  # fmt: skip
        recording.publish(recording.commands(Register(player_id=PLAYER), event))
        message = await reader.next()
    assert (message.event, message.id) == ("event", "2")
    assert list(message.json.items()) == [
        ("event_id", "E"),
        ("player_id", PLAYER),
        ("event_name", "level_complete"),
        ("session_id", "session_abc123"),
        ("properties", {"level": 5, "stars": [1, 2]}),
        ("timestamp", "2025-01-25T14:30:00Z"),
        ("received_at", "1970-01-01T00:00:01Z"),
        ("api", "player"),
    ]


async def test_telemetry_comes_with_the_player_s_uuid_and_without_trajectories(recording: Recording) -> None:
    walk = {"session_id": "s", "positions": [0.0] * 6, "timestamp_start": "2026-02-12T10:00:00Z"}
    walk["timestamp_end"] = walk["timestamp_start"]
    async with recording.reader() as reader:
        recording.publish(
            recording.telemetry(
                {"event_name": "Create_Player", "region": "EU"},
                walk,
                {"funnel_step_name": "Tutorial", "session_id": "s", "event_name": None},
                {"event_name": "Jump", "session_id": "s", "custom_data": {"height": 2.5}, "own_key": 1},
            )
        )
        created, step, jump = await reader.take(3)
    assert ids([created, step, jump]) == [1, 3, 4]
    assert {m.json["player_id"] for m in (created, step, jump)} == {player_of("app", "anna")}
    assert {m.json["api"] for m in (created, step, jump)} == {"telemetry"}
    assert created.json["session_id"] is None
    assert created.json["properties"] == {"build_id": "b", "region": "EU"}
    assert step.json["event_name"] == "Tutorial"
    assert step.json["properties"] == {"build_id": "b", "funnel_step_name": "Tutorial"}
    assert jump.json["properties"] == {"build_id": "b", "custom_data": {"height": 2.5}, "own_key": 1}
    assert jump.json["timestamp"] == "2026-02-12T10:00:00.500000Z"


async def test_event_ids_of_telemetry_are_the_same_when_it_is_sent_again(recording: Recording) -> None:
    async with recording.reader() as live:
        recording.publish(recording.telemetry({"event_name": "a", "session_id": "s"}))
        first = await live.next()
    async with recording.reader(after_seq=0) as late:
        assert await late.next() == first
    assert uuid.UUID(first.json["event_id"]).version == 5


async def test_a_time_before_1970_is_left_as_it_was_sent(recording: Recording) -> None:
    async with recording.reader(after_seq=0) as reader:
        recording.publish(
            recording.telemetry({"event_name": "a", "session_id": "s", "timestamp": "0001-01-01T00:00:00Z"})
        )
        assert (await reader.next()).json["timestamp"] == "0001-01-01T00:00:00Z"


async def test_only_the_own_application_comes(recording: Recording) -> None:
    async with recording.reader() as mine, recording.reader(app_id="other") as theirs:
        recording.publish(recording.tracked("a", app_id="other"), recording.tracked("b"))
        assert (await mine.next()).json["event_name"] == "b"
        assert (await theirs.next()).json["event_name"] == "a"
        assert mine.waits
    async with recording.reader(after_seq=0) as late:
        assert ids(await late.take(1)) == [2]


async def test_filters_hold_for_the_past_and_the_present(recording: Recording) -> None:
    telemetry = player_of("app", "anna")
    wanted = Wanted(frozenset({PLAYER, telemetry}), frozenset({"a", "c"}))
    recording.publish(recording.tracked("a", "b"), recording.tracked("a", player_id="another"))
    async with recording.reader(wanted, 0) as reader:
        recording.publish(recording.tracked("b", "c"), recording.telemetry({"event_name": "a", "session_id": "s"}))
        assert ids(await reader.take(3)) == [1, 5, 6]


async def test_newcomer_without_a_position_gets_only_what_is_new(recording: Recording) -> None:
    recording.publish(recording.tracked("old"))
    async with recording.reader() as reader:
        recording.publish(recording.tracked("new"))
        assert ids(await reader.take(1)) == [2]
    assert recording.reads == 0


async def test_reader_that_comes_back_is_sent_the_rest_of_a_batch(recording: Recording) -> None:
    recording.publish(recording.tracked("a", "b", "c"))
    async with recording.reader(after_seq=2) as reader:
        assert ids(await reader.take(1)) == [3]
        assert reader.waits


@pytest.mark.parametrize("seed", range(8))
async def test_nothing_is_missing_or_repeated_where_the_past_ends(recording: Recording, seed: int) -> None:
    """Commits reach the file before they are published; a reader comes back at any moment of it."""
    chance = random.Random(seed)
    unpublished: list[Committed] = []

    async def record() -> None:
        for _ in range(60):
            unpublished.append(recording.tracked(*(["x"] * chance.randint(1, 30))))
            if chance.random() < 0.6:
                recording.publish(*unpublished)
                unpublished.clear()
            await asyncio.sleep(chance.choice((0, 0, 0.002)))
        recording.publish(*unpublished)

    recording.publish(recording.tracked(*["old"] * 200))
    after = chance.randint(0, 150)
    recorder = asyncio.create_task(record())
    await asyncio.sleep(chance.choice((0, 0.005, 0.02)))
    async with recording.reader(after_seq=after) as reader:
        found = [await reader.next()]
        await recorder
        while found[-1].id != str(recording.seq):
            found.append(await reader.next())
    assert ids(found) == list(range(after + 1, recording.seq + 1))


async def test_slow_reader_is_told_what_it_missed_and_can_fetch_it(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.server.stream_reader.MAX_QUEUED_EVENTS", 10)
    monkeypatch.setattr(event_stream, "SLICE_SECS", 60.0)
    async with recording.reader() as reader:
        recording.publish(recording.tracked("first"))
        first = await reader.next()
        recording.publish(*(recording.tracked(str(number)) for number in range(100)))
        gap, *rest = await reader.take(11)
    assert gap.json == {"skipped": 90, "from": 2, "to": 91}
    assert ids(rest) == list(range(92, 102))
    async with recording.reader(after_seq=int(first.id)) as again:
        assert ids(await again.take(90)) == list(range(2, 92))


async def test_what_nobody_has_time_to_look_at_is_told_in_its_place(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_batches, "MAX_PENDING_EVENTS", 20)
    async with recording.reader() as reader:
        recording.publish(*(recording.tracked(*["x"] * 10) for _ in range(10)))
        gap, *rest = await reader.take(21)
    assert (gap.event, gap.json) == ("gap", {"skipped": 80, "from": 1, "to": 80})
    assert ids(rest) == list(range(81, 101))


async def test_large_bodies_keep_their_place(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_batches, "INLINE_BYTES", 300)
    jump = {"event_name": "j", "session_id": "s"}
    async with recording.reader() as reader:
        recording.publish(
            recording.tracked("a"), recording.telemetry(*[jump] * 50), recording.tracked("b"),
            recording.telemetry(*[jump] * 50), recording.telemetry(*[jump] * 50),
        )  # fmt: skip
        assert ids(await reader.take(152)) == list(range(1, 153))


@pytest.mark.expects_log
async def test_a_batch_that_cannot_be_read_is_told_as_a_gap(recording: Recording) -> None:
    async with recording.reader() as reader:
        recording.publish(recording.tracked("a"), recording.journal("app", 5, b"\xc1"), recording.tracked("b"))
        first, gap, last = await reader.take(3)
    assert (first.id, last.id) == ("1", "7")
    assert gap.json == {"skipped": 5, "from": 2, "to": 6}


async def test_flag_changes_reach_the_application_s_readers_whatever_they_filter(recording: Recording) -> None:
    async with recording.reader(Wanted(event_names=frozenset({"x"}))) as mine, recording.reader(app_id="o") as theirs:
        recording.stream.flags_changed("app", "new_tutorial", 3)
        recording.stream.flags_changed("app", "new_tutorial", 4)
        message = await mine.next()
        assert (message.event, message.id) == ("flags_changed", "")
        assert message.json == {"flag_key": "new_tutorial", "version": 4}
        assert mine.waits
        assert theirs.waits


async def test_heart_beats_whether_or_not_events_come() -> None:
    recording = Recording()
    recording.stream = EventStream(Names(JOURNAL_ID, player_of), recording.read, heartbeat_secs=0.02)
    async with recording.stream.running(), recording.reader() as reader:
        assert (await reader.next()).comment == "hb"
        recording.publish(recording.tracked("a"))
        found = [await reader.next() for _ in range(3)]
    assert sorted(message.comment or message.event for message in found) == ["event", "hb", "hb"]


async def test_heart_beats_while_a_long_past_has_nothing_for_the_reader() -> None:
    recording = Recording()
    recording.stream = EventStream(Names(JOURNAL_ID, player_of), recording.read, heartbeat_secs=0.001)
    recording.publish(*(recording.tracked("x") for _ in range(2_000)))
    async with recording.stream.running(), recording.reader(Wanted(event_names=frozenset({"y"})), 0) as reader:
        assert (await reader.next()).comment == "hb"
        assert recording.reads < 20


async def test_streams_of_a_revoked_key_end_and_others_go_on(recording: Recording) -> None:
    async with recording.reader(key_id="bad") as ended, recording.reader(key_id="good") as other:
        recording.publish(recording.tracked("a"))
        await ended.next()
        recording.stream.end_key("bad")
        assert (await ended.next()).comment == "the key was revoked"
        with pytest.raises(EOFError):
            await ended.next()
        assert (await other.next()).id == "1"
        assert other.waits
        assert recording.stream.readers == 1


async def test_a_revoked_key_s_stream_ends_in_the_middle_of_the_past(recording: Recording) -> None:
    recording.publish(*(recording.tracked("x") for _ in range(5_000)))
    async with recording.reader(after_seq=0, key_id="bad") as reader:
        await reader.next()
        recording.stream.end_key("bad")
        while (last := await reader.next()).event:
            pass
        assert last.comment == "the key was revoked"
    assert recording.reads < 20


async def test_stream_ends_once_its_connection_is_gone(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "_GONE_SECS", 0.01)
    gone = False
    chunks = recording.stream.chunks(app_id="app", key_id="k", wanted=ANY, after_seq=None, gone=lambda: gone)
    await anext(chunks)
    waiting = asyncio.ensure_future(anext(chunks, b"end"))
    await asyncio.sleep(0.03)
    assert not waiting.done()
    gone = True
    assert await waiting == b"end"


async def test_readers_are_bounded(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "MAX_READERS", 1)
    async with recording.reader():
        with pytest.raises(StreamClosed, match="1 event streams already"):
            recording.stream.check_room()
    recording.stream.check_room()


async def test_closing_ends_every_stream_and_takes_no_more(recording: Recording) -> None:
    async with recording.reader() as reader:
        await recording.stream.close()
        assert (await reader.next()).comment == "the server is stopping"
        with pytest.raises(EOFError):
            await reader.next()
    with pytest.raises(StreamClosed):
        recording.stream.check_room()
    await recording.stream.close()


async def test_without_readers_nothing_is_kept(recording: Recording) -> None:
    for _ in range(100):
        recording.publish(recording.tracked("a"))
    async with recording.reader(app_id="other"):
        recording.publish(recording.tracked("a"))
        assert recording.stream.waiting == 0
    assert recording.stream.last_seq == 101
