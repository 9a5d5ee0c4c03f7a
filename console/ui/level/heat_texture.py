"""The heat of a level on the card: a texture that the mesh's floors show."""

import numpy as np
from OpenGL import GL

from console.ui.level.heat_picture import HeatPicture

# Part of a fragment shader: what heat lies on a place. The texture is sampled by x and y, so it drapes over whatever
# floors there are between two heights. GLSL 1.2 knows texture2D only, 3.0 texture only.
HEAT_GLSL = """
uniform sampler2D u_heat;
uniform vec4 u_heat_box;
uniform vec3 u_heat_band;
vec4 heat_at(vec3 world) {
    vec2 at = (world.xy - u_heat_box.xy) * u_heat_box.zw;
    vec4 heat = HEAT_SAMPLE(u_heat, clamp(at, 0.0, 1.0));
    bool within = at.x >= 0.0 && at.x <= 1.0 && at.y >= 0.0 && at.y <= 1.0;
    bool shown = u_heat_band.z > 0.5 && within && world.z >= u_heat_band.x && world.z <= u_heat_band.y;
    return shown ? heat : vec4(0.0);
}
"""
_SAMPLE = """
#if __VERSION__ >= 130
#define HEAT_SAMPLE texture
#else
#define HEAT_SAMPLE texture2D
#endif
"""
HEAT_FUNCTIONS = _SAMPLE + HEAT_GLSL

# Players' places are told at their feet or their eyes: what lies on a floor counts up to so far below and above it.
BAND_SLACK_M = 0.5
_NO_BAND = (0.0, 0.0, 0.0)


class HeatTexture:
    """A HeatPicture on the card. Made in a context; `use` binds it and gives the uniforms of HEAT_FUNCTIONS."""

    def __init__(self) -> None:
        self._texture: int | None = None
        self._shown: HeatPicture | None = None

    def use(self, picture: HeatPicture | None) -> dict[str, tuple[float, ...]]:
        """Bind the picture to texture unit 0, sending it when it is another one."""
        if picture is None:
            return {"u_heat_box": (0.0, 0.0, 1.0, 1.0), "u_heat_band": _NO_BAND}
        if self._texture is None:
            self._texture = int(GL.glGenTextures(1))
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._texture)
        if picture is not self._shown:
            self._send(picture)
        box = (picture.left, picture.near, 1 / (picture.right - picture.left), 1 / (picture.far - picture.near))
        band = (picture.low - BAND_SLACK_M, picture.high + BAND_SLACK_M, 1.0)
        return {"u_heat_box": box, "u_heat_band": band}

    def release(self) -> None:
        """Leave the unit as others expect it."""
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)

    def delete(self) -> None:
        if self._texture is not None:
            GL.glDeleteTextures([self._texture])
        self._texture = self._shown = None

    def _send(self, picture: HeatPicture) -> None:
        pixels = np.ascontiguousarray(picture.pixels)
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
