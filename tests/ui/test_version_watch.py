"""A window that finds a server of another version says so once, with the way out."""

from msgspec.structs import replace

from console.messages import FeedHello
from console.ui.live_feed import LiveFeed
from console.ui.version_watch import VersionWatch
from tests.ui.fakes import FakeMessages, make_status


def hello(version: str, pid: int) -> FeedHello:
    return FeedHello(last_seq=0, last_request_id=0, status=replace(make_status(), version=version, pid=pid))


def test_a_server_of_another_version_is_told_once_and_can_be_restarted() -> None:
    feed, messages, restarted = LiveFeed(), FakeMessages(), []
    watch = VersionWatch(feed, messages, lambda: restarted.append(1), lambda: "1.1")
    watch.misunderstood()
    assert not messages.said  # no server, nothing to restart
    feed.receive(hello("1.1", 1))
    assert not messages.said
    feed.receive(hello("1.0", 2))
    watch.misunderstood()
    feed.receive(hello("1.0", 2))  # the connection broke for a moment
    [(kind, words)] = messages.said
    assert kind == "warning"
    assert words.startswith("The running server is version 1.0, this window 1.1.")
    messages.actions[0][1]()
    assert restarted


def test_a_server_of_the_same_name_that_does_not_know_a_question_is_told_too() -> None:
    feed, messages = LiveFeed(), FakeMessages()
    watch = VersionWatch(feed, messages, lambda: None, lambda: "1.1")
    feed.receive(hello("1.1", 1))
    watch.misunderstood()
    watch.misunderstood()
    assert len(messages.said) == 1
    feed.receive(hello("1.1", 2))
    watch.misunderstood()
    assert len(messages.said) == 2
