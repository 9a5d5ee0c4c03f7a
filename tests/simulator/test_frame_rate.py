from dataclasses import replace
from random import Random

import pytest

from console.simulator.frame_rate import FrameRateMeter
from console.simulator.level_plan import LevelPlan
from console.simulator.profiles import BUILDS, HARDWARE, Profile, draw_profile


@pytest.fixture
def profile() -> Profile:
    return draw_profile(0, Random(1))


def _meter(plan: LevelPlan, profile: Profile) -> FrameRateMeter:
    return FrameRateMeter(plan, profile, Random(2))


def test_the_slowest_frames_are_never_above_the_mean(plan: LevelPlan, profile: Profile) -> None:
    for hardware in HARDWARE:
        meter = _meter(plan, replace(profile, hardware=hardware))
        for place in plan.places().values():
            for _ in range(20):
                meter.sample(place)
            rates = meter.take()
            assert 0 < rates["low_1"] <= rates["low_5"] <= rates["mean"] <= hardware.frames_cap


def test_one_sample_is_enough(plan: LevelPlan, profile: Profile) -> None:
    meter = _meter(plan, profile)
    meter.sample(plan.bad_spots[0].centre)
    assert set(meter.take()) == {"mean", "low_5", "low_1"}


def test_it_dips_in_bad_spots(plan: LevelPlan, profile: Profile) -> None:
    meter = _meter(plan, profile)
    usual = meter.usual_at(plan.places()[plan.spawns[0].waypoint])
    for spot in plan.bad_spots:
        assert meter.usual_at(spot.centre) == pytest.approx(
            usual * spot.frame_rate_factor ** (1 + 0.5 * profile.hardware.weakness)
        )
        x, y, z = spot.centre
        assert meter.usual_at((x + spot.radius / 2, y, z)) > meter.usual_at(spot.centre)


def test_weak_hardware_and_the_older_build_are_slower(plan: LevelPlan, profile: Profile) -> None:
    place = plan.places()[plan.spawns[0].waypoint]
    rates = [_meter(plan, replace(profile, hardware=hardware)).usual_at(place) for hardware in HARDWARE]
    assert rates == sorted(rates, reverse=True)
    old, new = (_meter(plan, replace(profile, build=build)).usual_at(place) for build in BUILDS)
    assert old < new
