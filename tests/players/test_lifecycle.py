import pytest
from hypothesis import given, settings

from console.players.days import pause_days, presence
from console.players.definitions import ChurnWindow, Lifecycle
from console.players.instants import instant_us
from console.players.lifecycle import lifecycle, stage_of
from console.players.profiles import DAY_US, Profile
from tests.players.made_profiles import HOUR_US, instants, on, played, profiles, session, windows

# Every day for 20 days, the last time at noon: the usual pause is one day.
REGULAR = played(*range(20))
LEFT = REGULAR.last_seen_us


@pytest.mark.parametrize(
    ("days_away", "stage"),
    [
        (0, "active"),
        (2.4999, "active"),
        (2.5, "at_risk"),
        (6.9999, "at_risk"),
        (7, "dormant"),
        (13.9999, "dormant"),
        (14, "churned"),
        (1_000, "churned"),
    ],
)
def test_a_regular_player_stays_away(days_away: float, stage: str) -> None:
    assert stage_of(REGULAR, LEFT + round(days_away * DAY_US), "mid_core") == stage


@pytest.mark.parametrize(
    ("window", "at_risk", "dormant", "churned"),
    [("casual", 2.5, 4.0, 7.0), ("mid_core", 2.5, 7.0, 14.0), ("strategy", 2.5, 15.0, 30.0)],
)
def test_the_churn_window_sets_the_thresholds(
    window: ChurnWindow, at_risk: float, dormant: float, churned: float
) -> None:
    told = lifecycle(REGULAR, LEFT, window)
    assert told.thresholds == {"at_risk": at_risk, "dormant": dormant, "churned": churned}
    assert told.churn_window_days == churned


def test_a_weekly_player_is_measured_by_weeks() -> None:
    weekly = played(0, 7, 14, 21)
    told = lifecycle(weekly, weekly.last_seen_us + 10 * DAY_US, "mid_core")
    assert told == Lifecycle(
        player_id="p",
        stage="active",
        days_since_last_activity=10.0,
        typical_gap_days=7.0,
        churn_window_days=14,
        thresholds={"at_risk": 17.5, "dormant": 28.0, "churned": 42.0},
        next_transition_at="2026-03-23T00:00:00Z",
        reason="Last seen 10 days ago; the usual pause is 7 days, so at risk begins after 17.5 days.",
    )


def test_a_player_is_new_for_seven_days() -> None:
    fresh = played(0, 1)
    assert stage_of(fresh, fresh.first_seen_us, "mid_core") == "new"
    daily = played(0, 1, 2, 3, 4, 5, 6, 7)
    assert stage_of(daily, daily.first_seen_us + 7 * DAY_US - 1, "mid_core") == "new"
    assert stage_of(daily, daily.first_seen_us + 7 * DAY_US, "mid_core") == "active"


def test_a_new_player_can_be_at_risk() -> None:
    """The first that holds is the stage: 2 days are assumed as the usual pause, so 5 days away are a risk."""
    assert stage_of(played(0), on(0.5) + 5 * DAY_US, "mid_core") == "at_risk"


def test_who_returns_after_the_churn_window_is_resurrected_for_seven_days() -> None:
    back = played(0, 1, 2, 16, sessions=(session(16.4), session(16.45)))
    assert stage_of(back, back.last_seen_us, "mid_core") == "resurrected"
    assert stage_of(back, back.last_seen_us, "strategy") == "active"
    daily = played(0, 1, 2, *range(16, 30), sessions=(session(16.4), session(16.45)))
    assert stage_of(daily, on(16.4) + 7 * DAY_US, "mid_core") == "resurrected"
    assert stage_of(daily, on(16.4) + 7 * DAY_US + 1, "mid_core") == "active"
    assert stage_of(played(0, 1, 2, 15), on(15.5), "mid_core") == "active"  # 13 days were no churn


def test_without_sessions_the_return_is_the_last_instant_it_can_have_been() -> None:
    daily = played(0, 1, 2, *range(16, 30))
    assert stage_of(daily, on(24) - 1, "mid_core") == "resurrected"
    assert stage_of(daily, on(24), "mid_core") == "active"


