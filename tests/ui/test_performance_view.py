"""The performance view against a stand-in server: loading, following, choosing, reading values."""

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QItemSelectionModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLayout
from pytestqt.qtbot import QtBot

from console import messages as m
from console.client import ConsoleUnavailable
from console.columns import encode_columns
from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.navigation import LevelMomentSubject
from console.ui.performance import standing
from console.ui.performance.dashed_line import dashed
from console.ui.performance.plot import without_neighbours
from console.ui.performance.session_rates import LOW_1, LOW_5, MEAN
from console.ui.performance.time_plot import line_pen
from console.ui.performance.view import PerformanceView
from console.ui.selection import Picked, Scope
from console.ui.theme import DARK, LIGHT
from tests.ui.fakes import APP_ID, NOW_US, FakeClient, FakeMessages, make_status, make_trajectory
from tests.ui.screen import resize, show

SECOND = 1_000_000


@pytest.fixture
def make_view(qtbot: QtBot, context: ViewContext) -> Callable[[], PerformanceView]:
    kept: list[PerformanceView] = []  # qtbot holds no reference of its own

    def make() -> PerformanceView:
        view = PerformanceView(context)
        kept.append(view)
        qtbot.addWidget(view)
        view.resize(1000, 700)
        show(view)
        return view

    return make


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


def test_a_range_marked_before_is_in_sight(
    client: FakeClient, context: ViewContext, make_view: Callable[[], PerformanceView]
) -> None:
    client.queries["frame_rate"] = history(1)
    context.clock.set_range(TimeRange(NOW_US - 90 * SECOND, NOW_US + 10 * SECOND))
    view = make_view()
    hello = m.FeedHello(last_seq=1, last_request_id=1, status=make_status())
    context.feed._hello = hello
    context.feed.connected.emit(hello)
    QApplication.processEvents()
    low, high = shown_range(view)
    assert low <= NOW_US / SECOND - 90
    assert high >= NOW_US / SECOND + 10


def test_an_empty_view_teaches(make_view: Callable[[], PerformanceView]) -> None:
    view = make_view()
    assert view._pages.currentIndex() == 0


def test_a_history_is_drawn_with_its_summary(client: FakeClient, make_view: Callable[[], PerformanceView]) -> None:
    client.queries["frame_rate"] = history()
    view = make_view()
    assert view._pages.currentIndex() == 1
    assert [plot.isVisible() for plot in view._pictures.each] == [True] * 3
    assert view._tiles.low_5.value == "40.0"
    assert "newest shown" in view._count.text()


def test_the_worst_moment_is_placed(client: FakeClient, make_view: Callable[[], PerformanceView]) -> None:
    client.queries["frame_rate"] = history()
    place = {"x": 1.0, "y": 2.5, "z": -3.0}
    client.queries["samples"] = encode_columns({axis: np.array([v], "<f4") for axis, v in place.items()})
    view = make_view()
    view._choose([(APP_ID, "s0")])
    assert view._tiles.worst.value == "7.2"
    assert view._tiles.worst.aside == "fps  (1.0, 2.5, -3.0)"
    assert "player 0 · Courtyard" in view._tiles.worst.note
    asked = [call for call in client.called("query") if call["name"] == "samples"][-1]
    assert asked["sessions"] == {APP_ID: ["s0"]}
    assert asked["from_us"] == NOW_US + 50 * 2 * SECOND


def test_live_rows_are_drawn_and_followed(
    qtbot: QtBot, context: ViewContext, make_view: Callable[[], PerformanceView]
) -> None:
    view = make_view()
    context.feed.rows_arrived.emit(rows(make_trajectory(1, session_id="live")))
    qtbot.waitUntil(lambda: view._pages.currentIndex() == 1)
    context.feed.rows_arrived.emit(rows(make_trajectory(500, session_id="live")))
    qtbot.waitUntil(lambda: shown_range(view)[1] > (NOW_US / SECOND) + 500)


