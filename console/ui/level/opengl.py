"""Whether this machine can draw a level in three dimensions."""

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext


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
