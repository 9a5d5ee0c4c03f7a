"""What the level's OpenGL items share: programs, buffers, and surviving a lost context."""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL
from pyqtgraph.opengl.GLGraphicsItem import GLGraphicsItem
from PySide6.QtGui import QMatrix4x4, QOpenGLContext, QSurfaceFormat

# One source for three dialects; IN and OUT are attributes and varyings, SAMPLE reads a texture in a vertex shader.
_DESKTOP = "#version 140\n"
_LEGACY = "#version 120\n"
_EMBEDDED = "#version 300 es\nprecision highp float;\nprecision highp sampler2D;\n"
_VERTEX_MODERN = "#define IN in\n#define OUT out\n#define SAMPLE textureLod\n"
_VERTEX_LEGACY = "#define IN attribute\n#define OUT varying\n#define SAMPLE texture2DLod\n"
_FRAGMENT_MODERN = "#define IN in\nout vec4 frag_color;\n"
_FRAGMENT_LEGACY = "#define IN varying\n#define frag_color gl_FragColor\n"

POINT_SPRITE = 0x8861  # GL_POINT_SPRITE of compatibility profiles
PROGRAM_POINT_SIZE = 0x8642

# What a frame sends of a large level, in bytes: one or two milliseconds of a slow bus.
SLICE_BYTES = 4 * 1024 * 1024


class Program:
    """A linked GLSL program with its uniforms by name."""

    def __init__(self, vertex: str, fragment: str, attributes: tuple[str, ...]) -> None:
        context = QOpenGLContext.currentContext()
        version = context.format().version()
        if context.isOpenGLES():
            head, modern = _EMBEDDED, True
        else:
            modern = tuple(version) >= (3, 1)
            head = _DESKTOP if modern else _LEGACY
        self._program = GL.glCreateProgram()
        for kind, source, dialect in (
            (GL.GL_VERTEX_SHADER, vertex, _VERTEX_MODERN if modern else _VERTEX_LEGACY),
            (GL.GL_FRAGMENT_SHADER, fragment, _FRAGMENT_MODERN if modern else _FRAGMENT_LEGACY),
        ):
            GL.glAttachShader(self._program, _compiled(kind, head + dialect + source))
        for location, name in enumerate(attributes):
            GL.glBindAttribLocation(self._program, location, name)
        GL.glLinkProgram(self._program)
        if not GL.glGetProgramiv(self._program, GL.GL_LINK_STATUS):
            raise RuntimeError(f"the shader program does not link: {GL.glGetProgramInfoLog(self._program)!r}")
        self._locations: dict[str, int] = {}

    def use(self) -> None:
        GL.glUseProgram(self._program)

    def set(self, **uniforms: Any) -> None:
        """Set uniforms of the program in use: floats, flat arrays (of vec3 for `(n, 3)`), QMatrix4x4 or 4×4 arrays."""
        for name, value in uniforms.items():
            location = self._location(name)
            if isinstance(value, QMatrix4x4):
                GL.glUniformMatrix4fv(location, 1, False, np.array(value.data(), dtype=np.float32))
            elif isinstance(value, np.ndarray) and value.shape == (4, 4):
                GL.glUniformMatrix4fv(location, 1, False, np.ascontiguousarray(value.T, dtype=np.float32))
            elif isinstance(value, np.ndarray) and value.ndim == 2:
                array = np.ascontiguousarray(value, dtype=np.float32)
                setter = {2: GL.glUniform2fv, 3: GL.glUniform3fv, 4: GL.glUniform4fv}[array.shape[1]]
                setter(location, len(array), array)
            elif isinstance(value, np.ndarray):
                GL.glUniform1fv(location, len(value), np.ascontiguousarray(value, dtype=np.float32))
            elif isinstance(value, tuple):
                {2: GL.glUniform2f, 3: GL.glUniform3f, 4: GL.glUniform4f}[len(value)](location, *value)
            else:
                GL.glUniform1f(location, value)

    def delete(self) -> None:
        GL.glDeleteProgram(self._program)

    def _location(self, name: str) -> int:
        if name not in self._locations:
            self._locations[name] = GL.glGetUniformLocation(self._program, name)
        return self._locations[name]


