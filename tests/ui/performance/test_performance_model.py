"""Frame rates of sessions: order, bounds, summaries, and which sessions are shown. No Qt."""

import math

import numpy as np
import pytest

from console import messages as m
from console.columns import encode_columns
from console.ui.performance import model as performance
from console.ui.performance import session_rates
from console.ui.performance.choices import Choices, amount, in_unit, percent, under
from console.ui.performance.model import PerformanceModel, sessions_of
from console.ui.performance.readout import session_lines
from console.ui.performance.session_rates import LOW_1, MEAN, SessionRates
from console.ui.performance.summary import Summaries
from console.ui.selection import Scope
from tests.ui.fakes import APP_ID, make_trajectory

SECOND = 1_000_000
KEY = (APP_ID, "s")


def rates(*starts: int, fps: float = 60.0) -> np.ndarray:
    """One-second trajectories that start at these seconds."""
    return np.array([[s * SECOND, (s + 1) * SECOND, fps, fps - 10, fps - 20] for s in starts], dtype=float)


def session(*starts: int, fps: float = 60.0) -> SessionRates:
    made = SessionRates(KEY, "player", "build")
    made.extend(rates(*starts, fps=fps), ["level"] * len(starts))
    return made


def feed(*trajectories: m.TrajectoryRow) -> m.FeedRows:
    return m.FeedRows(events=[], requests=[], trajectories=list(trajectories))


def history(rows: list[tuple[str, int, float]]) -> m.Columns:
    """Rows of session, seq, mean."""
    return encode_columns(
        {
            "app_id": [APP_ID] * len(rows),
            "session_id": [row[0] for row in rows],
            "player_id": [f"player {row[0]}" for row in rows],
            "build_id": ["build"] * len(rows),
            "level_id": ["level"] * len(rows),
            "seq": np.array([row[1] for row in rows], "<i8"),
            "start_us": np.array([row[1] * SECOND for row in rows], "<i8"),
            "end_us": np.array([(row[1] + 1) * SECOND for row in rows], "<i8"),
            "mean": np.array([row[2] for row in rows], "<f8"),
            "low_5": np.full(len(rows), 40.0, "<f8"),
            "low_1": np.full(len(rows), np.nan, "<f8"),
        }
    )


def test_late_rows_are_put_in_order() -> None:
    made = session(5, 6)
    made.extend(rates(1, fps=30), ["cellar"])
    assert made.table()[:, 0].tolist() == [SECOND, 5 * SECOND, 6 * SECOND]
    assert made.level_at(0) == "cellar"
    assert made.revision == 2


def test_a_line_breaks_where_nothing_is_known() -> None:
    seconds, values = session(0, 1, 60).line(MEAN)
    assert seconds[:2].tolist() == [0.5, 1.5]
    assert np.isnan(values).tolist() == [False, False, True, False]


def test_a_session_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_rates, "MAX_POINTS", 100)
    made = SessionRates(KEY, "p", "b")
    for start in range(150):
        made.extend(rates(start), ["level"])
    assert len(made) <= 100
    assert len(made) + made.dropped == 150
    assert made.last_us == 150 * SECOND


def test_the_nearest_row_to_a_time() -> None:
    made = session(0, 10, 20)
    assert [made.nearest(t) for t in (-5, 0.4, 6, 14, 99)] == [0, 0, 1, 1, 2]
    assert SessionRates(KEY, "p", "b").nearest(1) is None
    assert [made.near(t, 0) for t in (-6, -4, 6, 25, 27)] == [None, 0, 1, 2, None], "where it was not played: none"
    assert made.near(27, within=6) == 2
    assert SessionRates(KEY, "p", "b").near(1, 9) is None
    ended, under_way = session(0, 1), session(0, 1, 60)
    lines = session_lines([ended, under_way], 61, 0, Choices())
    assert len([line for line in lines if line.startswith("mean")]) == 1
    assert "00:01:00.500000 UTC" in lines[0], "of the session that was under way"
    assert session_lines([ended, under_way], 30, 0, Choices()) == []
    assert math.isnan(SessionRates(KEY, "p", "b").last_mean)


def test_averages_are_weighted_by_time() -> None:
    made = SessionRates(KEY, "p", "b")
    table = np.array([[0, 9 * SECOND, 60, 50, 40], [9 * SECOND, 10 * SECOND, 20, 10, np.nan]], dtype=float)
    made.extend(table, ["a", "b"])
    summary = Summaries().of([made], None)
    assert summary is not None
    assert summary.mean == pytest.approx(56)
    assert summary.low_1 == pytest.approx(40)
    assert summary.seconds == pytest.approx(10)
    assert summary.share_below(MEAN, 60) == pytest.approx(0.1)
    assert summary.share_below(LOW_1, 30) == 0
    assert summary.worst is not None
    assert (summary.worst.fps, summary.worst.level_id) == (20.0, "b")  # no low 1 %: its mean counts
    assert Summaries().of([], None) is None


def test_rates_that_were_never_sent_are_not_a_number() -> None:
    made = SessionRates(KEY, "p", "b")
    made.extend(np.array([[0, SECOND, np.nan, 50, np.nan]]), ["a"])
    summary = Summaries().of([made], None)
    assert summary is not None
    assert math.isnan(summary.mean)
    assert math.isnan(summary.share_below(LOW_1, 30))
    assert summary.worst is None
    assert np.isnan(made.line(LOW_1)[1]).all()