def test_a_person_who_pans_is_left_alone_until_end(
    qtbot: QtBot, context: ViewContext, client: FakeClient, make_view: Callable[[], PerformanceView]
) -> None:
    client.queries["frame_rate"] = history(1)
    view = make_view()
    box = view._pictures.each[0].getViewBox()
    box.setXRange(NOW_US / SECOND, NOW_US / SECOND + 20, padding=0)
    box.sigRangeChangedManually.emit([True, False])
    assert not view._controls.follow.isChecked()
    before = shown_range(view)
    context.feed.rows_arrived.emit(rows(make_trajectory(900, session_id="s0")))
    qtbot.wait(250)
    assert shown_range(view) == before
    for key in (Qt.Key.Key_Space, Qt.Key.Key_I, Qt.Key.Key_O, Qt.Key.Key_End):
        pressed = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view._list, pressed)
        assert not pressed.isAccepted(), "the timeline's, with the list in focus, too"
    assert view._controls.follow.isChecked()
    assert shown_range(view)[1] > NOW_US / SECOND + 900
    view.frame_selection()
    assert shown_range(view)[0] == pytest.approx(NOW_US / SECOND)


def test_several_sessions_share_one_clock(client: FakeClient, make_view: Callable[[], PerformanceView]) -> None:
    client.queries["frame_rate"] = history(6)
    view = make_view()
    view._choose([(APP_ID, f"s{n}") for n in range(6)])
    assert [plot.isVisible() for plot in view._pictures.each] == [True] * 4
    assert "4 of 6 chosen are shown" in view._count.text()
    view._pictures.each[0].getViewBox().setXRange(NOW_US / SECOND, NOW_US / SECOND + 30, padding=0)
    ranges = {tuple(np.round(plot.getViewBox().viewRange()[0], 1)) for plot in view._pictures.each}
    assert max(left for left, _ in ranges) - min(left for left, _ in ranges) < 1.0
    view._choose([(APP_ID, "s1")])
    assert [plot.isVisible() for plot in view._pictures.each] == [True, False, False, False]


def test_the_list_marks_what_is_shown_and_tells_what_is_chosen(
    qtbot: QtBot, client: FakeClient, make_view: Callable[[], PerformanceView]
) -> None:
    client.queries["frame_rate"] = history()
    view = make_view()
    assert view._list._marked() == {(APP_ID, "s0"), (APP_ID, "s1"), (APP_ID, "s2")}
    with qtbot.waitSignal(view._list.chosen) as chosen:
        # Not by the list's own method, which asks the keyboard whether to extend the selection.
        select = QItemSelectionModel.SelectionFlag.ClearAndSelect
        view._list.selectionModel().setCurrentIndex(view._list.model().index(2, 0), select)
    assert chosen.args == [[(APP_ID, "s0")]]
    assert [session.key[1] for session in view.model.shown()] == ["s0"]


def test_the_pointer_reads_exact_values(client: FakeClient, make_view: Callable[[], PerformanceView]) -> None:
    client.queries["frame_rate"] = history(1)
    view = make_view()
    view._pictures.each[0].hovered.emit(NOW_US / SECOND + 101)
    assert view._pictures.readout.isVisible()
    assert "   7.25 fps" in view._pictures.readout.text
    assert "UTC" in view._pictures.readout.text
    view._pictures.each[0].hovered.emit(float("nan"))
    assert not view._pictures.readout.isVisible()


def test_a_scope_is_asked_for(
    context: ViewContext, client: FakeClient, make_view: Callable[[], PerformanceView]
) -> None:
    make_view()
    context.selection.set_scope(Scope.of_sessions(APP_ID, "ba"))
    call = client.called("query")[-1]
    assert (call["name"], call["app_id"], call["sessions"]) == ("frame_rate", APP_ID, {APP_ID: ["a", "b"]})


def test_a_frozen_view_stands_still(
    qtbot: QtBot, context: ViewContext, make_view: Callable[[], PerformanceView]
) -> None:
    view = make_view()
    view.set_frozen(True)
    context.feed.rows_arrived.emit(rows(make_trajectory(1)))
    qtbot.wait(200)
    assert view._pages.currentIndex() == 0
    view.set_frozen(False)
    assert view._pages.currentIndex() == 1
    view.set_frozen(True)
    context.feed.rows_arrived.emit(rows(make_trajectory(2)))
    waiting = [one.asking for one in view._standing._slots.values() if one.asking._active]
    assert waiting
    assert not any(asking._timer.isActive() for asking in waiting)
    view.set_frozen(False)
    assert all(asking._timer.isActive() for asking in waiting), "what is worked out of all is outdated, too"
    view.clear()
    assert view._pages.currentIndex() == 0


