"""Where a camera has to stand so that the cards that lie over the picture hide nothing of a level. Pure."""

import math
from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from console.ui.level.framing import Bounds, Pose, fit, view_axes

# Left, top, right and bottom, in pixels from the picture's upper left corner.
Card = tuple[float, float, float, float]

_MARGIN = 1.06
# Rather behind a card than so many times smaller.
_MOST = 2.0
_SHARES = (0.0, 1 / 3, 2 / 3, 1.0)
_CORNERS = tuple(combinations(range(8), 2))

Points = NDArray[np.float64]


def fit_beside(
    bounds: Bounds,
    cards: Sequence[Card],
    size: tuple[int, int],
    *,
    elevation: float,
    azimuth: float,
    fov: float,
    orthographic: bool = False,
) -> Pose:
    """The nearest pose from which all of `bounds` is seen beside the cards, in a picture of `size` pixels.

    That in the middle when no card is in the way, as with `fit`; and when the level would become very small otherwise.
    """
    width, height = size
    centred = fit(
        bounds, elevation=elevation, azimuth=azimuth, fov=fov, aspect=width / height, orthographic=orthographic
    )
    axes = view_axes(elevation, azimuth)
    corners = np.array(list(product(*zip(*bounds, strict=True))), dtype=np.float64)
    seen = (corners - np.array(centred.centre)) @ axes.T
    depth = np.zeros(len(seen)) if orthographic else seen[:, 2]
    half = np.array([math.tan(math.radians(fov) / 2) * share for share in (1.0, height / width)])

    def covered(x: float, y: float, distance: float) -> bool:
        shares = (seen[:, :2] - (x, y)) / (distance - depth)[:, None] / half
        pixels = (shares * (1, -1) + 1) / 2 * (width, height)
        return any(_meet(pixels, card) for card in cards)

    if not covered(0.0, 0.0, centred.distance):
        return centred
    best: tuple[float, float, float] | None = None
    for left, top, right, bottom in _windows(cards, width, height):
        low = (np.array([left / width, 1 - bottom / height]) * 2 - 1) * half
        high = (np.array([right / width, 1 - top / height]) * 2 - 1) * half
        # A corner at depth z towards the camera is inside when c + low · (d − z) ≤ x ≤ c + high · (d − z).
        most = (seen[:, :2] + depth[:, None] * high).max(axis=0)
        least = (seen[:, :2] + depth[:, None] * low).min(axis=0)
        needed = float(((most - least) / (high - low)).max())
        distance = max(needed, float(depth.max())) * _MARGIN
        x, y = ((most - high * distance + least - low * distance) / 2).tolist()
        if (best is None or distance < best[2]) and not covered(x, y, distance):
            best = x, y, distance
    if best is None or best[2] > _MOST * centred.distance:
        return centred
    place = np.array(centred.centre) + axes[0] * best[0] + axes[1] * best[1]
    return Pose((float(place[0]), float(place[1]), float(place[2])), best[2], elevation, azimuth)


def _windows(cards: Sequence[Card], width: int, height: int) -> list[Card]:
    """Parts of the picture to try: each side drawn in not at all, partly, or past the cards that lie along it.

    Cards lie in the corners, so that going past them above, below and at the right is enough.
    """
    middle = height / 2
    right = min((card[0] for card in cards if card[0] > width / 2), default=width)
    above = max((card[3] for card in cards if card[3] <= middle or card[1] < height - card[3]), default=0.0)
    below = min((card[1] for card in cards if card[1] >= middle or card[1] > height - card[3]), default=height)
    found = []
    for beside, over, under in product(_SHARES, repeat=3):
        window = (0.0, above * over, width - (width - right) * beside, height - (height - below) * under)
        if window[3] - window[1] > height / 4 and window[2] > width / 4:
            found.append(window)
    return found


def _meet(points: Points, card: Card) -> bool:
    """Whether the hull of eight points meets a rectangle: no direction of an edge of either tells them apart."""
    left, top, right, bottom = card
    rectangle = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float64)
    edges = np.array([points[second] - points[first] for first, second in _CORNERS])
    across = np.vstack([np.eye(2), np.column_stack([-edges[:, 1], edges[:, 0]])])
    ours, theirs = points @ across.T, rectangle @ across.T
    apart = (ours.max(axis=0) <= theirs.min(axis=0)) | (theirs.max(axis=0) <= ours.min(axis=0))
    return not bool(apart[np.abs(across).sum(axis=1) > 0].any())
