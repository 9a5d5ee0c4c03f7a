"""What lies under a point of the level in three dimensions: markers first, then tracks, then heat and the surface."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from console.telemetry.coordinates import transformed
from console.ui.level.camera import FOV, Camera
from console.ui.level.canvas import ClusterHit, MarkerHit, TrackHit
from console.ui.level.colouring import scale_of
from console.ui.level.framing import WHOLE_HEIGHT, Bounds, Place, Pose, fit, view_axes
from console.ui.level.geometry import MeshGeometry
from console.ui.level.marker_item import MarkerItem
from console.ui.level.marker_layer import MarkerLayer
from console.ui.level.marker_sight import Pointed, pointed
from console.ui.level.mesh_item import MeshItem
from console.ui.level.surface import Ray, first_hit, height_hit, near, ray_through
from console.ui.level.track_pick import TrackPoint, track_at, words
from console.ui.level.tracks import TrackStore
from console.ui.level.trajectory_item import TrajectoryItem

# Tracks lie on floors, and a little in them: so far behind the surface they still count as seen.
_SUNK_M, _SUNK_SHARE = 0.3, 0.01
# Whoever stands at a place is about so large: what is seen of them is enough.
_BODY_M = 1.0
# Signs of a cluster that are looked for, and about how many triangles may be tried for them in all: it is to be quick.
# In a huge level a few lines of sight have to do.
_MOST_SIGNS, _MOST_TRIANGLES, _LEAST_RAYS = 9, 1_000_000, 6
_LOW = 15.0


class Sight:
    """Looks through the camera at what the canvas shows. `size` tells the picture's width and height in pixels."""

    def __init__(
        self,
        camera: Camera,
        layer: MarkerLayer,
        markers: MarkerItem,
        tracks: TrajectoryItem,
        mesh: MeshItem,
        size: Callable[[], tuple[int, int]],
    ) -> None:
        self.tracks_store = TrackStore()
        self.geometry: MeshGeometry | None = None
        self.section = WHOLE_HEIGHT
        self.heat_words: Callable[[float, float], str] | None = None
        self._camera = camera
        self._layer = layer
        self._markers = markers
        self._tracks = tracks
        self._mesh = mesh
        self._size = size

    def hit(self, position: QPointF) -> MarkerHit | ClusterHit | TrackHit | None:
        """What a click would mean."""
        found = self._markers_under(position)
        if found is not None:
            return found.hit()
        point = self._track_under(position)
        return None if point is None else TrackHit(point.session, point.time_us, point.place)

    def words(self, position: QPointF) -> str:
        """What a tool tip says; "" over nothing."""
        found = self._markers_under(position)
        if found is not None:
            return self._layer.words(found.indices)
        point = self._track_under(position)
        if point is not None:
            return words(self.tracks_store, point, scale_of(self._tracks.world))
        return self._heat_under(position)

    def ray(self, position: QPointF) -> Ray:
        """The line of sight."""
        width, height = self._size()
        matrices = self._camera.projection_matrix(width, height), self._camera.view_matrix()
        eye, world = (np.array(matrix.data(), dtype=np.float64).reshape(4, 4).T for matrix in matrices)
        return ray_through(position.x(), position.y(), width, height, eye, world)

    def place(self, position: QPointF) -> Place | None:
        """The place of the level's surface, in metres of the viewer; None beside it."""
        if self.geometry is None:
            return None
        section = self.section
        return first_hit(self.ray(position), self.geometry, self._mesh.world, section.low, section.high)

    def unhidden(self, pose: Pose, bounds: Bounds | None = None, signs: NDArray[np.float64] | None = None) -> Pose:
        """The pose, turned or raised until the level does not hide what it looks at; as it is where nothing helps.

        From wherever it looks, all of `bounds` is in the picture. `signs` (n, 3) are places that are to be seen, in
        metres of the viewer: without them it is the middle. Where not all can be seen, the pose is the first from
        which most are.
        """
        if self.geometry is None or self._mesh.xray or self._camera.is_top:
            return pose
        centre = np.array(pose.centre)
        places, behind_m = centre[None], _BODY_M
        if signs is not None and len(signs):
            places, behind_m = signs, _SUNK_M
        poses = [turned if bounds is None else self._fitted(bounds, turned) for turned in _turns(pose)]
        farthest_m = float(np.linalg.norm(places - centre, axis=1).max())
        level = near(self.geometry, self._mesh.world, centre, max(farthest_m, *(turned.distance for turned in poses)))
        rays = max(_MOST_TRIANGLES // max(len(level.faces), 1), _LEAST_RAYS)
        some = min(max(rays // len(poses), 1), _MOST_SIGNS, len(places))
        places = places[((np.arange(some) + 0.5) * len(places) / some).astype(np.int64)]
        best, most = pose, 0
        for turned in poses[: max(rays // some, 1)]:
            seen = self._seen(level, turned, places, behind_m)
            if seen > most:
                best, most = turned, seen
            if most == len(places):
                break
        return best

    def _fitted(self, bounds: Bounds, pose: Pose) -> Pose:
        width, height = self._size()
        return fit(bounds, elevation=pose.elevation, azimuth=pose.azimuth, fov=FOV, aspect=width / height)

    def _seen(self, level: MeshGeometry, pose: Pose, places: NDArray[np.float64], behind_m: float) -> int:
        """How many of the places the level does not hide; they may be so far behind its surface."""
        eye = np.array(pose.centre) + view_axes(pose.elevation, pose.azimuth)[2] * pose.distance
        seen = 0
        for place in places:
            away = float(np.linalg.norm(place - eye))
            ray = Ray(_place(eye), _place((place - eye) / max(away, 1e-9)))
            met = first_hit(ray, level, self._mesh.world, self.section.low, self.section.high)
            seen += met is None or float(np.linalg.norm(np.subtract(met, eye))) > away - behind_m
        return seen

    def _markers_under(self, position: QPointF) -> Pointed | None:
        if not self._markers.visible():
            return None
        width, height = self._size()
        clusters = self._layer.clusters(self._camera.metres_per_pixel(width))
        return pointed(clusters, self._camera.project(clusters.places, width, height), position)

    def _track_under(self, position: QPointF) -> TrackPoint | None:
        if not self._tracks.visible():
            return None
        size = self._size()
        return track_at(
            self.tracks_store,
            (position.x(), position.y()),
            size,
            self._camera.clip_matrix(*size),
            world=self._tracks.world,
            section=self._tracks.section,
            time_range_s=self._tracks.time_range_s,
            visible=self._in_view,
        )

    def _in_view(self, sent: Place) -> bool:
        """Whether a place, as sent, is not behind the level's surface."""
        if self.geometry is None or self._mesh.xray:
            return True
        place = transformed(self._tracks.world, [sent])
        x, y, _ = self._camera.project(place, *self._size())[0].tolist()
        ray = self.ray(QPointF(x, y))
        surface = self.place(QPointF(x, y))
        if surface is None:
            return True
        away, hidden_from = (float(np.linalg.norm(np.subtract(at, ray.origin))) for at in (place[0], surface))
        return away <= hidden_from + _SUNK_M + _SUNK_SHARE * hidden_from

    def _heat_under(self, position: QPointF) -> str:
        picture = self._mesh.heat
        if self.heat_words is None or picture is None:
            return ""
        place = self.place(position) or height_hit(self.ray(position), picture.floor)
        if place is None:
            return ""
        words = self.heat_words(place[0], place[1])
        return f"at other heights:\n{words}" if words and picture.lies_elsewhere(*place) else words


def _turns(pose: Pose) -> Iterator[Pose]:
    yield pose
    for azimuth, elevation in ((0, 60), (45, 45), (-45, 45), (90, 45), (-90, 45), (180, 45), (0, 80)):
        yield replace(pose, azimuth=(pose.azimuth + azimuth) % 360, elevation=max(pose.elevation, elevation))
    for azimuth in (0, 90, -90, 180):  # under a roof, from beside it
        yield replace(pose, azimuth=(pose.azimuth + azimuth) % 360, elevation=_LOW)


def _place(point: NDArray[np.float64]) -> Place:
    x, y, z = point.tolist()
    return x, y, z
