"""Profiles for tests: a player by active days, and strategies for any player there can be."""

from typing import Any

from hypothesis import strategies as st

from console.players.definitions import ChurnWindow
from console.players.profiles import DAY_US, PlayedSession, Profile

HOUR_US = DAY_US // 24
# A day's number: 2026-02-12.
TODAY = 20_496


def on(day: float) -> int:
    """The instant `day` days from midnight of the first day of the tests."""
    return round((TODAY + day) * DAY_US)


def played(*days: int, hour: int = 12, **fields: Any) -> Profile:
    """A player seen at that hour of these days, counted from the first day of the tests."""
    seen = {
        "first_seen_us": on(days[0]) + hour * HOUR_US,
        "last_seen_us": on(days[-1]) + hour * HOUR_US,
        "days": tuple(TODAY + day for day in days),
    }
    return Profile(**{"player_id": "p", "app_id": "app"} | seen | fields)


def session(start: float, hours: float = 1.0, session_id: str = "") -> PlayedSession:
    """A session that starts `start` days from midnight of the first day of the tests."""
    started = on(start)
    return PlayedSession(
        session_id=session_id or f"s{start}", started_us=started, ended_us=started + round(hours * HOUR_US)
    )


windows: st.SearchStrategy[ChurnWindow] = st.sampled_from(["casual", "mid_core", "strategy"])


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """A player whose halves fit together: days, sessions and purchases lie between first and last seen."""
    first = draw(st.integers(on(-300), on(0)))
    last = first + draw(st.integers(0, 300 * DAY_US))
    moments = st.integers(first, last)
    starts = draw(st.lists(moments, max_size=12))
    sessions = tuple(
        PlayedSession(session_id=str(n), started_us=start, ended_us=draw(st.integers(start, last)))
        for n, start in enumerate(starts)
    )
    seen = draw(st.sets(moments.map(lambda moment: moment // DAY_US), max_size=30))
    bought = draw(st.none() | moments)
    return Profile(
        player_id="p",
        app_id="app",
        first_seen_us=first,
        last_seen_us=last,
        days=tuple(sorted(seen)),
        sessions=sessions,
        session_count=len(sessions) + draw(st.integers(0, 3)),
        purchases=int(bought is not None),
        last_purchase_us=bought,
    )


instants = st.integers(on(-310), on(700))
