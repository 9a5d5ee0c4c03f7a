"""Gameplay events as signs that always face the viewer: a shape and a colour for each name."""

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL

from console.ui.level.framing import WHOLE_HEIGHT
from console.ui.level.gl_item import (
    POINT_SPRITE,
    PROGRAM_POINT_SIZE,
    Buffer,
    LevelItem,
    Program,
    attribute,
    disable_attributes,
)
from console.ui.level.markers import MAX_NAMES, MarkerStore
from console.ui.level.palette import SHAPES, marker_style, rgb
from console.ui.theme import Tokens

_KINDS = MAX_NAMES + 1

_VERTEX = f"""
uniform mat4 u_mvp;
uniform mat4 u_world;
uniform vec2 u_section;
uniform float u_size;
uniform float u_lift;
uniform vec3 u_colors[{_KINDS}];
uniform float u_shapes[{_KINDS}];
uniform float u_visible[{_KINDS}];
IN vec3 a_position;
IN float a_kind;
OUT vec3 v_color;
OUT float v_shape;
void main() {{
    int kind = int(a_kind + 0.5);
    vec4 world = u_world * vec4(a_position, 1.0);
    v_color = u_colors[kind];
    v_shape = u_shapes[kind];
    gl_Position = u_mvp * (world + vec4(0.0, 0.0, u_lift, 0.0));
    if (u_visible[kind] < 0.5 || world.z < u_section.x || world.z > u_section.y) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    gl_PointSize = u_size;
}}
"""

# Signed distances in a square from −1 to 1, below 0 inside; the ground colour is drawn as a rim.
_FRAGMENT = """
uniform vec3 u_rim;
uniform float u_size;
IN vec3 v_color;
IN float v_shape;
float box(vec2 p, vec2 b) { vec2 d = abs(p) - b; return max(d.x, d.y); }
float triangle(vec2 p) { return max(abs(p.x) * 0.87 + p.y * 0.5, -p.y) - 0.42; }
void main() {
    vec2 p = (gl_PointCoord * 2.0 - 1.0) * vec2(1.0, -1.0);
    float d;
    if (v_shape < 0.5) d = length(p) - 0.66;
    else if (v_shape < 1.5) d = box(p, vec2(0.58));
    else if (v_shape < 2.5) d = triangle(p + vec2(0.0, 0.12));
    else if (v_shape < 3.5) d = (abs(p.x) + abs(p.y) - 0.78) * 0.707;
    else if (v_shape < 4.5) d = min(box(p, vec2(0.72, 0.22)), box(p, vec2(0.22, 0.72)));
    else if (v_shape < 5.5) d = abs(length(p) - 0.54) - 0.16;
    else if (v_shape < 6.5) d = triangle(vec2(p.x, -p.y + 0.12));
    else {
        vec2 q = vec2(p.x + p.y, p.y - p.x) * 0.707;
        d = min(box(q, vec2(0.84, 0.22)), box(q, vec2(0.22, 0.84)));
    }
    float pixel = 2.0 / u_size;
    if (d > 1.6 * pixel) discard;
    frag_color = vec4(mix(v_color, u_rim, smoothstep(-0.6 * pixel, 0.4 * pixel, d)), 1.0);
}
"""

MARKER_PX = 13.0


class MarkerItem(LevelItem):
    """Draws a MarkerStore; its table is sent again when it changed."""

    def __init__(self, markers: MarkerStore, tokens: Tokens) -> None:
        super().__init__()
        self.world: NDArray[np.float64] = np.eye(4)
        self.section = WHOLE_HEIGHT
        self._markers = markers
        self._tokens = tokens
        self._sent = (-1, -1)
        self._count = 0

    def set_markers(self, markers: MarkerStore) -> None:
        self._markers = markers
        self._sent = (-1, -1)
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def create(self) -> None:
        self._program = Program(_VERTEX, _FRAGMENT, ("a_position", "a_kind"))
        self._buffer: Buffer | None = None
        self._sent = (-1, -1)

    def destroy(self) -> None:
        self._program.delete()
        if self._buffer is not None:
            self._buffer.delete()
        self._buffer = None

    def draw(self) -> None:
        self._send()
        if self._buffer is None:
            return
        markers, tokens = self._markers, self._tokens
        kinds = markers.kinds()
        styles = [marker_style(tokens, kind, number) for number, kind in enumerate(kinds)]
        colours = np.zeros((_KINDS, 3))
        colours[: len(kinds)] = [rgb(style.colour) for style in styles]
        shapes, visible = np.zeros(_KINDS), np.zeros(_KINDS)
        shapes[: len(kinds)] = [SHAPES.index(style.shape) for style in styles]
        visible[: len(kinds)] = [kind not in markers.hidden for kind in kinds]
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_BLEND)
        GL.glEnable(PROGRAM_POINT_SIZE)
        if self.view().needs_point_sprites:
            GL.glEnable(POINT_SPRITE)
        size = MARKER_PX * self.pixel_ratio()
        self._program.use()
        self._program.set(
            u_mvp=self.mvpMatrix(),
            u_world=self.world,
            u_section=(self.section.low, self.section.high),
            u_size=size,
            u_lift=0.08 + 0.004 * self.view().opts["distance"],
            u_colors=colours,
            u_shapes=shapes,
            u_visible=visible,
            u_rim=rgb(tokens.window),
        )
        self._buffer.bind()
        attribute(0, 3, 16, 0)
        attribute(1, 1, 16, 12)
        GL.glDrawArrays(GL.GL_POINTS, 0, self._count)
        disable_attributes(2)
        GL.glDisable(PROGRAM_POINT_SIZE)

    def _send(self) -> None:
        state = (id(self._markers), self._markers.revision)
        if state == self._sent:
            return
        self._sent = state
        places, numbers = self._markers.table()
        if self._buffer is not None:
            self._buffer.delete()
            self._buffer = None
        self._count = len(places)
        if self._count:
            table = np.column_stack([places, numbers.astype(np.float32)]).astype(np.float32)
            self._buffer = Buffer(GL.GL_ARRAY_BUFFER, np.ascontiguousarray(table))