def test_it_asks_again_when_connected_and_when_the_store_caught_up(
    context: ViewContext, client: FakeClient, messages: FakeMessages, make_view: Callable[[], PerformanceView]
) -> None:
    client.failures["query"] = ConsoleUnavailable("starting")
    view = make_view()
    assert messages.said == []
    del client.failures["query"]
    before = len(client.called("query"))
    context.feed.connected.emit(m.FeedHello(last_seq=1, last_request_id=1, status=make_status(events_behind=3)))
    assert len(client.called("query")) == before + 1
    context.feed.caught_up.emit()
    assert len(client.called("query")) == before + 2
    context.feed.rows_arrived.emit(m.FeedRows(events=[], requests=[], trajectories=[], skipped_events=1))
    assert view._source.asking._timer.isActive(), "what the feed skipped is in the store"
    view._source.asking._timer.timeout.emit()
    assert len(client.called("query")) == before + 3


def test_while_hidden_it_asks_nothing_and_then_once(
    context: ViewContext, client: FakeClient, make_view: Callable[[], PerformanceView]
) -> None:
    view = make_view()
    view.hide()
    before = len(client.calls)
    context.selection.set_scope(Scope(APP_ID))
    context.clock.set_range(TimeRange(NOW_US, NOW_US + SECOND))
    context.feed.caught_up.emit()
    context.feed.rows_arrived.emit(rows(make_trajectory(1, session_id="live")))
    assert len(client.calls) == before
    assert not view.model.sessions
    view.show()
    assert [call["name"] for call in client.called("query")].count("frame_rate") == 2
    view.hide()
    context.feed.rows_arrived.emit(rows(make_trajectory(2, session_id="live")))
    before = len(client.calls)
    view.show()
    assert ("", "live") in view.model.sessions or (APP_ID, "live") in view.model.sessions
    assert [call["name"] for call in client.called("query")].count("frame_rate") == 2
    view.hide()
    before = len(client.calls)
    view.show()
    assert len(client.calls) == before


def test_lines_differ_by_more_than_colour(context: ViewContext, make_view: Callable[[], PerformanceView]) -> None:
    pens = [line_pen(tokens, rate) for tokens in (DARK, LIGHT) for rate in (MEAN, LOW_5, LOW_1)]
    assert len({tuple(pen.dashPattern()) for pen in pens}) == 3
    assert {pen.width() for pen in pens} == {1}
    view = make_view()
    context.feed.rows_arrived.emit(rows(make_trajectory(1)))
    view._redraw()
    context.theme.set_scheme("light")
    assert view._pictures.each[0]._curves[MEAN].opts["pen"].color() == line_pen(LIGHT, MEAN).color()


def test_points_without_neighbours_are_dots() -> None:
    nan = float("nan")
    values = np.array([50.0, nan, 51.0, 52.0, nan, nan, 53.0])
    assert without_neighbours(values).tolist() == [True, False, False, False, False, False, True]
    assert without_neighbours(np.array([60.0])).tolist() == [True]
    assert without_neighbours(np.array([])).tolist() == []


