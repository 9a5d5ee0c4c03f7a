"""From requests to lines: what each habit of an SDK comes to."""

from datetime import UTC, datetime
from typing import Any

import msgpack
import pytest

from console.messages.integration import IntegrationLine
from console.server.integration.facts import SdkFacts
from console.server.integration.judgement import Limits, judge, worst
from console.server.integration.observation import Observation
from console.server.integration.samples import sample_of

SECOND = 1_000_000
NOW_US = 1_771_000_000 * SECOND
LIMITS = Limits(10.0, "enterprise")


class Sdk:
    """Facts, fed by hand: `send` one request, then read `line`s."""

    def __init__(self) -> None:
        self.facts = SdkFacts("app", "Unity", "10.0.0.7", NOW_US)
        self.at_us = NOW_US
        self._requests = 0

    def send(self, *, after: float = 1.0, **changes: Any) -> None:
        self.at_us += round(after * SECOND)
        self._requests += 1
        values: dict[str, Any] = {
            "request_id": self._requests,
            "received_at_us": self.at_us,
            "route": "/api/events",
            "method": "POST",
            "status": 200,
            "events": 20,
            "body_bytes": 4_000,
            "wire_bytes": 4_000,
            "fingerprint": self._requests,
            "telemetry": str(changes.get("route", "/api/")).startswith("/api/"),
        } | changes
        if values["status"] >= 400:
            values["events"] = 0
        self.facts.note(Observation(**values))

    def sample(self, *events: dict[str, Any]) -> None:
        self.facts.add_sample(sample_of(msgpack.packb(list(events))), self.at_us)

    def lines(self, limits: Limits = LIMITS) -> dict[str, IntegrationLine]:
        return {line.topic: line for line in judge(self.facts, limits, self.at_us)}

    def line(self, topic: str) -> IntegrationLine:
        return self.lines()[topic]


@pytest.fixture
def sdk() -> Sdk:
    return Sdk()


def event(delay_secs: float = 0.5, at_us: int = NOW_US, **changes: Any) -> dict[str, Any]:
    instant = datetime.fromtimestamp(at_us / 1e6 - delay_secs, UTC).isoformat()
    values = {
        "event_name": "Jump",
        "app_id": "app",
        "build_id": "b",
        "player_id": "p",
        "session_id": "s",
        "level_id": "l",
        "position": [1.0, 2.0, 3.0],
        "timestamp": instant,
    } | changes
    return {key: value for key, value in values.items() if value is not None}


IDENTITY = {"event_name": "Create_Player", "session_id": None, "level_id": None, "position": None, "hardware": {"c": 1}}


def trajectory(**changes: Any) -> dict[str, Any]:
    made = event(event_name=None, position=None, positions=[0.0, 0.0, 0.0], fps={"mean": 60.0}, **changes)
    instant = made.pop("timestamp")
    return made | {"timestamp_start": instant, "timestamp_end": instant}


def test_a_careful_client_is_green_throughout(sdk: Sdk) -> None:
    for _ in range(5):
        sdk.send()
    sdk.sample(event(at_us=sdk.at_us), event(at_us=sdk.at_us, **IDENTITY), trajectory(at_us=sdk.at_us), trajectory())
    lines = sdk.lines()
    assert {line.topic: line.verdict for line in lines.values() if line.verdict not in ("good", "unknown")} == {}
    assert worst(list(lines.values())) == "good"
    assert lines["kinds"].found == "player identity, gameplay event and trajectory"


def test_nothing_is_judged_before_anything_was_seen(sdk: Sdk) -> None:
    lines = list(sdk.lines().values())
    assert worst([line for line in lines if line.topic != "refused_again"]) == "unknown"
    assert not [line for line in lines if line.verdict in ("bad", "warn")]


@pytest.mark.parametrize("error", ["missing_token", "invalid_token", "forbidden", "app_scope_mismatch"])
def test_a_wrong_key_says_how_to_get_a_right_one(sdk: Sdk, error: str) -> None:
    sdk.send(status=401, error=error, first_error="There is no x-public-token header.")
    line = sdk.line("key")
    assert (line.verdict, line.request_id) == ("bad", 1)
    assert line.mend
    sdk.send()
    assert sdk.line("key").verdict == "good"


def test_a_rejection_becomes_history_when_much_is_accepted_after_it(sdk: Sdk) -> None:
    sdk.send(status=400, error="invalid_event", first_error="$[3].position: must be 3 numbers")
    assert sdk.line("rejections").verdict == "bad"
    assert "$[3].position" in sdk.line("rejections").reason
    sdk.send()
    assert sdk.line("rejections").verdict == "warn"
    for _ in range(20):
        sdk.send()
    assert sdk.line("rejections").verdict == "good"


