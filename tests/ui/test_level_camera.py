"""The level's camera: in perspective and from the top, and on its way from one pose to another. No window."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from console.ui.level.axes_sign import AxesSign
from console.ui.level.camera import Camera
from console.ui.level.flight import Flight
from console.ui.level.framing import Bounds, Pose, Section, between
from console.ui.level.geometry import MeshGeometry
from console.ui.level.marker_item import MarkerItem
from console.ui.level.marker_layer import MarkerLayer
from console.ui.level.markers import MarkerStore
from console.ui.level.mesh_item import MeshItem
from console.ui.level.overlay import paint_axes
from console.ui.level.sight import Sight
from console.ui.level.surface import near
from console.ui.level.tracks import TrackStore
from console.ui.level.trajectory_item import TrajectoryItem
from console.ui.theme import DARK

SIZE = (320, 240)
BOUNDS: Bounds = ((-10.0, -10.0, 0.0), (10.0, 10.0, 4.0))
POSES = st.builds(
    Pose,
    st.tuples(*[st.floats(-100, 100)] * 3),
    st.floats(0.1, 1e4),
    st.floats(-89, 90),
    st.floats(-720, 720),
)


@given(POSES, POSES)
def test_a_way_begins_and_ends_at_its_poses_and_turns_the_shorter_way(start: Pose, end: Pose) -> None:
    half, last = between(start, end, 0.5), between(start, end, 1.0)
    assert last.distance == pytest.approx(end.distance)
    assert math.cos(math.radians(last.azimuth - end.azimuth)) == pytest.approx(1.0)
    assert abs(last.azimuth - start.azimuth) <= 180 + 1e-9
    assert min(start.distance, end.distance) * 0.999 <= half.distance <= max(start.distance, end.distance) * 1.001


def test_from_the_top_a_wall_does_not_lean_and_nothing_turns() -> None:
    camera = Camera()
    before = camera.pose
    camera.set_top(True)
    camera.fit(BOUNDS, 4 / 3)
    foot, head, above = camera.project(np.array([[9.0, 9.0, 0.0], [9.0, 9.0, 4.0], [9.0, 9.0, 1e4]]), *SIZE)
    assert foot[:2] == pytest.approx(head[:2], abs=0.01)
    assert head[2] < foot[2]
    corners = camera.project(np.array([[x, y, 0.0] for x in (-10.0, 10.0) for y in (-10.0, 10.0)]), *SIZE)
    assert corners[:, 0].min() >= 0
    assert corners[:, 1].max() <= 240
    assert np.isfinite(above).all()
    assert camera.metres_per_pixel(320) * (corners[:, 0].max() - corners[:, 0].min()) == pytest.approx(20.0, rel=1e-3)
    camera.orbit(30, 30)
    camera.zoom(3, QPointF(10, 10), *SIZE)
    camera.pan(5, 5, 320)
    assert (camera.pose.elevation, camera.pose.azimuth) == (90.0, -90.0)
    camera.set_top(True)
    camera.set_top(False)
    assert (camera.pose.elevation, camera.pose.azimuth) == (before.elevation, before.azimuth)


@pytest.mark.parametrize("size", [0.3, 20.0, 1e9])
def test_levels_of_every_size_are_seen_and_zoomed(size: float) -> None:
    camera = Camera()
    bounds: Bounds = ((0.0, 0.0, 0.0), (size, size, size / 5))
    camera.fit(bounds, 4 / 3)
    seen = camera.project(np.array(bounds), *SIZE)
    assert ((seen[:, 0] >= 0) & (seen[:, 0] <= 320)).all()
    distance = camera.pose.distance
    camera.zoom(1, QPointF(160, 120), *SIZE)
    assert camera.pose.distance == pytest.approx(distance * 0.86)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("elevation", [0.0, 20.0, 90.0])
def test_the_sign_of_the_axes_is_cut_nowhere(elevation: float) -> None:
    camera = Camera()
    camera.pose = replace(camera.pose, elevation=elevation)
    kept, painted = (QImage(200, 300, QImage.Format.Format_ARGB32_Premultiplied) for _ in range(2))
    for image in (kept, painted):
        image.fill(0)
    with QPainter(kept) as painter:
        AxesSign().paint(painter, camera, DARK, 300, 5.0)
    with QPainter(painted) as painter:
        paint_axes(painter, camera, DARK, 300, 5.0)
    inked = [
        np.frombuffer(bytes(image.constBits()), "u1").reshape(300, 200, 4)[..., 3] > 0 for image in (kept, painted)
    ]
    assert (inked[0] == inked[1]).all()


def test_a_flight_ends_exactly_and_can_be_stopped() -> None:
    now = [0.0]
    camera = Camera()
    flight = Flight(camera, monotonic=lambda: now[0])
    end = Pose((5.0, 5.0, 5.0), 10.0, 20.0, 0.0)
    flight.to(end)
    now[0] = 0.1
    flight.advance()
    assert camera.pose.centre[0] == pytest.approx(5 * (0.1 / 0.35) ** 2 * (3 - 2 * 0.1 / 0.35))
    flight.stop()
    stopped = camera.pose
    flight.advance()
    assert camera.pose == stopped
    flight.to(end)
    now[0] = 9.0
    flight.advance()
    assert camera.pose == end


def test_a_wall_before_a_place_is_looked_over() -> None:
    camera, layer = Camera(), MarkerLayer(MarkerStore())
    mesh, tracks = MeshItem((0, 0, 0), (0, 0, 0)), TrajectoryItem(TrackStore(), DARK)
    sight = Sight(camera, layer, MarkerItem(layer, DARK), tracks, mesh, lambda: SIZE)
    before = Pose((0.0, 0.0, 1.0), 20.0, 20.0, 0.0)
    assert sight.unhidden(before) == before, "without a mesh nothing is hidden"
    wall = np.array([[2, -50, 0], [2, 50, 0], [2, 50, 3], [2, -50, 3]], np.float32)
    sight.geometry = MeshGeometry(wall, np.array([[0, 1, 2], [0, 2, 3]], np.uint32), np.empty((0, 3), np.float32))
    assert sight.unhidden(before) == replace(before, elevation=60)
    roof = np.array([[-90, -90, 3], [90, -90, 3], [90, 90, 3], [-90, 90, 3]], np.float32)
    sight.geometry = replace(sight.geometry, vertices=roof)
    assert sight.unhidden(before) == before, "nothing helps under a roof"
    sight.geometry = replace(sight.geometry, vertices=roof * np.array([1 / 30, 1 / 30, 1], np.float32))
    high = replace(before, elevation=50.0)
    assert sight.unhidden(high) == replace(before, elevation=15), "but from beside it"
    # A shed open at one side: the middle of a cluster is outside, where nothing hides it, and most of its signs inside.
    walls = np.array([[2, -50, 0], [2, 50, 0], [2, 50, 9], [2, -50, 9], [-2, -50, 9], [-2, 50, 9]], np.float32)
    shed = np.array([[0, 1, 2], [0, 2, 3], [3, 2, 5], [3, 5, 4]], np.uint32)
    sight.geometry = replace(sight.geometry, vertices=walls, faces=shed)
    signs, bounds = np.array([(x, 0.0, 1.0) for x in (0.0, 0.5, 1.0, 12.0)]), ((0.0, 0.0, 0.0), (12.0, 0.0, 2.0))
    outside = replace(before, centre=(6.0, 0.0, 1.0))
    assert sight.unhidden(outside, bounds) == sight._fitted(bounds, outside)
    turned = sight.unhidden(outside, bounds, signs)
    assert 90 < turned.azimuth < 270
    assert sight._seen(sight.geometry, turned, signs, 0.3) == 3
    far = near(sight.geometry, np.eye(4), np.array([0.0, 80.0, 0.0]), 20.0)
    assert (len(far.faces), len(near(sight.geometry, np.eye(4), np.zeros(3), 1.0).faces)) == (0, 0)
    assert len(near(sight.geometry, np.eye(4), np.zeros(3), 3.0).faces) == 2, "the wall, and no roof"
    sight.geometry = replace(sight.geometry, vertices=roof, faces=np.array([[0, 1, 2], [0, 2, 3]], np.uint32))
    sight.section = Section(high=2.0)
    mesh.xray = True
    assert sight.unhidden(before) == before
