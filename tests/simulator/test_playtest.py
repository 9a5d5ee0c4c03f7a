from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from console.simulator.level_plan import LevelPlan
from console.simulator.playtest import Playtest, PlaytestSettings, SentEvent
from console.simulator.profiles import BUILDS
from console.telemetry.coordinates import to_viewer


def _played(plan: LevelPlan, settings: PlaytestSettings) -> list[SentEvent]:
    assert settings.duration_secs is not None
    return list(Playtest(plan, settings).advance(settings.duration_secs + 1))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def long_settings() -> PlaytestSettings:
    started_at = datetime(2026, 2, 12, 10, tzinfo=UTC)
    return PlaytestSettings(app_id="a", players=10, seed=7, started_at=started_at, duration_secs=900.0)


@pytest.fixture(scope="module")
def long_playtest(plan: LevelPlan, long_settings: PlaytestSettings) -> list[SentEvent]:
    return _played(plan, long_settings)


def test_the_same_settings_give_the_same_events(plan: LevelPlan, settings: PlaytestSettings) -> None:
    assert _played(plan, settings) == _played(plan, settings)


def test_it_does_not_matter_in_what_steps_time_passes(plan: LevelPlan, settings: PlaytestSettings) -> None:
    settings = replace(settings, duration_secs=40.0)
    playtest = Playtest(plan, settings)
    stepwise = [event for step in range(500) for event in playtest.advance(step * 0.137)]
    assert stepwise == _played(plan, settings)
    assert playtest.over


def test_another_seed_or_start_gives_other_sessions(plan: LevelPlan, settings: PlaytestSettings) -> None:
    def sessions(settings: PlaytestSettings) -> set[str]:
        return {event["session_id"] for _, event in _played(plan, settings) if "session_id" in event}

    settings = replace(settings, duration_secs=20.0)
    later = replace(settings, started_at=settings.started_at + timedelta(seconds=1))
    assert not sessions(settings) & sessions(replace(settings, seed=8))
    assert not sessions(settings) & sessions(later)


def test_events_are_what_the_api_documents(long_playtest: list[SentEvent]) -> None:
    common = {"app_id", "build_id", "player_id"}
    for _, event in long_playtest:
        if event.get("event_name") == "Create_Player":
            assert set(event) == common | {"event_name", "timestamp", "region", "hardware"}
            assert event["hardware"]["gpu"]
        elif "event_name" in event:
            gameplay = {"event_name", "session_id", "level_id", "position", "custom_data", "input_method", "timestamp"}
            assert set(event) == common | gameplay
            assert len(event["position"]) == 3
        elif "funnel_step_name" in event:
            assert set(event) == common | {"funnel_step_name", "session_id", "level_id", "timestamp"}
        else:
            trajectory = {
                "session_id",
                "status",
                "input_method",
                "fps",
                "positions",
                "timestamp_start",
                "timestamp_end",
            }
            assert set(event) == common | trajectory
            assert event["fps"]["low_1"] <= event["fps"]["low_5"] <= event["fps"]["mean"]


def test_a_playtest_has_everything_in_it(plan: LevelPlan, long_playtest: list[SentEvent]) -> None:
    names = {event["event_name"] for _, event in long_playtest if "event_name" in event}
    assert {"Create_Player", "Player_Jump", "Item_Pickup", "Door_Open", "Weapon_Fire", "Player_Death"} <= names
    steps = {event["funnel_step_name"] for _, event in long_playtest if "funnel_step_name" in event}
    assert steps == {step.step for step in plan.funnel}
    assert {event["build_id"] for _, event in long_playtest} == {build.build_id for build in BUILDS}


def test_each_player_is_introduced_once_and_first(long_playtest: list[SentEvent]) -> None:
    seen: set[str] = set()
    for _, event in long_playtest:
        player = event["player_id"]
        assert (event.get("event_name") == "Create_Player") == (player not in seen)
        seen.add(player)
    assert len(seen) == 10


