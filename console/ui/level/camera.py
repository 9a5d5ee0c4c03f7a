"""Moving a pyqtgraph camera: orbit, pan, zoom to the pointer, and flying to a pose."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QMatrix4x4, QVector3D

from console.ui.level.framing import Bounds, Pose, fit, view_axes

FOV = 45.0
START = Pose((0.0, 0.0, 0.0), 60.0, 42.0, -58.0)
TOP_ELEVATION, TOP_AZIMUTH = 90.0, -90.0
NEAREST_M, FARTHEST_M = 0.5, 100_000.0


class Camera:
    """A pose that mouse and keys change. Angles in degrees, lengths in metres."""

    def __init__(self) -> None:
        self.pose = START
        self.reach = 100.0  # how far from the centre something may be that has to be drawn

    def orbit(self, azimuth: float, elevation: float) -> None:
        pose = self.pose
        raised = min(90.0, max(-89.0, pose.elevation + elevation))
        self.pose = Pose(pose.centre, pose.distance, raised, pose.azimuth + azimuth)

    def pan(self, dx: float, dy: float, width: int) -> None:
        """Move so that what is in the middle follows the pointer by `dx, dy` pixels."""
        pose = self.pose
        metres = 2 * pose.distance * math.tan(math.radians(FOV) / 2) / max(width, 1)
        right, up, _ = view_axes(pose.elevation, pose.azimuth)
        self._move_to(np.array(pose.centre) - right * dx * metres + up * dy * metres, pose.distance)

    def zoom(self, steps: float, at: QPointF, width: int, height: int) -> None:
        """Come nearer by `steps` notches; what is under the pointer stays there."""
        pose = self.pose
        distance = min(FARTHEST_M, max(NEAREST_M, pose.distance * 0.86**steps))
        metres = 2 * math.tan(math.radians(FOV) / 2) / max(width, 1) * (pose.distance - distance)
        right, up, _ = view_axes(pose.elevation, pose.azimuth)
        shift = right * (at.x() - width / 2) * metres - up * (at.y() - height / 2) * metres
        self._move_to(np.array(pose.centre) + shift, distance)

    def fit(self, bounds: Bounds, aspect: float) -> None:
        """See all of `bounds` from the same side."""
        pose = self.pose
        self.pose = fit(bounds, elevation=pose.elevation, azimuth=pose.azimuth, fov=FOV, aspect=aspect)
        self.reach = math.dist(*bounds)

    def from_top(self, bounds: Bounds, aspect: float) -> None:
        """Look straight down, +y up on the screen."""
        self.pose = fit(bounds, elevation=TOP_ELEVATION, azimuth=TOP_AZIMUTH, fov=FOV, aspect=aspect)
        self.reach = math.dist(*bounds)

    def view_matrix(self) -> QMatrix4x4:
        pose = self.pose
        matrix = QMatrix4x4()
        matrix.translate(0.0, 0.0, -pose.distance)
        matrix.rotate(pose.elevation - 90, 1, 0, 0)
        matrix.rotate(pose.azimuth + 90, 0, 0, -1)
        matrix.translate(-QVector3D(*pose.centre))
        return matrix

    def projection_matrix(self, width: int, height: int) -> QMatrix4x4:
        """A frustum as tight as the level allows: depth has only 24 bits."""
        near = max(0.02 * self.pose.distance, 0.05)
        far = self.pose.distance + 4 * self.reach + 50
        half = near * math.tan(math.radians(FOV) / 2)
        tall = half * height / max(width, 1)
        matrix = QMatrix4x4()
        matrix.frustum(-half, half, -tall, tall, near, far)
        return matrix

    def project(self, points: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
        """Where points `(n, 3)` are on the screen, `(n, 3)`: x, y in pixels, and depth; NaN behind the camera."""
        matrix = self.projection_matrix(width, height) * self.view_matrix()
        values = np.array(matrix.data(), dtype=np.float64).reshape(4, 4)  # columns one after another
        clip = np.column_stack([points, np.ones(len(points))]) @ values
        w = np.where(clip[:, 3] > 1e-6, clip[:, 3], np.nan)
        x = (clip[:, 0] / w + 1) / 2 * width
        y = (1 - clip[:, 1] / w) / 2 * height
        return np.column_stack([x, y, clip[:, 3]])

    def _move_to(self, centre: NDArray[np.float64], distance: float) -> None:
        x, y, z = centre.tolist()
        self.pose = Pose((x, y, z), distance, self.pose.elevation, self.pose.azimuth)
