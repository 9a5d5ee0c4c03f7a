"""The heat of a level on the card: a texture that the mesh's floors show."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL

from console.ui.level.heat_picture import FADE_M, MOST_LAYERS, HeatPicture, Layer, Pixels

# Part of a fragment shader: what heat lies on a place. The texture is sampled by x and y, so it drapes over whatever
# floors there are between two heights. With layers, it holds one above the other, and then as many more that tell from
# which height to which the layer's cells lie: a surface shows the layer at its own height, and nothing far from all.
# GLSL 1.2 knows texture2D only, 3.0 texture only.
HEAT_GLSL = """
uniform sampler2D u_heat;
uniform vec4 u_heat_box;
uniform vec3 u_heat_band;
uniform vec4 u_heat_layers;
vec4 heat_at(vec3 world) {
    vec2 at = (world.xy - u_heat_box.xy) * u_heat_box.zw;
    bool within = at.x >= 0.0 && at.x <= 1.0 && at.y >= 0.0 && at.y <= 1.0;
    bool shown = u_heat_band.z > 0.5 && within && world.z >= u_heat_band.x && world.z <= u_heat_band.y;
    at = clamp(at, 0.0, 0.999999);
    if (!shown) return vec4(0.0);
    if (u_heat_layers.x < 0.5) return HEAT_SAMPLE(u_heat, at);
    vec4 found = vec4(0.0);
    for (int number = 0; number < MOST_LAYERS; number++) {
        if (float(number) >= u_heat_layers.x) break;
        float half_up = (at.y + float(number)) / u_heat_layers.x * 0.5;
        vec4 heat = HEAT_SAMPLE(u_heat, vec2(at.x, half_up));
        vec4 ends = HEAT_SAMPLE(u_heat, vec2(at.x, half_up + 0.5)) * 255.0;
        vec2 heights = u_heat_layers.y + u_heat_layers.z * vec2(ends.r * 256.0 + ends.g, ends.b * 256.0 + ends.a);
        float away = max(heights.x - world.z, world.z - heights.y);
        heat.a *= 1.0 - smoothstep(0.0, u_heat_layers.w, away);
        if (heat.a > found.a) found = heat;
    }
    return found;
}
"""
_SAMPLE = """
#if __VERSION__ >= 130
#define HEAT_SAMPLE texture
#else
#define HEAT_SAMPLE texture2D
#endif
"""
HEAT_FUNCTIONS = _SAMPLE + HEAT_GLSL.replace("MOST_LAYERS", str(MOST_LAYERS))

# Players' places are told at their feet or their eyes: what lies on a floor counts up to so far below and above it.
BAND_SLACK_M = 0.5
_NO_BAND = (0.0, 0.0, 0.0)
_NO_LAYERS = (0.0, 0.0, 0.0, 1.0)
_HEIGHT_STEPS = 0xFFFF


class HeatTexture:
    """A HeatPicture on the card. Made in a context; `use` binds it and gives the uniforms of HEAT_FUNCTIONS."""

    def __init__(self) -> None:
        self._texture: int | None = None
        self._shown: HeatPicture | None = None
        self._layers = _NO_LAYERS

    def use(self, picture: HeatPicture | None) -> dict[str, tuple[float, ...]]:
        """Bind the picture to texture unit 0, sending it when it is another one."""
        if picture is None:
            return {"u_heat_box": (0.0, 0.0, 1.0, 1.0), "u_heat_band": _NO_BAND, "u_heat_layers": _NO_LAYERS}
        if self._texture is None:
            self._texture = int(GL.glGenTextures(1))
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._texture)
        if picture is not self._shown:
            self._send(picture)
        box = (picture.left, picture.near, 1 / (picture.right - picture.left), 1 / (picture.far - picture.near))
        band = (picture.low - BAND_SLACK_M, picture.high + BAND_SLACK_M, 1.0)
        return {"u_heat_box": box, "u_heat_band": band, "u_heat_layers": self._layers}

    def release(self) -> None:
        """Leave the unit as others expect it."""
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)

    def delete(self) -> None:
        if self._texture is not None:
            GL.glDeleteTextures([self._texture])
        self._texture = self._shown = None

    def _send(self, picture: HeatPicture) -> None:
        pixels, self._layers = stacked(picture.layers) if picture.layers else (picture.pixels, _NO_LAYERS)
        pixels = np.ascontiguousarray(pixels)
        rows, columns = pixels.shape[:2]
        # Cells keep their edges: what is between two cells was not measured.
        for name, value in (
            (GL.GL_TEXTURE_MIN_FILTER, GL.GL_NEAREST),
            (GL.GL_TEXTURE_MAG_FILTER, GL.GL_NEAREST),
            (GL.GL_TEXTURE_WRAP_S, GL.GL_CLAMP_TO_EDGE),
            (GL.GL_TEXTURE_WRAP_T, GL.GL_CLAMP_TO_EDGE),
        ):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, name, value)
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
        GL.glTexImage2D(
            GL.GL_TEXTURE_2D, 0, GL.GL_RGBA, columns, rows, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, pixels.tobytes()
        )
        self._shown = picture


def stacked(layers: Sequence[Layer]) -> tuple[Pixels, tuple[float, float, float, float]]:
    """Layers as one picture with their heights, and how to read it: how many, lowest height, metres a step, fade.

    A height has 16 bits: of a level a kilometre high they tell 16 mm apart.
    """
    lows, highs = np.stack([layer.low for layer in layers]), np.stack([layer.high for layer in layers])
    known = np.isfinite(lows) & np.isfinite(highs)
    base, top = (float(lows[known].min()), float(highs[known].max())) if known.any() else (0.0, 1.0)
    step = max(top - base, 1e-3) / _HEIGHT_STEPS

    def steps(heights: NDArray[np.float64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = np.round((np.where(known, heights, base) - base) / step).astype(np.int64)
        return np.clip(found, 0, _HEIGHT_STEPS)

    low, high = steps(lows), steps(highs)
    ends = np.stack([low >> 8, low & 0xFF, high >> 8, high & 0xFF], axis=-1).astype(np.uint8)
    colours = np.stack([layer.pixels for layer in layers])
    colours = np.where(known[..., None], colours, 0).astype(np.uint8)
    columns = colours.shape[2]
    pixels = np.concatenate([colours.reshape(-1, columns, 4), ends.reshape(-1, columns, 4)])
    return pixels, (float(len(layers)), base, step, FADE_M)
