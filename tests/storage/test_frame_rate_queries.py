"""What the performance view asks of all that was recorded, against data small enough to compute by hand."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from console.storage.duckdb_store import DuckDbStore
from tests.storage.events import at_us, gameplay, identity, opened, rows, store, trajectory

SECOND = 1_000_000


def ran(session: str, start: float, end: float, fps: float, place: float = 0.0, **more: Any) -> dict[str, Any]:
    """A trajectory of three samples around a place, with a mean rate and a low 1 % ten below."""
    points = [place, 0, 0, place + 0.5, 0, 0, place + 1, 0, 0]
    return trajectory(session, start, end, points, fps={"mean": fps, "low_1": fps - 10}, **more)


@pytest.fixture(scope="module")
def playtest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbStore]:
    event_store = opened(tmp_path_factory.mktemp("store") / "events.duckdb")
    store(
        event_store,
        [
            identity("player of a", 0, hardware={"gpu": "old"}),
            identity("player of a", 1, hardware={"gpu": "GTX", "os": "W"}),
            identity("player of a", 40, hardware={"gpu": "of the next session"}),
        ],
        [ran("a", 0, 10, 60, level_id="L1"), ran("a", 10, 20, 30, 0.2, level_id="L1", input_method="Pad")],
        [ran("b", 5, 15, 20, 0.1, level_id="L1", build_id="2.0"), gameplay("b", 6)],
        trajectory("b", 15, 20, [0, 0, 0], level_id="L1"),  # no rates
        ran("c", 0, 10, 25, 500, level_id="L2", build_id="2.0"),
    )
    store(event_store, [identity("player of a", 0, hardware={"gpu": 7}), ran("a", 0, 10, 90)], app_id="other")
    yield event_store
    event_store.close()


def test_groups_are_compared_by_their_sessions(playtest: DuckDbStore) -> None:
    def groups(by: str, **more: Any) -> list[tuple[Any, ...]]:
        names = ("group", "sessions", "players", "seconds", "mean")
        return rows(playtest, "frame_rate_groups", *names, by=by, rate="mean", **more)

    assert groups("build") == [("1.0", 2, 2, 30.0, 67.5), ("2.0", 2, 2, 20.0, 22.5)]
    assert groups("level", app_id="app") == [("L1", 2, 2, 30.0, 32.5), ("L2", 1, 1, 10.0, 25.0)]
    assert groups("gpu") == [("", 2, 2, 20.0, 22.5), ("GTX", 1, 1, 20.0, 45.0), ("7", 1, 1, 10.0, 90.0)]
    assert groups("os", app_id="app", build_id="1.0") == [("W", 1, 1, 20.0, 45.0)]
    assert groups("input", app_id="app") == [("", 3, 3, 30.0, 35.0), ("Pad", 1, 1, 10.0, 30.0)]
    assert groups("build", sessions={"app": ["a"]}, from_us=at_us(10.5)) == [("1.0", 1, 1, 9.5, 30.0)]
    assert groups("build", app_id="nobody") == []
    variances = playtest.query("frame_rate_groups", {"by": "build", "rate": "low_1", "app_id": "app"})["variance"]
    assert np.array(variances).tolist() == pytest.approx([np.nan, 12.5], nan_ok=True)


def test_time_is_counted_by_rate(playtest: DuckDbStore) -> None:
    def bins(by: str, **more: Any) -> list[tuple[Any, ...]]:
        return rows(playtest, "frame_rate_histograms", "group", "bin", "seconds", by=by, rate="low_1", **more)

    assert bins("all", app_id="app") == [("", 20, 10.0), ("", 30, 10.0), ("", 40, 10.0), ("", 100, 10.0)]
    assert bins("level", to_us=at_us(4), app_id="app") == [("L1", 100, 4.0), ("L2", 30, 4.0)]
    assert bins("build", sessions={"app": ["b"]}) == [("2.0", 20, 10.0)]


def test_bands_of_sessions_over_time(playtest: DuckDbStore) -> None:
    names = ("start_us", "width_us", "sessions", "p5", "p50", "p95")
    asked = {"rate": "mean", "bins": 100, "app_id": "app"}
    by_clock = rows(playtest, "frame_rate_bands", *names, by="clock", **asked)
    assert [(line[0], line[2], line[4]) for line in by_clock] == [(at_us(5), 3, 25.0), (at_us(15), 1, 30.0)]
    assert by_clock[0][3] == pytest.approx(20.5)
    by_session = rows(playtest, "frame_rate_bands", *names, by="session", **asked)
    assert [line[:3] for line in by_session] == [(0, 10 * SECOND, 3), (10 * SECOND, 10 * SECOND, 1)]
    assert rows(playtest, "frame_rate_bands", *names, by="clock", **asked | {"app_id": "nobody"}) == []


def test_the_worst_places_are_listed_once_each(playtest: DuckDbStore) -> None:
    names = ("session_id", "level_id", "time_us", "x", "fps", "times", "sessions", "total_us")
    assert rows(playtest, "frame_rate_worst", *names, below=30, app_id="app") == [
        ("b", "L1", at_us(10), pytest.approx(0.6), 10.0, 2, 2, 20 * SECOND),
        ("c", "L2", at_us(5), 500.5, 15.0, 1, 1, 10 * SECOND),
    ]
    assert rows(playtest, "frame_rate_worst", "session_id", below=30, app_id="app", limit=1) == [("b",)]
    assert rows(playtest, "frame_rate_worst", "session_id", below=30, sessions={"app": ["a"]}, to_us=at_us(5)) == []


def test_the_largest_number_there_is_as_a_rate_leaves_every_answer_a_number(tmp_path: Path) -> None:
    event_store = opened(tmp_path / "events.duckdb")
    most = sys.float_info.max  # what some games send where they know no rate
    try:
        store(event_store, [ran("a", 0, 10, most, level_id="L"), ran("a", 10, 20, most, level_id="L")])
        store(event_store, ran("b", 0, 10, 60, level_id="L"))
        groups = event_store.query("frame_rate_groups", {"by": "build", "rate": "mean"})
        bands = event_store.query("frame_rate_bands", {"by": "clock", "rate": "mean", "bins": 1})
        grid = {"to_grid": [1, 0, 0, 10, 0, 1, 0, 10, 0, 0, 1, 0], "columns": 20, "rows": 20}
        heat = event_store.query("heat", {"level_id": "L", "by": "mean", "bin_ratio": 1.05, **grid})
        for answer, names in ((groups, ["mean", "variance"]), (bands, ["p5", "p95"]), (heat, ["rate_seconds"])):
            assert all(np.isfinite(np.array(answer[name])).all() for name in names)
        assert np.array(groups["sessions"]).tolist() == [2]
    finally:
        event_store.close()
