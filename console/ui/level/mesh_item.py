"""The level's surface, flat-shaded from what the card knows of each pixel: no normals are made or sent."""

import ctypes

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL

from console.ui.level.framing import WHOLE_HEIGHT
from console.ui.level.gl_item import (
    SLICE_BYTES,
    LevelItem,
    Program,
    SlicedBuffer,
    attribute,
    disable_attributes,
    line_width,
)
from console.ui.level.heat_picture import HeatPicture
from console.ui.level.heat_texture import HEAT_FUNCTIONS, HeatTexture
from console.ui.level.palette import Rgb

_SURFACE_VERTEX = """
uniform mat4 u_mvp;
uniform mat4 u_world;
IN vec3 a_position;
OUT vec3 v_world;
void main() {
    vec4 world = u_world * vec4(a_position, 1.0);
    v_world = world.xyz;
    gl_Position = u_mvp * world;
}
"""

# The cross product of the derivatives faces the viewer on either side of a triangle. What a frame does not need is left
# out: in software every pixel pays for it, and one that might be discarded is tested for depth late.
_SURFACE_FRAGMENT = """
uniform vec2 u_section;
uniform float u_alpha;
uniform vec3 u_light;
uniform vec3 u_shade;
IN vec3 v_world;
void main() {
#ifdef CUT
    if (v_world.z < u_section.x || v_world.z > u_section.y) discard;
#endif
    vec3 n = normalize(cross(dFdx(v_world), dFdy(v_world)));
    float light = 0.30 + 0.62 * max(n.z, 0.0) + 0.20 * n.x * 0.6 - 0.20 * n.y * 0.8;
    vec3 colour = mix(u_shade, u_light, clamp(light, 0.0, 1.0));
    float alpha = u_alpha;
#ifdef HEAT
    vec4 heat = n.z > 0.3 ? heat_at(v_world) : vec4(0.0);
    colour = mix(colour, heat.rgb, heat.a);
    alpha = max(alpha, heat.a);
#endif
    frag_color = vec4(colour, alpha);
}
"""

_LINE_VERTEX = """
uniform mat4 u_mvp;
uniform mat4 u_world;
IN vec3 a_position;
OUT float v_height;
void main() {
    vec4 world = u_world * vec4(a_position, 1.0);
    v_height = world.z;
    gl_Position = u_mvp * world;
}
"""

_LINE_FRAGMENT = """
uniform vec2 u_section;
uniform vec4 u_color;
IN float v_height;
void main() {
    if (v_height < u_section.x || v_height > u_section.y) discard;
    frag_color = u_color;
}
"""

XRAY_ALPHA = 0.16


