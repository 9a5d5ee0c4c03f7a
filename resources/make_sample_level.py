"""Makes the sample level: `levels/sample.glb`, a small arena, and `levels/sample.json`, what happens in it.

Run `python resources/make_sample_level.py` after a change here. The output is the same bytes every time, so that a
test can hold the files to this script. Everything is laid out in the viewer's axes: right-handed, Z up, metres.
The mesh file is written in glTF's axes (Y up), as any glTF exporter would.
"""

import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Triangles = NDArray[np.float64]  # (n, 3 corners, 3 coordinates)

FLOOR = 0.0
UPPER = 3.3
SLAB = 0.3
WALL = 0.4
BODY_HEIGHTS = (0.4, 1.0, 1.7)  # where a walker is tried against walls, above the floor
BODY_RADIUS = 0.4
STEP_HEIGHT = 0.35  # the most a floor may differ from the straight line between two waypoints

# Corners 0…3 are the bottom, 4…7 the top, counter-clockwise from above; faces turn outwards.
_BOX_FACES = np.array(
    [
        [0, 2, 1], [0, 3, 2], [4, 5, 6], [4, 6, 7], [0, 1, 5], [0, 5, 4],
        [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7],
    ]
)  # fmt: skip


def hexahedron(corners: Iterable[tuple[float, float, float]]) -> Triangles:
    """Twelve triangles of eight corners: four below, four above, each counter-clockwise from above."""
    points: Floats = np.array(list(corners), dtype=np.float64)
    solid: Triangles = np.take(points, _BOX_FACES, axis=0)
    return solid


def box(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float]) -> Triangles:
    """An upright box between two values on each axis."""
    ring = [(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])]
    return hexahedron([(a, b, h) for h in z for a, b in ring])


def ramp(x: tuple[float, float], y: tuple[float, float], low: float, high: float) -> Triangles:
    """A wedge that stands on `low` and rises from `y[0]` to `high` at `y[1]`."""
    thin = low + 0.02
    return hexahedron(
        [
            (x[0], y[0], low), (x[1], y[0], low), (x[1], y[1], low), (x[0], y[1], low),
            (x[0], y[0], thin), (x[1], y[0], thin), (x[1], y[1], high), (x[0], y[1], high),
        ]
    )  # fmt: skip


def stairs(x: tuple[float, float], y: tuple[float, float], high: float, steps: int) -> list[Triangles]:
    """Solid steps that rise along +y from the floor to `high`."""
    edges = np.linspace(y[0], y[1], steps + 1)
    return [
        box(x, (float(edges[i]), float(edges[i + 1])), (FLOOR, FLOOR + high * (i + 1) / steps)) for i in range(steps)
    ]


def prism(
    cx: float, cy: float, radius: float, z: tuple[float, float], sides: int, top: float | None = None
) -> Triangles:
    """An upright prism of `sides`, or a frustum when its radius at the `top` differs."""
    angles = np.arange(sides) * (2 * np.pi / sides) + np.pi / sides
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    below = np.column_stack([circle * radius + (cx, cy), np.full(sides, z[0])])
    above = np.column_stack([circle * (radius if top is None else top) + (cx, cy), np.full(sides, z[1])])
    below_next, above_next = np.roll(below, -1, axis=0), np.roll(above, -1, axis=0)
    foot, head = np.tile((cx, cy, z[0]), (sides, 1)), np.tile((cx, cy, z[1]), (sides, 1))
    return np.concatenate(
        [
            np.stack([below, below_next, above_next], axis=1),
            np.stack([below, above_next, above], axis=1),
            np.stack([foot, below_next, below], axis=1),
            np.stack([head, above, above_next], axis=1),
        ]
    )


def wall_with_gaps(
    along: str,
    at: float,
    span: tuple[float, float],
    height: float,
    gaps: list[tuple[float, float]],
    lintel: float = 2.4,
) -> list[Triangles]:
    """A wall along x or y with doorways, each under a lintel."""
    across = (at - WALL / 2, at + WALL / 2)
    parts: list[Triangles] = []

    def piece(start: float, end: float, z: tuple[float, float]) -> None:
        parts.append(box((start, end), across, z) if along == "x" else box(across, (start, end), z))

    cursor = span[0]
    for start, end in gaps:
        piece(cursor, start, (FLOOR, height))
        if lintel < height:
            piece(start, end, (lintel, height))
        cursor = end
    piece(cursor, span[1], (FLOOR, height))
    return parts


