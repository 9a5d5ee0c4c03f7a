"""Gameplay events as signs that always face the viewer, with a number where several lie on each other."""

import numpy as np
from OpenGL import GL
from PySide6.QtGui import QImage

from console.ui.level.clusters import Clusters
from console.ui.level.gl_item import (
    POINT_SPRITE,
    PROGRAM_POINT_SIZE,
    Buffer,
    LevelItem,
    Program,
    attribute,
    disable_attributes,
)
from console.ui.level.marker_atlas import CELL_PX, CELLS, atlas, sprites
from console.ui.level.marker_layer import SLOT_PX, MarkerLayer
from console.ui.theme import Tokens

# A sign's offset is in pixels, whatever the distance. What stands lower on the screen than its place is as deep there
# as level ground through the place, and a little nearer: else the floor before it would cut it in half, and if all of
# it came nearer by as much, it would show through the foot of a wall that hides its place.
_VERTEX = """
uniform mat4 u_mvp;
uniform vec2 u_pixel;
uniform float u_size;
uniform vec3 u_nearer;
uniform vec3 u_ahead;
uniform float u_least_rise;
IN vec3 a_position;
IN vec3 a_sprite;
OUT float v_cell;
OUT float v_above;
OUT float v_depth;
OUT float v_slope;
void main() {
    v_cell = a_sprite.x;
    v_above = a_sprite.z;
    gl_Position = u_mvp * vec4(a_position, 1.0);
    vec4 nearer = u_mvp * vec4(a_position + u_nearer, 1.0);
    if (nearer.w > 0.0) gl_Position.z = nearer.z / nearer.w * gl_Position.w;
    v_depth = gl_Position.z / gl_Position.w;
    // Depth is linear on the screen over any plane: two places on the ground tell how it grows.
    vec4 there = u_mvp * vec4(a_position + u_ahead, 1.0);
    vec4 here = u_mvp * vec4(a_position, 1.0);
    float rise = (there.y / there.w - here.y / here.w) / u_pixel.y;
    v_slope = (there.z / there.w - here.z / here.w) / max(rise, u_least_rise);
    gl_Position.xy += a_sprite.yz * u_pixel * gl_Position.w;
    gl_PointSize = u_size;
}
"""

_FRAGMENT = """
#if __VERSION__ < 130
#define TEXTURE texture2D
#else
#define TEXTURE texture
#endif
uniform sampler2D u_atlas;
uniform float u_cells;
uniform float u_cell_px;
IN float v_cell;
IN float v_above;
IN float v_depth;
IN float v_slope;
void main() {
    vec4 color = TEXTURE(u_atlas, vec2((floor(v_cell + 0.5) + gl_PointCoord.x) / u_cells, gl_PointCoord.y));
    if (color.a < 0.1) discard;
    frag_color = color;
    float above = v_above + (0.5 - gl_PointCoord.y) * u_cell_px;
    gl_FragDepth = clamp(0.5 + 0.5 * (v_depth + v_slope * min(above, 0.0)), 0.0, 1.0);
}
"""


# In pixels at the distance of what is in the middle: by how much nearer than its place a sign is, for places that lie
# a little under a floor; how far ahead the ground is looked up; and how much that rises on the screen at least, which
# is a fifth as much as from above: seen along the floor, the ground before a sign would come as near as the eye.
_NEARER_PX = 6.0
_AHEAD_PX = 10.0
_LEAST_RISE_PX = 2.0


class MarkerItem(LevelItem):
    """Draws a MarkerLayer; its table is sent again when it changed."""

    def __init__(self, layer: MarkerLayer, tokens: Tokens) -> None:
        super().__init__()
        self.layer = layer
        self._tokens = tokens
        self._drawn: Clusters | None = None
        self._look: object = None
        self._count = 0

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def create(self) -> None:
        self._program = Program(_VERTEX, _FRAGMENT, ("a_position", "a_sprite"))
        self._buffer: Buffer | None = None
        self._texture = GL.glGenTextures(1)
        self._drawn = self._look = None

    def destroy(self) -> None:
        self._program.delete()
        GL.glDeleteTextures(1, [self._texture])
        if self._buffer is not None:
            self._buffer.delete()
        self._buffer = None

    def draw(self) -> None:
        view = self.view()
        self._send(self.layer.clusters(view.metres_per_pixel()))
        if self._buffer is None:
            return
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._texture)
        self._paint_atlas()
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        GL.glEnable(PROGRAM_POINT_SIZE)
        if view.needs_point_sprites:
            GL.glEnable(POINT_SPRITE)
        self._program.use()
        self._program.set(
            u_mvp=self.mvpMatrix(),
            u_pixel=(2.0 / max(view.width(), 1), 2.0 / max(view.height(), 1)),
            u_size=float(round(CELL_PX * self.pixel_ratio())),
            u_nearer=tuple((view.camera.towards_viewer() * _NEARER_PX * view.metres_per_pixel()).tolist()),
            u_ahead=tuple((view.camera.ahead() * _AHEAD_PX * view.metres_per_pixel()).tolist()),
            u_least_rise=_LEAST_RISE_PX,
            u_cells=float(CELLS),
            u_cell_px=CELL_PX,
        )
        self._buffer.bind()
        attribute(0, 3, 24, 0)
        attribute(1, 3, 24, 12)
        GL.glDrawArrays(GL.GL_POINTS, 0, self._count)
        disable_attributes(2)
        GL.glDisable(PROGRAM_POINT_SIZE)
        GL.glDisable(GL.GL_BLEND)
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)

    def _send(self, clusters: Clusters) -> None:
        if clusters is self._drawn:
            return
        self._drawn = clusters
        if self._buffer is not None:
            self._buffer.delete()
            self._buffer = None
        wanted = sprites(clusters)
        self._count = len(wanted)
        if self._count:
            of = wanted[:, 0].astype(np.int64)
            offsets = wanted[:, 2:] + clusters.slots[of] * SLOT_PX * (1, -1)
            table = np.column_stack([clusters.places[of], wanted[:, 1], offsets])
            self._buffer = Buffer(GL.GL_ARRAY_BUFFER, np.ascontiguousarray(table, dtype=np.float32))

    def _paint_atlas(self) -> None:
        kinds, ratio = self.layer.markers.kinds(), self.pixel_ratio()
        look = (tuple(kinds), self._tokens.scheme, ratio)
        if look == self._look:
            return
        self._look = look
        image: QImage = atlas(self._tokens, kinds, ratio)
        width, height = image.width(), image.height()
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 4)
        GL.glTexImage2D(
            GL.GL_TEXTURE_2D, 0, GL.GL_RGBA, width, height, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, image.constBits()
        )
        for name, value in (
            (GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR),
            (GL.GL_TEXTURE_MAG_FILTER, GL.GL_LINEAR),
            (GL.GL_TEXTURE_WRAP_S, GL.GL_CLAMP_TO_EDGE),
            (GL.GL_TEXTURE_WRAP_T, GL.GL_CLAMP_TO_EDGE),
        ):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, name, value)
