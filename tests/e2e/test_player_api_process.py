"""What the player API acknowledged outlives its process, and the files that are made from the journal."""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgpack
import pytest
import requests

from tests.e2e.processes import Credentials, Server, eventually, exported, make_application, serving

pytestmark = pytest.mark.e2e

_PROJECTIONS = ("players.sqlite", "activity.sqlite", "events.duckdb")


class Caller:
    """Calls of both APIs with one application's keys, over one kept-alive connection."""

    def __init__(self, server: Server, credentials: Credentials) -> None:
        self._server, self._credentials = server, credentials
        self._session = requests.Session()

    def close(self) -> None:
        self._session.close()

    def send(
        self, method: str, path: str, body: Any = None, *, secret: bool = False, idempotency_key: str | None = None
    ) -> requests.Response:
        headers = {"X-API-Key": self._credentials.secret_key if secret else self._credentials.public_key}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        return self._session.request(method, f"{self._server.url}/v1{path}", json=body, headers=headers, timeout=90)

    def data(self, method: str, path: str, body: Any = None, *, secret: bool = False) -> Any:
        answer = self.send(method, path, body, secret=secret)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()["data"]

    def register(self, external_id: str) -> str:
        return str(self.data("POST", "/players/players", {"external_id": external_id})["id"])

    def known(self, external_id: str) -> Any:
        """The player with this external id, None when there is none."""
        answer = self.send("GET", f"/players/players/external/{external_id}", secret=True)
        return answer.json()["data"] if answer.status_code == 200 else None

    def telemetry(self, *events: dict[str, Any]) -> None:
        """Send a batch to the telemetry API."""
        stamped = [{"app_id": self._credentials.app_id, "build_id": "b", **event} for event in events]
        answer = self._session.post(
            self._server.events_url,
            data=msgpack.packb(stamped),
            headers={"x-public-token": self._credentials.public_key},
            timeout=90,
        )
        assert answer.status_code == 200, answer.text


@contextmanager
def calling(server: Server, credentials: Credentials) -> Iterator[Caller]:
    caller = Caller(server, credentials)
    try:
        yield caller
    finally:
        caller.close()


class Busy:
    """Does one numbered thing after another until the server is gone; keeps the numbers that were acknowledged."""

    def __init__(self, server: Server, credentials: Credentials, do: Callable[[Caller, int], Any]) -> None:
        self.acknowledged: list[int] = []
        self.begun = 0
        self._caller, self._do = Caller(server, credentials), do
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        with suppress(requests.RequestException):
            while True:
                self.begun += 1
                self._do(self._caller, self.begun)
                self.acknowledged.append(self.begun)
        self._caller.close()


def _identity(player_id: str, at: str) -> dict[str, Any]:
    return {"event_name": "Create_Player", "player_id": player_id, "timestamp": at, "region": "EU"}


def _played(player_id: str, session_id: str, at: str) -> dict[str, Any]:
    return {"event_name": "Level_Start", "player_id": player_id, "session_id": session_id, "timestamp": at}