def test_requests_without_events_are_an_alarm(sdk: Sdk) -> None:
    sdk.send(status=400, error="invalid_event")
    assert sdk.line("last_event").verdict == "bad"
    sdk.send()
    assert sdk.line("last_event").verdict == "good"
    sdk.send(after=360, status=400, error="invalid_event")
    assert sdk.line("last_event").verdict == "bad"


def test_silence_is_amber_for_an_hour(sdk: Sdk) -> None:
    sdk.send()
    for minutes, verdict in ((4, "good"), (6, "warn"), (70, "unknown")):
        lines = judge(sdk.facts, LIMITS, sdk.at_us + minutes * 60 * SECOND)
        assert next(line for line in lines if line.topic == "last_event").verdict == verdict
        assert worst(lines) == "good"  # a game that is not running is not wrong


def test_single_events_in_a_hurry_should_be_batched(sdk: Sdk) -> None:
    for _ in range(80):
        sdk.send(after=0.25, events=1)
    assert sdk.line("batches").verdict == "warn"
    assert "array" in sdk.line("batches").mend


def test_the_rate_is_told_against_the_limit(sdk: Sdk) -> None:
    for _ in range(9):
        sdk.send(after=0.001)
    assert sdk.line("rate").verdict == "warn"
    assert sdk.lines(Limits(100.0, "enterprise"))["rate"].verdict == "good"
    sdk.send(after=0.001, status=429, error="rate_limited", retry_after_us=SECOND)
    assert sdk.line("rate").verdict == "bad"
    assert sdk.lines(Limits(0.0, "enterprise"))["rate"].verdict == "good"


def test_back_off_is_judged_by_what_comes_next(sdk: Sdk) -> None:
    assert sdk.line("retries").verdict == "unknown"
    sdk.send(status=503, error="storage_unavailable", retry_after_us=2 * SECOND)
    assert (sdk.line("retries").verdict, sdk.line("retries").found) == ("unknown", "not back yet")
    sdk.send(after=2.2)
    assert sdk.line("retries").verdict == "good"
    sdk.send(status=503, error="storage_unavailable", retry_after_us=2 * SECOND)
    sdk.send(after=0.3)
    assert sdk.line("retries").verdict == "warn"  # one pause kept, one not
    assert "1.7 s too early" in sdk.line("retries").reason
    assert sdk.line("retries").request_id == 4


def test_the_same_bytes_twice_are_recorded_twice(sdk: Sdk) -> None:
    sdk.send(fingerprint=7)
    sdk.send(fingerprint=7)
    line = sdk.line("duplicates")
    assert (line.verdict, line.request_id) == ("bad", 2)
    assert "request 1" in line.reason
    sdk.send(after=700)
    assert sdk.line("duplicates").verdict == "good"


def test_a_refused_body_must_not_come_again(sdk: Sdk) -> None:
    sdk.send(fingerprint=7, status=400, error="invalid_event")
    assert sdk.line("refused_again").verdict == "good"
    sdk.send(fingerprint=7, status=400, error="invalid_event")
    assert sdk.line("refused_again").verdict == "bad"


def test_a_body_refused_for_now_may_come_again(sdk: Sdk) -> None:
    sdk.send(fingerprint=7, status=503, error="storage_unavailable", retry_after_us=SECOND)
    sdk.send(after=1, fingerprint=7)
    lines = sdk.lines()
    assert lines["refused_again"].verdict == lines["duplicates"].verdict == lines["retries"].verdict == "good"


def test_what_fault_injection_did_is_not_held_against_the_client(sdk: Sdk) -> None:
    sdk.send(fingerprint=7, injected=True)  # stored, but the answer was lost
    sdk.send(fingerprint=7)
    sdk.send(fingerprint=8, status=503, error="injected", injected=True, retry_after_us=SECOND)
    sdk.send(after=1.5, fingerprint=8)
    lines = sdk.lines()
    assert lines["duplicates"].verdict == lines["rejections"].verdict == lines["retries"].verdict == "good"
    assert sdk.facts.rejected == 0


@pytest.mark.parametrize(
    ("body_bytes", "wire_bytes", "verdict"),
    [(4_000, 4_000, "good"), (40_000, 40_000, "warn"), (40_000, 9_000, "good"), (300, 360, "warn")],
)
def test_compression_is_worth_it_for_large_bodies(sdk: Sdk, body_bytes: int, wire_bytes: int, verdict: str) -> None:
    sdk.send(body_bytes=body_bytes, wire_bytes=wire_bytes)
    assert sdk.line("compression").verdict == verdict


