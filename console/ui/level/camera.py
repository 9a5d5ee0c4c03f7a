"""Moving the level's camera: orbit, pan, zoom to the pointer; in perspective, or straight down without one."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QMatrix4x4, QVector3D

from console.ui.level.fit_beside import Card, fit_beside
from console.ui.level.framing import Bounds, Pose, fit, view_axes

FOV = 45.0
START = Pose((0.0, 0.0, 0.0), 60.0, 42.0, -58.0)
TOP_ELEVATION, TOP_AZIMUTH = 90.0, -90.0
NEAREST_M, FARTHEST_M = 0.5, 100_000.0

Point = NDArray[np.float64]


class Camera:
    """A pose that mouse and keys change. Angles in degrees, lengths in metres.

    From the top the projection is orthographic: walls do not lean, distances on the screen are distances on the floor.
    What perspective shows at the centre of the pose has the same size in both.
    """

    def __init__(self) -> None:
        self.pose = START
        self.reach = 100.0  # how far from the centre something may be that has to be drawn
        self._before_top: Pose | None = None

    @property
    def is_top(self) -> bool:
        """Whether the level is seen straight from above, without perspective."""
        return self._before_top is not None

    def orbit(self, azimuth: float, elevation: float) -> None:
        """Turn around the centre. From the top nothing turns."""
        if self.is_top:
            return
        pose = self.pose
        raised = min(90.0, max(-89.0, pose.elevation + elevation))
        self.pose = Pose(pose.centre, pose.distance, raised, pose.azimuth + azimuth)

    def pan(self, dx: float, dy: float, width: int) -> None:
        """Move so that what is in the middle follows the pointer by `dx, dy` pixels."""
        pose = self.pose
        metres = self.metres_per_pixel(width)
        right, up, _ = view_axes(pose.elevation, pose.azimuth)
        self._move_to(np.array(pose.centre) - right * dx * metres + up * dy * metres, pose.distance)

    def zoom(self, steps: float, at: QPointF, width: int, height: int) -> None:
        """Come nearer by `steps` notches; what is under the pointer stays there."""
        pose = self.pose
        nearest, farthest = min(NEAREST_M, self.reach / 50), max(FARTHEST_M, self.reach * 10)
        distance = min(farthest, max(nearest, pose.distance * 0.86**steps))
        metres = 2 * math.tan(math.radians(FOV) / 2) / max(width, 1) * (pose.distance - distance)
        right, up, _ = view_axes(pose.elevation, pose.azimuth)
        shift = right * (at.x() - width / 2) * metres - up * (at.y() - height / 2) * metres
        self._move_to(np.array(pose.centre) + shift, distance)

    def fitted(self, bounds: Bounds, aspect: float) -> Pose:
        """Where to stand to see all of `bounds` from the same side."""
        pose = self.pose
        return fit(
            bounds,
            elevation=pose.elevation,
            azimuth=pose.azimuth,
            fov=FOV,
            aspect=aspect,
            orthographic=self.is_top,
        )

    def fit(self, bounds: Bounds, aspect: float) -> None:
        """See all of `bounds` from the same side."""
        self.reach = math.dist(*bounds)
        self.pose = self.fitted(bounds, aspect)

    def fit_beside(self, bounds: Bounds, size: tuple[int, int], cards: Sequence[Card]) -> None:
        """See all of `bounds` from the same side, in a picture of `size` pixels, where no card hides it."""
        self.reach = math.dist(*bounds)
        pose = self.pose
        self.pose = fit_beside(
            bounds,
            cards,
            size,
            elevation=pose.elevation,
            azimuth=pose.azimuth,
            fov=FOV,
            orthographic=self.is_top,
        )

    def set_top(self, on: bool) -> None:
        """Look straight down, +y up on the screen; or again as before, at what is in the middle now."""
        pose = self.pose
        if on and self._before_top is None:
            self._before_top = pose
            self.pose = Pose(pose.centre, pose.distance, TOP_ELEVATION, TOP_AZIMUTH)
        elif not on and self._before_top is not None:
            self.pose = Pose(pose.centre, pose.distance, self._before_top.elevation, self._before_top.azimuth)
            self._before_top = None

    def view_matrix(self) -> QMatrix4x4:
        pose = self.pose
        matrix = QMatrix4x4()
        matrix.translate(0.0, 0.0, -pose.distance)
        matrix.rotate(pose.elevation - 90, 1, 0, 0)
        matrix.rotate(pose.azimuth + 90, 0, 0, -1)
        matrix.translate(-QVector3D(*pose.centre))
        return matrix

    def projection_matrix(self, width: int, height: int) -> QMatrix4x4:
        """A frustum, or a box, as tight as the level allows: depth has only 24 bits."""
        distance, room = self.pose.distance, 4 * self.reach + 50
        matrix = QMatrix4x4()
        if self.is_top:
            half = distance * math.tan(math.radians(FOV) / 2)
            tall = half * height / max(width, 1)
            matrix.ortho(-half, half, -tall, tall, distance - room, distance + room)
            return matrix
        near = max(0.02 * distance, 0.001)
        half = near * math.tan(math.radians(FOV) / 2)
        tall = half * height / max(width, 1)
        matrix.frustum(-half, half, -tall, tall, near, distance + room)
        return matrix

    def clip_matrix(self, width: int, height: int) -> Point:
        """From metres to clip space, 4×4."""
        matrix = self.projection_matrix(width, height) * self.view_matrix()
        return np.array(matrix.data(), dtype=np.float64).reshape(4, 4).T

    def metres_per_pixel(self, width: int) -> float:
        """How wide a pixel is at the distance of the pose's centre."""
        return 2 * self.pose.distance * math.tan(math.radians(FOV) / 2) / max(width, 1)

    def towards_viewer(self) -> Point:
        """The unit vector from what is in the middle to the camera."""
        towards: Point = view_axes(self.pose.elevation, self.pose.azimuth)[2]
        return towards

    def ahead(self) -> Point:
        """The horizontal unit vector away from the viewer; in a view from the top, what is up on the screen."""
        right = view_axes(self.pose.elevation, self.pose.azimuth)[0]
        ahead: Point = np.cross((0.0, 0.0, 1.0), right)
        return ahead

    def project(self, points: Point, width: int, height: int) -> Point:
        """Where points `(n, 3)` are on the screen, `(n, 3)`: x, y in pixels, and depth in metres.

        x and y are NaN behind the camera.
        """
        matrix = self.projection_matrix(width, height) * self.view_matrix()
        values = np.array(matrix.data(), dtype=np.float64).reshape(4, 4)  # columns one after another
        clip = np.column_stack([points, np.ones(len(points))]) @ values
        w = np.where(clip[:, 3] > 1e-6, clip[:, 3], np.nan)
        x = (clip[:, 0] / w + 1) / 2 * width
        y = (1 - clip[:, 1] / w) / 2 * height
        back = view_axes(self.pose.elevation, self.pose.azimuth)[2]
        return np.column_stack([x, y, self.pose.distance - (points - np.array(self.pose.centre)) @ back])

    def _move_to(self, centre: Point, distance: float) -> None:
        x, y, z = centre.tolist()
        self.pose = Pose((x, y, z), distance, self.pose.elevation, self.pose.azimuth)
