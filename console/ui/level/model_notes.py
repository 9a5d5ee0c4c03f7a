"""What is odd about the size or place of a level's model, or of its samples, as a sentence. Pure."""

import math

import numpy as np
from numpy.typing import NDArray

from console.ui.level.framing import Bounds
from console.ui.level.overlay import metres

_SMALL_M, _LARGE_M = 2.0, 20_000.0
# A vertex is a 32-bit float: so many times its size away from the origin, a model has steps of its thousandth.
_FAR = 10_000.0
# Samples are 32-bit floats too: with steps as long as this, in metres, tracks are stairs, and at last points.
_COARSE_M = 0.25


def model_note(bounds: Bounds | None) -> str:
    """What a person should look at, given the model's box in metres of the viewer; "" when all is plausible."""
    if bounds is None:
        return ""
    (x0, y0, _), (x1, y1, _) = bounds
    wide = max(x1 - x0, y1 - y0)
    if wide < _SMALL_M or wide > _LARGE_M:
        return (
            f"This model is {metres(float(f'{wide:.2g}'))} wide: is it of other units than the axes of the model say?"
        )
    away = math.hypot((x0 + x1) / 2, (y0 + y1) / 2)
    if away > _FAR * wide:
        return (
            f"This model lies {metres(float(f'{away:.2g}'))} from the origin: nearer to it, it is stored more exactly."
        )
    return ""


def samples_note(sent: NDArray[np.floating], metres_per_unit: float) -> str:
    """What a person should know of where most samples `(n, 3)` lie, as sent; "" when all is plausible."""
    if not len(sent):
        return ""
    away = float(np.median(np.abs(sent).max(axis=1)))
    step = float(np.spacing(np.float32(away))) * metres_per_unit
    if step < _COARSE_M:
        return ""
    return (
        f"Samples lie {metres(float(f'{away * metres_per_unit:.2g}'))} from the origin, where positions are kept in "
        f"steps of {metres(float(f'{step:.2g}'))}: send them from an origin nearer to the level."
    )
