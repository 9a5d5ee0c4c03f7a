"""What waits to be offered to readers: in order, bounded, and nothing lost unsaid."""

import asyncio
import random

import pytest

from console.players.commands import Recorded, TrackEvent, encode_recorded
from console.server import stream_batches
from console.server.stream_batches import Gathered, GivenUp, StreamBatches
from console.server.streamed_events import Names
from console.storage.journal import JournaledIngest

NAMES = Names("00" * 16, lambda app_id, external_id: external_id)


class Journal:
    """Numbers batches as the journal does."""

    def __init__(self) -> None:
        self.seq = 0

    def batch(self, events: int, app_id: str = "app", *, body: bytes = b"{}", broken: bool = False) -> JournaledIngest:
        commands = encode_recorded(
            Recorded(
                commands=[
                    TrackEvent(event_id="E", player_id="P", event_name="x", time_us=0) for _ in range(events)
                ]
            )
        )  # fmt: skip
        first_seq = self.seq + 1
        self.seq += events
        return JournaledIngest(0, 0, app_id, first_seq, events, body, b"\xc1" if broken else commands)


def drained(batches: StreamBatches) -> list[tuple[str, str, int, int]]:
    """Everything that comes until there is nothing: what, of which application, from which number to which."""
    steps = []
    while (step := batches.next()) is not None:
        if isinstance(step, GivenUp):
            steps.append(("gap", step.app_id, step.first, step.last))
        else:
            assert isinstance(step, Gathered)
            seqs = [event.seq for event in step.events]
            assert seqs == list(range(seqs[0], seqs[-1] + 1))
            steps.append(("events", step.app_id, seqs[0], seqs[-1]))
    return steps


def test_small_batches_of_one_application_are_gathered() -> None:
    journal, batches = Journal(), StreamBatches(NAMES)
    for app_id in ("app", "app", "other", "app"):
        batches.add(journal.batch(2, app_id))
    assert batches.waiting == 8
    assert drained(batches) == [("events", "app", 1, 4), ("events", "other", 5, 6), ("events", "app", 7, 8)]
    assert batches.waiting == 0
    assert batches.empty


def test_oldest_are_given_up_in_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_batches, "MAX_PENDING_EVENTS", 10)
    monkeypatch.setattr(stream_batches, "GATHERED_EVENTS", 3)
    journal, batches = Journal(), StreamBatches(NAMES)
    batches.add(journal.batch(5))
    first = batches.next()
    assert isinstance(first, Gathered)
    for _ in range(5):
        batches.add(journal.batch(4))
    assert drained(batches) == [
        ("events", "app", 4, 5), ("gap", "app", 6, 17), ("events", "app", 18, 20), ("events", "app", 21, 23),
        ("events", "app", 24, 25),
    ]  # fmt: skip


def test_one_batch_is_always_kept_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_batches, "MAX_PENDING_BYTES", 10)
    journal, batches = Journal(), StreamBatches(NAMES)
    batches.add(journal.batch(1, body=b"x" * 100))
    batches.add(journal.batch(1, body=b"x" * 100))
    assert drained(batches) == [("gap", "app", 1, 1), ("events", "app", 2, 2)]


async def test_large_ones_are_made_ready_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_batches, "INLINE_BYTES", 10)
    journal, batches = Journal(), StreamBatches(NAMES)
    for body in (b"{}", b"x" * 11, b"{}"):
        batches.add(journal.batch(2, body=body))
    await batches.look_ahead()  # not its turn yet
    assert drained(batches) == [("events", "app", 1, 2)]
    assert not batches.empty
    await batches.look_ahead()
    assert drained(batches) == [("events", "app", 3, 6)]


@pytest.mark.expects_log
async def test_what_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_batches, "INLINE_BYTES", 10)
    journal, batches = Journal(), StreamBatches(NAMES)
    for body, broken in ((b"{}", False), (b"{}", True), (b"x" * 11, True), (b"{}", False)):
        batches.add(journal.batch(2, body=body, broken=broken))
    assert drained(batches) == [("events", "app", 1, 2), ("gap", "app", 3, 4)]
    await batches.look_ahead()
    assert drained(batches) == [("gap", "app", 5, 6), ("events", "app", 7, 8)]


@pytest.mark.parametrize("seed", range(20))
async def test_every_event_comes_once_or_is_told(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_batches, "MAX_PENDING_EVENTS", 40)
    monkeypatch.setattr(stream_batches, "INLINE_BYTES", 10)
    monkeypatch.setattr(stream_batches, "GATHERED_EVENTS", 7)
    chance = random.Random(seed)
    journal, batches = Journal(), StreamBatches(NAMES)
    steps = []
    for _ in range(200):
        match chance.randint(0, 3):
            case 0:
                step = batches.next()
                if isinstance(step, GivenUp):
                    steps.append((step.first, step.last))
                elif step is not None:
                    steps.append((step.events[0].seq, step.events[-1].seq))
            case 1:
                ready = asyncio.create_task(batches.look_ahead())
                await asyncio.sleep(0)
                batches.add(journal.batch(chance.randint(1, 9)))
                await ready
            case _:
                batches.add(journal.batch(chance.randint(1, 9), body=b"x" * chance.choice((1, 11))))
    while not batches.empty:
        await batches.look_ahead()
        steps += [(first, last) for _, _, first, last in drained(batches)]
    expected = 1
    for first, last in steps:
        assert first == expected
        expected = last + 1
    assert expected == journal.seq + 1
