"""The card that says what colours and shapes mean, and switches kinds of markers on and off."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QLinearGradient, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from console.ui.hover import plain_hover
from console.ui.level.colouring import Ramp
from console.ui.level.marker_signs import marker_style
from console.ui.level.palette import people
from console.ui.level.sign_paths import marker_icon
from console.ui.style import heading_font, mono_font, ui_font
from console.ui.theme import Tokens
from console.ui.widgets.formatting import cut, short_count, visible

WIDTH = 176
_LEAST_EVENTS_PX = 44
_NAME_CHARS = 22


def swatch_icon(colour: str, ratio: float) -> QIcon:
    """A short line of a track's colour, in 14 pixels."""
    pixmap = QPixmap(round(14 * ratio), round(14 * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(QRectF(1, 5, 12, 4), 2, 2)
    return QIcon(pixmap)


class RampBar(QWidget):
    """A ramp with the numbers at its ends and in its middle."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._ramp: Ramp | None = None
        self._unit = ""
        self.setFixedHeight(28)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def show_ramp(self, values: Ramp, unit: str) -> None:
        """Show these colours."""
        if values != self._ramp:
            self._ramp, self._unit = values, unit
            low, middle, high = values.labels
            self.setAccessibleName(f"Colours from {low} over {middle} to {high} {unit}".strip())
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._ramp is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            gradient = QLinearGradient(0, 0, self.width(), 0)
            for number, colour in enumerate(self._ramp.colours):
                gradient.setColorAt(number / (len(self._ramp.colours) - 1), QColor(colour))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(gradient)
            painter.drawRoundedRect(QRectF(0, 0, self.width(), 8), 3, 3)
            painter.setPen(QPen(QColor(self._tokens.dim)))
            painter.setFont(mono_font(11))
            aligned = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
            labels = *self._ramp.labels[:-1], f"{self._ramp.labels[-1]} {self._unit}".strip()
            for label, where in zip(labels, aligned, strict=True):
                painter.drawText(QRectF(0, 11, self.width(), 16), where, label)


class Legend(QFrame):
    """A card over the level.

    - `kind_toggled(str, bool)`: a kind of marker is to be shown or not
    - `group_toggled(int, bool)`: so are the tracks of a player, build or session
    """

    kind_toggled = Signal(str, bool)
    group_toggled = Signal(int, bool)

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self.setProperty("role", "card")
        self.setFixedWidth(WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        self._heading = _heading("Players")
        self._ramp = RampBar(tokens)
        self._groups = QWidget()
        self._groups_layout = _column(self._groups)
        self._markers_heading = _heading("Events")
        self._markers = QWidget()
        self._markers_layout = _column(self._markers)
        self._colours = QWidget()
        colours = _column(self._colours)
        colours.setSpacing(layout.spacing())
        colours.setContentsMargins(0, 0, 0, 4)
        for widget in (self._heading, self._ramp, self._groups):
            colours.addWidget(widget)
        layout.addWidget(self._colours)
        layout.addWidget(self._markers_heading)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._markers)
        self._scroll.viewport().setAutoFillBackground(False)
        self._markers.setAutoFillBackground(False)
        layout.addWidget(self._scroll)
        self._buttons: dict[str, QToolButton] = {}
        self._shown_groups: object = None
        self._tracks_on = self._markers_on = True
        self.show_markers({}, set())
        self.show_groups("Players", [], (), 0)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._ramp.set_tokens(tokens)
        self._buttons = {}
        _clear(self._markers_layout)
        self._shown_groups = None

    def set_parts(self, *, tracks: bool, markers: bool) -> None:
        """Say nothing of what is not drawn."""
        self._tracks_on, self._markers_on = tracks, markers
        self._colours.setVisible(tracks)

    def set_room(self, height: int) -> None:
        """How high it may be, in pixels: events that do not fit are scrolled to."""
        wanted = self._markers_layout.sizeHint().height()
        self._scroll.setFixedHeight(wanted)
        excess = self.sizeHint().height() - height
        self._scroll.setFixedHeight(max(_LEAST_EVENTS_PX, wanted - max(excess, 0)))

    def show_ramp(self, title: str, unit: str, values: Ramp) -> None:
        """Colours mean a value."""
        self._heading.setText(title)
        self._ramp.show_ramp(values, unit)
        self._ramp.show()
        self._groups.hide()
        self.adjustSize()

    def show_groups(
        self, title: str, groups: Sequence[tuple[str, int, int]], hidden: Collection[int], more: int
    ) -> None:
        """Colours mean players, builds or sessions: a switch for each `(name, number, colour)`; `more` have none."""
        self._ramp.hide()
        self._groups.show()
        self._heading.setText(title)
        key = (title, tuple(groups), frozenset(hidden), more)
        if key == self._shown_groups:
            return
        self._shown_groups = key
        _clear(self._groups_layout)
        for name, number, colour in groups:
            self._groups_layout.addWidget(self._group(name, number, colour, number in hidden))
        words = f"and {more:,} more" if more else "" if groups else "nobody yet"
        if words:
            self._groups_layout.addWidget(_dim(words))
        self.adjustSize()

    def _group(self, name: str, number: int, colour: int, hidden: bool) -> QToolButton:
        series = people(self._tokens)
        icon = swatch_icon(series[colour % len(series)], self.devicePixelRatioF())
        button = self._button(name, icon, shown=not hidden)
        button.setText(cut(visible(name), _NAME_CHARS, middle=True).replace("&", "&&"))
        button.setToolTip(plain_hover(f"{visible(name)}\nClick to hide or show these tracks"))
        button.toggled.connect(lambda on, number=number: self.group_toggled.emit(number, on))
        return button

    def show_markers(self, counts: dict[str, int], hidden: set[str]) -> None:
        """One switch for each kind of marker, with how many there are."""
        named = bool(counts) and self._markers_on
        self._markers_heading.setVisible(named)
        self._scroll.setVisible(named)
        self.setVisible(self._tracks_on or named)
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
        icon = marker_icon(marker_style(self._tokens, kind, number), self.devicePixelRatioF())
        button = self._button(kind, icon, shown=True)
        button.toggled.connect(lambda on, kind=kind: self.kind_toggled.emit(kind, on))
        self._markers_layout.addWidget(button)
        return button

    def _button(self, name: str, icon: QIcon, *, shown: bool) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setChecked(shown)
        button.setAutoRaise(True)
        button.setProperty("role", "legend")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIcon(icon)
        button.setIconSize(QSize(14, 14))
        button.setAccessibleName(f"Show {visible(name)}")
        font = ui_font(12)
        font.setStrikeOut(not shown)  # "hidden" is said by more than colour
        button.setFont(font)
        button.setFixedWidth(WIDTH - 24)
        button.setStyleSheet(
            "QToolButton { border: none; background: transparent; padding: 1px 0; text-align: left; min-height: 18px; }"
            f"QToolButton:checked {{ color: {self._tokens.text}; background: transparent; }}"
            f"QToolButton:!checked {{ color: {self._tokens.dim}; }}"
            f"QToolButton:focus {{ color: {self._tokens.accent}; }}"
        )
        return button


def _dim(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "dim")
    return label


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
