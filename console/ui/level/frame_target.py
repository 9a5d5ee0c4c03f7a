"""Where a frame of the level is painted: with smooth edges, or without them, where they cost too much.

The samples that make edges smooth are a buffer of our own, and not the widget's: a widget's number of samples is chosen
once and for all, while a level that moves, drawn in software, takes half the time without them.
"""

from PySide6.QtOpenGL import QOpenGLFramebufferObject, QOpenGLFramebufferObjectFormat

SAMPLES = 4


class FrameTarget:
    """One frame at a time: `begin`, paint, `end`. The widget's context is current in all calls."""

    def __init__(self) -> None:
        self._buffer: QOpenGLFramebufferObject | None = None

    def begin(self, width: int, height: int, *, smooth: bool) -> None:
        """What is painted now has so many pixels. Without the extensions that it takes, nothing is smooth."""
        self._smooth = smooth and QOpenGLFramebufferObject.hasOpenGLFramebufferBlit()
        if not self._smooth:
            return
        if self._buffer is None or (self._buffer.width(), self._buffer.height()) != (width, height):
            form = QOpenGLFramebufferObjectFormat()
            form.setAttachment(QOpenGLFramebufferObject.Attachment.CombinedDepthStencil)
            form.setSamples(SAMPLES)
            self._buffer = QOpenGLFramebufferObject(width, height, form)
        self._smooth = self._buffer.isValid() and self._buffer.bind()

    def end(self) -> None:
        """Bring what was painted to the widget."""
        if self._smooth and self._buffer is not None:
            self._buffer.release()
            # To the context's own buffer: the widget's.
            QOpenGLFramebufferObject.blitFramebuffer(None, self._buffer)  # type: ignore[call-overload]  # stubs: no None

    def release(self) -> None:
        """Delete the buffer while its context lives. Idempotent."""
        self._buffer = None
