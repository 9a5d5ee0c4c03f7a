"""What is said of how well telemetry lies on a level, without Qt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.telemetry.coordinates import Transforms
from console.telemetry.level_fit import Fit, Surface, as_good, suggestion, suggestions
from console.ui.level.axes_words import AXES_WORDS, ENGINES
from console.ui.widgets.formatting import percent

# Of the samples inside: from here on the level and its telemetry belong together.
INSIDE_IS_WELL = 0.9
_SHOWN = 8


@dataclass(frozen=True)
class Verdict:
    """The fit as it is, the best others, which would be clearly better, if any, and which are as good as that one."""

    now: Fit
    others: tuple[Fit, ...]
    better: Fit | None
    as_good: tuple[Fit, ...] = ()


def judge(
    surface: Surface, sent: NDArray[np.float32], speeds: NDArray[np.float32], transforms: Transforms
) -> Verdict | None:
    """Try every pair of axes. None without triangles or samples. Takes up to a second: run it in a thread."""
    fits = suggestions(surface, sent, speeds, transforms)
    now = next((fit for fit in fits if fit.transforms == transforms), None)
    if now is None:
        return None
    others = tuple(fit for fit in fits if fit is not now)[:_SHOWN]
    better = suggestion(fits, transforms)
    return Verdict(now, others, better, () if better is None else tuple(as_good(fits, better)))


def inside_words(share: float | None) -> tuple[str, str]:
    """`✓ 99.2 % inside the level`, and the tone to say it in."""
    if share is None:
        return "No samples to compare with the model", "dim"
    if share >= INSIDE_IS_WELL:
        return f"✓ {percent(share)} inside the level", "good"
    if share < 0.0005:
        return "⚠ Nothing is inside the level", "warning"
    return f"⚠ Only {percent(share)} inside the level", "warning"


def standing_words(fit: Fit) -> str:
    """`97 % stand on a floor · usually 4.1 m/s`."""
    parts = [f"{fit.standing * 100:.0f} % stand on a floor"]
    if np.isfinite(fit.speed):
        parts.append(f"usually {fit.speed:.1f} m/s")
    return " · ".join(parts)


def axes_words(transforms: Transforms) -> str:
    """`glTF · Unity ⟳180°`, or `both Unreal`."""
    turned = f" ⟳{transforms.calibration.telemetry.yaw:g}°" if transforms.calibration.telemetry.yaw else ""
    mesh, telemetry = ENGINES[transforms.mesh_axes], ENGINES[transforms.telemetry_axes]
    return f"both {mesh}{turned}" if mesh == telemetry else f"{mesh} · {telemetry}{turned}"


def advice(verdict: Verdict, now: Transforms) -> str:
    """What would fit better, and how well; and which other engine the samples cannot tell from that."""
    better = verdict.better
    if better is None:
        return ""
    wanted = better.transforms
    parts = []
    if wanted.mesh_axes == wanted.telemetry_axes and now.mesh_axes != wanted.mesh_axes:
        parts.append(f"{AXES_WORDS[wanted.mesh_axes]} for model and telemetry")
    else:
        if wanted.mesh_axes != now.mesh_axes:
            parts.append(f"{AXES_WORDS[wanted.mesh_axes]} for the model")
        if wanted.telemetry_axes != now.telemetry_axes:
            parts.append(f"{AXES_WORDS[wanted.telemetry_axes]} for the telemetry")
    if wanted.calibration.telemetry.yaw:
        parts.append(f"a turn by {wanted.calibration.telemetry.yaw:g}°")
    what = " and ".join(parts) or "the axes without further placement"
    how = f"{better.inside * 100:.0f} % inside, {better.standing * 100:.0f} % on floors"
    words = f"{what[0].upper()}{what[1:]} would fit better: {how}."
    if verdict.as_good:
        engines = dict.fromkeys(axes_words(fit.transforms) for fit in verdict.as_good)
        words += f"\nOnly the size differs with {' or '.join(engines)}: choose the engine your game is made with."
    return words
