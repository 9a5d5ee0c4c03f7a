"""A note below the filter: what is wrong with it, or that it still looks, and the buttons that help."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from console.ui.context import Action, MessageKind
from console.ui.icons import pixmap
from console.ui.theme import SPACING, Theme
from console.ui.widgets.wrapped import fit_height

_ICONS: Final = {"info": "search", "good": "check", "warning": "warning", "bad": "error"}
_TONES: Final = {"info": "accent", "good": "good", "warning": "warning", "bad": "bad"}
_MAX_WIDTH: Final = 760


class FilterNote(QFrame):
    """Lies over the first rows of the table, so that nothing moves when it comes and goes."""

    def __init__(self, colors: Theme, under: QWidget, parent: QWidget) -> None:
        """`under` is the header of the table: the note begins at its lower edge."""
        super().__init__(parent)
        self._theme = colors
        self._under = under
        self._over = parent
        self._kind: MessageKind = "info"
        self.setProperty("role", "toast")
        self._shown: list[QPushButton] = []
        self._mark = QLabel()
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(SPACING[1])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACING[2], SPACING[0] + 2, SPACING[1], SPACING[0] + 2)
        layout.setSpacing(SPACING[1])
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)
        layout.addLayout(self._buttons)
        parent.installEventFilter(self)
        colors.changed.connect(self._paint_icon)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; "" while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    @property
    def buttons(self) -> list[QPushButton]:
        """Those on show, from the left."""
        return list(self._shown)

    def say(self, text: str, kind: MessageKind = "info", actions: Sequence[Action] = ()) -> None:
        """Show plain text and what can be done about it."""
        labels = [button.text() for button in self.buttons]
        if labels != [label for label, _ in actions] or kind != self._kind or actions:
            self._kind = kind
            self.setProperty("tone", _TONES[kind])
            self.style().polish(self)
            self._show_actions(actions)
            self._paint_icon()
        self._text.setText(text)
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()

    def update_text(self, text: str) -> None:
        """Other words for the same thing: buttons stay where they are."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False

    def _show_actions(self, actions: Sequence[Action]) -> None:
        for button in self._shown:
            self._buttons.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._shown.clear()
        for label, act in actions:
            button = QPushButton(label.replace("&", "&&"), self)
            button.setToolTip(label)
            button.clicked.connect(partial(self._act, act))
            self._buttons.addWidget(button)
            button.show()  # one that is hidden takes no room, and Qt would show it later
            self._shown.append(button)

    def _act(self, act: object, _checked: bool = False) -> None:
        self.hide()
        if callable(act):
            act()

    def _place(self) -> None:
        parent = self._over
        room = min(parent.width() - 2 * SPACING[2], _MAX_WIDTH)
        chrome = self._buttons.sizeHint().width() + 16 + SPACING[2] + 4 * SPACING[1]
        natural = self._text.fontMetrics().horizontalAdvance(self._text.text()) + SPACING[1]
        self._text.setFixedWidth(max(120, min(natural, room - chrome)))
        fit_height(self._text, self._text.width(), least=24)
        self.adjustSize()
        below = self._under.mapTo(parent, self._under.rect().bottomLeft()).y() if self._under.isVisible() else 0
        self.move(SPACING[1], below + SPACING[1])

    def _paint_icon(self) -> None:
        color = getattr(self._theme.tokens, _TONES[self._kind])
        self._mark.setPixmap(pixmap(_ICONS[self._kind], color, 16, self.devicePixelRatioF()))