def slab_with_hole(
    x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], hole: tuple[float, float, float, float]
) -> list[Triangles]:
    """A slab around a rectangular hole `x0, x1, y0, y1`."""
    x0, x1, y0, y1 = hole
    return [
        box((x[0], x0), y, z),
        box((x1, x[1]), y, z),
        box((x0, x1), (y[0], y0), z),
        box((x0, x1), (y1, y[1]), z),
    ]


def build() -> Triangles:
    """Every triangle of the level, `(n, 3, 3)`."""
    parts: list[Triangles] = []
    ceiling = UPPER - SLAB

    # Ground with a pit in the south-west garden, and a plank over it.
    parts += slab_with_hole((-20, 20), (-15, 15), (-0.4, FLOOR), (-17.2, -12.8, -12.6, -9.4))
    parts += [box((-17.2, -12.8), (-12.6, -9.4), (-2.0, -1.7)), box((-15.5, -14.5), (-12.6, -9.4), (-0.15, FLOOR))]

    # Outer walls, with a gate in the south and a low parapet in the east.
    parts += wall_with_gaps("x", -14.8, (-20, 20), 3.0, [(-1.6, 1.6)], lintel=3.0)
    parts += [box((-2.4, -1.6), (-15.3, -14.3), (FLOOR, 4.2)), box((1.6, 2.4), (-15.3, -14.3), (FLOOR, 4.2))]
    parts += [box((-1.6, 1.6), (-15.1, -14.5), (3.5, 4.1))]
    parts += wall_with_gaps("x", 14.8, (-20, 20), ceiling, [])
    parts += wall_with_gaps("y", -19.8, (-14.6, 14.6), ceiling, [])
    parts += wall_with_gaps("y", 19.8, (-14.6, 14.6), ceiling, [])

    # West hall: roofed, two rows of pillars, a skylight; its roof is a terrace.
    parts += wall_with_gaps("y", -10.0, (-6.0, 14.6), ceiling, [(-3.6, -1.6), (8.6, 10.8)])
    parts += wall_with_gaps("x", -6.2, (-19.6, -9.8), ceiling, [(-16.2, -13.8)])
    parts += slab_with_hole((-20, -9.6), (-6.6, 15), (ceiling, UPPER), (-16.6, -13.2, 2.6, 7.4))
    parts += [box((-16.9, -16.6), (2.3, 7.7), (UPPER, 3.7)), box((-13.2, -12.9), (2.3, 7.7), (UPPER, 3.7))]
    parts += [box((-16.6, -13.2), (2.3, 2.6), (UPPER, 3.7)), box((-16.6, -13.2), (7.4, 7.7), (UPPER, 3.7))]
    parts += [prism(x, y, 0.38, (FLOOR, ceiling), 8) for x in (-17.4, -12.4) for y in (-4.7, 1.6, 8.4, 12.4)]
    parts += [box((-16.2, -13.6), (4.4, 5.6), (FLOOR, 0.9))]
    parts += [box((-19.6, -19.0), (y, y + 2.4), (FLOOR, 2.2)) for y in (-4.6, -1.2, 2.2, 10.4)]

    # Terrace parapets, open where the stairs and the bridge arrive.
    parts += [box((-9.9, -9.6), (-6.6, 6.0), (UPPER, 4.2)), box((-9.9, -9.6), (8.0, 11.4), (UPPER, 4.2))]
    parts += [box((-20, -9.9), (-6.6, -6.3), (UPPER, 4.2)), box((-20, -19.7), (-6.3, 15), (UPPER, 4.2))]
    parts += [box((-19.7, -9.6), (14.7, 15), (UPPER, 4.2))]

    # Stairs from the court to the terrace, with a landing.
    parts += stairs((-9.6, -7.4), (-0.6, 6.0), UPPER, 15)
    parts += [box((-9.6, -7.4), (6.0, 8.0), (FLOOR, UPPER)), box((-7.4, -7.1), (6.0, 8.0), (FLOOR, 4.2))]

    # North bridge on four legs.
    parts += [box((-9.6, 11.0), (11.4, 14.2), (ceiling, UPPER))]
    parts += [box((-9.6, 11.0), (11.4, 11.6), (UPPER, 4.1)), box((-9.6, 11.0), (14.0, 14.2), (UPPER, 4.1))]
    parts += [prism(x, y, 0.42, (FLOOR, ceiling), 8) for x in (-3.0, 4.4) for y in (11.9, 13.7)]

    # East wing: a room below, a platform above, a look-out on top.
    parts += wall_with_gaps("y", 11.2, (3.0, 14.6), ceiling, [(7.0, 9.4)])
    parts += wall_with_gaps("x", 3.2, (11.4, 19.6), ceiling, [])
    parts += [box((11.0, 20.0), (3.0, 15.0), (ceiling, UPPER))]
    parts += [box((11.0, 11.3), (3.0, 11.4), (UPPER, 4.2)), box((19.7, 20.0), (3.0, 15.0), (UPPER, 4.2))]
    parts += [box((11.0, 19.7), (14.7, 15.0), (UPPER, 4.2))]
    parts += [box((11.3, 14.0), (3.0, 3.3), (UPPER, 4.2)), box((17.0, 19.7), (3.0, 3.3), (UPPER, 4.2))]
    parts += [box((16.4, 19.2), (10.8, 14.2), (UPPER, 6.4)), box((16.0, 19.6), (10.4, 14.6), (6.4, 6.7))]
    parts += [box((17.2, 18.6), (5.6, 6.8), (UPPER, 4.3)), box((12.6, 13.8), (6.2, 7.4), (UPPER, 4.1))]
    parts += [box((17.0, 19.0), (4.6, 6.2), (FLOOR, 1.4)), box((13.0, 15.2), (12.2, 13.6), (FLOOR, 1.1))]
    parts += [ramp((14.0, 17.0), (-8.4, 3.0), FLOOR, UPPER)]
    parts += [box((13.8, 14.0), (-2.0, 3.0), (FLOOR, UPPER)), box((17.0, 17.2), (-2.0, 3.0), (FLOOR, UPPER))]

    # South arcade: a roof on columns against the outer wall.
    for left, right in ((-9.4, -2.9), (2.9, 11.0)):
        parts += [box((left, right), (-14.6, -10.4), (3.1, 3.4))]
        count = 4
        parts += [prism(float(x), -10.9, 0.32, (FLOOR, 3.1), 8) for x in np.linspace(left + 0.6, right - 0.6, count)]
    parts += [box((-8.4, -6.2), (-14.4, -13.2), (FLOOR, 1.0)), box((5.4, 8.2), (-14.4, -13.4), (FLOOR, 1.2))]

    # The court: a fountain, low cover, two trees in tubs.
    fx, fy = 1.6, 0.4
    parts += [prism(fx, fy, 2.7, (FLOOR, 0.35), 16), prism(fx, fy, 2.3, (0.35, 0.6), 16)]
    parts += [prism(fx, fy, 0.55, (0.6, 2.0), 8, 0.35), prism(fx, fy, 1.1, (2.0, 2.3), 16, 1.25)]
    parts += [prism(fx, fy, 0.25, (2.3, 3.0), 8, 0.05)]
    parts += [box((-4.6, -2.0), (-5.4, -4.8), (FLOOR, 1.1)), box((5.6, 6.2), (3.6, 6.4), (FLOOR, 1.1))]
    parts += [box((-4.2, -3.6), (4.2, 7.0), (FLOOR, 1.1)), box((5.4, 8.0), (-5.4, -4.8), (FLOOR, 1.1))]
    for x, y in ((-4.0, -0.2), (7.6, 0.4)):
        parts += [box((x - 0.6, x + 0.6), (y - 0.6, y + 0.6), (FLOOR, 0.7))]
        parts += [prism(x, y, 0.15, (0.7, 1.8), 6), prism(x, y, 1.0, (1.8, 3.6), 6, 0.15)]

    # South-east yard: crates. South-west garden: hedges.
    parts += [box((18.0, 19.4), (-9.0, -7.6), (FLOOR, 1.4)), box((18.2, 19.2), (-8.8, -7.8), (1.4, 2.4))]
    parts += [box((17.4, 19.4), (-13.8, -12.2), (FLOOR, 1.4)), box((12.4, 13.6), (-13.6, -12.4), (FLOOR, 1.2))]
    parts += [box((-19.2, -18.4), (-13.6, -8.4), (FLOOR, 0.9)), box((-11.8, -11.1), (-11.6, -9.6), (FLOOR, 0.9))]
    return np.concatenate(parts)


