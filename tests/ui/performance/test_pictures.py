"""What the performance view draws: lines, bands, dots, and what lies beside and below them."""

import sys
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLayout
from pytestqt.qtbot import QtBot

from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.navigation import LevelMomentSubject
from console.ui.performance.dashed_line import between, dashed
from console.ui.performance.plot import without_neighbours
from console.ui.performance.session_rates import LOW_1, LOW_5, MEAN
from console.ui.performance.time_plot import line_pen, reach
from console.ui.selection import Picked
from console.ui.theme import DARK, LIGHT
from tests.ui.fakes import APP_ID, NOW_US, FakeClient, make_trajectory
from tests.ui.performance.answers import SECOND, MakeView, aggregates, history, last_asked, rows
from tests.ui.screen import resize


def test_pictures_details_and_the_clock(
    qtbot: QtBot, context: ViewContext, client: FakeClient, make_view: MakeView
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
    call = last_asked(client)
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
    behind = [budget.label.fill.style() for budget in details.distribution._budgets]
    assert Qt.BrushStyle.NoBrush not in behind, "nor is it hidden among high bars"
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
    assert last_asked(client)["by"] == "gpu"

    # Bands by the clock and since the start, with a chosen session over them.
    controls.picture.setCurrentIndex(2)
    assert last_asked(client)["name"] == "frame_rate_bands"
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
    near = last_asked(client)
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


def test_lines_differ_by_more_than_colour(context: ViewContext, make_view: MakeView) -> None:
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


def test_a_clock_years_away_makes_no_dashes_up_to_there() -> None:
    x, y = np.array([0.0, 1.7e9, 1.7e9 + 10, 1.7e9 + 20, 4e9]), np.array([10.0, 20.0, 30.0, np.nan, 50.0])
    near_x, near_y = between(x, y, 1.7e9 - 5, 1.7e9 + 15)
    assert near_x.tolist() == [1.7e9 - 5, 1.7e9, 1.7e9 + 10, 1.7e9 + 15]
    assert near_y.tolist() == pytest.approx([20.0, 20.0, 30.0, np.nan], nan_ok=True)
    assert len(dashed(near_x, near_y, 0.5, 0.5)[0]) < 100
    between_both = between(x, y, 10.0, 20.0)
    assert between_both[0].tolist() == [10.0, 20.0]
    assert between_both[1].tolist() == pytest.approx([10, 10])
    assert [len(part) for part in between(x, y, 5e9, 6e9)] == [1, 1]
    assert [part.tolist() for part in between(x, y, -1.0, 5e9)] == [x.tolist(), pytest.approx(y.tolist(), nan_ok=True)]


def test_an_axis_has_an_end_whatever_is_sent_as_a_rate() -> None:
    assert np.isfinite(reach(np.array([sys.float_info.max, 60.0, np.nan])))
    assert reach(np.full(100, 50.0)) == pytest.approx(54.0)


def test_plots_are_equally_high_and_their_names_inside(
    context: ViewContext, client: FakeClient, make_view: MakeView
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
