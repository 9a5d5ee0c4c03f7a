"""How a player's stage and risk look: always an icon and a word, never a colour alone."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.players.churn_risk import risk_level
from console.players.definitions import Stage
from console.ui import theme
from console.ui.icons import pixmap
from console.ui.style import ui_font
from console.ui.theme import Theme, Tokens
from console.ui.widgets.player_words import STAGE_WORDS

CHIP_WIDTH = 98
CHIP_HEIGHT = 18
_CHIP_RADIUS = 4
_OUTLINE_ALPHA = 120
_ICON_PX = 12


@dataclass(frozen=True)
class StageLook:
    """An icon of `resources/icons`, and the name of a colour of the theme."""

    icon: str
    color: str


_LOOKS: dict[Stage, StageLook] = {
    "new": StageLook("plus", "accent"),
    "active": StageLook("play", "good"),
    "at_risk": StageLook("warning", "warning"),
    "dormant": StageLook("moon", "dim"),
    "churned": StageLook("close", "bad"),
    "resurrected": StageLook("restart", "good"),
}
STAGE_OF_WORD: dict[str, Stage] = {word: stage for stage, word in STAGE_WORDS.items()}


def stage_color(stage: Stage, tokens: Tokens) -> str:
    """The colour of a stage's chip and of its part of a scale."""
    return str(getattr(tokens, _LOOKS[stage].color))


def risk_color(score: float, tokens: Tokens) -> str:
    """The colour of a risk's bar: its length says the same."""
    return {"low": tokens.good, "medium": tokens.warning, "high": tokens.bad, "critical": tokens.bad}[risk_level(score)]


def draw_stage(stage: Stage, tokens: Tokens, ratio: float) -> QPixmap:
    """The chip of a stage, sharp for the device's `ratio`."""
    look, color = _LOOKS[stage], stage_color(stage, tokens)
    image = QPixmap(round(CHIP_WIDTH * ratio), round(CHIP_HEIGHT * ratio))
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QColor(color)
        outline.setAlpha(_OUTLINE_ALPHA)
        painter.setPen(QPen(outline, 1))
        painter.drawRoundedRect(QRectF(0.5, 0.5, CHIP_WIDTH - 1, CHIP_HEIGHT - 1), _CHIP_RADIUS, _CHIP_RADIUS)
        painter.drawPixmap(QPointF(6, (CHIP_HEIGHT - _ICON_PX) / 2), pixmap(look.icon, color, _ICON_PX, ratio))
        font = ui_font(theme.HEADING_PX + 1)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(QColor(color))
        painter.drawText(
            6 + _ICON_PX + 5, (CHIP_HEIGHT + metrics.ascent() - metrics.descent()) // 2, STAGE_WORDS[stage]
        )
    return image


class StageChip(QWidget):
    """A stage, as the table shows it."""

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = colors
        self._stage: Stage = "new"
        self.setFixedSize(CHIP_WIDTH, CHIP_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        colors.changed.connect(self.update)

    @property
    def stage(self) -> Stage:
        return self._stage

    def set_stage(self, stage: Stage) -> None:
        self._stage = stage
        self.setAccessibleName(f"Stage: {STAGE_WORDS[stage]}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(CHIP_WIDTH, CHIP_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, draw_stage(self._stage, self._theme.tokens, self.devicePixelRatioF()))
