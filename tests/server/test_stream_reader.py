"""One reader's queue: what it lets through, and what it says of what it gave up."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.server import stream_reader
from console.server.stream_reader import Reader, Wanted, size_of
from console.server.streamed_events import EventData, StreamedEvent
from tests.server.sse import Message, messages


def event(seq: int, name: str = "jump", player: str = "p") -> StreamedEvent:
    data = EventData(
        event_id="e", player_id=player, event_name=name, session_id=None, properties={}, timestamp="", received_at="",
        api="player",
    )  # fmt: skip
    return StreamedEvent(seq, name, player, lambda: data)


def reader(position: int = 0, **wanted: frozenset[str]) -> Reader:
    return Reader("app", "key", Wanted(**wanted), position)


def offer(to: Reader, *events: StreamedEvent) -> None:
    wanted = to.wanted.of(events)
    to.offer(wanted, size_of(wanted), events[-1].seq)


def everything(of: Reader) -> list[Message]:
    content = b""
    while part := of.take():
        content += part
    return messages(content)


def ids(found: list[Message]) -> list[str]:
    return [message.id for message in found]


def test_events_come_in_order_with_their_sequence_numbers_as_ids() -> None:
    one = reader()
    for seq in (3, 7, 8):
        offer(one, event(seq))
    assert [(m.event, m.id) for m in everything(one)] == [("event", "3"), ("event", "7"), ("event", "8")]
    assert one.take() == b""


def test_what_was_offered_or_read_before_does_not_come_again() -> None:
    one = reader(position=5)
    for seq in (4, 5, 6, 6):
        offer(one, event(seq))
    offer(one, event(5), event(6), event(7), event(8))
    assert ids(everything(one)) == ["6", "7", "8"]


def test_only_wanted_players_and_names_come() -> None:
    one = reader(player_ids=frozenset({"a", "b"}), event_names=frozenset({"jump"}))
    for seq, (name, player) in enumerate([("jump", "a"), ("fall", "a"), ("jump", "c"), ("jump", "b")], 1):
        offer(one, event(seq, name, player))
    assert ids(everything(one)) == ["1", "4"]
    assert one.position == 4


def test_oldest_events_are_given_up_and_told_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_reader, "MAX_QUEUED_EVENTS", 3)
    one = reader()
    for seq in range(1, 11):
        offer(one, event(seq))
    gap, *rest = everything(one)
    assert (gap.event, gap.id, gap.json) == ("gap", "", {"skipped": 7, "from": 1, "to": 7})
    assert ids(rest) == ["8", "9", "10"]
    assert one.skipped == 7


def test_bytes_are_bounded_too_but_the_newest_event_always_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_reader, "MAX_QUEUED_BYTES", 10)
    one = reader()
    offer(one, event(1))
    offer(one, event(2))
    assert [m.event for m in everything(one)] == ["gap", "event"]


def test_events_nobody_looked_at_are_told_in_their_place() -> None:
    one = reader()
    offer(one, event(1))
    one.miss(2, 4, 3)
    one.miss(5, 9, 2)
    offer(one, event(10))
    one.miss(8, 10, 3)  # all of it offered already
    first, gap, last = everything(one)
    assert (first.id, last.id) == ("1", "10")
    assert gap.json == {"skipped": 5, "from": 2, "to": 9}


def test_notices_replace_each_other_and_come_before_events() -> None:
    one = reader()
    offer(one, event(1))
    one.notice("flag", b"event: flags_changed\ndata: 1\n\n")
    one.notice("flag", b"event: flags_changed\ndata: 2\n\n")
    assert next((m.event, m.data) for m in everything(one)) == ("flags_changed", "2")


def test_reader_is_woken_by_whatever_it_is_given_and_keeps_the_first_reason_of_its_end() -> None:
    woken: list[int] = []
    one = Reader("app", "key", Wanted(), 0, lambda: woken.append(1))
    offer(one, event(1))
    one.miss(2, 2, 1)
    one.notice("flag", b"")
    one.end("revoked")
    one.end("stopping")
    assert (len(woken), one.ended) == (5, "revoked")


def test_text_of_strangers_cannot_break_a_line() -> None:
    data = EventData(
        event_id="e", player_id="p", event_name="a\n\nevent: forged\ndata: {}\r\n\r\n",
        session_id="\u2028\u2029\x85ß", properties={"x\ry": "\x00\n\n"}, timestamp="", received_at="", api="player",
    )  # fmt: skip
    frame = StreamedEvent(1, "n", "p", lambda: data).frame
    assert len(frame.decode().splitlines()) == 4
    read = msgspec.json.decode(messages(frame)[0].data, type=EventData)
    assert read == data


@given(st.lists(st.sampled_from(["offer", "miss", "take"]), max_size=60), st.integers(1, 5))
def test_ids_never_go_back_and_every_event_came_or_was_told_as_skipped(steps: list[str], room: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream_reader, "MAX_QUEUED_EVENTS", room)
        one, seq, content = reader(), 0, b""
        for step in steps:
            if step == "take":
                content += one.take()
                continue
            seq += 1
            offer(one, event(seq)) if step == "offer" else one.miss(seq, seq, 1)
        while part := one.take():
            content += part
    covered: list[int] = []
    for message in messages(content):
        if message.event == "gap":
            covered += range(message.json["from"], message.json["to"] + 1)
            assert message.json["skipped"] == message.json["to"] - message.json["from"] + 1
        else:
            covered.append(int(message.id))
    assert covered == list(range(1, seq + 1))