# Where a player can walk: id → x, y, z of the floor.
WAYPOINTS: dict[str, tuple[float, float, float]] = {
    "gate": (0.0, -13.4, FLOOR),
    "gate_court": (0.0, -9.6, FLOOR),
    "arcade_west": (-5.2, -12.4, FLOOR),
    "arcade_west_end": (-9.9, -12.4, FLOOR),
    "arcade_east": (4.6, -12.4, FLOOR),
    "arcade_east_end": (11.2, -12.6, FLOOR),
    "court_south": (0.4, -6.6, FLOOR),
    "court_south_west": (-6.4, -7.4, FLOOR),
    "court_south_east": (9.6, -7.4, FLOOR),
    "court_west": (-5.8, -2.4, FLOOR),
    "court_middle_west": (-2.4, 0.4, FLOOR),
    "court_middle_east": (5.6, 0.4, FLOOR),
    "court_east": (9.8, 0.6, FLOOR),
    "court_north": (0.6, 5.4, FLOOR),
    "court_north_west": (-5.4, 9.4, FLOOR),
    "court_north_east": (8.4, 8.2, FLOOR),
    "under_bridge": (0.8, 12.8, FLOOR),
    "hall_south_door": (-8.4, -2.6, FLOOR),
    "hall_south": (-14.9, -2.6, FLOOR),
    "hall_garden_door": (-15.0, -7.6, FLOOR),
    "hall_middle_west": (-17.4, 5.0, FLOOR),
    "hall_middle_east": (-12.0, 5.0, FLOOR),
    "hall_north": (-14.9, 10.0, FLOOR),
    "hall_north_door": (-8.0, 9.7, FLOOR),
    "garden_north": (-15.0, -8.6, FLOOR),
    "garden_south": (-15.0, -13.4, FLOOR),
    "garden_east": (-10.3, -8.2, FLOOR),
    "stairs_foot": (-8.5, -1.4, FLOOR),
    "stairs_top": (-8.5, 6.3, UPPER),
    "landing": (-8.5, 7.0, UPPER),
    "terrace_stairs": (-11.2, 7.0, UPPER),
    "terrace_south": (-12.0, -4.6, UPPER),
    "terrace_west": (-18.2, 1.0, UPPER),
    "terrace_north_west": (-18.2, 10.6, UPPER),
    "terrace_north": (-13.0, 12.8, UPPER),
    "bridge_west": (-9.0, 12.8, UPPER),
    "bridge_middle": (0.8, 12.8, UPPER),
    "bridge_east": (11.8, 12.8, UPPER),
    "platform": (14.8, 9.0, UPPER),
    "platform_ramp": (15.5, 4.0, UPPER),
    "ramp_top": (15.5, 2.9, UPPER),
    "ramp_foot": (15.5, -8.6, FLOOR),
    "yard": (15.4, -10.6, FLOOR),
    "yard_west": (11.6, -9.6, FLOOR),
    "room_door": (10.0, 8.2, FLOOR),
    "room": (14.6, 8.2, FLOOR),
    "room_south": (14.2, 5.0, FLOOR),
    "room_east": (18.2, 9.6, FLOOR),
}

