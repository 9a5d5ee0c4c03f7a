"""A split: how players are shared out between variants, by weights."""

from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from console.players.definitions import Share
from console.ui.flags.parts import take_out
from console.ui.flags.paths import Path
from console.ui.theme import Theme
from console.ui.widgets.form_fields import NumberField
from console.ui.widgets.formatting import visible

_MAX_WEIGHT = 1_000_000.0
_BAR_HEIGHT = 8


class _Bar(QWidget):
    """The shares beside each other, in the colours of series."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._weights: list[float] = []
        self.setFixedHeight(_BAR_HEIGHT)
        theme.changed.connect(self.update)

    def show_weights(self, weights: list[float]) -> None:
        self._weights = weights
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            total = sum(self._weights)
            left = 0.0
            for number, weight in enumerate(self._weights):
                width = weight / total * self.width() if total else 0.0
                painter.setBrush(QColor(series_color(self._theme, number)))
                painter.drawRoundedRect(QRectF(left, 0, max(width - 2, 0), self.height()), 2, 2)
                left += width


def series_color(theme: Theme, number: int) -> str:
    """The colour of the nth of several things that are told apart by their names too."""
    series = theme.tokens.series
    return series[number % len(series)]


class SplitField(QWidget):
    """A weight for each variant; 0 leaves the variant out."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._names: list[str] = []
        self._weights: dict[str, float] = {}
        self._spins: list[NumberField] = []
        self._shares: list[QLabel] = []
        self._bar = _Bar(theme)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(3, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._bar)
        layout.addLayout(self._grid)

    def set_variants(self, names: list[str]) -> None:
        """Offer these. A variant that was renamed keeps the weight of its place."""
        if names == self._names:
            return
        if len(names) == len(self._names):
            self._weights = {
                name: self._weights.get(old, 0.0) for old, name in zip(self._names, names, strict=True)
            } | {name: self._weights[name] for name in names if name in self._weights}
        self._names = list(names)
        self._lay_out()

    def show_split(self, split: list[Share]) -> None:
        self._weights = {share.variant_key: share.weight for share in split}
        for name, spin in zip(self._names, self._spins, strict=True):
            with QSignalBlocker(spin):
                spin.setValue(self._weights.get(name, 0.0))
        self._say_shares()

    def split(self) -> list[Share]:
        """The shares above 0, in the variants' order; those of variants that are gone come last, to be refused."""
        names = [*self._names, *(name for name in self._weights if name not in self._names)]
        return [
            Share(variant_key=name, weight=weight) for name in names if (weight := self._weights.get(name, 0.0)) > 0
        ]

    def widget_at(self, steps: Path) -> QWidget:
        match steps:
            case (int(index), *_):
                shares = self.split()
                name = shares[index].variant_key if index < len(shares) else ""
                if name in self._names:
                    return self._spins[self._names.index(name)]
        return self._spins[0] if self._spins else self

    def _lay_out(self) -> None:
        while self._grid.count():
            item = self._grid.itemAt(0)
            widget = item.widget() if item is not None else None
            if widget is None:
                break
            take_out(self._grid, widget)
        self._spins, self._shares = [], []
        for row, name in enumerate(self._names):
            label = QLabel(visible(name, 40))
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setProperty("role", "mono")
            spin = NumberField(f"Weight of {name}", _MAX_WEIGHT)
            with QSignalBlocker(spin):
                spin.setValue(self._weights.get(name, 0.0))
            spin.valueChanged.connect(lambda value, name=name: self._weigh(name, value))
            share = QLabel()
            share.setProperty("role", "mono-dim")
            mark = QLabel("■")
            mark.setStyleSheet(f"color: {series_color(self._theme, row)};")
            for column, widget in enumerate((mark, label, spin, share)):
                self._grid.addWidget(widget, row, column)
            self._spins.append(spin)
            self._shares.append(share)
        self._say_shares()

    def _weigh(self, name: str, weight: float) -> None:
        self._weights[name] = weight
        self._say_shares()
        self.changed.emit()

    def _say_shares(self) -> None:
        weights = [self._weights.get(name, 0.0) for name in self._names]
        total = sum(weights)
        for label, weight in zip(self._shares, weights, strict=True):
            label.setText(f"{weight / total:.1%}" if total else "–")
        self._bar.show_weights(weights)
