"""How likely a player is gone for good: a labelled heuristic, computed whenever it is read.

The score is the weighted mean of the factors that apply, so their contributions sum up to it:

- `inactivity` (.55): 1 − P(alive), P(alive) = 1 / (1 + (a / (b + x)) · ((α + T) / (α + t))^(r + x)). That is the shape
  of the BG/NBD model (Fader, Hardie, Lee 2005) with fixed parameters: x active days after the first, t days from the
  first to the last activity, T days from the first until now.
- `session_decline` (.20), `playtime_decline` (.15): 1 − recent / usual, at least 0. Recent are the sessions begun in
  the last churn window W; usual is the mean of the up to three whole windows of W days before, within the last 60 days
  and since the player was first seen. Who has been known for less than two windows, or has no earlier session, is not
  compared.
- `no_purchase_30d` (.10), of payers: 1 when the last purchase is 30 days past, else 0.
"""

import math
from typing import Literal, NamedTuple

from console.players.days import Presence, presence
from console.players.definitions import ChurnRisk, ChurnWindow, Factor, Stage
from console.players.instants import iso_text
from console.players.lifecycle import WINDOW_DAYS, stage_known
from console.players.profiles import DAY_US, Profile
from console.players.time_words import ago_text

# Sessions that began earlier are not looked at.
SESSION_HISTORY_DAYS = 60
PURCHASE_DAYS = 30

_R, _ALPHA, _A, _B = 0.55, 2.0, 0.6, 1.6
_WEIGHTS = {"inactivity": 0.55, "session_decline": 0.20, "playtime_decline": 0.15, "no_purchase_30d": 0.10}
_MAX_WINDOWS_BEFORE = 3
# Contributions are rounded down to multiples of 2^-40: such numbers add up to the score exactly, in any order and any
# language, and never to more than 1.
_STEPS = 2.0**40


class _Played(NamedTuple):
    """Sessions and seconds of play: within the recent window, and in a mean window before."""

    sessions: float
    usual_sessions: float
    secs: float
    usual_secs: float


def risk_score(profile: Profile, now_us: int, window: ChurnWindow) -> float:
    """The score alone, 0 … 1: for lists and conditions, of very many players."""
    return _score(profile, presence(profile, now_us), window)


def stage_and_score(profile: Profile, now_us: int, window: ChurnWindow) -> tuple[Stage, float]:
    """Both for orders of very many players, in two thirds of the time that they take one by one."""
    known = presence(profile, now_us)
    return stage_known(known, profile, WINDOW_DAYS[window]), _score(profile, known, window)


def churn_risk(profile: Profile, now_us: int, window: ChurnWindow) -> ChurnRisk:
    """The score with its factors, those that apply, by weight; the confidence is n / (n + 5) of n active days."""
    known = presence(profile, now_us)
    played = _played(profile, known, window)
    shares = _shares(profile, known, played)
    contributions = _contributions(shares)
    score = sum(contributions.values())
    return ChurnRisk(
        player_id=profile.player_id,
        risk_score=score,
        risk_level=risk_level(score),
        factors=[
            Factor(
                factor=name,
                description=_described(name, shares[name], profile, known, played, window),
                contribution=part,
            )
            for name, part in contributions.items()
        ],
        prediction_date=iso_text(known.now_us),
        confidence=round(len(known.days) / (len(known.days) + 5), 4),
    )


def risk_level(score: float) -> Literal["low", "medium", "high", "critical"]:
    """What a score is called: below .3 low, below .6 medium, below .8 high, else critical."""
    if score < 0.3:
        return "low"
    if score < 0.6:
        return "medium"
    return "high" if score < 0.8 else "critical"


def probability_alive(active_days: int, recency_days: float, age_days: float) -> float:
    """P(alive) of a player seen on that many days, `recency_days` from first to last, `age_days` from first to now."""
    repeats = active_days - 1
    log_odds = math.log(_A / (_B + repeats)) + (_R + repeats) * math.log((_ALPHA + age_days) / (_ALPHA + recency_days))
    return 1.0 / (1.0 + math.exp(min(log_odds, 700.0)))


