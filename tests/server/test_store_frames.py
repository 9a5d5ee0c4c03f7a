import io
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.messages import Check, Column, Columns
from console.messages.players import FlagCount, FlagPreview, PlayerPage, PlayerRow, SegmentPreview
from console.players.definitions import Flag, Override, Rule, Segment, Share
from console.server.player_questions import PageQuestion
from console.server.previews import FlagQuestion, SegmentQuestion
from console.server.projector import Progress
from console.server.store_frames import (
    Answer,
    AnswersCounted,
    Ask,
    AskHealth,
    AskPlayers,
    Failed,
    FrameWriter,
    GiveUp,
    Health,
    Logged,
    MembersCounted,
    News,
    PlayersListed,
    ReadAhead,
    Reply,
    Said,
    question_decoder,
    read_frame,
    reply_decoder,
)
from console.storage.event_store import Position

numbers = st.integers(0, 2**63 - 1)
params = st.dictionaries(st.text(max_size=8), st.none() | numbers | st.text() | st.lists(st.text()), max_size=4)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=5,
)
conditions = st.dictionaries(st.text(max_size=4), json_values, max_size=2)
rules = st.builds(
    Rule,
    rule_id=st.text(max_size=4),
    conditions=st.none() | conditions,
    value=json_values,
    split=st.none() | st.lists(st.builds(Share, variant_key=st.text(max_size=4), weight=st.floats(0, 9)), max_size=2),
)
flags = st.builds(Flag, key=st.text(max_size=4), default_value=json_values, rules=st.lists(rules, max_size=2))
segments = st.builds(Segment, segment_id=st.text(max_size=4), name=st.text(max_size=4), conditions=conditions)
overrides = st.builds(Override, flag_key=st.text(max_size=4), player_id=st.text(max_size=4), value=json_values)
windows = st.sampled_from(["casual", "mid_core", "strategy"])
asked_players = (
    st.builds(SegmentQuestion, app_id=st.text(max_size=4), conditions=conditions, now_us=numbers, window=windows)
    | st.builds(
        FlagQuestion,
        app_id=st.text(max_size=4),
        flag=flags,
        flags=st.lists(flags, max_size=2),
        segments=st.lists(segments, max_size=2),
        overrides=st.lists(overrides, max_size=2),
        now_us=numbers,
        window=windows,
    )
    | st.builds(
        PageQuestion,
        app_id=st.text(max_size=4),
        search=st.text(max_size=4),
        sort=st.sampled_from(["stage", "churn_risk"]),
        descending=st.booleans(),
        limit=numbers,
        offset=numbers,
        now_us=numbers,
        window=windows,
    )
)
questions = (
    st.builds(Ask, numbers, st.text(), params)
    | st.builds(AskHealth, numbers)
    | st.builds(AskPlayers, numbers, asked_players)
    | st.builds(GiveUp, numbers)
    | st.builds(ReadAhead, st.text())
)
columns = st.builds(Column, dtype=st.text(max_size=4), data=st.binary(), values=st.none() | st.lists(st.text()))
answers = st.builds(
    Columns, rows=numbers, columns=st.dictionaries(st.text(max_size=8), columns, max_size=3), truncated=st.booleans()
)
checks = st.builds(Check, name=st.text(), ok=st.booleans(), text=st.text(), hint=st.text())
news = st.builds(Progress, st.none() | st.builds(Position, numbers, numbers), st.none() | numbers, st.text())
player_rows = st.just(PlayerRow("id", "app", "ada", "", "", "new", 0.25, 3, 499, -1, 2**62, "both"))
members = st.builds(SegmentPreview, members=numbers, total=numbers, sample=st.lists(player_rows, max_size=2))
counts = st.builds(
    FlagCount,
    value=json_values,
    variant_key=st.none() | st.text(max_size=4),
    reason=st.text(max_size=4),
    players=numbers,
)
replies = (
    st.builds(Answer, numbers, answers)
    | st.builds(Health, numbers, st.lists(checks, max_size=3))
    | st.builds(MembersCounted, numbers, members)
    | st.builds(AnswersCounted, numbers, st.builds(FlagPreview, total=numbers, counts=st.lists(counts, max_size=2)))
    | st.builds(PlayersListed, numbers, st.builds(PlayerPage, total=numbers, rows=st.lists(player_rows, max_size=2)))
    | st.builds(Failed, numbers, st.text())
    | st.builds(News, news)
    | st.builds(Logged, numbers, st.text())
)


def written(frames: list[Said] | list[Reply]) -> bytes:
    stream = io.BytesIO()
    writer = FrameWriter(stream)
    for frame in frames:
        writer.write(frame)
    return stream.getvalue()


def read(content: bytes) -> list[bytes]:
    stream = io.BytesIO(content)
    frames = []
    while (frame := read_frame(stream)) is not None:
        frames.append(frame)
    return frames


@given(st.lists(questions, max_size=5))
def test_questions_survive(sent: list[Said]) -> None:
    assert [question_decoder.decode(frame) for frame in read(written(sent))] == sent


@given(st.lists(replies, max_size=5))
def test_replies_survive(sent: list[Reply]) -> None:
    assert [reply_decoder.decode(frame) for frame in read(written(sent))] == sent


@given(st.lists(replies, min_size=1, max_size=3), st.data())
def test_a_stream_that_is_cut_ends_after_its_last_whole_frame(sent: list[Reply], data: st.DataObject) -> None:
    content = written(sent)
    kept = data.draw(st.integers(0, len(content)))
    found = [reply_decoder.decode(frame) for frame in read(content[:kept])]
    assert found == sent[: len(found)]
    assert len(found) == len(sent) or len(written(sent[: len(found) + 1])) > kept


def test_frames_of_several_threads_do_not_mix() -> None:
    stream = io.BytesIO()
    writer = FrameWriter(stream)
    threads = [
        threading.Thread(target=lambda n=n: [writer.write(Failed(n, str(n) * 500)) for _ in range(100)])  # type: ignore[misc]
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [reply_decoder.decode(frame) for frame in read(stream.getvalue())]
    assert len(found) == 400
    assert all(isinstance(frame, Failed) and frame.message == str(frame.id) * 500 for frame in found)


@pytest.mark.parametrize("printed", [b"hello", b"    ", b"\xff\xff\xff\xff"])
def test_what_is_no_frame_is_told_at_once(printed: bytes) -> None:
    with pytest.raises(ValueError, match="bytes"):
        read_frame(io.BytesIO(printed))


def test_writing_to_a_closed_stream_is_told() -> None:
    stream = io.BytesIO()
    writer = FrameWriter(stream)
    stream.close()
    with pytest.raises(ValueError, match="closed"):
        writer.write(AskHealth(1))
