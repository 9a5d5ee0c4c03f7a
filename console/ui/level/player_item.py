"""Where players are, as dots on the graphics card: hundreds move at once, and a painter draws them one by one."""

from collections.abc import Sequence

import numpy as np
from OpenGL import GL

from console.ui.level.gl_item import (
    POINT_SPRITE,
    PROGRAM_POINT_SIZE,
    Buffer,
    LevelItem,
    Program,
    attribute,
    disable_attributes,
)
from console.ui.level.overlay import MAX_DOTS, Label
from console.ui.level.palette import rgb
from console.ui.level.player_signs import DOT_PX, RADIUS_PX, RIM_PX
from console.ui.theme import Tokens

_VERTEX = """
uniform mat4 u_mvp;
uniform float u_size;
IN vec3 a_position;
IN vec3 a_color;
OUT vec3 v_color;
void main() {
    v_color = a_color;
    gl_Position = u_mvp * vec4(a_position, 1.0);
    gl_PointSize = u_size;
}
"""

_FRAGMENT = """
uniform float u_size;
uniform vec2 u_rim;  // where it begins and ends, in pixels from the middle
uniform vec3 u_rim_color;
IN vec3 v_color;
void main() {
    float away = length(gl_PointCoord - 0.5) * u_size;
    float alpha = clamp(u_rim.y - away + 0.5, 0.0, 1.0);
    frag_color = vec4(mix(v_color, u_rim_color, clamp(away - u_rim.x + 0.5, 0.0, 1.0)), 1.0) * alpha;
}
"""


class PlayerItem(LevelItem):
    """Draws a dot for each label, over all that hides players; the one heard of last lies on top."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self._labels: Sequence[Label] = ()

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def set_labels(self, labels: Sequence[Label]) -> None:
        self._labels = labels[-MAX_DOTS:]

    def create(self) -> None:
        self._program = Program(_VERTEX, _FRAGMENT, ("a_position", "a_color"))
        self._buffer = Buffer(GL.GL_ARRAY_BUFFER, size=MAX_DOTS * 24, stream=True)

    def destroy(self) -> None:
        self._program.delete()
        self._buffer.delete()

    def draw(self) -> None:
        if not self._labels:
            return
        table = np.array([(one.x, one.y, one.z, *rgb(one.colour)) for one in self._labels], dtype=np.float32)
        self._buffer.write(0, table)
        ratio = self.pixel_ratio()
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        GL.glEnable(PROGRAM_POINT_SIZE)
        if self.view().needs_point_sprites:
            GL.glEnable(POINT_SPRITE)
        self._program.use()
        self._program.set(
            u_mvp=self.mvpMatrix(),
            u_size=DOT_PX * ratio,
            u_rim=((RADIUS_PX - RIM_PX / 2) * ratio, (RADIUS_PX + RIM_PX / 2) * ratio),
            u_rim_color=rgb(self._tokens.window),
        )
        attribute(0, 3, 24, 0)
        attribute(1, 3, 24, 12)
        GL.glDrawArrays(GL.GL_POINTS, 0, len(table))
        disable_attributes(2)
        GL.glDisable(PROGRAM_POINT_SIZE)
        GL.glDisable(GL.GL_BLEND)