def _score(profile: Profile, known: Presence, window: ChurnWindow) -> float:
    return sum(_contributions(_shares(profile, known, _played(profile, known, window))).values())


def _shares(profile: Profile, known: Presence, played: _Played | None) -> dict[str, float]:
    """How much each factor that applies holds, 0 … 1."""
    first_us = known.first_us
    alive = probability_alive(len(known.days), (known.last_us - first_us) / DAY_US, (known.now_us - first_us) / DAY_US)
    shares = {"inactivity": 1.0 - alive}
    if played is not None:
        shares["session_decline"] = _decline(played.sessions, played.usual_sessions)
        if played.usual_secs > 0:
            shares["playtime_decline"] = _decline(played.secs, played.usual_secs)
    bought_us = profile.last_purchase_us
    if bought_us is not None and bought_us <= known.now_us:
        shares["no_purchase_30d"] = 1.0 if known.now_us - bought_us >= PURCHASE_DAYS * DAY_US else 0.0
    return shares


def _decline(recent: float, usual: float) -> float:
    if usual > 0:
        return max(0.0, 1.0 - recent / usual)
    return 0.0 if recent else 1.0  # away for longer than is looked at, or back after it


def _contributions(shares: dict[str, float]) -> dict[str, float]:
    total = sum([_WEIGHTS[name] for name in shares])
    return {name: math.floor(_WEIGHTS[name] / total * share * _STEPS) / _STEPS for name, share in shares.items()}


def _played(profile: Profile, known: Presence, window: ChurnWindow) -> _Played | None:
    """None when there is no past to compare with."""
    days = WINDOW_DAYS[window]
    window_us = days * DAY_US
    in_history = (SESSION_HISTORY_DAYS - days) // days
    windows = min(_MAX_WINDOWS_BEFORE, in_history, (known.now_us - known.first_us) // window_us - 1)
    if windows < 1 or not profile.session_count:
        return None
    recent_from = known.now_us - window_us
    before_from = recent_from - windows * window_us
    recent = before = recent_us = before_us = 0
    for session in profile.sessions:
        if recent_from <= session.started_us <= known.now_us:
            recent += 1
            recent_us += max(0, min(session.ended_us, known.now_us) - session.started_us)
        elif before_from <= session.started_us < recent_from:
            before += 1
            before_us += max(0, session.ended_us - session.started_us)
    if profile.session_count == recent:
        return None
    return _Played(recent, before / windows, recent_us / 1e6, before_us / 1e6 / windows)


def _described(
    name: str, share: float, profile: Profile, known: Presence, played: _Played | None, window: ChurnWindow
) -> str:
    days = WINDOW_DAYS[window]
    if name == "inactivity":
        active = len(known.days)
        times = "1 active day" if active == 1 else f"{active} active days"
        return f"Last seen {ago_text(known.away_us)}, after {times}: {_chance_text(1 - share)} likely still to play."
    if name == "no_purchase_30d":
        bought = ago_text(known.now_us - (profile.last_purchase_us or known.now_us))
        return f"The last purchase was {bought}; it counts from {PURCHASE_DAYS} days on."
    assert played is not None
    if name == "session_decline":
        count = "1 session" if played.sessions == 1 else f"{played.sessions:g} sessions"
        return f"{count} in the last {days} days, {round(played.usual_sessions, 1):g} in as many days before."
    minutes, usual = played.secs / 60, played.usual_secs / 60
    return f"{minutes:,.0f} min of play in the last {days} days, {usual:,.0f} in as many days before."


def _chance_text(chance: float) -> str:
    """A heuristic is never certain."""
    if chance < 0.01:
        return "less than 1%"
    return "more than 99%" if chance > 0.99 else f"{chance:.0%}"
