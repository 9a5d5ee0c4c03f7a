"""Values that cross the console API about level models."""

from typing import Literal

from msgspec import Struct

from console.telemetry.placement import AS_AXES_SAY, Calibration

Axes = Literal["unity", "unreal", "gltf", "godot", "blender", "quake"]


class LevelModel(Struct, frozen=True, kw_only=True):
    """An uploaded mesh of a level. `bounds` are the mesh's own axes and units, min then max.

    `mesh_axes` and `telemetry_axes` say how each is turned into the viewer's Z-up metres, `calibration` what comes
    after that.
    """

    model_id: str
    app_id: str
    level_name: str
    version: int
    active: bool
    file_name: str
    file_bytes: int
    triangles: int
    vertices: int
    bounds: tuple[tuple[float, float, float], tuple[float, float, float]]
    mesh_axes: Axes
    telemetry_axes: Axes
    uploaded_at_us: int
    calibration: Calibration = AS_AXES_SAY
    archived_at_us: int | None = None


class LevelModelChanges(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to change; None leaves a thing as it is.

    An archived version is never active: to archive the active one makes the newest that is left active, to make an
    archived one active restores it.
    """

    mesh_axes: Axes | None = None
    telemetry_axes: Axes | None = None
    active: bool | None = None
    calibration: Calibration | None = None
    archived: bool | None = None


class Mesh(Struct, frozen=True, kw_only=True):
    """A level model's triangles for the viewer, in the mesh's own axes and units.

    `vertices`: little-endian float32 `(n, 3)`; `faces`: little-endian uint32 `(m, 3)`, welded per flat face or not:
    the viewer shades flat either way.
    """

    model_id: str
    vertices: bytes
    faces: bytes
