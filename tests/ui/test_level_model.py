"""Which level is shown, what goes into it, and what is said of it. No Qt."""

import numpy as np

from console import messages as m
from console.columns import encode_columns
from console.telemetry.events import UNASSIGNED_LEVEL
from console.ui.colours import Colours
from console.ui.level.model import History, LevelScene
from console.ui.level.tracks import TrackStore
from console.ui.selection import Scope
from tests.ui.fakes import APP_ID, LEVEL, make_event, make_level_model, make_trajectory


def rows(*trajectories: m.TrajectoryRow, events: tuple[m.EventRow, ...] = ()) -> m.FeedRows:
    return m.FeedRows(events=list(events), requests=[], trajectories=list(trajectories))


def levels(**samples: int) -> m.Columns:
    counts = np.array(list(samples.values()), "<i8")
    applications = [APP_ID] * len(counts)
    return encode_columns({"app_id": applications, "level_id": list(samples), "samples": counts, "last_us": counts})


def no_history(last_track: int = -1, last_marker: int = -1) -> History:
    return History(TrackStore(), [], last_track, last_marker, False)


def scene(level: str = LEVEL) -> LevelScene:
    made = LevelScene()
    made.show(level)
    return made


def test_the_busiest_level_is_suggested_and_the_unassigned_one_last() -> None:
    made = LevelScene()
    assert made.suggested() is None
    made.take_models([make_level_model(level_name="Old", uploaded_at_us=1), make_level_model(level_name="New")])
    assert made.suggested() == "New"
    made.take_levels(levels(**{"Quiet": 10, UNASSIGNED_LEVEL: 1000, "Busy": 500}))
    assert made.suggested() == "Busy"
    assert made.level_ids() == ["Busy", "New", "Old", "Quiet", UNASSIGNED_LEVEL]


def test_a_level_that_only_rows_of_the_feed_named_goes_with_an_answer_that_lacks_it() -> None:
    made = scene()
    made.take_rows(rows(make_trajectory(1, level_id="")))  # its server had just started, and knew no level yet
    heard_of = tuple(made.levels)
    made.take_rows(rows(make_trajectory(2, level_id="Just entered")))
    made.take_levels(levels(**{LEVEL: 100}), heard_of)
    assert made.level_ids() == ["Just entered", LEVEL]
    assert made.levels[LEVEL].samples == 100
    assert made.app_id() == APP_ID, "who played it last"
    made.models = [make_level_model(app_id="other", level_name=LEVEL)]
    made.scope = Scope(app_id="other")
    assert made.app_id() == "other", "it has the level, too"
    made.scope = Scope(app_id="no such level")
    assert made.app_id() == APP_ID
    made.take_levels(encode_columns({}), tuple(made.levels))
    assert made.app_id() == "other", "whose model came last"
    assert made.level_ids() == [LEVEL]  # the one that is shown


def test_live_rows_of_other_levels_and_scopes_are_not_shown() -> None:
    made = scene()
    made.set_scope(Scope(sessions=frozenset({(APP_ID, "s-01-7f3a")})))
    assert not made.take_rows(rows(make_trajectory(2)))
    assert not made.take_rows(rows(make_trajectory(1, level_id="elsewhere")))
    assert made.take_rows(rows(make_trajectory(1)))
    assert made.tracks.samples == 50


def test_trajectories_without_a_level_are_unassigned() -> None:
    made = scene(UNASSIGNED_LEVEL)
    assert made.take_rows(rows(make_trajectory(1, level_id="")))
    assert UNASSIGNED_LEVEL in made.level_ids()
    assert made.query_params() == {"level_id": UNASSIGNED_LEVEL}


def test_gameplay_events_with_a_place_become_markers() -> None:
    made = scene()
    assert made.take_rows(rows(events=(make_event(1), make_event(2, x=None, y=None, z=None))))
    assert [marker.seq for marker in (made.markers[0],)] == [1]
    assert len(made.markers) == 1


def test_what_comes_while_a_history_loads_is_added_once() -> None:
    made = scene()
    made.loading = True
    made.take_rows(rows(make_trajectory(5), make_trajectory(6)))
    assert made.tracks.samples == 0
    made.loaded(no_history(last_track=5))  # the history holds 5 already
    assert made.tracks.samples == 50
    assert not made.loading


def test_what_comes_while_a_load_fails_is_added_once() -> None:
    made = scene()
    made.loading = True
    made.take_rows(rows(make_trajectory(5)))
    made.take_rows(rows(make_trajectory(6)), seen=False)
    assert made.catch_up() is False, "the history brings it along"
    made.loading = False  # none came
    assert made.catch_up()
    assert made.tracks.samples == 100
    assert made.catch_up() is False