def _compiled(kind: int, source: str) -> int:
    shader: int = GL.glCreateShader(kind)
    GL.glShaderSource(shader, source)
    GL.glCompileShader(shader)
    if not GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS):
        raise RuntimeError(f"a shader does not compile: {GL.glGetShaderInfoLog(shader)!r}")
    return shader


class Buffer:
    """One buffer object of a fixed size in bytes."""

    def __init__(
        self, target: int, content: NDArray[Any] | None = None, *, size: int = 0, stream: bool = False
    ) -> None:
        self._target = target
        self._buffer = GL.glGenBuffers(1)
        self.bind()
        usage = GL.GL_DYNAMIC_DRAW if stream else GL.GL_STATIC_DRAW
        GL.glBufferData(target, size if content is None else content.nbytes, content, usage)
        GL.glBindBuffer(target, 0)

    def bind(self) -> None:
        GL.glBindBuffer(self._target, self._buffer)

    def write(self, offset: int, content: NDArray[Any]) -> None:
        """Overwrite bytes from `offset` on."""
        self.bind()
        GL.glBufferSubData(self._target, offset, content.nbytes, content)

    def delete(self) -> None:
        GL.glDeleteBuffers(1, [self._buffer])


class SlicedBuffer:
    """A buffer whose content is sent a slice a frame, so that no frame waits for all of a large level."""

    def __init__(self, target: int, content: NDArray[Any]) -> None:
        self._buffer = Buffer(target, size=content.nbytes)
        self._bytes = content.reshape(-1).view(np.uint8)
        self.sent = 0

    @property
    def complete(self) -> bool:
        """Whether all of it is on the card."""
        return self.sent == len(self._bytes)

    def send(self, most: int) -> int:
        """Send up to so many bytes more; returns how many were sent."""
        part = self._bytes[self.sent : self.sent + max(0, most)]
        if len(part):
            self._buffer.write(self.sent, part)
            self.sent += len(part)
        return len(part)

    def bind(self) -> None:
        self._buffer.bind()

    def delete(self) -> None:
        self._buffer.delete()


def attribute(location: int, size: int, stride: int, offset: int) -> None:
    """Read float attribute `location` from the bound buffer."""
    GL.glEnableVertexAttribArray(location)
    GL.glVertexAttribPointer(location, size, GL.GL_FLOAT, False, stride, ctypes.c_void_p(offset))


def disable_attributes(count: int) -> None:
    """Leave the state as QPainter and other items expect it."""
    for location in range(count):
        GL.glDisableVertexAttribArray(location)
    GL.glBindBuffer(GL.GL_ARRAY_BUFFER, 0)
    GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, 0)
    GL.glUseProgram(0)


def line_width(pixels: float) -> None:
    """Ask for a line width: a core profile knows only one pixel."""
    profile = QOpenGLContext.currentContext().format().profile()
    if profile is not QSurfaceFormat.OpenGLContextProfile.CoreProfile:
        GL.glLineWidth(pixels)


class LevelItem(GLGraphicsItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An item that makes its OpenGL objects when it is first painted in a context, and again after one was lost.

    Subclasses give `create`, `draw` and `destroy`; each is called with the context current.
    """

    def __init__(self) -> None:
        super().__init__()
        self._made_for: int | None = None

    def create(self) -> None:
        """Make programs and buffers from what is in main memory."""
        raise NotImplementedError

    def draw(self) -> None:
        """Paint one frame."""
        raise NotImplementedError

    def destroy(self) -> None:
        """Delete what `create` made."""
        raise NotImplementedError

    def paint(self) -> None:
        generation = self.view().context_generation
        if self._made_for != generation:
            self.create()
            self._made_for = generation
        self.draw()

    def release(self) -> None:
        """Delete the OpenGL objects while their context still lives."""
        if self._made_for is not None:
            self._made_for = None
            self.destroy()

    def pixel_ratio(self) -> float:
        ratio: float = self.view().devicePixelRatioF()
        return ratio
