"""A player's lifecycle stage: computed whenever it is read, from the profile and an instant alone.

g is the time since the last activity, c the usual pause between active days, W the application's churn window. The
first that holds is the stage: churned g ≥ max(W, 6c) · dormant g ≥ max(W/2, 4c) · at_risk g ≥ max(2, 2.5c) ·
resurrected, back for at most 7 days after a pause of W or more · new, first seen less than 7 days ago · active.
A pause is measured by what is usual for the player: who plays once a week is not at risk after three days.
"""

from typing import NamedTuple

from console.players.days import Presence, pause_days, presence
from console.players.definitions import ChurnWindow, Lifecycle, Stage
from console.players.instants import iso_text
from console.players.profiles import DAY_US, Profile
from console.players.time_words import ago_text, span_text

WINDOW_DAYS: dict[ChurnWindow, int] = {"casual": 7, "mid_core": 14, "strategy": 30}

NEW_DAYS = 7
RESURRECTED_DAYS = 7


class _Thresholds(NamedTuple):
    """How long a player has to stay away for each stage, in µs."""

    at_risk: int
    dormant: int
    churned: int


def stage_of(profile: Profile, now_us: int, window: ChurnWindow) -> Stage:
    """The stage alone: for lists and conditions, of very many players."""
    return stage_known(presence(profile, now_us), profile, WINDOW_DAYS[window])


def lifecycle(profile: Profile, now_us: int, window: ChurnWindow) -> Lifecycle:
    """The stage, what it follows from, and when it changes next if the player stays away."""
    window_days = WINDOW_DAYS[window]
    known = presence(profile, now_us)
    pause = pause_days(known.days)
    limits = _thresholds(pause, window_days)
    stage = stage_known(known, profile, window_days)
    changes_at = _next_change(known, profile, window_days, stage)
    return Lifecycle(
        player_id=profile.player_id,
        stage=stage,
        days_since_last_activity=round(known.away_us / DAY_US, 4),
        typical_gap_days=pause,
        churn_window_days=window_days,
        thresholds={name: limit / DAY_US for name, limit in limits._asdict().items()},
        next_transition_at=iso_text(changes_at) if changes_at is not None else None,
        reason=_reason(stage, known, profile, window_days, limits),
    )


def _thresholds(pause: float, window_days: int) -> _Thresholds:
    # A pause is a whole number of days or a half: these are whole numbers of µs.
    return _Thresholds(
        at_risk=int(max(2.0, 2.5 * pause) * DAY_US),
        dormant=int(max(window_days / 2, 4.0 * pause) * DAY_US),
        churned=int(max(float(window_days), 6.0 * pause) * DAY_US),
    )


def stage_known(known: Presence, profile: Profile, window_days: int) -> Stage:
    """The stage of a player whose presence was looked at already."""
    away = known.away_us
    if away >= 2 * DAY_US:  # no player is at risk before
        limits = _thresholds(pause_days(known.days), window_days)
        if away >= limits.churned:
            return "churned"
        if away >= limits.dormant:
            return "dormant"
        if away >= limits.at_risk:
            return "at_risk"
    if _returned_us(known, profile, window_days) is not None:
        return "resurrected"
    return "new" if known.now_us - known.first_us < NEW_DAYS * DAY_US else "active"


def _returned_us(known: Presence, profile: Profile, window_days: int) -> int | None:
    """When the player came back after a pause of the churn window or more, if that is at most 7 days ago.

    Pauses are counted in UTC days, from one active day to the next. The instant is the first session's of the day;
    without one, the last that it can have been.
    """
    days = known.days
    earliest = known.now_us // DAY_US - RESURRECTED_DAYS - 1
    at = len(days) - 1
    while at > 0 and days[at] >= earliest:
        if days[at] - days[at - 1] >= window_days:
            returned = _first_sign(days[at], known, profile)
            return returned if known.now_us - returned <= RESURRECTED_DAYS * DAY_US else None
        at -= 1
    return None


def _first_sign(day: int, known: Presence, profile: Profile) -> int:
    start, end = day * DAY_US, (day + 1) * DAY_US
    starts = [session.started_us for session in profile.sessions if start <= session.started_us < end]
    return min(*starts, known.last_us, end - 1) if starts else min(known.last_us, end - 1)


def _next_change(known: Presence, profile: Profile, window_days: int, stage: Stage) -> int | None:
    if stage == "churned":
        return None
    limits = _thresholds(pause_days(known.days), window_days)
    returned = _returned_us(known, profile, window_days)
    moments = [known.last_us + limit for limit in limits]
    moments.append(known.first_us + NEW_DAYS * DAY_US)
    if returned is not None:
        moments.append(returned + RESURRECTED_DAYS * DAY_US + 1)
    for moment in sorted(moments):
        if moment > known.now_us and stage_known(known._replace(now_us=moment), profile, window_days) != stage:
            return moment
    return None  # pragma: no cover - staying away ends in churned, which is another stage


def _reason(stage: Stage, known: Presence, profile: Profile, window_days: int, limits: _Thresholds) -> str:
    match stage:
        case "churned" | "dormant" | "at_risk":
            begun = span_text(getattr(limits, stage))
            usual = _usual_text(known)
            return f"Away for {span_text(known.away_us)}; {usual}, so {_WORDS[stage]} begins after {begun}."
        case "resurrected":
            back = known.now_us - (_returned_us(known, profile, window_days) or known.now_us)
            return f"Came back {ago_text(back)} after a pause of {window_days} days or more."
        case "new":
            return f"First seen {ago_text(known.now_us - known.first_us)}: new for {NEW_DAYS} days."
        case "active":
            begins = span_text(limits.at_risk)
            return f"Last seen {ago_text(known.away_us)}; {_usual_text(known)}, so at risk begins after {begins}."


_WORDS = {"at_risk": "at risk", "dormant": "dormant", "churned": "churned"}


def _usual_text(known: Presence) -> str:
    pause = pause_days(known.days)
    if len(known.days) < 3:
        return f"too few active days to know the usual pause, {pause:g} days are assumed"
    return f"the usual pause is {pause:g} day{'' if pause == 1 else 's'}"
