"""Numbers as lengths: a bar for a share, and the scale on which a player's absence moves towards churn."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.players.definitions import Lifecycle, Stage
from console.ui import theme
from console.ui.players.model import days_words
from console.ui.players.stages import stage_color
from console.ui.style import mono_font, ui_font
from console.ui.theme import Theme
from console.ui.widgets.player_words import STAGE_WORDS

_BAR_HEIGHT = 6
_ZONE_HEIGHT = 8
_ROOM_TO_SPARE = 1.15
_ZONES: tuple[Stage, ...] = ("at_risk", "dormant", "churned")


class ShareBar(QWidget):
    """A bar of 0 … 1. The number stands beside it: this is for comparing."""

    def __init__(self, colors: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = colors
        self._share = 0.0
        self._color = "accent"
        self.setAccessibleName(name)
        self.setFixedHeight(_BAR_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        colors.changed.connect(self.update)

    @property
    def share(self) -> float:
        return self._share

    def set_share(self, share: float, color: str) -> None:
        """`color` names one of the theme's."""
        self._share, self._color = min(max(share, 0.0), 1.0), color
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, _BAR_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            ground = QRectF(0, 0, self.width(), _BAR_HEIGHT)
            painter.setBrush(QColor(self._theme.tokens.line))
            painter.drawRoundedRect(ground, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
            if self._share > 0:
                ground.setWidth(max(_BAR_HEIGHT, self.width() * self._share))
                painter.setBrush(QColor(getattr(self._theme.tokens, self._color)))
                painter.drawRoundedRect(ground, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)


class AbsenceScale(QWidget):
    """How long the player is away, against the lengths of absence at which the stages begin."""

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = colors
        self._lifecycle: Lifecycle | None = None
        self.setFixedHeight(52)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        colors.changed.connect(self.update)

    def show_lifecycle(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle
        marks = ", ".join(f"{STAGE_WORDS[stage]} from {days_words(start)}" for stage, start in zones(lifecycle))
        self.setAccessibleName(f"Away for {days_words(lifecycle.days_since_last_activity)}. {marks}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 52)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._lifecycle is None:
            return
        tokens, width = self._theme.tokens, self.width()
        starts = zones(self._lifecycle)
        away = self._lifecycle.days_since_last_activity
        end = max([away, *(start for _, start in starts)]) * _ROOM_TO_SPARE or 1.0
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            top = 18.0
            bounds: list[tuple[str, float]] = [(tokens.good, 0.0)]
            bounds += [(stage_color(stage, tokens), start) for stage, start in starts]
            for (color, start), (_, stop) in pairwise([*bounds, ("", end)]):
                tint = QColor(color)
                tint.setAlpha(150)
                painter.setBrush(tint)
                painter.drawRect(QRectF(start / end * width, top, (stop - start) / end * width - 1, _ZONE_HEIGHT))
            self._write_marks(painter, starts, end, top + _ZONE_HEIGHT)
            self._point(painter, away, end, top)

    def _write_marks(self, painter: QPainter, starts: Sequence[tuple[Stage, float]], end: float, top: float) -> None:
        font = ui_font(theme.HEADING_PX)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        free_from = 0.0
        for stage, start in starts:
            text = f"{STAGE_WORDS[stage]} {days_words(start)}"
            advance = metrics.horizontalAdvance(text)
            left = min(start / end * self.width(), self.width() - advance)
            if left < free_from:
                continue  # the hover and the reason say it
            painter.setPen(QColor(stage_color(stage, self._theme.tokens)))
            painter.drawText(QPointF(left, top + 4 + metrics.ascent()), text)
            free_from = left + advance + 8

    def _point(self, painter: QPainter, away: float, end: float, top: float) -> None:
        at = min(max(away / end * self.width(), 4.0), self.width() - 4.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.tokens.text))
        painter.drawPolygon(QPolygonF([QPointF(at - 4, top - 5), QPointF(at + 4, top - 5), QPointF(at, top + 1)]))
        font = mono_font(theme.HEADING_PX)
        metrics = QFontMetrics(font)
        text = "here" if away * 1440 < 1 else f"away {days_words(away)}"
        left = min(max(0.0, at + 8), self.width() - float(metrics.horizontalAdvance(text)))
        if left < at + 6:  # no room at its right
            left = max(0.0, at - 8 - metrics.horizontalAdvance(text))
        painter.setFont(font)
        painter.setPen(QColor(self._theme.tokens.text))
        painter.drawText(QPointF(left, top - 5), text)


def zones(lifecycle: Lifecycle) -> list[tuple[Stage, float]]:
    """The stages of absence and the days at which each begins, in order of time."""
    known = [(stage, lifecycle.thresholds[stage]) for stage in _ZONES if stage in lifecycle.thresholds]
    return sorted(known, key=lambda zone: zone[1])
