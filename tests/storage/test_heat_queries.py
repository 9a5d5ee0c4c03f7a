"""Heatmaps, builds and strays of a level, against data small enough to compute by hand."""

from collections.abc import Iterator

import numpy as np
import pytest

from console.storage.cell_numbers import SPECIAL, CellNumbers
from console.storage.duckdb_store import DuckDbStore
from console.telemetry.coordinates import matrix_to_viewer, transformed
from console.telemetry.heat import Grid
from tests.storage.events import at_us, gameplay, opened, rows, store, trajectory

# Columns are x + 10, rows are z + 10, heights are y: as Unity's axes are turned.
TO_GRID = [1, 0, 0, 10, 0, 0, 1, 10, 0, 1, 0, 0]
TURNED = [0.5, 0.5, 0, 10, 0, 0, 1, 10, 0, 1, 0, 0]
LEVEL = {"level_id": "L", "to_grid": TO_GRID, "columns": 20, "rows": 20}


@pytest.fixture(scope="module")
def playtest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbStore]:
    event_store = opened(tmp_path_factory.mktemp("heat") / "events.duckdb")
    fps = {"mean": 60.0, "low_5": 40.0, "low_1": 20.0}
    store(
        event_store,
        trajectory("s1", 0, 4, [0, 0, 0, 0.5, 0, 0, 1, 9, 0, 1e9, 0, -1e9], level_id="L", fps=fps),  # 1
        [trajectory("s2", 2, 2, [0, 1, 0], level_id="L", build_id="2.0"), gameplay("s2", 3, "L", position=[1, 9, 0])],
        [gameplay("s1", 3, "L", position=[1, 0, 0]), gameplay("s1", 5, "L", position=[1e300, 0, 0])],  # 4, 5
        trajectory("s1", 6, 7, [3e38, 3e38, 3e38, -3e38, 0, 0], level_id="far"),  # 6
    )
    store(event_store, trajectory("s1", 0, 9, [0, 0, 0, 1, 0, 0], level_id="L"), app_id="other")  # 7
    yield event_store
    event_store.close()


def test_time_in_cells(playtest: DuckDbStore) -> None:
    names = ("upto", "cell", "samples", "seconds")
    assert sorted(rows(playtest, "heat", *names, app_id="app", **LEVEL)) == [
        (7, -1, 1, 1),
        (7, 210, 3, 2),
        (7, 211, 1, 1),
    ]
    assert sorted(rows(playtest, "heat", *names, app_id="app", low=0, high=0.5, **LEVEL)) == [
        (7, -2, 2, 1),
        (7, -1, 1, 1),
        (7, 210, 2, 2),
    ]
    turned = sorted(rows(playtest, "heat", *names, app_id="app", build_id="1.0", **LEVEL | {"to_grid": TURNED}))
    assert turned == [(7, -1, 1, 1), (7, 210, 2, 2), (7, 215, 1, 1)]
    late = {"from_us": at_us(1), "to_us": at_us(2), "sessions": {"app": ["s1"]}, "app_id": "app"}
    assert rows(playtest, "heat", *names, **late, **LEVEL) == [(7, 210, 1, 1)]
    assert rows(playtest, "heat", *names, **LEVEL | {"level_id": "nowhere"}) == [(7, -1, 0, 0)]
    assert rows(playtest, "heat", *names, **LEVEL | {"level_id": "far"}) == [(7, -1, 2, 1)]


def test_players_and_frame_rates_in_cells(playtest: DuckDbStore) -> None:
    assert sorted(rows(playtest, "heat", "cell", "parts", by="player", **LEVEL)) == [(-1, 1), (210, 3), (211, 2)]
    rated = rows(
        playtest, "heat", "cell", "part", "seconds", "rate_seconds", by="low_5", bin_ratio=2.0, app_id="app", **LEVEL
    )
    assert sorted(rated) == [(-1, 5, 1, 40), (210, -1, 0, 0), (210, 5, 2, 80), (211, 5, 1, 40)]