def test_a_history_and_what_came_meanwhile_are_joined() -> None:
    made = PerformanceModel()
    made.loading = True
    made.take_rows(feed(make_trajectory(3, session_id="a"), make_trajectory(9, session_id="a")))
    answer = history([("a", 1, 60), ("a", 2, 50), ("a", 3, 40), ("b", 2, 30)])
    made.loaded(answer, sessions_of(answer))
    assert len(made.sessions[(APP_ID, "a")]) == 4
    assert len(made.sessions[(APP_ID, "b")]) == 1
    assert not made.loading


def test_what_comes_while_a_load_fails_is_added_once() -> None:
    made = PerformanceModel()
    made.loading = True
    made.take_rows(feed(make_trajectory(3, session_id="a")))
    assert made.catch_up() is False, "the history brings it along"
    made.loading = False  # none came
    assert made.catch_up()
    assert made.take_rows(feed(make_trajectory(9, session_id="a")))
    assert len(made.sessions[(APP_ID, "a")]) == 2
    assert made.catch_up() is False


def test_trajectories_without_rates_or_out_of_scope_are_left_out() -> None:
    made = PerformanceModel()
    made.set_scope(Scope.of_sessions(APP_ID, ["a"]))
    bare = make_trajectory(1, session_id="a", fps_mean=None, fps_low_5=None, fps_low_1=None)
    assert not made.take_rows(feed(bare, make_trajectory(2, session_id="b")))
    assert made.take_rows(feed(make_trajectory(3, session_id="a")))


def test_the_newest_session_is_shown_until_one_is_chosen() -> None:
    made = PerformanceModel()
    made.take_rows(feed(*(make_trajectory(n, session_id=f"s{n}") for n in range(6))))
    assert [s.key[1] for s in made.shown()] == ["s5", "s4", "s3"]
    assert made.follows_newest
    made.choose([(APP_ID, f"s{n}") for n in range(6)])
    assert [s.key[1] for s in made.shown()] == ["s5", "s4", "s3", "s2"]
    assert len(made.wanted()) == 6
    made.choose([])
    made.take_rows(feed(make_trajectory(90, session_id="s1")))  # it goes on playing: nothing jumps
    assert [s.key[1] for s in made.shown()] == ["s5", "s4", "s3"]
    made.set_scope(Scope.of_sessions(APP_ID, ["s1", "s2"]))
    made.take_rows(feed(make_trajectory(8, session_id="s1"), make_trajectory(9, session_id="s2")))
    assert len(made.shown()) == 2


def test_the_number_of_sessions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performance, "MAX_SESSIONS", 3)
    made = PerformanceModel()
    made.take_rows(feed(*(make_trajectory(n, session_id=f"s{n}") for n in range(6))))
    assert sorted(key[1] for key in made.sessions) == ["s3", "s4", "s5"]


def test_a_summary_is_narrowed_to_a_span() -> None:
    summaries = Summaries()
    made = session(0, 1, 2)
    made.extend(rates(10, fps=20.0), ["cellar"])
    for span, mean in (
        (None, 50),
        ((0, 2 * SECOND), 60),
        ((10 * SECOND, 99 * SECOND), 20),
        ((11 * SECOND, 12 * SECOND), 20),
    ):
        summary = summaries.of([made], span)
        assert summary is not None
        assert summary.mean == pytest.approx(mean)
    assert summaries.of([made], (20 * SECOND, 30 * SECOND)) is None
    made.extend(rates(25, fps=30.0), ["cellar"])
    late = summaries.of([made], (20 * SECOND, 30 * SECOND))
    assert late is not None
    assert late.worst is not None
    assert (late.worst.level_id, late.worst.start_us) == ("cellar", 25 * SECOND)


def test_a_long_history_keeps_the_newest_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performance, "MAX_SESSIONS", 2)
    made = PerformanceModel()
    answer = history([("a", 5, 60), ("b", 9, 60), ("c", 1, 60), ("a", 2, 30)])
    made.loaded(answer, sessions_of(answer))
    assert set(made.sessions) == {(APP_ID, "a"), (APP_ID, "b")}
    assert made.sessions[(APP_ID, "a")].table()[:, 2].tolist() == [30, 60]


def test_rates_read_in_either_unit() -> None:
    assert in_unit(np.array([50.0, 0.0, np.nan]), "ms").tolist() == pytest.approx([20, 10_000, np.nan], nan_ok=True)
    assert [amount(60, "ms"), amount(60, "fps"), under(60, "ms")] == ["16.7 ms", "60 fps", "> 16.7 ms"]
    assert [percent(share) for share in (0, 0.0001, 0.031, 0.5, 0.999, 1)] == [
        *("0 %", "< 0.1 %", "3.1 %", "50 %", "> 99 %", "100 %"),
    ]
    chosen = Choices("overlay", MEAN, "ms", (30.0,)).with_budget(120.0, True)
    assert chosen.budgets == (120.0, 30.0)
    assert (chosen.strictest, chosen.mildest) == (120.0, 30.0)
    assert Choices.from_text(chosen.as_text()) == chosen
    for broken in ("", "1,2,3", "overlay,9,ms,30", "pie,0,fps,30", "each,x,fps,30"):
        assert Choices.from_text(broken) == Choices()