EDGES: list[tuple[str, str]] = [
    ("gate", "gate_court"), ("gate", "arcade_west"), ("gate", "arcade_east"), ("gate_court", "court_south"),
    ("arcade_west", "arcade_west_end"), ("arcade_west_end", "garden_east"), ("arcade_east", "arcade_east_end"),
    ("arcade_east_end", "yard_west"), ("gate_court", "court_south_west"), ("gate_court", "court_south_east"),
    ("court_south", "court_south_west"), ("court_south", "court_south_east"), ("court_south", "court_middle_west"),
    ("court_south", "court_middle_east"), ("court_south_west", "court_west"), ("court_south_west", "hall_south_door"),
    ("court_west", "hall_south_door"), ("court_west", "stairs_foot"),
    ("court_middle_west", "court_north"), ("court_middle_east", "court_north"), ("court_south_east", "court_east"),
    ("court_east", "court_north_east"), ("court_north", "court_north_west"),
    ("court_north", "court_north_east"), ("court_north", "under_bridge"), ("court_north_west", "under_bridge"),
    ("court_north_east", "under_bridge"), ("court_north_west", "hall_north_door"),
    ("hall_south_door", "hall_south"), ("hall_south_door", "stairs_foot"), ("hall_south", "hall_garden_door"),
    ("hall_garden_door", "garden_north"), ("hall_south", "hall_middle_west"), ("hall_south", "hall_middle_east"),
    ("hall_middle_west", "hall_north"), ("hall_middle_east", "hall_north"), ("hall_north", "hall_north_door"),
    ("garden_north", "garden_south"), ("garden_north", "garden_east"), ("garden_east", "court_south_west"),
    ("garden_south", "arcade_west_end"), ("stairs_foot", "stairs_top"), ("stairs_top", "landing"),
    ("landing", "terrace_stairs"), ("terrace_stairs", "terrace_south"), ("terrace_south", "terrace_west"),
    ("terrace_stairs", "terrace_north"), ("terrace_west", "terrace_north_west"),
    ("terrace_north_west", "terrace_north"), ("terrace_north", "bridge_west"),
    ("bridge_west", "bridge_middle"), ("bridge_middle", "bridge_east"), ("bridge_east", "platform"),
    ("platform", "platform_ramp"), ("platform_ramp", "ramp_top"), ("ramp_top", "ramp_foot"), ("ramp_foot", "yard"),
    ("ramp_foot", "yard_west"), ("yard", "yard_west"), ("yard_west", "court_south_east"),
    ("court_north_east", "room_door"), ("court_east", "room_door"), ("room_door", "room"), ("room", "room_south"),
    ("room", "room_east"),
]  # fmt: skip

