"""What the card knows of sessions: a small texture that a vertex looks its session up in.

Plain bytes, so that every driver with OpenGL 2.1 reads them alike. Two texels a session: its colour with how it is
emphasised, and when it entered the level, in tenths of a second.
"""

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL

from console.ui.level.colouring import Colouring, series_colours
from console.ui.level.session_table import UNKNOWN_US, SessionTable

_WIDTH = 1024
TENTH_US = 100_000

# In the vertex shader: texel 0 or 1 of a session.
LOOK_UP = """
uniform sampler2D u_sessions;
uniform vec2 u_sessions_size;
vec4 session_fact(float session, float which) {
    float texel = session * 2.0 + which;
    float row = floor((texel + 0.5) / u_sessions_size.x);
    return SAMPLE(u_sessions, (vec2(texel - row * u_sessions_size.x, row) + 0.5) / u_sessions_size, 0.0);
}
"""


def texels(sessions: SessionTable, meaning: Colouring, colours: tuple[str, ...]) -> tuple[NDArray[np.uint8], int]:
    """The texture's bytes, `(rows, 1024, 4)`, and the time in µs that entering is counted from."""
    count = len(sessions)
    rows = max(1, -(-2 * count // _WIDTH))
    table = np.zeros((rows * _WIDTH, 4), dtype=np.uint8)
    facts = table[: 2 * count].reshape(count, 2, 4)
    facts[:, 0, :3] = series_colours(colours, sessions.colours(meaning.group or "session"))
    facts[:, 0, 3] = np.array([0, 128, 255], dtype=np.uint8)[sessions.emphasis()]
    entered = sessions.entered_us
    known = entered != UNKNOWN_US
    origin_us = int(entered[known].min()) if known.any() else 0
    tenths = np.where(known, (entered - origin_us) // TENTH_US, 0).astype("<u4")
    facts[:, 1] = tenths.view(np.uint8).reshape(count, 4)
    return table.reshape(rows, _WIDTH, 4), origin_us


class SessionTexture:
    """The texture on the card, sent again when it says something else."""

    def __init__(self) -> None:
        self._texture = GL.glGenTextures(1)
        self._key: object = None
        self._rows = 0
        self.origin_us = 0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in texels."""
        return float(_WIDTH), float(self._rows)

    def bind(self, sessions: SessionTable, meaning: Colouring, colours: tuple[str, ...]) -> None:
        """Make it the current texture, up to date."""
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._texture)
        key = (id(sessions), sessions.revision, meaning.group, colours)
        if key == self._key:
            return
        self._key = key
        content, self.origin_us = texels(sessions, meaning, colours)
        self._rows = len(content)
        for what in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, what, GL.GL_NEAREST)
        for what in (GL.GL_TEXTURE_WRAP_S, GL.GL_TEXTURE_WRAP_T):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, what, GL.GL_CLAMP_TO_EDGE)
        layout = GL.GL_RGBA, GL.GL_UNSIGNED_BYTE
        GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL.GL_RGBA8, _WIDTH, self._rows, 0, *layout, content)

    def release(self) -> None:
        """No texture is current any more, as other painters expect."""
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)

    def delete(self) -> None:
        GL.glDeleteTextures([self._texture])
