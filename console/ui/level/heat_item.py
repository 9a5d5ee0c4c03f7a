"""The heat of a level on a plain floor, where there is no mesh to drape it over."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL

from console.ui.level.gl_item import Buffer, LevelItem, Program, attribute, disable_attributes
from console.ui.level.heat_picture import HeatPicture
from console.ui.level.heat_texture import HEAT_FUNCTIONS, HeatTexture
from console.ui.level.mesh_item import MeshItem

_FLOOR_VERTEX = """
uniform mat4 u_mvp;
IN vec3 a_position;
OUT vec3 v_world;
void main() {
    v_world = a_position;
    gl_Position = u_mvp * vec4(a_position, 1.0);
}
"""

_FLOOR_FRAGMENT = (
    HEAT_FUNCTIONS
    + """
IN vec3 v_world;
void main() {
    vec4 heat = heat_at(v_world);
    if (heat.a <= 0.0) discard;
    frag_color = heat;
}
"""
)


class HeatFloor(LevelItem):
    """The picture flat at its floor's height, where there is no mesh to show it."""

    def __init__(self, mesh: MeshItem) -> None:
        super().__init__()
        self.picture: HeatPicture | None = None
        self._mesh = mesh

    def create(self) -> None:
        self._program = Program(_FLOOR_VERTEX, _FLOOR_FRAGMENT, ("a_position",))
        self._texture = HeatTexture()
        self._corners: Buffer | None = None
        self._at: HeatPicture | None = None
        self._flat: HeatPicture | None = None  # here all heights are one

    def destroy(self) -> None:
        self._program.delete()
        self._texture.delete()
        if self._corners is not None:
            self._corners.delete()
        self._corners = None

    def draw(self) -> None:
        picture = self.picture
        if picture is None or not self._mesh.empty:
            return
        if self._corners is None or self._at is not picture:
            if self._corners is not None:
                self._corners.delete()
            self._corners = Buffer(GL.GL_ARRAY_BUFFER, _corners(picture))
            self._at = picture
            self._flat = replace(picture, layers=())
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFuncSeparate(GL.GL_SRC_ALPHA, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        self._program.use()
        uniforms = self._texture.use(self._flat)
        uniforms["u_heat_band"] = (picture.floor - 1.0, picture.floor + 1.0, 1.0)
        self._program.set(u_mvp=self.mvpMatrix(), **uniforms)
        self._corners.bind()
        attribute(0, 3, 12, 0)
        GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)
        disable_attributes(1)
        self._texture.release()
        GL.glDisable(GL.GL_BLEND)


def _corners(picture: HeatPicture) -> NDArray[np.float32]:
    z = picture.floor
    return np.array(
        [
            [picture.left, picture.near, z],
            [picture.right, picture.near, z],
            [picture.left, picture.far, z],
            [picture.right, picture.far, z],
        ],
        dtype=np.float32,
    )
