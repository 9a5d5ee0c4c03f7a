"""A level is fitted into what cards leave of its picture, and the largest card can be folded away."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from console.ui.level.camera import Camera
from console.ui.level.fit_beside import fit_beside
from console.ui.level.framing import Bounds, fit
from console.ui.level.legend import Legend
from console.ui.theme import DARK
from tests.ui.screen import show

SIZE = (670, 332)
LEGEND = (482.0, 12.0, 658.0, 214.0)
CORNER = (410.0, 222.0, 658.0, 320.0)
CHIP = (12.0, 290.0, 380.0, 320.0)


def box_in_picture(camera: Camera, bounds: Bounds) -> np.ndarray:
    return camera.project(np.array(list(product(*zip(*bounds, strict=True)))), *SIZE)[:, :2]


@settings(deadline=None, max_examples=40)
@given(
    st.tuples(*[st.floats(-100, 100)] * 3),
    st.tuples(*[st.floats(5, 80)] * 3),
    st.integers(0, 359),
    st.integers(10, 85),
    st.booleans(),
)
def test_all_of_a_level_is_in_the_picture_with_cards_and_without(
    low: tuple[float, float, float], sides: tuple[float, float, float], azimuth: int, elevation: int, top: bool
) -> None:
    bounds = (low, (low[0] + sides[0], low[1] + sides[1], low[2] + sides[2]))
    camera = Camera()
    camera.orbit(azimuth, elevation - camera.pose.elevation)
    camera.set_top(top)
    camera.fit_beside(bounds, SIZE, (LEGEND, CORNER, CHIP))
    seen = box_in_picture(camera, bounds)
    assert seen.min() >= 0
    assert (seen <= SIZE).all()


def test_a_level_gives_way_to_cards_only_where_they_would_hide_it() -> None:
    bounds = ((-20.0, -20.0, 0.0), (20.0, 20.0, 8.0))
    around = {"elevation": 42.0, "azimuth": -58.0, "fov": 45.0}
    centred = fit(bounds, aspect=SIZE[0] / SIZE[1], **around)
    assert fit_beside(bounds, (), SIZE, **around) == centred
    assert fit_beside(bounds, [(640.0, 12.0, 658.0, 24.0)], SIZE, **around) == centred
    assert fit_beside(bounds, [(60.0, 12.0, 658.0, 320.0)], SIZE, **around) == centred  # there is no room at all
    camera = Camera()
    camera.pose = fit_beside(bounds, (LEGEND, CORNER, CHIP), SIZE, **around)
    seen = box_in_picture(camera, bounds)
    assert seen[:, 0].max() <= LEGEND[0] or seen[:, 1].min() >= LEGEND[3]
    assert camera.pose.distance < 2 * centred.distance
    assert camera.pose.distance == pytest.approx(centred.distance, rel=0.5)


def test_the_legend_folds_and_scrolls_where_there_is_little_room(qtbot: QtBot) -> None:
    legend = Legend(DARK)
    qtbot.addWidget(legend)
    legend.show_groups("Sessions", [(f"a_player · oa-0002-b753a{n}", n, n) for n in range(8)], (), 271)
    legend.show_markers({"Player_Death": 3, "Item_Pickup": 12}, set())
    legend.set_room(600)
    show(legend)
    [first] = [button for button in legend.findChildren(QToolButton) if "b753a0" in button.accessibleName()]
    assert "…" not in first.text()
    whole = legend.sizeHint()
    legend.set_room(150)
    assert legend.sizeHint().height() <= 150
    with qtbot.waitSignal(legend.resized):
        legend.fold(folded=True)
    assert legend.sizeHint().height() < 50
    assert legend.sizeHint().width() < whole.width()
    assert not first.isVisible()
    with qtbot.waitSignal(legend.folded) as told:
        [button] = [each for each in legend.findChildren(QToolButton) if each.accessibleName() == "Show the legend"]
        button.click()
    assert told.args == [False]
