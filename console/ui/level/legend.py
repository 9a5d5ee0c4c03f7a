"""The card that says what colours and shapes mean, and switches kinds of markers on and off."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QFrame, QLabel, QToolButton, QVBoxLayout, QWidget

from console.ui.level.palette import RAMP_FPS, MarkerStyle, marker_style, player_colour, ramp_share
from console.ui.style import heading_font, mono_font, ui_font
from console.ui.theme import Tokens
from console.ui.widgets.formatting import short_count, visible

WIDTH = 176
_NAME_CHARS = 22


def shape_path(shape: str, middle: QPointF, radius: float) -> QPainterPath:
    """The outline of a marker, as the level shows it."""
    path = QPainterPath()
    x, y, r = middle.x(), middle.y(), radius

    def polygon(points: Sequence[tuple[float, float]]) -> None:
        path.addPolygon(QPolygonF([QPointF(x + a * r, y + b * r) for a, b in points]))
        path.closeSubpath()

    if shape == "circle":
        path.addEllipse(middle, r * 0.85, r * 0.85)
    elif shape == "ring":
        path.addEllipse(middle, r * 0.9, r * 0.9)
        path.addEllipse(middle, r * 0.5, r * 0.5)
    elif shape == "square":
        path.addRect(QRectF(x - r * 0.75, y - r * 0.75, r * 1.5, r * 1.5))
    elif shape == "triangle":
        polygon([(0, -0.95), (0.95, 0.7), (-0.95, 0.7)])
    elif shape == "down":
        polygon([(0, 0.95), (0.95, -0.7), (-0.95, -0.7)])
    elif shape == "diamond":
        polygon([(0, -1), (1, 0), (0, 1), (-1, 0)])
    else:
        arm = 0.28
        corners = [(arm, 1), (arm, arm), (1, arm), (1, -arm), (arm, -arm), (arm, -1)]
        points = [*corners, *((-a, b) for a, b in reversed(corners))]
        if shape == "cross":
            points = [((a + b) * 0.707, (b - a) * 0.707) for a, b in points]
        polygon(points)
    path.setFillRule(Qt.FillRule.OddEvenFill)
    return path


def marker_icon(style: MarkerStyle, ratio: float) -> QIcon:
    """A marker of 14 pixels."""
    pixmap = QPixmap(round(14 * ratio), round(14 * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(shape_path(style.shape, QPointF(7, 7), 5.5), QColor(style.colour))
    painter.end()
    return QIcon(pixmap)


class Ramp(QWidget):
    """The frame-rate ramp with its three numbers."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self.setFixedHeight(28)
        self.setAccessibleName("Colours from 15 frames per second, bad, over 30 to 60, good")

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        gradient = QLinearGradient(0, 0, self.width(), 0)
        for place, colour in zip((0.0, 0.5, 1.0), self._tokens.frame_rate, strict=True):
            gradient.setColorAt(place, QColor(colour))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(QRectF(0, 0, self.width(), 8), 3, 3)
        painter.setPen(QPen(QColor(self._tokens.dim)))
        painter.setFont(mono_font(11))
        aligned = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for fps, where in zip(RAMP_FPS, aligned, strict=True):
            middle = ramp_share(fps) * self.width()
            left = min(max(0.0, middle - 24), self.width() - 48)
            painter.drawText(QRectF(left, 11, 48, 16), where, f"{fps:.0f}")


class Legend(QFrame):
    """A card over the level. `kind_toggled(str, bool)`: a kind of marker is to be shown or not."""

    kind_toggled = Signal(str, bool)

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self.setProperty("role", "card")
        self.setFixedWidth(WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        self._heading = _heading("Players")
        self._ramp = Ramp(tokens)
        self._players = QWidget()
        self._players_layout = _column(self._players)
        self._markers_heading = _heading("Events")
        self._markers = QWidget()
        self._markers_layout = _column(self._markers)
        for widget in (self._heading, self._ramp, self._players):
            layout.addWidget(widget)
        layout.addSpacing(4)
        layout.addWidget(self._markers_heading)
        layout.addWidget(self._markers)
        self._buttons: dict[str, QToolButton] = {}
        self._shown_players: tuple[tuple[str, str], ...] = ()
        self.show_markers({}, set())
        self.show_players([])

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._ramp.set_tokens(tokens)
        self._buttons = {}
        _clear(self._markers_layout)
        self._shown_players = ()

    def show_ramp(self, title: str) -> None:
        """Colours mean a frame rate."""
        self._heading.setText(f"{title} frame rate")
        self._ramp.show()
        self._players.hide()
        self.adjustSize()

    def show_players(self, players: Sequence[tuple[str, int]], more: int = 0) -> None:
        """Colours mean players: `(player_id, number)` of some, and how many there are besides."""
        self._ramp.hide()
        self._players.show()
        self._heading.setText("Players")
        rows = tuple((visible(name, _NAME_CHARS), player_colour(self._tokens, number)) for name, number in players)
        if more:
            rows = (*rows, (f"and {more:,} more", ""))
        if rows == self._shown_players:
            return
        self._shown_players = rows
        _clear(self._players_layout)
        for name, colour in rows or (("nobody yet", ""),):
            self._players_layout.addWidget(_Swatch(name, colour, self._tokens))
        self.adjustSize()

    def show_markers(self, counts: dict[str, int], hidden: set[str]) -> None:
        """One switch for each kind of marker, with how many there are."""
        self._markers_heading.setVisible(bool(counts))
        self._markers.setVisible(bool(counts))
        if list(counts) != list(self._buttons):
            _clear(self._markers_layout)
            self._buttons = {}
            for number, kind in enumerate(counts):
                self._buttons[kind] = self._switch(kind, number)
        for kind, count in counts.items():
            button = self._buttons[kind]
            name = visible(kind, _NAME_CHARS).replace("&", "&&")
            button.setText(f"{name}  {short_count(count)}")
            button.blockSignals(True)
            button.setChecked(kind not in hidden)
            button.blockSignals(False)
            font = ui_font(12)
            font.setStrikeOut(kind in hidden)  # "hidden" is said by more than colour
            button.setFont(font)
        self.adjustSize()

    def _switch(self, kind: str, number: int) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setProperty("role", "legend")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIcon(marker_icon(marker_style(self._tokens, kind, number), self.devicePixelRatioF()))
        button.setIconSize(QSize(14, 14))
        button.setAccessibleName(f"Show {visible(kind)}")
        button.setFixedWidth(WIDTH - 24)
        button.setStyleSheet(
            "QToolButton { border: none; background: transparent; padding: 1px 0; text-align: left; min-height: 18px; }"
            f"QToolButton:checked {{ color: {self._tokens.text}; background: transparent; }}"
            f"QToolButton:!checked {{ color: {self._tokens.dim}; }}"
            f"QToolButton:focus {{ color: {self._tokens.accent}; }}"
        )
        button.toggled.connect(lambda on, kind=kind: self.kind_toggled.emit(kind, on))
        self._markers_layout.addWidget(button)
        return button


class _Swatch(QWidget):
    """A dot of colour and a name."""

    def __init__(self, name: str, colour: str, tokens: Tokens) -> None:
        super().__init__()
        self._name, self._colour, self._tokens = name, colour, tokens
        self.setFixedHeight(18)
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = 0
        if self._colour:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._colour))
            painter.drawRoundedRect(QRectF(0, 7, 12, 4), 2, 2)
            left = 20
        painter.setFont(ui_font(12))
        painter.setPen(QColor(self._tokens.text if self._colour else self._tokens.dim))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), flags, self._name)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "heading")
    label.setFont(heading_font())
    return label


def _column(widget: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
