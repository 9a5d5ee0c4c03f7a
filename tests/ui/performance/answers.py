"""What the store answers the performance view: a history, sums over all sessions, rows of the feed."""

from collections.abc import Callable
from typing import Any

import numpy as np

from console import messages as m
from console.columns import encode_columns
from console.ui.performance.view import PerformanceView
from tests.ui.fakes import APP_ID, NOW_US, FakeClient

SECOND = 1_000_000
MakeView = Callable[[], PerformanceView]


def history(sessions: int = 3, rows: int = 100) -> m.Columns:
    count = sessions * rows
    index = np.arange(count)
    start = NOW_US + (index % rows) * 2 * SECOND + (index // rows) * SECOND
    return encode_columns(
        {
            "app_id": [APP_ID] * count,
            "session_id": [f"s{n // rows}" for n in range(count)],
            "player_id": [f"player {n // rows}" for n in range(count)],
            "build_id": ["build"] * count,
            "level_id": ["Courtyard"] * count,
            "seq": index.astype("<i8"),
            "start_us": start.astype("<i8"),
            "end_us": (start + 2 * SECOND).astype("<i8"),
            "mean": (60.0 - index % 7).astype("<f8"),
            "low_5": np.full(count, 40.0, "<f8"),
            "low_1": np.where(index == 50, 7.25, 30.0).astype("<f8"),
        }
    )


def aggregates() -> dict[str, m.Columns]:
    """Small answers of the questions over all sessions."""
    one = {"app_id": [APP_ID], "session_id": ["s0"], "player_id": ["player 0"], "level_id": ["Courtyard"]}
    whole = {"start_us": 48, "end_us": 52, "time_us": 50}
    counts = {"times": 14, "sessions": 3, "total_us": 56 * SECOND}
    floats = {"x": 1.0, "y": 2.5, "z": -3.0, "fps": 7.25}
    worst = one | {name: np.array([NOW_US + secs * SECOND], "<i8") for name, secs in whole.items()}
    worst |= {name: np.array([count], "<i8") for name, count in counts.items()}
    worst |= {name: np.array([number], "<f8") for name, number in floats.items()}
    groups: dict[str, Any] = {
        "group": ["new", "old", ""],
        "sessions": np.array([9, 8, 1], "<i8"),
        "players": np.array([9, 8, 1], "<i8"),
        "seconds": np.array([900.0, 800.0, 10.0]),
        "mean": np.array([46.666, 20.0, 50.0]),
        "variance": np.array([4.0, 4.0, np.nan]),
    }
    histograms: dict[str, Any] = {
        "group": ["", "new", "old", "old"],
        "bin": np.array([80, 80, 40, 41], "<i4"),
        "seconds": np.array([10.0, 10.0, 10.0, 10.0]),
    }
    bands = {
        "start_us": np.array([NOW_US, NOW_US + 10 * SECOND, NOW_US + 40 * SECOND], "<i8"),
        "width_us": np.full(3, 10 * SECOND, "<i8"),
        "sessions": np.array([12, 12, 3], "<i8"),
        "seconds": np.full(3, 100.0),
    } | {f"p{percent}": np.full(3, 20.0 + percent / 5) for percent in (5, 25, 50, 75, 95)}
    return {
        "frame_rate_worst": encode_columns(worst),
        "frame_rate_groups": encode_columns(groups),
        "frame_rate_histograms": encode_columns(histograms),
        "frame_rate_bands": encode_columns(bands),
    }


def rows(*trajectories: m.TrajectoryRow) -> m.FeedRows:
    return m.FeedRows(events=[], requests=[], trajectories=list(trajectories))


def shown_range(view: PerformanceView) -> tuple[float, float]:
    left, right = view._pictures.each[0].getViewBox().viewRange()[0]
    return left, right


def last_asked(client: FakeClient) -> dict[str, Any]:
    """The newest question, but for the place of the worst moment: that is looked up whenever the tiles are drawn."""
    return [call for call in client.called("query") if call["name"] != "samples"][-1]