def test_rows_that_the_store_did_not_have_yet_are_not_lost() -> None:
    made = scene()
    made.take_rows(rows(make_trajectory(5), events=(make_event(6),)))
    made.loaded(no_history())
    assert made.tracks.samples == 50
    assert len(made.markers) == 1


def test_hidden_kinds_stay_hidden_after_a_reload() -> None:
    made = scene()
    made.markers.set_hidden("Player_Jump", True)
    made.loaded(no_history())
    made.take_rows(rows(events=(make_event(1),)))
    assert not made.markers.shown().any()


def test_the_model_in_scope_gives_axes_and_bounds() -> None:
    made = scene()
    assert made.transforms.mesh_axes == "gltf"
    other = make_level_model(model_id="other", app_id="other", mesh_axes="quake", uploaded_at_us=2**60)
    made.take_models([make_level_model(mesh_axes="godot"), other, make_level_model(active=False, model_id="old")])
    assert made.transforms.mesh_axes == "quake"
    made.set_scope(Scope(app_id=APP_ID))
    active = made.active_model()
    assert active is not None
    assert active.model_id == "model-1"
    assert made.transforms.mesh_axes == "godot"
    assert made.mesh_bounds() == ((-50.0, -50.0, -2.0), (50.0, 50.0, 12.0))


def test_the_share_inside_tells_of_wrong_axes() -> None:
    made = scene()
    made.take_models([make_level_model(telemetry_axes="unity")])
    made.take_rows(rows(make_trajectory(1)))
    assert made.share_inside() == 1.0
    made.take_models([make_level_model(telemetry_axes="blender")])
    share = made.share_inside()
    assert share is not None
    assert share < 0.7
    assert "of samples inside" in made.status(share)
    made.take_models([make_level_model(triangles=1)])
    assert " · 1 triangle · " in made.status(share)


def test_another_unit_of_length_asks_for_another_join() -> None:
    made = scene()
    made.set_default_axes(("gltf", "godot"))
    assert not made.joins_need_reload()
    made.set_default_axes(("gltf", "unreal"))
    assert made.joins_need_reload()
    made.clear()
    assert not made.joins_need_reload()


def test_a_stray_sample_does_not_shrink_a_level_without_a_mesh() -> None:
    made = scene()
    made.take_rows(rows(*(make_trajectory(n) for n in range(12))))
    stray = np.array([[1e6, 0.0, 0.0]], dtype="<f4").tobytes()
    made.take_rows(rows(make_trajectory(13, positions=stray)))
    bounds = made.bounds()
    assert bounds is not None
    assert bounds[1][0] < 100


def test_a_share_of_samples_far_away_is_told_and_not_fitted() -> None:
    made = scene()
    points = np.random.default_rng(1).normal(0, 30, (600, 3)).astype("<f4")
    points[::10], points[5::50], points[7::100] = 1e9, -1e9, 3.4e38
    made.take_rows(rows(make_trajectory(1, positions=points.tobytes())))
    bounds = made.bounds()
    assert bounds is not None
    assert np.abs(np.array(bounds)).max() < 200
    assert made.status(None).endswith("600 samples · 13.0 % far away from all others")
    first, count = made.tracks.runs()  # no line leads there
    assert count.max() < 10
    assert all(np.ptp(made.tracks.vertices(int(a), int(a + n))[:, 0]) < 500 for a, n in zip(first, count, strict=True))


def test_words_for_what_is_missing() -> None:
    made = LevelScene()
    assert made.status(None) == "Loading the levels…"
    made.take_levels(encode_columns({}))
    assert made.status(None) == "No level yet"
    assert made.advice() == ""
    made.show(LEVEL)
    assert "Nobody has played" in made.advice()
    made.take_rows(rows(make_trajectory(1)))
    assert "no model" in made.advice()
    assert made.status(None) == f"{LEVEL} · no model · 50 samples"
    made.take_models([make_level_model(active=False, archived_at_us=1)])
    assert made.advice().startswith("The model of this level is archived: restore it")
    made.take_models([make_level_model()])
    assert made.advice() == ""
    made.truncated = True
    assert "older samples not shown" in made.status(1.0)


def test_a_hostile_level_name_is_made_visible() -> None:
    made = scene("a\u202eb")
    assert "\u202e" not in made.status(None)


def test_tracks_have_the_colours_that_players_have_in_every_view() -> None:
    colours = Colours()
    assert colours.session(APP_ID, "seen elsewhere", "somebody") == 0
    made = LevelScene(colours=colours)
    made.show(LEVEL)
    made.take_rows(rows(make_trajectory(2), make_trajectory(1)))
    assert made.sessions.colours("player").tolist() == [1, 2]
    facts = made.sessions[0]
    assert facts.player_id == "player_02"
    assert colours.player(facts.app_id, "player_02") == 1
    made.show("elsewhere")
    assert made.sessions.colours("session").tolist() == [1, 2]