@pytest.mark.parametrize(
    ("delay_secs", "verdict"), [(0.5, "good"), (-1, "good"), (-30, "warn"), (-3600, "bad"), (90, "warn"), (7200, "bad")]
)
def test_the_clock_is_told_from_the_least_delay(sdk: Sdk, delay_secs: float, verdict: str) -> None:
    sdk.sample(event(delay_secs))
    sdk.sample(event(delay_secs + 9_000))  # from a queue that waited without network
    assert sdk.line("clock").verdict == verdict


def test_times_that_are_not_utc_are_told(sdk: Sdk) -> None:
    sdk.sample(event(), event(timestamp="2026-02-12T10:00:00"), event(timestamp="2026-02-12T10:00:00+02:00"))
    line = sdk.line("zone")
    assert line.verdict == "warn"
    assert "1 event named no zone" in line.reason
    assert "1 event had an offset" in line.reason


def test_fields_whose_absence_empties_a_view_are_asked_for(sdk: Sdk) -> None:
    sdk.sample(event(position=None), trajectory() | {"fps": None})
    line = sdk.line("fields")
    assert line.verdict == "warn"
    assert "fps" in line.mend
    assert "position" in line.mend
    assert "gameplay event level_id 100 %" in line.reason


def test_kinds_that_never_come_are_asked_for_once_there_is_enough(sdk: Sdk) -> None:
    sdk.sample(event())
    assert sdk.line("kinds").verdict == "good"
    sdk.sample(*[event()] * 60)
    assert sdk.line("kinds").verdict == "warn"
    assert "Create_Player" in sdk.line("kinds").mend


def test_the_player_api_is_judged_where_it_is_used(sdk: Sdk) -> None:
    api = {"events": 0, "fingerprint": 0}
    assert {sdk.line(topic).verdict for topic in ("registered", "flags", "stream", "sessions", "tier")} == {"unknown"}
    sdk.send(route="/v1/flags/flags/evaluate", **api)
    assert (sdk.line("registered").verdict, sdk.line("flags").verdict) == ("warn", "good")
    sdk.send(route="/v1/players/players", **api)
    assert sdk.line("registered").verdict == "good"
    sdk.send(route="/v1/events/events/stream", method="GET", status=403, error="forbidden", **api)
    assert sdk.line("stream").verdict == "bad"
    for _ in range(3):
        sdk.send(route="/v1/players/players/7f/session", status=404, error="not_found", **api)
    assert sdk.line("sessions").verdict == "bad"


def test_a_tier_is_warned_of_before_it_is_full(sdk: Sdk) -> None:
    for _ in range(85):
        sdk.send(after=0.1, route="/v1/flags/flags/evaluate", events=0, fingerprint=0)
    assert sdk.lines(Limits(10.0, "free"))["tier"].verdict == "warn"
    assert sdk.lines(Limits(10.0, "growth"))["tier"].verdict == "good"


def test_every_red_or_amber_line_says_what_to_do(sdk: Sdk) -> None:
    sdk.send(status=401, error="invalid_token")
    sdk.send(fingerprint=7, status=429, error="rate_limited", retry_after_us=SECOND)
    sdk.send(after=0.1, fingerprint=7, status=400, error="invalid_event")
    sdk.send(fingerprint=7, status=400, error="invalid_event")
    for _ in range(2):
        sdk.send(fingerprint=9, body_bytes=50_000, wire_bytes=50_000)
    sdk.sample(*[event(-9_000, timestamp="2026-02-12T10:00:00", position=None)] * 60)
    found = [line for line in sdk.lines().values() if line.verdict in ("bad", "warn")]
    assert len(found) >= 8
    assert not [line.topic for line in found if not line.mend]
    assert not [line.topic for line in sdk.lines().values() if not line.reason.endswith((".", "!"))]


def test_each_api_has_pauses_of_its_own(sdk: Sdk) -> None:
    api = {"route": "/v1/flags/flags/evaluate", "events": 0, "fingerprint": 0}
    sdk.send(status=429, error="rate_limited", retry_after_us=2 * SECOND)
    sdk.send(after=0.1, **api)
    assert sdk.line("retries").verdict == "unknown"
    assert sdk.line("player_retries").found == "never refused"
    sdk.send(status=429, error="rate_limited", retry_after_us=2 * SECOND, **api)
    sdk.send(after=0.1, **api)
    assert sdk.line("player_retries").verdict == "bad"
    assert sdk.line("player_retries").part == "player_api"


def test_who_is_refused_for_the_traffic_of_others_is_told_so(sdk: Sdk) -> None:
    sdk.send(status=429, error="rate_limited", retry_after_us=SECOND)
    assert sdk.line("rate").verdict == "warn"
    assert "other SDKs" in sdk.line("rate").mend
