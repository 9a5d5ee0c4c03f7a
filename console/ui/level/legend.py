"""The card that says what colours and shapes mean, and switches kinds of markers on and off."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QLinearGradient, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from console.ui.hover import plain_hover
from console.ui.icons import icon
from console.ui.level.colouring import Ramp
from console.ui.level.marker_signs import marker_style
from console.ui.level.palette import people
from console.ui.level.sign_paths import marker_icon
from console.ui.style import heading_font, mono_font, ui_font
from console.ui.theme import Tokens
from console.ui.widgets.formatting import short_count, visible

_LEAST_WIDTH, _MOST_WIDTH = 176, 260
_MARGIN, _ICON_PX, _GAP = 12, 14, 6
_LEAST_PX = 44
_PADDING = 8
_BAR_PX = 10  # beside what is scrolled
_KIND_CHARS = 22


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
    - `folded(bool)`: it is to be no more than its name, or whole again
    - `resized()`: it takes another place
    """

    kind_toggled = Signal(str, bool)
    group_toggled = Signal(int, bool)
    folded = Signal(bool)
    resized = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self.setProperty("role", "card")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _PADDING, _MARGIN, _PADDING)
        layout.setSpacing(4)
        self._name = _heading("Legend")
        self._name.hide()
        layout.addWidget(self._name)
        self._is_folded = False
        self._fold = QToolButton(self)
        self._fold.setProperty("role", "quiet")
        self._fold.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self._fold.clicked.connect(lambda: self.folded.emit(not self._is_folded))
        self._heading = _heading("Players")
        self._ramp = RampBar(tokens)
        self._groups = QWidget()
        self._groups_layout = _column(self._groups)
        self._markers_heading = _heading("Events")
        self._markers = QWidget()
        self._markers_layout = _column(self._markers)
        self._colours = QWidget()
        colours = _column(self._colours)
        colours.setSpacing(4)
        colours.setContentsMargins(0, 0, 0, 4)
        for widget in (self._heading, self._ramp, self._groups):
            colours.addWidget(widget)
        self._content = QWidget()
        content = _column(self._content)
        content.setSpacing(4)
        for widget in (self._colours, self._markers_heading, self._markers):
            content.addWidget(widget)
        content.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._content)
        self._scroll.viewport().setAutoFillBackground(False)
        self._content.setAutoFillBackground(False)
        layout.addWidget(self._scroll)
        self._buttons: dict[str, QToolButton] = {}
        self._widest = 0
        self._shown_groups: object = None
        self._tracks_on = self._markers_on = True
        self._any_kinds = False
        self._taken = (0, 0, 0)
        self._scrolls = False
        self.show_markers({}, set())
        self.show_groups("Players", [], (), 0)
        self.fold(folded=False)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._ramp.set_tokens(tokens)
        self._buttons = {}
        _clear(self._markers_layout)
        self._shown_groups = None
        self._paint_fold()

    def fold(self, *, folded: bool) -> None:
        """Be no more than a name: a small picture has little room to spare."""
        self._is_folded = folded
        words = "Show the legend" if folded else "Fold the legend away"
        self._fold.setAccessibleName(words)
        self._fold.setToolTip(words)
        self._paint_fold()
        self._show_parts()

    def set_parts(self, *, tracks: bool, markers: bool) -> None:
        """Say nothing of what is not drawn."""
        if (tracks, markers) != (self._tracks_on, self._markers_on):
            self._tracks_on, self._markers_on = tracks, markers
            self._show_parts()

    def set_room(self, height: int) -> None:
        """How high it may be, in pixels: what does not fit is scrolled to."""
        wanted = self._content.sizeHint().height()
        self._scroll.setFixedHeight(wanted)
        excess = 0 if self._is_folded else self.sizeHint().height() - height  # with the style sheet's border
        room = max(_LEAST_PX, wanted - max(excess, 0))
        self._scroll.setFixedHeight(room)
        self._scrolls = wanted > room
        if not self._is_folded:
            self.setFixedWidth(self._whole_width())
            self._place_fold()

    def show_ramp(self, title: str, unit: str, values: Ramp) -> None:
        """Colours mean a value."""
        self._heading.setText(title)
        self._ramp.show_ramp(values, unit)
        self._ramp.show()
        self._groups.hide()
        self._widest = 0
        self._settle()

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
        self._widest = max(self._name_width(name) for name, _, _ in groups) if groups else 0
        self._shown_groups = key
        _clear(self._groups_layout)
        for name, number, colour in groups:
            self._groups_layout.addWidget(self._group(name, number, colour, number in hidden))
        words = f"and {more:,} more" if more else "" if groups else "nobody yet"
        if words:
            self._groups_layout.addWidget(_dim(words))
        self._settle()

    def _group(self, name: str, number: int, colour: int, hidden: bool) -> QToolButton:
        series = people(self._tokens)
        swatch = swatch_icon(series[colour % len(series)], self.devicePixelRatioF())
        button = self._button(name, swatch, shown=not hidden)
        room = self._inner_width() - _ICON_PX - _GAP
        shown = QFontMetrics(ui_font(12)).elidedText(visible(name), Qt.TextElideMode.ElideMiddle, room)
        button.setText(shown.replace("&", "&&"))
        button.setToolTip(plain_hover(f"{visible(name)}\nClick to hide or show these tracks"))
        button.toggled.connect(lambda on, number=number: self.group_toggled.emit(number, on))
        return button

    def show_markers(self, counts: dict[str, int], hidden: set[str]) -> None:
        """One switch for each kind of marker, with how many there are."""
        self._any_kinds = bool(counts)
        if list(counts) != list(self._buttons):
            _clear(self._markers_layout)
            self._buttons = {}
            for number, kind in enumerate(counts):
                self._buttons[kind] = self._switch(kind, number)
        for kind, count in counts.items():
            button = self._buttons[kind]
            name = visible(kind, _KIND_CHARS).replace("&", "&&")
            button.setText(f"{name}  {short_count(count)}")
            button.blockSignals(True)
            button.setChecked(kind not in hidden)
            button.blockSignals(False)
            font = ui_font(12)
            font.setStrikeOut(kind in hidden)  # "hidden" is said by more than colour
            button.setFont(font)
        self._show_parts()

    def _show_parts(self) -> None:
        named, whole = self._any_kinds and self._markers_on, not self._is_folded
        self._name.setVisible(not whole)
        self._colours.setVisible(self._tracks_on)
        self._markers_heading.setVisible(named)
        self._markers.setVisible(named)
        self._scroll.setVisible(whole)
        self.setVisible(self._tracks_on or named)
        self._settle()

    def _settle(self) -> None:
        """Take the place that is needed now: rows that wait for it would lie on each other."""
        folded = self._name.sizeHint().width() + self._fold.sizeHint().width() + 2 * _MARGIN
        self.setFixedWidth(folded if self._is_folded else self._whole_width())
        for part in (self._groups, self._markers, self._colours, self._content, self):
            if (layout := part.layout()) is not None:
                layout.activate()
        self.adjustSize()
        self._place_fold()
        taken = self.width(), self.sizeHint().height(), self._content.sizeHint().height()
        if taken != self._taken:
            self._taken = taken
            self.resized.emit()

    def _place_fold(self) -> None:
        self._fold.adjustSize()
        beside = _BAR_PX if self._scrolls and not self._is_folded else 0
        self._fold.move(self.width() - self._fold.width() - beside - 4, 3)
        self._fold.raise_()

    def _whole_width(self) -> int:
        return self._inner_width() + 2 * _MARGIN + (_BAR_PX if self._scrolls else 0)

    def _inner_width(self) -> int:
        most = _MOST_WIDTH - 2 * _MARGIN
        return max(_LEAST_WIDTH - 2 * _MARGIN, min(self._widest, most))

    def _name_width(self, name: str) -> int:
        return QFontMetrics(ui_font(12)).horizontalAdvance(visible(name)) + _ICON_PX + _GAP + 4

    def _paint_fold(self) -> None:
        self._fold.setIcon(icon("chevron-down" if self._is_folded else "chevron-up", self._tokens.dim))

    def _switch(self, kind: str, number: int) -> QToolButton:
        sign = marker_icon(marker_style(self._tokens, kind, number), self.devicePixelRatioF())
        button = self._button(kind, sign, shown=True)
        button.toggled.connect(lambda on, kind=kind: self.kind_toggled.emit(kind, on))
        self._markers_layout.addWidget(button)
        return button

    def _button(self, name: str, sign: QIcon, *, shown: bool) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setChecked(shown)
        button.setAutoRaise(True)
        button.setProperty("role", "legend")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIcon(sign)
        button.setIconSize(QSize(14, 14))
        button.setAccessibleName(f"Show {visible(name)}")
        font = ui_font(12)
        font.setStrikeOut(not shown)  # "hidden" is said by more than colour
        button.setFont(font)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # as wide as the card
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
