import json
import math
import random

import msgspec
import pytest
from hypothesis import given, settings

from console.players.churn_risk import churn_risk, probability_alive, risk_level, risk_score
from console.players.definitions import ChurnRisk, ChurnWindow
from console.players.profiles import DAY_US, Profile
from tests.players.made_profiles import instants, on, played, profiles, session, windows

# Every day for 42 days, one session of an hour each.
REGULAR = played(*range(42), sessions=tuple(session(day + 0.4) for day in range(42)), session_count=42)
LEFT = REGULAR.last_seen_us


def parts(risk: ChurnRisk) -> dict[str, float]:
    return {factor.factor: round(factor.contribution, 9) for factor in risk.factors}


def test_probability_alive_is_the_documented_formula() -> None:
    x, t, now = 9, 30.0, 44.0
    expected = 1 / (1 + (0.6 / (1.6 + x)) * ((2 + now) / (2 + t)) ** (0.55 + x))
    assert probability_alive(x + 1, t, now) == pytest.approx(expected, rel=1e-12)
    assert probability_alive(1, 0.0, 0.0) == pytest.approx(1 / (1 + 0.6 / 1.6))
    assert probability_alive(10_000, 100.0, 100_000.0) == pytest.approx(0.0)


def test_who_plays_as_ever_has_a_low_risk() -> None:
    risk = churn_risk(REGULAR, LEFT, "mid_core")
    assert parts(risk)["session_decline"] == 0.0
    assert parts(risk)["playtime_decline"] == 0.0
    assert risk.risk_level == "low"
    assert risk.player_id == "p"
    assert risk.prediction_date == "2026-03-25T12:00:00Z"
    assert risk.confidence == round(42 / 47, 4)


def test_the_longer_away_the_higher_the_risk() -> None:
    scores = [risk_score(REGULAR, LEFT + day * DAY_US, "mid_core") for day in range(60)]
    assert scores == sorted(scores)
    assert scores[0] < 0.05
    assert scores[-1] > 0.95


def test_a_decline_is_measured_against_the_windows_before() -> None:
    """Two sessions of an hour a day before, now one of half an hour: half the sessions, a quarter of the time."""
    before = [session(day + part) for day in range(28) for part in (0.2, 0.4)]
    now = [session(day + 0.4, hours=0.5) for day in range(28, 42)]
    slower = played(*range(42), sessions=(*before, *now), session_count=70)
    risk = churn_risk(slower, on(42), "mid_core")
    assert parts(risk)["session_decline"] == pytest.approx(0.20 / 0.90 * 0.5)
    assert parts(risk)["playtime_decline"] == pytest.approx(0.15 / 0.90 * 0.75)
    described = {factor.factor: factor.description for factor in risk.factors}
    assert described["session_decline"] == "14 sessions in the last 14 days, 28 in as many days before."
    assert described["playtime_decline"] == "420 min of play in the last 14 days, 1,680 in as many days before."


def test_without_a_past_nothing_declines() -> None:
    young = played(0, 1, sessions=(session(0.4), session(1.4)), session_count=2)
    assert list(parts(churn_risk(young, on(2), "mid_core"))) == ["inactivity"]
    eventless = played(*range(42), session_count=0)
    assert list(parts(churn_risk(eventless, on(42), "mid_core"))) == ["inactivity"]
    first_time = played(*range(42), sessions=(session(41.4),), session_count=1)
    assert list(parts(churn_risk(first_time, on(42), "mid_core"))) == ["inactivity"]


def test_sessions_without_durations_are_not_compared_by_play_time() -> None:
    sessions = tuple(session(day + 0.4, hours=0) for day in range(42))
    risk = churn_risk(played(*range(42), sessions=sessions, session_count=42), on(42), "mid_core")
    assert list(parts(risk)) == ["inactivity", "session_decline"]


def test_who_is_away_longer_than_sessions_are_kept_has_declined_to_nothing() -> None:
    gone = played(*range(42), sessions=(), session_count=42)
    assert parts(churn_risk(gone, on(150), "mid_core"))["session_decline"] == pytest.approx(0.20 / 0.75)
    back = played(0, 150, sessions=(session(150.4),), session_count=42)
    assert parts(churn_risk(back, on(151), "mid_core"))["session_decline"] == 0.0


def test_of_payers_a_month_without_a_purchase_counts() -> None:
    payer = msgspec.structs.replace(REGULAR, purchases=1, revenue_minor=499, last_purchase_us=LEFT - 29 * DAY_US)
    assert parts(churn_risk(payer, LEFT, "mid_core"))["no_purchase_30d"] == 0.0
    risk = churn_risk(payer, LEFT + DAY_US, "mid_core")
    assert parts(risk)["no_purchase_30d"] == pytest.approx(0.10)
    assert risk.factors[-1].description == "The last purchase was 30 days ago; it counts from 30 days on."
    assert "no_purchase_30d" not in parts(churn_risk(payer, LEFT - 40 * DAY_US, "mid_core"))  # not bought yet


@pytest.mark.parametrize(
    ("score", "level"),
    [
        (0, "low"),
        (0.2999, "low"),
        (0.3, "medium"),
        (0.5999, "medium"),
        (0.6, "high"),
        (0.7999, "high"),
        (0.8, "critical"),
    ],
)
def test_levels(score: float, level: str) -> None:
    assert risk_level(score) == level


@settings(deadline=None)
@given(profiles(), instants, windows)
def test_contributions_add_up_to_the_score_exactly_in_any_order(
    profile: Profile, now_us: int, window: ChurnWindow
) -> None:
    risk = churn_risk(profile, now_us, window)
    sent = json.loads(msgspec.json.encode(risk))
    contributions = [factor["contribution"] for factor in sent["factors"]]
    for _ in range(3):
        random.shuffle(contributions)
        total = 0.0
        for contribution in contributions:
            total += contribution
        assert total == math.fsum(contributions) == sent["risk_score"] == risk_score(profile, now_us, window)
    assert all(contribution >= 0 for contribution in contributions)
    assert 0.0 <= risk.risk_score <= 1.0
    assert 0.0 < risk.confidence < 1.0
    assert risk.factors[0].factor == "inactivity"


@settings(deadline=None)
@given(profiles(), windows)
def test_once_sessions_are_past_comparing_inactivity_only_grows(profile: Profile, window: ChurnWindow) -> None:
    at = [profile.last_seen_us + days * DAY_US for days in (0, 1, 7, 30, 365)]
    inactivity = [churn_risk(profile, now_us, window).factors[0] for now_us in at]
    alive = [factor.description.rsplit(": ")[-1] for factor in inactivity]
    assert all(text.endswith("likely still to play.") for text in alive)
    bounds = {"less than 1": "0", "more than 99": "100"}
    percentages = [int(bounds.get(text.partition("%")[0], text.partition("%")[0])) for text in alive]
    assert percentages == sorted(percentages, reverse=True)