def test_events_in_cells(playtest: DuckDbStore) -> None:
    names = ("upto", "cell", "samples", "parts")
    assert sorted(rows(playtest, "heat_events", *names, **LEVEL)) == [(7, -1, 1, 1), (7, 211, 2, 2)]
    assert sorted(rows(playtest, "heat_events", *names, high=1, names=["Jump"], **LEVEL)) == [
        (7, -2, 1, 1),
        (7, -1, 1, 1),
        (7, 211, 1, 1),
    ]
    assert rows(playtest, "heat_events", *names, names=["Death"], **LEVEL) == [(7, -1, 0, 0)]


def test_heights_of_visits_and_events(playtest: DuckDbStore) -> None:
    names = ("upto", "cell", "step", "samples")
    assert sorted(rows(playtest, "visited", *names, app_id="app", step_m=0.5, **LEVEL)) == [
        (7, 210, 0, 2),
        (7, 210, 2, 1),
        (7, 211, 18, 1),
    ]
    late = {"from_us": at_us(1), "to_us": at_us(2), "sessions": {"app": ["s1"]}, "app_id": "app", "step_m": 0.5}
    assert rows(playtest, "visited", *names, **late, **LEVEL) == [(7, 210, 0, 1)]
    assert rows(playtest, "visited", *names, step_m=0.5, **LEVEL | {"level_id": "nowhere"}) == [(7, -1, 0, 0)]
    ends = rows(playtest, "heat_events", "cell", "lowest", "highest", **LEVEL)
    assert (211, 0, 9) in ends


def test_builds_of_a_level(playtest: DuckDbStore) -> None:
    names = ("build_id", "sessions", "players", "samples", "seconds", "first_us", "last_us")
    assert rows(playtest, "level_builds", *names, level_id="L") == [
        ("1.0", 2, 2, 6, 13, at_us(0), at_us(9)),
        ("2.0", 1, 1, 1, 0, at_us(2), at_us(2)),
    ]
    part = rows(playtest, "level_builds", "seconds", level_id="L", app_id="other", from_us=at_us(1), to_us=at_us(3))
    assert part == [(2,)]


def test_sessions_that_left_the_box(playtest: DuckDbStore) -> None:
    question = {"level_id": "L", "to_viewer": [1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0], "box": [0, 0, 0, 1, 1, 5]}
    names = (
        "app_id",
        "session_id",
        "samples",
        "away_m",
        "time_us",
        "x",
        "y",
        "outside_samples",
        "all_samples",
        "within_100_m",
    )
    [found] = rows(playtest, "outside", *names, **question)
    assert found[:3] == ("app", "s1", 2)
    assert found[3] == pytest.approx(2**0.5 * 1e9)
    assert found[4:] == (at_us(4), 1e9, 0, 2, 7, 1)
    assert rows(playtest, "outside", *names, **question | {"app_id": "other"}) == []
    # With a margin around the box, distances are from the box still.
    grown = question | {"box": [-0.5, -0.5, -0.5, 1.5, 1.5, 5.5], "margin": 0.5}
    for asked in (question, grown):
        assert rows(playtest, "outside", "away_m", "within_10_m", to_us=at_us(3), **asked) == [(4.0, 1)]
    nearer = grown | {"box": [-4.5, -4.5, -4.5, 5.5, 5.5, 9.5], "margin": 4.5}
    assert rows(playtest, "outside", "away_m", to_us=at_us(3), **nearer) == []


def test_samples_on_edges_are_in_the_cells_that_live_ones_are_in() -> None:
    # Half metres of the viewer, in a game that tells inches as 32-bit floats.
    places = (np.arange(-90, 90, dtype=np.float64)[:, None] * (0.5 / 0.0254)).astype(np.float32).repeat(3, axis=1)
    to_viewer = matrix_to_viewer("quake")
    grid = Grid(-45.0, -45.0, 0.5, 180, 180)
    kept = CellNumbers({"to_grid": grid.from_game(to_viewer), "columns": grid.columns, "rows": grid.rows})
    numbers, _ = kept.of(dict(zip("xyz", places.T, strict=True)))
    assert (numbers - SPECIAL).tolist() == grid.numbers(transformed(to_viewer, places)).tolist()