def test_the_stage_is_told_of_the_past_too() -> None:
    gone_and_back = played(0, 1, 2, 3, 40, sessions=(session(3.5), session(40.5)))
    assert [stage_of(gone_and_back, on(day), "mid_core") for day in (-5, 1.5, 6.5, 11, 30, 40.6)] == [
        "new",
        "new",
        "at_risk",
        "dormant",
        "churned",
        "resurrected",
    ]


def test_the_reasons_in_words() -> None:
    assert lifecycle(REGULAR, LEFT + 3 * DAY_US, "mid_core").reason == (
        "Away for 3 days; the usual pause is 1 day, so at risk begins after 2.5 days."
    )
    assert lifecycle(REGULAR, LEFT + 8 * DAY_US, "mid_core").reason == (
        "Away for 8 days; the usual pause is 1 day, so dormant begins after 7 days."
    )
    assert lifecycle(played(0), on(30.5), "mid_core").reason == (
        "Away for 30 days; too few active days to know the usual pause, 2 days are assumed, "
        "so churned begins after 14 days."
    )
    assert lifecycle(played(0), on(0.5) + 5 * HOUR_US, "mid_core").reason == "First seen 5 h ago: new for 7 days."
    assert lifecycle(played(0), on(0.5) + 59_000_000, "mid_core").reason == "First seen just now: new for 7 days."
    assert lifecycle(REGULAR, LEFT, "mid_core").reason == (
        "Last seen just now; the usual pause is 1 day, so at risk begins after 2.5 days."
    )
    back = played(0, 1, 2, 16, sessions=(session(16.5),))
    assert lifecycle(back, on(17.5), "mid_core").reason == "Came back 1 day ago after a pause of 14 days or more."


def test_churned_is_the_end_of_staying_away() -> None:
    assert lifecycle(REGULAR, LEFT + 20 * DAY_US, "mid_core").next_transition_at is None


@settings(deadline=None)
@given(profiles(), instants, windows)
def test_the_next_transition_is_the_first_change_if_the_player_stays_away(
    profile: Profile, now_us: int, window: ChurnWindow
) -> None:
    now_us = max(now_us, profile.last_seen_us)
    told = lifecycle(profile, now_us, window)
    assert told.stage == stage_of(profile, now_us, window)
    assert (told.next_transition_at is None) == (told.stage == "churned")
    if told.next_transition_at is not None:
        change = instant_us(told.next_transition_at, "$")
        assert change > now_us
        assert stage_of(profile, change, window) != told.stage
        for between in (now_us + 1, (now_us + change) // 2, change - 1):
            assert between <= now_us or stage_of(profile, between, window) == told.stage


@settings(deadline=None)
@given(profiles(), instants, windows)
def test_the_stage_is_the_first_of_the_documented_rules(profile: Profile, now_us: int, window: ChurnWindow) -> None:
    """The contract once more, in days as plain numbers."""
    known = presence(profile, now_us)
    gap, pause = known.away_us / DAY_US, pause_days(known.days)
    churn = {"casual": 7, "mid_core": 14, "strategy": 30}[window]
    stage = stage_of(profile, now_us, window)
    if gap >= max(churn, 6 * pause):
        assert stage == "churned"
    elif gap >= max(churn / 2, 4 * pause):
        assert stage == "dormant"
    elif gap >= max(2, 2.5 * pause):
        assert stage == "at_risk"
    else:
        assert stage in ("resurrected", "new" if known.now_us - known.first_us < 7 * DAY_US else "active")
        pauses = [(after, after - before) for before, after in zip(known.days, known.days[1:], strict=False)]
        back = [day for day, length in pauses if length >= churn and known.now_us - (day + 1) * DAY_US <= 6 * DAY_US]
        long_ago = [day for day, length in pauses if length >= churn and known.now_us - day * DAY_US > 8 * DAY_US]
        if back:
            assert stage == "resurrected"
        if not pauses or len(long_ago) == len([1 for _, length in pauses if length >= churn]):
            assert stage != "resurrected"
    told = lifecycle(profile, now_us, window)
    assert told.thresholds["at_risk"] <= told.thresholds["dormant"] <= told.thresholds["churned"]
