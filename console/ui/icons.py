"""Icons of our own, painted in a colour of the theme."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from console.resources import resource

_SCALES = (1, 2)


@lru_cache(maxsize=64)
def svg(name: str) -> str:
    """The source of `resources/icons/<name>.svg`. Raises FileNotFoundError for an unknown name."""
    return resource(f"icons/{name}.svg").read_text("utf-8")


def tinted(name: str, color: str) -> bytes:
    """The source with `currentColor` replaced: Qt's SVG renderer knows no CSS colour."""
    return svg(name).replace("currentColor", color).encode()


def pixmap(name: str, color: str, size: int = 16, scale: float = 1.0) -> QPixmap:
    """An icon of `size` logical pixels, drawn sharp for the device's `scale`."""
    image = QPixmap(round(size * scale), round(size * scale))
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(QByteArray(tinted(name, color))).render(painter, QRectF(image.rect()))
    image.setDevicePixelRatio(scale)
    return image


def icon(name: str, color: str, *, disabled: str | None = None, size: int = 16) -> QIcon:
    """An icon for buttons and actions, with a second colour for the disabled state."""
    result = QIcon()
    for scale in _SCALES:
        result.addPixmap(pixmap(name, color, size, scale))
        if disabled is not None:
            result.addPixmap(pixmap(name, disabled, size, scale), QIcon.Mode.Disabled)
    return result
