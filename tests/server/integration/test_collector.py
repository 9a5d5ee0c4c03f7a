"""Which SDK a request is counted with, and how many there can be."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from console.server.integration.collector import Collector
from console.server.integration.observation import observe
from console.storage.journal import OtherRequest


def request(app_id: str = "app", client: str = "UnityPlayer/2022.3", peer: str = "10.0.0.7", **changes: Any) -> Any:
    values: dict[str, Any] = {"received_at_us": 1, "method": "POST", "route": "/api/events", "status": 200} | changes
    return OtherRequest(app_id=app_id, client=client, peer=peer, **values)


def test_versions_of_one_family_are_one_sdk() -> None:
    collector = Collector()
    assert collector.of(request()) is collector.of(request(client="UnityPlayer/6000.0"))
    assert len(collector) == 1
    assert collector.all()[0].user_agent == "UnityPlayer/6000.0"


def test_applications_and_peers_are_told_apart() -> None:
    collector = Collector()
    collector.of(request())
    collector.of(request(app_id="other"))
    collector.of(request(peer="10.0.0.8"))
    assert len(collector) == 3


def test_a_refusal_ahead_of_the_key_counts_with_its_client() -> None:
    collector = Collector()
    known = collector.of(request())
    assert collector.of(request(app_id="", status=429)) is known
    assert collector.of(request(app_id="", peer="10.0.0.9", status=429)) is not known


def test_a_client_that_finds_its_key_stays_the_same_sdk() -> None:
    collector = Collector()
    unknown = collector.of(request(app_id="", status=401))
    assert collector.of(request()) is unknown
    assert unknown.app_id == "app"
    assert collector.of(request(app_id="", status=429)) is unknown
    assert len(collector) == 1


def test_a_client_of_two_applications_is_counted_with_the_latest() -> None:
    collector = Collector()
    first = collector.of(request())
    second = collector.of(request(app_id="other"))
    assert collector.of(request(app_id="", status=429)) is second
    assert collector.of(request()) is first


def test_those_without_a_key_go_first() -> None:
    collector = Collector(max_sdks=8)
    known = collector.of(request())
    for number in range(50):
        collector.of(request(app_id="", peer=f"10.1.0.{number}", received_at_us=number + 2))
    assert len(collector) <= 8
    assert known in collector.all()
    assert collector.forgotten == 51 - len(collector)


@given(st.lists(st.tuples(st.sampled_from("ab "), st.integers(0, 30), st.integers(0, 5)), max_size=120))
def test_it_stays_within_its_bounds_and_loses_no_request_of_its_own(steps: list[tuple[str, int, int]]) -> None:
    collector = Collector(max_sdks=10, max_senders=15)
    for at, (app, client, peer) in enumerate(steps, 1):
        one = request(app_id=app.strip(), client=f"game{client}/1", peer=f"10.0.0.{peer}", received_at_us=at)
        facts = collector.of(one)
        facts.note(observe(one, at, fingerprint=0))
        assert facts in collector.all()
        assert facts.peer == one.peer
        assert facts.family == f"game{client}"
        assert facts.app_id == one.app_id or not one.app_id
        assert len(collector) <= 10
