"""Texts of rows, kept once: the same rows, in less memory."""

import msgspec

from console.messages import EventRow, FeedRows, RequestRow, TrajectoryRow
from console.ui.live_feed import LiveFeed
from console.ui.shared_texts import SharedTexts
from tests.ui.fakes import make_event, make_request, make_trajectory


def decoded_events(count: int) -> list[EventRow]:
    """As a frame of the feed brings them: every text is one of its own."""
    return msgspec.msgpack.decode(
        msgspec.msgpack.encode([make_event(seq) for seq in range(count)]), type=list[EventRow]
    )


def test_rows_of_all_frames_share_their_texts_and_say_the_same() -> None:
    texts = SharedTexts()
    plain = decoded_events(3)
    first, second = texts.in_events(decoded_events(3)), texts.in_events(decoded_events(3))
    assert list(first) == list(second) == plain
    assert plain[0].session_id is not plain[1].session_id
    for name in ("app_id", "build_id", "player_id", "session_id", "name", "level_id"):
        said = [getattr(row, name) for row in (*first, *second)]
        assert all(text is said[0] for text in said if text == said[0]), name


def test_every_text_of_every_kind_of_row_is_shared() -> None:
    texts = SharedTexts()
    share = {EventRow: texts.in_events, RequestRow: texts.in_requests, TrajectoryRow: texts.in_trajectories}
    for row in (make_event(1), make_request(1), make_trajectory()):
        kind = type(row)
        said = {field.name: f"text of {field.name}" for field in msgspec.structs.fields(kind) if field.type is str}
        encoded = msgspec.msgpack.encode([msgspec.structs.replace(row, **said)])
        one, other = (share[kind](msgspec.msgpack.decode(encoded, type=list[kind]))[0] for _ in range(2))  # type: ignore[valid-type, operator]
        assert one == other == msgspec.structs.replace(row, **said)
        for name in said:
            assert getattr(one, name) is getattr(other, name), name


def test_texts_past_the_limit_are_forgotten_and_rows_stay_right() -> None:
    texts = SharedTexts(limit=2)
    for _ in range(3):
        assert list(texts.in_events(decoded_events(4))) == decoded_events(4)
    assert not texts._texts


def test_the_feed_shares_them(qtbot: object) -> None:
    feed = LiveFeed()
    feed.receive(FeedRows(events=decoded_events(1), requests=[], trajectories=[]))
    feed.receive(FeedRows(events=decoded_events(1), requests=[], trajectories=[]))
    one, other = feed._events
    assert one.session_id is other.session_id