SPAWNS = ["gate", "arcade_west", "arcade_east", "gate_court"]

# (funnel step, waypoint that triggers it), in the order a player should reach them.
FUNNEL = [
    ("Level_Started", "gate"),
    ("Court_Entered", "court_south"),
    ("Stairs_Climbed", "landing"),
    ("Bridge_Crossed", "bridge_east"),
    ("Lookout_Reached", "platform"),
    ("Level_Finished", "yard"),
]

# (name, x, y, z, radius in metres, factor on the frame rate): what a profiler would be sent after.
BAD_SPOTS = [
    ("fountain_particles", 1.6, 0.4, FLOOR, 5.0, 0.62),
    ("east_room_shadows", 15.2, 8.0, FLOOR, 4.5, 0.34),
    ("bridge_vista", 0.8, 12.8, UPPER, 4.0, 0.48),
]

# (name, x, y, z, radius in metres, chance of dying on one pass through)
HAZARDS = [
    ("garden_pit", -15.0, -11.0, FLOOR, 1.8, 0.22),
    ("bridge_fall", 5.2, 12.8, UPPER, 2.0, 0.10),
    ("yard_turret", 15.4, -9.6, FLOOR, 2.4, 0.12),
]

ITEMS = [
    ("Health_Pack", "hall_north"),
    ("Ammo_Crate", "arcade_east_end"),
    ("Key_Card", "room_east"),
    ("Armour", "terrace_south"),
    ("Health_Pack", "garden_south"),
]

DOORS = [
    ("Hall_North_Door", "hall_north_door"),
    ("Hall_South_Door", "hall_south_door"),
    ("Garden_Door", "hall_garden_door"),
    ("East_Room_Door", "room_door"),
]


def first_hit(triangles: Triangles, origins: Floats, directions: Floats) -> Floats:
    """Distance along each ray to the nearest triangle, in units of its direction; inf when it meets none.

    Möller and Trumbore, "Fast, Minimum Storage Ray/Triangle Intersection" (1997), both sides of a triangle counting.
    """
    nearest = np.full(len(origins), np.inf)
    corner = triangles[:, 0]
    edge_1, edge_2 = triangles[:, 1] - corner, triangles[:, 2] - corner
    for i, (origin, direction) in enumerate(zip(origins, directions, strict=True)):
        p = np.cross(direction, edge_2)
        determinant = np.einsum("ij,ij->i", edge_1, p)
        usable = np.abs(determinant) > 1e-12
        inverse = np.divide(1.0, determinant, out=np.zeros_like(determinant), where=usable)
        t = origin - corner
        u = np.einsum("ij,ij->i", t, p) * inverse
        q = np.cross(t, edge_1)
        v = (q @ direction) * inverse
        distance = np.einsum("ij,ij->i", edge_2, q) * inverse
        hit = usable & (u >= 0) & (v >= 0) & (u + v <= 1) & (distance > 1e-9)
        if hit.any():
            nearest[i] = distance[hit].min()
    return nearest


