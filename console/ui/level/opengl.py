"""Whether this machine can draw a level in three dimensions."""

from OpenGL import GL
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

_SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "gdi generic", "basic render", "software")


def opengl_problem() -> str:
    """Why there can be no 3D here, as a sentence; "" when there can."""
    if QGuiApplication.platformName() in ("offscreen", "minimal", "vnc", "linuxfb"):
        return f"The platform “{QGuiApplication.platformName()}” has no OpenGL."
    context = QOpenGLContext()
    if not context.create():
        return "No OpenGL driver could be started."
    surface = QOffscreenSurface()
    surface.setFormat(context.format())
    surface.create()
    if not context.makeCurrent(surface):
        return "The OpenGL driver gives no drawing surface."
    version = tuple(context.format().version())
    embedded = context.isOpenGLES()
    context.doneCurrent()
    if version < ((3, 0) if embedded else (2, 1)):
        return f"OpenGL 2.1 is needed; the driver offers {version[0]}.{version[1]}."
    return ""


def draws_in_software() -> bool:
    """Whether the current context has no graphics card behind it."""
    name = (GL.glGetString(GL.GL_RENDERER) or b"").decode("ascii", "replace").lower()
    return any(word in name for word in _SOFTWARE)


def with_depth(surface: QSurfaceFormat) -> QSurfaceFormat:
    """Depth in 24 bits, and no samples: `frame_target` makes edges smooth."""
    surface.setDepthBufferSize(24)
    surface.setSamples(0)
    return surface
