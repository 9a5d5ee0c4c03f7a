"""The left dock: the tree's lines, what is chosen, and what stays when the list is refreshed."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console import messages as m
from console.columns import encode_columns
from console.telemetry.events import EventKind
from console.ui import sessions_model
from console.ui.context import ViewContext
from console.ui.selection import Scope
from console.ui.sessions_dock import SessionsDock, keys_of, scope_of
from console.ui.sessions_model import Activity, arrange, session_lines
from tests.ui.fakes import APP_ID, BUILD, FakeClient, make_application, make_event, make_sessions, make_status
from tests.ui.screen import show

OTHER = "Win64_Shipping_1.0.1"


def hello() -> m.FeedHello:
    return m.FeedHello(last_seq=0, last_request_id=0, status=make_status())


@pytest.fixture
def dock(qtbot: QtBot, context: ViewContext, client: FakeClient) -> SessionsDock:
    client.queries["sessions"] = make_sessions(3, (BUILD, OTHER))
    widget = SessionsDock(context)
    qtbot.addWidget(widget)
    widget.resize(240, 600)
    context.feed.receive(hello())
    assert not client.called("query")  # nobody looks
    show(widget)
    return widget


def labels(dock: SessionsDock) -> list[str]:
    tree, found = dock.tree, []
    for a in range(tree.topLevelItemCount()):
        app = tree.topLevelItem(a)
        found.append(app.text(0))
        for b in range(app.childCount()):
            build = app.child(b)
            found.append(f"  {build.text(0)} {build.text(1)}")
            found.extend(f"    {build.child(s).text(0)} {build.child(s).text(1)}" for s in range(build.childCount()))
    return found


# the model


def test_lines_of_an_answer_without_rows() -> None:
    assert session_lines(m.Columns(rows=0, columns={})) == []


def test_a_session_without_frame_rate_and_one_without_id() -> None:
    answer = make_sessions(2, fps_mean=np.array([np.nan, 60.0]), session_id=["s-1", None])
    lines = session_lines(answer)
    assert [(line.session_id, line.fps) for line in lines] == [("s-1", None)]


def test_newest_build_first_and_players_of_one_minute_by_name() -> None:
    minute = 60_000_000
    answer = encode_columns(
        {
            "app_id": [APP_ID] * 4,
            "build_id": ["old", "new", "new", "new"],
            "player_id": ["p", "c", "b", "a"],
            "session_id": ["1", "2", "3", "4"],
            "first_us": np.array([minute, 5 * minute, 5 * minute + 9, 4 * minute]),
            "events": np.ones(4, "<i8"),
            "fps_mean": np.full(4, 60.0),
            "level_id": ["x"] * 4,
        }
    )
    (application,) = arrange([make_application()], session_lines(answer))
    assert [build.build_id for build in application.builds] == ["new", "old"]
    assert [line.player_id for line in application.builds[0].sessions] == ["b", "c", "a"]


def test_the_tree_is_bounded_and_says_the_total(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_model, "MAX_SESSIONS_PER_BUILD", 5)
    monkeypatch.setattr(sessions_model, "MAX_SESSIONS", 8)
    (application,) = arrange([make_application()], session_lines(make_sessions(10, (BUILD, OTHER))))
    assert [(build.total, len(build.sessions)) for build in application.builds] == [(10, 5), (10, 3)]


def test_applications_without_sessions_are_listed_too() -> None:
    assert [line.builds for line in arrange([make_application()], [])] == [()]


def test_activity_goes_by_this_computer_s_clock() -> None:
    activity = Activity()
    assert activity.note([make_event(1)], now=100.0)
    assert not activity.note([make_event(1)], now=105.0)
    assert activity.live(now=110.0) == {"s-01-7f3a"}
    assert activity.live(now=120.0) == frozenset()
    assert activity.note([make_event(1)], now=121.0)


def test_sessions_of_the_player_api_are_not_the_dock_s() -> None:
    activity = Activity()
    assert not activity.note([make_event(1, kind=EventKind.PLAYER_API)], now=100.0)
    assert activity.live(now=100.0) == frozenset()


@pytest.mark.parametrize(
    ("keys", "scope"),
    [
        ([], Scope()),
        ([("a",)], Scope(app_id="a")),
        ([("a", "b")], Scope(app_id="a", build_id="b")),
        (
            [("a", "b", "1"), ("a", "b", "2")],
            Scope(app_id="a", build_id="b", sessions=frozenset({("a", "1"), ("a", "2")})),
        ),
        ([("a", "b", "1"), ("a", "c", "2")], Scope(app_id="a", sessions=frozenset({("a", "1"), ("a", "2")}))),
        ([("a", "b"), ("a", "b", "1")], Scope(app_id="a", build_id="b", sessions=frozenset({("a", "1")}))),
        ([("a", "b"), ("a", "c")], Scope(app_id="a")),
        ([("a",), ("b",)], Scope()),
    ],
)
def test_scope_of_chosen_rows(keys: list[tuple[str, ...]], scope: Scope) -> None:
    assert scope_of(keys) == scope


def test_rows_of_a_scope() -> None:
    known = [("a",), ("a", "b"), ("a", "b", "1"), ("a", "b", "2"), ("z",), ("z", "b", "1")]
    assert keys_of(Scope(), known) == []
    assert keys_of(Scope(app_id="a"), known) == [("a",)]
    assert keys_of(Scope(app_id="a", build_id="b"), known) == [("a", "b")]
    assert keys_of(Scope(app_id="a", sessions=frozenset({("a", "1")})), known) == [("a", "b", "1")]


# the dock


def test_shows_applications_builds_and_sessions(dock: SessionsDock) -> None:
    assert labels(dock) == [
        "My Game",
        f"  {OTHER} 3",
        "    player_00 54 fps",
        "    player_01 58 fps",
        "    player_02 62 fps",
        f"  {BUILD} 3",
        "    player_00 42 fps",
        "    player_01 46 fps",
        "    player_02 50 fps",
    ]
    assert dock.hint.isHidden()


def test_choosing_narrows_every_view_and_nothing_shows_all(dock: SessionsDock, context: ViewContext) -> None:
    build = dock.tree.topLevelItem(0).child(1)
    build.child(0).setSelected(True)
    build.child(2).setSelected(True)
    assert context.selection.scope == Scope(
        app_id=APP_ID, build_id=BUILD, sessions=frozenset({(APP_ID, "s-00-7f3a"), (APP_ID, "s-02-7f3a")})
    )
    assert not dock.show_all.isHidden()
    dock.show_all.click()
    assert context.selection.scope == Scope()
    assert dock.tree.selectedItems() == []
    assert dock.show_all.isHidden()


def test_escape_shows_all(dock: SessionsDock, context: ViewContext, qtbot: QtBot) -> None:
    dock.tree.topLevelItem(0).setSelected(True)
    assert context.selection.scope == Scope(app_id=APP_ID)
    qtbot.keyClick(dock.tree, Qt.Key.Key_Escape)
    assert context.selection.scope == Scope()


def test_a_scope_set_elsewhere_is_selected_here(dock: SessionsDock, context: ViewContext) -> None:
    context.selection.set_scope(Scope(app_id=APP_ID, build_id=OTHER))
    assert [item.text(0) for item in dock.tree.selectedItems()] == [OTHER]


def test_a_refresh_keeps_selection_and_what_is_open(
    dock: SessionsDock, context: ViewContext, client: FakeClient
) -> None:
    closed, build = dock.tree.topLevelItem(0).child(0), dock.tree.topLevelItem(0).child(1)
    closed.setExpanded(False)
    build.setExpanded(True)
    build.child(1).setSelected(True)
    scope = context.selection.scope
    told: list[Scope] = []
    context.selection.scope_changed.connect(told.append)
    client.queries["sessions"] = make_sessions(4, (BUILD, OTHER, "newest"))
    dock.refresh()
    assert [line for line in labels(dock) if not line.startswith("    ")] == [
        "My Game",
        "  newest 4",
        f"  {OTHER} 4",
        f"  {BUILD} 4",
    ]
    assert build.isExpanded()
    assert not closed.isExpanded()
    assert [item.text(0) for item in dock.tree.selectedItems()] == ["player_01"]
    assert context.selection.scope == scope
    assert told == []


def test_the_newest_builds_are_open_at_first(qtbot: QtBot, context: ViewContext, client: FakeClient) -> None:
    client.queries["sessions"] = make_sessions(1, ("1.0", "1.1", "1.2", "1.3", "1.4"))
    made = SessionsDock(context)
    qtbot.addWidget(made)
    made.show_lines(arrange([make_application()], session_lines(client.queries["sessions"])))
    application = made.tree.topLevelItem(0)
    builds = [application.child(row) for row in range(application.childCount())]
    assert [(build.text(0), build.isExpanded()) for build in builds] == [
        ("1.4", True),
        ("1.3", True),
        ("1.2", True),
        ("1.1", False),
        ("1.0", False),
    ]


def test_a_scope_of_sessions_that_are_not_listed_stays(dock: SessionsDock, context: ViewContext) -> None:
    scope = Scope.of_sessions(APP_ID, {"s-00-7f3a", "played-last-year"})
    context.selection.set_scope(scope)
    assert [item.text(0) for item in dock.tree.selectedItems()] == ["player_00"]
    dock.refresh()
    assert context.selection.scope == scope
    assert not dock.show_all.isHidden()
    dock.tree.clearSelection()
    assert context.selection.scope == Scope()


def test_a_chosen_session_that_is_gone_widens_the_scope(
    dock: SessionsDock, context: ViewContext, client: FakeClient
) -> None:
    dock.tree.topLevelItem(0).child(0).setSelected(True)
    client.queries["sessions"] = make_sessions(3, (BUILD,))
    dock.refresh()
    assert context.selection.scope == Scope()


def test_arriving_events_light_the_dot_and_ask_again(
    dock: SessionsDock, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    asked = len(client.called("query"))
    context.feed.receive(m.FeedRows(events=[make_event(0)], requests=[], trajectories=[]))
    role = Qt.ItemDataRole.AccessibleTextRole
    first = dock.tree.topLevelItem(0).child(1).child(0)
    qtbot.waitUntil(lambda: first.data(0, role) == "player_00, live")
    assert dock.tree.topLevelItem(0).child(1).child(1).data(0, role) == "player_01, idle"
    qtbot.waitUntil(lambda: len(client.called("query")) > asked)
    dock.hide()
    asked = len(client.called("query"))
    dock.show()
    assert len(client.called("query")) == asked  # nothing is another one
    dock.hide()
    dock.refresh()
    dock.refresh()
    assert len(client.called("query")) == asked
    dock.show()
    assert len(client.called("query")) == asked + 1


def test_names_from_clients_stay_inert(dock: SessionsDock, client: FakeClient) -> None:
    client.queries["sessions"] = make_sessions(1, player_id=["<img src='file:///x'>"])
    dock.refresh()
    item = dock.tree.topLevelItem(0).child(0).child(0)
    assert item.text(0) == "<img src='file:///x'>"
    assert "<img" not in item.toolTip(0)
    assert "&lt;img" in item.toolTip(0)


def test_follows_the_theme(dock: SessionsDock, context: ViewContext) -> None:
    session = dock.tree.topLevelItem(0).child(0).child(0)
    dark = session.icon(0).cacheKey()
    context.theme.set_scheme("light")
    assert session.foreground(1).color().name() == context.theme.tokens.dim
    assert session.icon(0).cacheKey() != dark


def test_one_dot_is_drawn_for_all_rows(dock: SessionsDock, context: ViewContext, client: FakeClient) -> None:
    client.queries["sessions"] = make_sessions(3, (BUILD,))
    dock.refresh()
    for scheme in ("dark", "light"):
        context.theme.set_scheme(scheme)
        build = dock.tree.topLevelItem(0).child(0)
        assert build.childCount() == 3
        assert len({build.child(row).icon(0).cacheKey() for row in range(3)}) == 1


def test_unreachable_server_leaves_the_tree_as_it_was(
    dock: SessionsDock, client: FakeClient, context: ViewContext
) -> None:
    before = labels(dock)
    client.failures["query"] = TimeoutError()
    dock.refresh()
    assert labels(dock) == before
    client.failures.clear()
    dock.refresh()
    assert labels(dock) == before
