"""What a person does with tracks: colour, trail, click, hide, and go to a moment of the past."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console import messages as m
from console.columns import encode_columns
from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.level import canvas_3d
from console.ui.level.canvas import TrackHit
from console.ui.level.loading import MAX_HISTORY_SAMPLES
from console.ui.level.view import LevelView
from console.ui.navigation import LevelMomentSubject
from console.ui.selection import Picked
from tests.ui.fakes import APP_ID, LEVEL, FakeClient
from tests.ui.screen import show

SECOND = 1_000_000
BASE_US = 1_770_000_000 * SECOND


def past(*sessions: str, truncated: bool = False) -> m.Columns:
    """Ten seconds of each, one after another, 10 m along x."""
    count = 11
    rows = count * len(sessions)
    walk = np.tile(np.arange(count, dtype="<f4"), len(sessions))
    starts = np.repeat(np.arange(len(sessions)) * 100, count) + walk
    return encode_columns(
        {
            "app_id": [APP_ID] * rows,
            "session_id": [name for name in sessions for _ in range(count)],
            "player_id": [f"player of {name}" for name in sessions for _ in range(count)],
            "seq": np.repeat(np.arange(len(sessions)), count).astype("<i8"),
            "time_us": (BASE_US + starts * SECOND).astype("<i8"),
            "x": walk,
            "y": np.zeros(rows, "<f4"),
            "z": np.zeros(rows, "<f4"),
            "fps_mean": np.full(rows, 60, "<f4"),
            "fps_low_5": np.full(rows, 50, "<f4"),
            "fps_low_1": np.full(rows, 40, "<f4"),
        },
        truncated=truncated,
    )


@pytest.fixture
def view(context: ViewContext, client: FakeClient, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> LevelView:
    monkeypatch.setattr(canvas_3d, "opengl_problem", lambda: "There is no OpenGL.")
    client.queries["levels"] = encode_columns(
        {"app_id": [APP_ID], "level_id": [LEVEL], "samples": np.array([22], "<i8"), "last_us": np.array([1], "<i8")}
    )
    client.queries["samples"] = past("early", "late", truncated=True)
    client.queries["level_sessions"] = encode_columns(
        {
            "app_id": [APP_ID] * 2,
            "session_id": ["early", "late"],
            "build_id": ["1.0", "1.1"],
            "entered_us": np.array([BASE_US - 50 * SECOND, BASE_US + 100 * SECOND], "<i8"),
        }
    )
    client.queries["trajectory_at"] = encode_columns(
        {name: np.array([value], "<i8") for name, value in (("seq", 1), ("request_id", 8), ("index", 3))}
    )
    made = LevelView(context)
    qtbot.addWidget(made)
    made.resize(900, 600)
    show(made)
    return made


def names(view: LevelView) -> list[str]:
    return [label.text for label in view.canvas._labels]  # type: ignore[attr-defined]


def test_tracks_answer_to_the_hand(view: LevelView, context: ViewContext, client: FakeClient, qtbot: QtBot) -> None:
    sessions, clock, legend = view.scene.sessions, context.clock, view._stage.legend
    assert [sessions[number].build_id for number in (0, 1)] == ["1.0", "1.1"]
    assert sessions.entered_us.tolist() == [BASE_US - 50 * SECOND, BASE_US + 100 * SECOND]
    # colours and the legend, whose rows hide builds
    for name in ("speed", "time", "player", "session", "build"):
        view._top.colour_chosen.emit(name)
        assert view.canvas._lines.meaning.name == name  # type: ignore[attr-defined]
    assert context.settings.value("level/colouring") == "build"
    legend.group_toggled.emit(0, False)
    assert sessions.emphasis().tolist() == [0, 2]
    legend.group_toggled.emit(0, True)
    # a click lets a session stand out and picks its trajectory; one beside everything ends that
    view.canvas.hit.emit(TrackHit(1, BASE_US + 105 * SECOND, (5.0, 0.0, 0.0)))
    assert sessions.emphasis().tolist() == [1, 2]
    assert context.selection.picked == Picked(8, 1, 3)
    assert context.selection.picked.session_id == "late"
    assert client.called("query")[-1]["time_us"] == BASE_US + 105 * SECOND
    assert clock.following  # a click picks, a double click goes there
    view.canvas.hit.emit(None)
    assert sessions.highlighted is None
    # the past: who was there then, and a trail that ends then
    clock.set_extent(TimeRange(BASE_US - 1000 * SECOND, BASE_US + 200 * SECOND))
    view.canvas.activated.emit(TrackHit(0, BASE_US + 5 * SECOND, (5.0, 0.0, 0.0)))
    assert clock.cursor_us == BASE_US + 5 * SECOND
    assert names(view) == ["player of early"]
    view._bottom.trail_chosen.emit(2.0)
    assert view.canvas._lines.seen_s == (3.0, 5.0)  # type: ignore[attr-defined]
    # another view leads to a session
    view.show_subject(LevelMomentSubject(LEVEL, BASE_US + 105 * SECOND, APP_ID, "late"))
    assert sessions.highlighted == 1
    # Its place was not told, so it is where the session was; in the viewer y is the game's z.
    assert view._marker_view.picked_place() == (5.0, 0.0, 0.0)
    (x0, x1), _ = view.canvas.viewRange()  # type: ignore[attr-defined]
    assert (x0 + x1) / 2 == pytest.approx(5.0)
    assert x1 - x0 < 60
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert sessions.highlighted is None
    assert view._marker_view.moment_bounds is None


def test_older_samples_come_when_they_are_looked_at(view: LevelView, context: ViewContext, client: FakeClient) -> None:
    clock = context.clock
    clock.set_extent(TimeRange(BASE_US - 1000 * SECOND, BASE_US + 200 * SECOND))
    view._window.load()
    asked = [call for call in client.called("query") if call["name"] == "samples"]
    assert len(asked) == 1
    assert asked[0]["limit"] == MAX_HISTORY_SAMPLES
    clock.set_range(TimeRange(BASE_US - 500 * SECOND, BASE_US - 400 * SECOND))
    view._window.load()
    last = [call for call in client.called("query") if call["name"] == "samples"][-1]
    assert (last["from_us"], last["to_us"]) == (BASE_US - 500 * SECOND, BASE_US - 400 * SECOND)
    client.queries["samples"] = past("early", "late")
    clock.follow()
    view._window.load()
    assert view.scene.window == (None, None)