def test_funnel_steps_come_in_order_and_fewer_and_fewer_players_reach_them(
    plan: LevelPlan, long_playtest: list[SentEvent]
) -> None:
    reached: dict[str, list[str]] = defaultdict(list)
    for _, event in long_playtest:
        if "funnel_step_name" in event:
            reached[event["session_id"]].append(event["funnel_step_name"])
    order = [step.step for step in plan.funnel]
    assert all(steps == order[: len(steps)] for steps in reached.values())
    counts = [sum(len(steps) > number for steps in reached.values()) for number in range(len(order))]
    assert counts == sorted(counts, reverse=True)
    assert 0 < counts[-1] < counts[0]


def test_trajectories_are_ten_samples_a_second_inside_the_level(
    plan: LevelPlan, long_settings: PlaytestSettings, long_playtest: list[SentEvent]
) -> None:
    low, high = np.array(plan.bounds)
    lengths = []
    for _, event in long_playtest:
        if "positions" in event:
            positions = np.array(event["positions"]).reshape(-1, 3)
            spent = _time(event["timestamp_end"]) - _time(event["timestamp_start"])
            assert spent == timedelta(milliseconds=100) * (len(positions) - 1)
            viewer = to_viewer(positions, plan.telemetry_axes)
            assert ((viewer >= low) & (viewer <= high)).all()
            lengths.append(len(positions))
    assert max(lengths) == long_settings.trajectory_secs * 10
    assert np.median(lengths) == max(lengths)


def test_trajectories_of_a_session_do_not_overlap(long_playtest: list[SentEvent]) -> None:
    ended: dict[str, datetime] = {}
    for _, event in long_playtest:
        if "positions" in event:
            session = event["session_id"]
            assert session not in ended or _time(event["timestamp_start"]) > ended[session]
            ended[session] = _time(event["timestamp_end"])


def test_players_die_at_hazards_and_come_back(plan: LevelPlan, long_playtest: list[SentEvent]) -> None:
    deaths = [event for _, event in long_playtest if event.get("event_name") == "Player_Death"]
    hazards = {hazard.name: hazard for hazard in plan.hazards}
    for event in deaths:
        hazard = hazards[event["custom_data"]["cause"]]
        where = to_viewer(np.array([event["position"]]), plan.telemetry_axes)[0]
        assert np.linalg.norm(where - hazard.centre) <= hazard.radius + 0.01
    died_in = {event["session_id"]: _time(event["timestamp"]) for event in deaths}
    assert any(
        event.get("session_id") in died_in and _time(event["timestamp_start"]) > died_in[event["session_id"]]
        for _, event in long_playtest
        if "positions" in event
    )


def test_time_stamps_lie_within_the_playtest(long_settings: PlaytestSettings, long_playtest: list[SentEvent]) -> None:
    started_at = long_settings.started_at
    for _, event in long_playtest:
        for key in ("timestamp", "timestamp_start", "timestamp_end"):
            if key in event:
                assert event[key].endswith("Z")
                assert started_at <= _time(event[key]) <= started_at + timedelta(seconds=900)


def test_stopping_early_sends_what_was_played(plan: LevelPlan, settings: PlaytestSettings) -> None:
    playtest = Playtest(plan, replace(settings, players=1, duration_secs=None))
    before = list(playtest.advance(12.0))
    rest = list(playtest.stop())
    assert playtest.over
    assert list(playtest.advance(100.0)) == []
    samples = sum(len(event["positions"]) // 3 for _, event in before + rest if "positions" in event)
    assert samples == 12 * 10


def test_a_start_without_a_zone_is_refused(plan: LevelPlan, settings: PlaytestSettings) -> None:
    with pytest.raises(ValueError, match="time zone"):
        Playtest(plan, replace(settings, started_at=datetime(2026, 2, 12)))  # noqa: DTZ001 - that is the point