def edge_problems(triangles: Triangles, start: tuple[float, ...], end: tuple[float, ...]) -> list[str]:
    """Why a body cannot walk straight from one waypoint to another; empty when it can."""
    a, b = np.array(start), np.array(end)
    way = b - a
    side = np.array([-way[1], way[0], 0.0])
    side *= BODY_RADIUS / np.linalg.norm(side)
    problems = []
    lifts = [np.array([0.0, 0.0, h]) + side * s for h in BODY_HEIGHTS for s in (-1, 0, 1)]
    hits = first_hit(triangles, np.array([a + lift for lift in lifts]), np.tile(way, (len(lifts), 1)))
    if (hits <= 1.0).any():
        problems.append(f"a wall after {float(hits.min()) * float(np.linalg.norm(way)):.1f} m")
    steps = max(2, int(np.linalg.norm(way) / 0.2))
    points = a + np.linspace(0, 1, steps)[:, None] * way
    drops = first_hit(triangles, points + np.array([0.0, 0.0, 1.0]), np.tile((0.0, 0.0, -1.0), (steps, 1))) - 1.0
    worst = int(np.argmax(np.abs(drops)))
    if abs(drops[worst]) > STEP_HEIGHT:
        problems.append(f"the floor is {drops[worst]:.2f} m lower at {np.round(points[worst], 1).tolist()}")
    return problems


def glb(triangles: Triangles) -> bytes:
    """A binary glTF 2.0 file of one mesh without normals, which viewers must shade flat.

    Format: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html#binary-gltf-layout
    """
    x, y, z = np.moveaxis(triangles.reshape(-1, 3), 1, 0)
    corners = np.stack([x, z, -y], axis=1).astype("<f4")
    vertices, indices = np.unique(corners, axis=0, return_inverse=True)
    index_bytes = indices.astype("<u2").tobytes()
    index_bytes += b"\0" * (-len(index_bytes) % 4)
    binary = index_bytes + vertices.tobytes()
    document = {
        "asset": {"version": "2.0", "generator": "make_sample_level.py"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "Courtyard"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 1}, "indices": 0, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorFactor": [0.55, 0.56, 0.58, 1.0], "metallicFactor": 0.0}}],
        "accessors": [
            {"bufferView": 0, "componentType": 5123, "count": int(indices.size), "type": "SCALAR"},
            {
                "bufferView": 1,
                "componentType": 5126,
                "count": len(vertices),
                "type": "VEC3",
                "min": vertices.min(axis=0).tolist(),
                "max": vertices.max(axis=0).tolist(),
            },
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": int(indices.size) * 2, "target": 34963},
            {"buffer": 0, "byteOffset": len(index_bytes), "byteLength": vertices.nbytes, "target": 34962},
        ],
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    header = struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + len(binary))
    return header + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary


def describe(triangles: Triangles) -> dict[str, Any]:
    """What happens in the level, for the simulator: see the keys' own names; lengths in metres."""
    points = triangles.reshape(-1, 3)

    def at(waypoint: str) -> list[float]:
        return list(WAYPOINTS[waypoint])

    return {
        "level_id": "Courtyard",
        "model": "sample.glb",
        "mesh_axes": "gltf",
        "telemetry_axes": "unity",
        "bounds": [points.min(axis=0).round(3).tolist(), points.max(axis=0).round(3).tolist()],
        "spawns": [{"waypoint": name, "xyz": at(name)} for name in SPAWNS],
        "waypoints": [{"id": name, "xyz": list(xyz)} for name, xyz in WAYPOINTS.items()],
        "edges": [list(edge) for edge in EDGES],
        "funnel": [{"step": step, "waypoint": name} for step, name in FUNNEL],
        "bad_spots": [
            {"name": name, "centre": [x, y, z], "radius": radius, "frame_rate_factor": factor}
            for name, x, y, z, radius, factor in BAD_SPOTS
        ],
        "hazards": [
            {"name": name, "centre": [x, y, z], "radius": radius, "death_chance": chance}
            for name, x, y, z, radius, chance in HAZARDS
        ],
        "items": [{"name": item, "waypoint": name, "xyz": at(name)} for item, name in ITEMS],
        "doors": [{"name": door, "waypoint": name, "xyz": at(name)} for door, name in DOORS],
    }


def main() -> int:
    """Write both files beside this script, after trying every edge."""
    triangles = build()
    bad = [
        f"{a} – {b}: {problem}" for a, b in EDGES for problem in edge_problems(triangles, WAYPOINTS[a], WAYPOINTS[b])
    ]
    for line in bad:
        print(line)
    if bad:
        return 1
    folder = Path(__file__).parent / "levels"
    folder.mkdir(exist_ok=True)
    mesh = glb(triangles)
    (folder / "sample.glb").write_bytes(mesh)
    text = json.dumps(describe(triangles), indent=1)
    (folder / "sample.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    print(f"{len(triangles)} triangles, {len(mesh)} bytes, {len(WAYPOINTS)} waypoints, {len(EDGES)} edges")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