def test_pictures_details_and_the_clock(
    qtbot: QtBot, context: ViewContext, client: FakeClient, make_view: Callable[[], PerformanceView]
) -> None:
    """All that is asked of the store, and what the plots do to the clock and it to them."""
    client.queries |= {"frame_rate": history(30, 60), **aggregates()}
    view = make_view()
    clock, controls, pictures, details = context.clock, view._controls, view._pictures, view._details
    start = NOW_US / SECOND

    # The worst places: a click looks at the moment, Enter goes there.
    assert [line.cells[:4] for line in details.worst.table.lines] == [("7.2", "×14", "3", "Courtyard")]
    details.worst.table.select(details.worst.table.lines[0].key)
    details.worst.table.cellClicked.emit(0, 0)
    assert (clock.cursor_us, clock.following) == (NOW_US + 50 * SECOND, False)
    assert pictures.each[0]._cursor.value() == start + 50
    with qtbot.waitSignal(view.destination_wanted) as asked:
        details.worst.go.click()
    assert asked.args[0].subject == LevelMomentSubject(
        "Courtyard", NOW_US + 50 * SECOND, APP_ID, "s0", (1.0, 2.5, -3.0)
    )

    # Sessions in one plot, told apart in the list too; a span marked there narrows what is asked.
    controls.picture.setCurrentIndex(1)
    assert len(set(pictures.pens.values())) == len(pictures.pens) == 24
    pictures.overlay.getViewBox().dragged.emit(start + 40, start + 20, True)
    assert clock.range == TimeRange(NOW_US + 20 * SECOND, NOW_US + 40 * SECOND)
    assert pictures.overlay._region.isVisible()
    assert view._count.text().startswith("30 of 30 sessions")
    details.tabs.setCurrentIndex(1)
    call = client.called("query")[-1]
    assert (call["name"], call["by"], call["rate"]) == ("frame_rate_histograms", "all", "low_1")
    assert (call["from_us"], call["to_us"]) == (NOW_US + 20 * SECOND, NOW_US + 40 * SECOND)
    assert "outlined: all in scope – 100 % < 60 fps, 50 % < 30 fps" in details.distribution._note.text()
    details.distribution.summed.click()

    # Milliseconds, and groups compared.
    controls.unit.click()
    assert view._tiles.low_1.aside == "ms"
    for fps in (144.0, 120.0):
        controls._budget_actions[fps].trigger()
    details.tabs.setCurrentIndex(1)
    named = {round(budget.value(), 1): budget.label.isVisible() for budget in details.distribution._budgets}
    assert named == {6.9: True, 8.3: False, 16.7: True, 33.3: True}, "no name lies over another one"
    for fps in (144.0, 120.0):
        controls._budget_actions[fps].trigger()
    details.tabs.setCurrentIndex(2)
    cells = [line.cells for line in details.comparison.table.lines]
    assert [line[0] for line in cells] == ["new", "old", "not told"]
    assert cells[1][-1].startswith("+28.6 ± ")  # 20 against 46.7 frames per second
    assert cells[2][-1].endswith("(few)")
    details.comparison.table.opened.emit("old")
    assert details.comparison.table.lines[0].cells[0] == "old"
    details.comparison.by.setCurrentIndex(1)
    assert client.called("query")[-1]["by"] == "gpu"

    # Bands by the clock and since the start, with a chosen session over them.
    controls.picture.setCurrentIndex(2)
    assert client.called("query")[-1]["name"] == "frame_rate_bands"
    view._choose([(APP_ID, "s1")])
    colour = view._context.colours.session(APP_ID, "s1", "player 1")
    assert pictures.pens == {(APP_ID, "s1"): colour}
    pictures._band("clock").hovered.emit(start + 5)
    assert "12 sessions" in pictures.readout.text
    assert "median" in pictures.readout.text

    # Seen more closely, they are asked for more finely; the scale stays.
    top = pictures._band("clock").top
    pictures._band("clock").getViewBox().setXRange(start + 20, start + 24, padding=0)
    view._want()
    near = client.called("query")[-1]
    assert (near["name"], near["bins"]) == ("frame_rate_bands", 480)
    assert near["from_us"] <= NOW_US + 20 * SECOND
    assert near["to_us"] >= NOW_US + 24 * SECOND
    asked_so_far = len(client.called("query"))
    pictures._band("clock").getViewBox().setXRange(start + 20.5, start + 24.5, padding=0)
    view._want()
    assert len(client.called("query")) == asked_so_far, "the same answer will do"
    view._redraw()
    assert pictures._band("clock").drawn is not pictures._band("clock").bands
    assert pictures._band("clock").top == top
    view.frame_selection()
    view._redraw()
    assert pictures._band("clock").drawn is pictures._band("clock").bands
    controls.picture.setCurrentIndex(3)
    context.selection.pick(Picked(1, time_us=NOW_US + 30 * SECOND))
    assert pictures._band("clock")._picked.value() == start + 30
    clock.follow()
    assert controls.follow.isChecked()
    assert not pictures._band("clock")._cursor.isVisible()
    assert context.settings.value("performance/choices") == "session,2,ms,60 30"

    # Nobody looks: nothing is asked.
    view.hide()
    before = len(client.called("query"))
    clock.set_range(TimeRange(NOW_US, NOW_US + SECOND))
    assert len(client.called("query")) == before