def test_kill_9_loses_nothing_that_the_player_api_acknowledged_and_repeats_nothing(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    now = datetime.now(UTC).isoformat()
    with serving(workspace) as server:
        credentials = make_application(workspace)
        with calling(server, credentials) as caller:
            buyer = caller.register("buyer")

        def buy(caller: Caller, number: int) -> None:
            caller.data("POST", f"/players/players/{buyer}/purchase?amount=0.01&transaction_id=t{number}")

        def track(caller: Caller, number: int) -> None:
            event = {"player_id": buyer, "event_name": "Numbered", "properties": {"number": number}}
            caller.data("POST", "/events/events", event)

        def track_once(caller: Caller, number: int) -> None:
            event = {"player_id": buyer, "event_name": "Once", "event_id": f"e{number}"}
            caller.data("POST", "/events/events", event)

        registering = Busy(server, credentials, lambda caller, number: caller.register(f"registered-{number}"))
        buying = Busy(server, credentials, buy)
        tracking = Busy(server, credentials, track)
        tracking_once = Busy(server, credentials, track_once)
        playing = Busy(server, credentials, lambda caller, n: caller.telemetry(_identity(f"played-{n}", now)))
        all_busy = (registering, buying, tracking, tracking_once, playing)
        eventually(lambda: all(len(busy.acknowledged) > 20 for busy in all_busy), "everything is accepted")
        server.kill()
        for busy in all_busy:
            busy.join()

    with serving(workspace) as server, calling(server, credentials) as caller:
        for number in registering.acknowledged:
            assert caller.known(f"registered-{number}") is not None
        for number in playing.acknowledged:  # the projector may still be behind
            eventually(lambda n=number: caller.known(f"played-{n}"), "a player of telemetry is known")  # type: ignore[misc]
        revenue = round(caller.known("buyer")["total_revenue"] * 100)
        assert len(buying.acknowledged) <= revenue <= buying.begun
        # Whoever got no answer sends the same again: nothing may be there twice.
        for number in (buying.acknowledged[-1], buying.begun):
            buy(caller, number)
        for number in (tracking_once.acknowledged[-1], tracking_once.begun):
            track_once(caller, number)
        assert round(caller.known("buyer")["total_revenue"] * 100) == buying.begun

    recorded = exported(workspace, tmp_path / "out.ndjson")
    numbers = [event["properties"]["number"] for event in recorded if event.get("event_name") == "Numbered"]
    assert set(tracking.acknowledged) <= set(numbers)
    assert len(numbers) == len(set(numbers)) <= tracking.begun
    once = [event["event_id"] for event in recorded if event.get("event_name") == "Once"]
    assert sorted(once) == sorted(f"e{number}" for number in range(1, tracking_once.begun + 1))
    assert [event["seq"] for event in recorded] == sorted({event["seq"] for event in recorded})


def _answers(caller: Caller) -> dict[str, Any]:
    """What the API says of every player, but for what the clock changes from one second to the next."""
    found = {}
    for player in caller.data("GET", "/players/players?limit=200", secret=True)["players"]:
        path = f"/players/players/{player['id']}"
        lifecycle = caller.data("GET", f"{path}/lifecycle", secret=True)
        risk = caller.data("GET", f"{path}/churn-risk", secret=True)
        segments = caller.data("GET", f"/segments/player/{player['id']}")["segments"]
        stable = {key: lifecycle[key] for key in ("stage", "typical_gap_days", "thresholds", "next_transition_at")}
        factors = [factor["factor"] for factor in risk["factors"]]
        stable["risk"] = (risk["risk_level"], risk["confidence"], factors)
        found[player["external_id"] or player["device_id"]] = (player, stable, segments)
    return found


def test_projections_that_are_gone_are_made_again_with_the_same_answers(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    now = datetime.now(UTC)

    def ago(days: float) -> str:
        return (now - timedelta(days=days)).isoformat()

    def purchase(caller: Caller) -> bytes:
        return caller.send("POST", f"/players/players/{both}/purchase?amount=1", idempotency_key="k").content

    def tracked(caller: Caller) -> int:
        event = {"player_id": both, "event_name": "e", "event_id": "1"}
        return caller.send("POST", "/events/events", event).status_code

    with serving(workspace) as server:
        credentials = make_application(workspace)
        with calling(server, credentials) as caller:
            for name, last_seen in (("regular", 0.1), ("fading", 6), ("gone", 40)):
                days = [last_seen + 1.5 * n for n in range(6)]
                caller.telemetry(
                    _identity(name, ago(days[-1])), *(_played(name, f"{name}-{day}", ago(day)) for day in days)
                )
            both = caller.register("regular")  # the one of telemetry
            caller.data("PATCH", f"/players/players/{both}", {"attributes": {"level": 45, "region": "US"}})
            caller.data("POST", f"/players/players/{both}/purchase?amount=4.99&transaction_id=t")
            caller.data("POST", f"/players/players/{both}/session", {"session_id": "by-hand"})
            bought = purchase(caller)
            assert tracked(caller) == 201
            anonymous = caller.data("POST", "/players/players", {"device_id": "device"})["id"]
            caller.data("POST", "/events/events", {"player_id": anonymous, "event_name": "e", "session_id": "s"})
            for segment, field, value in (("idle", "days_since_last_seen", 5), ("payers", "total_revenue", 1)):
                condition = {"field": field, "operator": ">=", "value": value}
                conditions = {"operator": "AND", "conditions": [condition]}
                caller.data("POST", "/segments/segments", {"id": segment, "conditions": conditions}, secret=True)
            eventually(lambda: (caller.known("gone") or {}).get("session_count") == 6, "telemetry is projected")
            eventually(
                lambda: caller.data("GET", f"/players/players/{anonymous}")["session_count"] == 1, "so are events"
            )
            before = _answers(caller)
    assert {name: player["lifecycle_stage"] for name, (player, *_) in before.items()} == {
        "regular": "active",
        "fading": "at_risk",
        "gone": "churned",
        "device": "new",
    }
    assert before["regular"][0]["session_count"] == 7
    assert [segment["id"] for segment in before["fading"][2]] == ["idle"]

    def without(gone: tuple[str, ...]) -> None:
        copy = tmp_path / f"without-{len(gone)}-{gone[0]}"
        shutil.copytree(workspace, copy)
        for name in gone:
            (copy / name).unlink()
            for beside in copy.glob(f"{name}[-.]*"):
                beside.unlink()
        with serving(copy) as server, calling(server, credentials) as caller:
            eventually(lambda: _answers(caller) == before, f"the answers are the same without {gone}")
            assert (purchase(caller), tracked(caller)) == (bought, 200), "what was sent before is known again"

    with ThreadPoolExecutor() as beside_each_other:
        list(beside_each_other.map(without, [*((name,) for name in _PROJECTIONS), _PROJECTIONS]))


def test_a_server_that_ended_before_it_had_seen_all_telemetry_catches_up(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    now = datetime.now(UTC).isoformat()
    with serving(workspace) as server:
        credentials = make_application(workspace)
        with calling(server, credentials) as caller:
            player_id = caller.register("p-0")
            for session in range(5):
                caller.telemetry(*(_played(f"p-{n}", f"s-{session}", now) for n in range(200)))
        server.kill()
    with serving(workspace) as server, calling(server, credentials) as caller:
        for name in ("p-0", "p-100", "p-199"):
            eventually(lambda name=name: (caller.known(name) or {}).get("session_count") == 5, "telemetry is seen")  # type: ignore[misc]
        assert caller.known("p-0")["id"] == player_id
