"""The small parts of the integration check: families, pauses, repetitions, pace, words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.server.integration.facts import player_use
from console.server.integration.families import MAX_FAMILY_CHARS, NO_FAMILY, family_of
from console.server.integration.pace import Pace
from console.server.integration.repeats import MAX_REMEMBERED, Repeats
from console.server.integration.retries import Retries
from console.server.integration.words import count, length, listed, size

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("user_agent", "family"),
    [
        ("", NO_FAMILY),
        ("   ", NO_FAMILY),
        ("UnityPlayer/2022.3.10f1 (UnityWebRequest/1.0, libcurl/8.1.1-DEV)", "Unity"),
        ("MyGame/++UE5+Release-5.3-CL-29314046 Windows/10.0.19045", "Unreal Engine"),
        ("GodotEngine/4.2.1.stable.official (Linux)", "Godot"),
        ("Python/3.11 aiohttp/3.14.5", "Python"),
        ("python-requests/2.32.3", "Python"),
        ("Go-http-client/1.1", "Go"),
        ("node", "Node.js"),
        ("curl/8.5.0", "curl"),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "Browser"),
        ("Playtest-Simulator", "Playtest-Simulator"),
        ("my-telemetry/1.4.2 (build 77)", "my-telemetry"),
        ("playtest-console-test/0f3c", "Test event"),
        ("///", "///"),
    ],
)
def test_a_family_is_the_engine_or_the_product_without_its_version(user_agent: str, family: str) -> None:
    assert family_of(user_agent) == family


@given(st.text(max_size=300))
def test_every_user_agent_has_a_short_family(user_agent: str) -> None:
    assert 0 < len(family_of(user_agent)) <= MAX_FAMILY_CHARS


def told(retries: Retries, at_us: int, status: int = 503, secs: int = 2) -> None:
    retries.note(at_us, status, secs * SECOND, 1)


def test_a_client_that_waits_kept_the_pause() -> None:
    retries = Retries()
    told(retries, 10 * SECOND)
    assert retries.pending
    retries.note(12 * SECOND, 200, 0, 2)
    assert (retries.refusals, retries.waited, retries.early, retries.pending) == (1, 1, 0, False)


def test_waking_up_a_little_early_is_no_fault() -> None:
    retries = Retries()
    told(retries, 10 * SECOND)
    retries.note(12 * SECOND - 40_000, 200, 0, 2)
    assert (retries.waited, retries.early) == (1, 0)


def test_every_request_within_the_pause_is_too_early() -> None:
    retries = Retries()
    told(retries, 10 * SECOND)
    told(retries, 10 * SECOND + 100_000)
    retries.note(11 * SECOND, 200, 0, 7)
    retries.note(13 * SECOND, 200, 0, 8)
    assert (retries.refusals, retries.early, retries.broken, retries.waited) == (2, 2, 1, 0)
    assert retries.earliest_us == 1_900_000
    assert retries.last_early_request == 7


def test_requests_of_the_same_instant_prove_nothing() -> None:
    retries = Retries()
    told(retries, 10 * SECOND)
    told(retries, 10 * SECOND)
    assert retries.early == 0


@given(st.lists(st.tuples(st.integers(0, 5_000_000), st.booleans()), max_size=60))
def test_a_client_that_waits_long_enough_is_never_blamed(steps: list[tuple[int, bool]]) -> None:
    retries, at_us = Retries(), SECOND
    for extra_us, refused in steps:
        retries.note(at_us, 429 if refused else 200, SECOND if refused else 0, 1)
        at_us += (SECOND if refused else 0) + extra_us
    assert retries.early == retries.broken == 0
    assert retries.waited <= retries.refusals == sum(refused for _, refused in steps)


def test_a_repetition_names_what_it_repeats() -> None:
    repeats = Repeats()
    assert not repeats.note(11, 1, SECOND)
    assert not repeats.note(12, 2, SECOND)
    assert repeats.note(11, 3, 2 * SECOND)
    assert (repeats.count, repeats.first_request, repeats.last_request, repeats.last_us) == (1, 1, 3, 2 * SECOND)


def test_only_the_newest_bodies_are_remembered() -> None:
    repeats = Repeats()
    for number in range(MAX_REMEMBERED + 1):
        repeats.note(number + 1, number, SECOND)
    assert not repeats.note(1, 999, SECOND)
    assert repeats.note(MAX_REMEMBERED + 1, 1000, SECOND)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=80), st.integers(0, 100))
def test_the_last_minute_is_counted_exactly(steps: list[int], later: int) -> None:
    """Against a list of everything; steps are tenths of a second."""
    pace, at, seconds = Pace(), 10_000, []
    for step in steps:
        at += step
        pace.note(at * 100_000)
        seconds.append(at // 10)
    now = at // 10 + later
    assert pace.lately(now * SECOND) == sum(second > now - 60 for second in seconds)
    if at // 10 - 1_000 <= 600:
        assert pace.peak == max(seconds.count(second) for second in seconds)


@pytest.mark.parametrize(
    ("method", "route", "use"),
    [
        ("POST", "/v1/players/players", "register"),
        ("GET", "/v1/players/players?limit=3", "look-up"),
        ("GET", "/v1/players/players/external/x", "look-up"),
        ("PATCH", "/v1/players/players/7f", "update"),
        ("POST", "/v1/players/players/7f/session", "session"),
        ("POST", "/v1/players/players/7f/purchase?amount=4.99", "purchase"),
        ("POST", "/v1/events/events", "events"),
        ("POST", "/v1/events/events/batch", "events"),
        ("GET", "/v1/events/events/stream?player_id=x", "stream"),
        ("POST", "/v1/flags/flags/evaluate", "flags"),
        ("POST", "/v1/flags/flags/dark_mode/evaluate?explain=1", "flags"),
        ("POST", "/v1/flags/flags", "management"),
        ("POST", "/v1/segments/segments/7f/evaluate", "segments"),
        ("GET", "/v1/segments/player/7f", "segments"),
        ("GET", "/v1/nothing", "other"),
    ],
)
def test_a_request_of_the_player_api_has_a_purpose(method: str, route: str, use: str) -> None:
    assert player_use(method, route) == use


def test_numbers_in_sentences() -> None:
    assert [length(us) for us in (140_000, 2_500_000, -42_000_000, 720_000_000, 3 * 3600 * SECOND)] == [
        "140 ms",
        "2.5 s",
        "42 s",
        "12 min",
        "3 h",
    ]
    assert length(72 * 3600 * SECOND) == "3 days"
    assert [count(1, "body"), count(1204, "body"), count(0, "request")] == ["1 body", "1,204 bodies", "0 requests"]
    assert [size(17), size(17_250), size(2e6)] == ["17 bytes", "17.2 kB", "2.0 MB"]
    assert [listed([]), listed(["a"]), listed(["a", "b", "c"])] == ["", "a", "a, b and c"]