def test_answers_are_asked_again_while_games_play(
    qtbot: QtBot, context: ViewContext, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "_AGAIN_MS", 0)
    questions = standing.StandingQuestions(context)
    client.failures["query"] = ConsoleUnavailable("starting")
    questions.want({"all": ("frame_rate_groups", {"by": "build"})})
    assert questions.answer("all") is None
    del client.failures["query"]
    questions.ask_anew()
    assert questions.answer("all") is not None
    before = len(client.called("query"))
    questions.want({"all": ("frame_rate_groups", {"by": "build"})})
    assert len(client.called("query")) == before
    with qtbot.waitSignal(questions.answered):
        questions.outdated()
    assert len(client.called("query")) == before + 1
    # The answer of another span stays until there is one of this; that of another question would be taken for it.
    client.failures["query"] = ConsoleUnavailable("gone")
    questions.want({"all": ("frame_rate_groups", {"by": "build", "from_us": 1})})
    assert questions.answer("all") is not None
    questions.want({"all": ("frame_rate_groups", {"by": "gpu", "from_us": 1})})
    assert questions.answer("all") is None
    del client.failures["query"]
    questions.want({"all": ("frame_rate_groups", {"by": "gpu", "from_us": 1})})  # it failed: it is asked again
    assert questions.answer("all") is not None
    questions.forget()
    assert questions.answer("all") is None


@given(st.integers(2, 60), st.floats(0.5, 50.0), st.floats(0.5, 50.0), st.randoms(use_true_random=False))
def test_dashes_interrupt_a_line_and_move_nothing(points: int, on: float, off: float, random: Random) -> None:
    x = np.cumsum([random.uniform(0.1, 20.0) for _ in range(points)])
    y = np.array([random.uniform(0.0, 100.0) for _ in range(points)])
    dashed_x, dashed_y = dashed(x, y, on, off)
    seen = np.isfinite(dashed_y)
    assert np.all(np.diff(dashed_x) >= 0)
    assert np.allclose(dashed_y[seen], np.interp(dashed_x[seen], x, y))
    phase = np.mod(dashed_x[seen], on + off)
    assert np.all((phase <= on + 1e-6) | (phase >= on + off - 1e-6) | np.isin(dashed_x[seen], x[[0, -1]]))


def test_a_view_that_is_built_late_knows_the_range(
    context: ViewContext, client: FakeClient, make_view: Callable[[], PerformanceView]
) -> None:
    client.queries |= {"frame_rate": history(3, 60)}
    context.clock.set_range(TimeRange(NOW_US, NOW_US + 20 * SECOND))
    view = make_view()
    assert not view._controls.follow.isChecked()
    assert view._tiles.mean.value != "–"
    assert shown_range(view)[0] <= NOW_US / SECOND


def test_plots_are_equally_high_and_their_names_inside(
    context: ViewContext, client: FakeClient, make_view: Callable[[], PerformanceView]
) -> None:
    client.queries |= {"frame_rate": history(3, 60)}
    view = make_view()
    resize(view, 1000, 560)
    plots = view._pictures.each[:3]
    heights = {round(plot.getViewBox().height()) for plot in plots}
    assert max(heights) - min(heights) <= 3
    for plot in plots:
        plot.show_up_to(61.0)
        box = plot.getViewBox().sceneBoundingRect()
        shown = [budget.label for budget in plot._budgets if budget.label.isVisible()]
        assert shown
        assert all(label.mapRectToScene(label.boundingRect()).top() >= box.top() - 1 for label in shown)
    # Dashes are of pixels, also once the window is another: here 8 of them are drawn, 4 are not.
    for width in (700, 1300):
        resize(view, width, 560)
        box = plots[0].getViewBox()
        x, y = plots[0]._curves[LOW_5].curve.getData()
        period = np.median(np.diff(x[np.isnan(y)])) * box.width() / box.viewRect().width()
        assert period == pytest.approx(12, abs=0.5)
    # Where there is no room for three plots there are fewer, and a low one has few rates at its axis.
    layout = view.layout()
    assert layout is not None
    layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # as in a window that is lower than its parts wish
    view.setMinimumSize(0, 0)
    resize(view, 1000, 330)
    assert [plot.isVisible() for plot in plots] == [True, False, False]
    assert "newest shown" in view._count.text()
    axis = plots[0].getAxis("left")
    assert axis.tickSpacing(0.0, 80.0, 30.0)[0][0] >= 40.0
    resize(view, 1000, 900)
    assert [plot.isVisible() for plot in plots] == [True] * 3
    # What lies outside of the ten minutes that are followed says so, and can be had.
    plots[0].getViewBox().setXRange(0.0, 600.0, padding=0)
    assert plots[0].elsewhere.text().endswith("Show all of it")
    plots[0].elsewhere.click()
    assert not any(plot.elsewhere.isVisible() for plot in plots)
    # More than can be read are scrolled, not squeezed.
    view._pictures._column.set_room(2)
    QApplication.processEvents()
    assert all(plot.height() >= 72 for plot in plots)