class MeshItem(LevelItem):
    """Triangles by index. In x-ray they are a veil that hides nothing."""

    def __init__(self, light: Rgb, shade: Rgb) -> None:
        super().__init__()
        self.colours = light, shade
        self.world: NDArray[np.float64] = np.eye(4)
        self.section = WHOLE_HEIGHT
        self.xray = False
        self.heat: HeatPicture | None = None
        self._vertices = np.empty((0, 3), dtype=np.float32)
        self._faces = np.empty((0, 3), dtype=np.uint32)
        self._dirty = True

    def set_mesh(self, vertices: NDArray[np.float32], faces: NDArray[np.uint32]) -> None:
        """Triangles in the mesh's own axes; `world` turns them into the viewer's."""
        self._vertices = np.ascontiguousarray(vertices, dtype=np.float32)
        self._faces = np.ascontiguousarray(faces, dtype=np.uint32)
        self._dirty = True
        self.update()

    @property
    def complete(self) -> bool:
        """Whether all of the surface is drawn: a large one comes in slices, over several frames."""
        return not self._dirty and all(buffer.complete for buffer in self._buffers)

    @property
    def empty(self) -> bool:
        """Whether there is no surface."""
        return not len(self._faces)

    def create(self) -> None:
        self._programs: dict[tuple[bool, bool], Program] = {}
        self._heat = HeatTexture()
        self._buffers: list[SlicedBuffer] = []
        self._dirty = True

    def destroy(self) -> None:
        for program in self._programs.values():
            program.delete()
        self._programs = {}
        self._heat.delete()
        for buffer in self._buffers:
            buffer.delete()
        self._buffers = []

    def draw(self) -> None:
        if self._dirty:
            for buffer in self._buffers:
                buffer.delete()
            self._buffers = []
            if len(self._faces):
                self._buffers = [
                    SlicedBuffer(GL.GL_ARRAY_BUFFER, self._vertices),
                    SlicedBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._faces),
                ]
            self._dirty = False
        drawn = self._send() // self._faces.itemsize // 3 * 3
        if not drawn:
            return
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_CULL_FACE)
        if self.xray:
            GL.glEnable(GL.GL_BLEND)
            GL.glBlendFuncSeparate(GL.GL_SRC_ALPHA, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
            GL.glDepthMask(False)
        else:
            GL.glDisable(GL.GL_BLEND)
        # Tracks and edges lie on the surface: it gives way.
        GL.glEnable(GL.GL_POLYGON_OFFSET_FILL)
        GL.glPolygonOffset(1.0, 1.0)
        program = self._program(heat=self.heat is not None, cut=self.section != WHOLE_HEIGHT)
        program.use()
        program.set(
            u_mvp=self.mvpMatrix(),
            u_world=self.world,
            u_section=(self.section.low, self.section.high),
            u_alpha=XRAY_ALPHA if self.xray else 1.0,
            u_light=self.colours[0],
            u_shade=self.colours[1],
            **self._heat.use(self.heat),
        )
        self._buffers[0].bind()
        attribute(0, 3, 12, 0)
        self._buffers[1].bind()
        GL.glDrawElements(GL.GL_TRIANGLES, drawn, GL.GL_UNSIGNED_INT, ctypes.c_void_p(0))
        disable_attributes(1)
        self._heat.release()
        GL.glDisable(GL.GL_POLYGON_OFFSET_FILL)
        GL.glDepthMask(True)

    def _program(self, *, heat: bool, cut: bool) -> Program:
        if (heat, cut) not in self._programs:
            head = ("#define HEAT\n" + HEAT_FUNCTIONS if heat else "") + ("#define CUT\n" if cut else "")
            self._programs[heat, cut] = Program(_SURFACE_VERTEX, head + _SURFACE_FRAGMENT, ("a_position",))
        return self._programs[heat, cut]

    def _send(self) -> int:
        """This frame's part of the level; returns how many bytes of the faces can be drawn."""
        if not self._buffers:
            return 0
        vertices, faces = self._buffers
        faces.send(SLICE_BYTES - vertices.send(SLICE_BYTES))
        if not faces.complete:
            self.update()
        return faces.sent


class LineItem(LevelItem):
    """Separate lines in one colour: the floor's grid, the level's edges."""

    def __init__(self, colour: tuple[float, float, float, float]) -> None:
        super().__init__()
        self.colour = colour
        self.world: NDArray[np.float64] = np.eye(4)
        self.section = WHOLE_HEIGHT
        self._ends = np.empty((0, 3), dtype=np.float32)
        self._dirty = True

    def set_ends(self, ends: NDArray[np.float32]) -> None:
        """Ends of lines, `(n, 3)` in pairs."""
        self._ends = np.ascontiguousarray(ends, dtype=np.float32)
        self._dirty = True
        self.update()

    def create(self) -> None:
        self._program = Program(_LINE_VERTEX, _LINE_FRAGMENT, ("a_position",))
        self._buffer: SlicedBuffer | None = None
        self._dirty = True

    def destroy(self) -> None:
        self._program.delete()
        if self._buffer is not None:
            self._buffer.delete()
        self._buffer = None

    def draw(self) -> None:
        if self._dirty:
            if self._buffer is not None:
                self._buffer.delete()
            self._buffer = SlicedBuffer(GL.GL_ARRAY_BUFFER, self._ends) if len(self._ends) else None
            self._dirty = False
        if self._buffer is None:
            return
        self._buffer.send(SLICE_BYTES)
        if not self._buffer.complete:
            self.update()
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFuncSeparate(GL.GL_SRC_ALPHA, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        line_width(1.0)
        self._program.use()
        self._program.set(
            u_mvp=self.mvpMatrix(),
            u_world=self.world,
            u_section=(self.section.low, self.section.high),
            u_color=self.colour,
        )
        self._buffer.bind()
        attribute(0, 3, 12, 0)
        GL.glDrawArrays(GL.GL_LINES, 0, self._buffer.sent // 24 * 2)  # whole lines: two ends of 12 bytes
        disable_attributes(1)
        GL.glDisable(GL.GL_BLEND)
