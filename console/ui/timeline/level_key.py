"""Which colour on the timeline is which level."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.ui.hover import plain_hover
from console.ui.style import ui_font
from console.ui.theme import Theme
from console.ui.widgets.formatting import visible

_MOST: Final = 4
_SWATCH_PX: Final = 8
_GAP_PX: Final = 6
_BETWEEN_PX: Final = 14
_NAME_CHARS: Final = 20


class LevelKey(QWidget):
    """Names beside swatches, the first few of them; all on hover. Painted, as names are strangers' text."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._font = ui_font(12)
        self._levels: tuple[tuple[str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_levels(self, levels: Sequence[tuple[str, str]]) -> None:
        """Names and colours, `#rrggbb`."""
        if tuple(levels) == self._levels:
            return
        self._levels = tuple(levels)
        names = [visible(name) for name, _ in levels]
        self.setAccessibleName(f"Colours of the levels: {', '.join(names)}")
        self.setToolTip(plain_hover("Levels played\n" + "\n".join(names)))
        self.setVisible(bool(levels))
        self.updateGeometry()
        self.update()

    @property
    def words(self) -> list[str]:
        """What is written, from the left."""
        words = [visible(name, _NAME_CHARS) for name, _ in self._levels[:_MOST]]
        more = len(self._levels) - len(words)
        return [*words, f"+{more}"] if more else words

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font)
        widths = (metrics.horizontalAdvance(words) + _SWATCH_PX + _GAP_PX + _BETWEEN_PX for words in self.words)
        return QSize(sum(widths), metrics.height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        metrics = QFontMetrics(self._font)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(self._font)
            x, middle = 0, self.height() / 2
            for at, words in enumerate(self.words):
                if at < min(len(self._levels), _MOST):
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(QColor(self._levels[at][1]))
                    painter.drawRoundedRect(QRectF(x, middle - _SWATCH_PX / 2, _SWATCH_PX, _SWATCH_PX), 2, 2)
                    x += _SWATCH_PX + _GAP_PX
                painter.setPen(QColor(self._theme.tokens.dim))
                width = metrics.horizontalAdvance(words)
                painter.drawText(QRectF(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
                x += width + _BETWEEN_PX
