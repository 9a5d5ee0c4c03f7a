"""One line at the bottom of the centre: what just happened, and what can be done about it. Never modal."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from console.ui.context import Action, MessageKind
from console.ui.icons import icon, pixmap
from console.ui.theme import Theme
from console.ui.widgets.formatting import visible
from console.ui.widgets.wrapped import fit_height

_ICONS = {"info": "info", "good": "check", "warning": "warning", "bad": "error"}
_TONES = {"info": "accent", "good": "good", "warning": "warning", "bad": "bad"}
_HIDE_MS = {"info": 6_000, "good": 6_000, "warning": 20_000}
# There has to be time to read it and to reach the button.
_HIDE_WITH_ACTIONS_MS = 20_000
_MARGIN = 16
_MAX_WIDTH = 900
_MAX_CHARS = 400


class MessageBar(QFrame):
    """Lies over the bottom of `area`, so that showing it moves nothing.

    `footer` tells how many pixels at the bottom hold what a person works with, and are not to be covered.
    Good and plain news leave by themselves, later when they have buttons; bad ones stay until they are closed or
    replaced. A warning with buttons waits for an answer: what only informs never replaces it.
    """

    def __init__(self, area: QWidget, theme: Theme, footer: Callable[[], int] = lambda: 0) -> None:
        super().__init__(area)
        self._theme = theme
        self._area = area
        self._footer = footer
        self._kind: MessageKind = "info"
        self._has_actions = False
        self.setProperty("role", "toast")
        self._mark = QLabel(self)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._close = QToolButton(self)
        self._close.setProperty("role", "quiet")
        self._close.setAccessibleName("Close the message")
        self._close.setToolTip("Close")
        self._close.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.setSpacing(8)
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)
        layout.addLayout(self._buttons)
        layout.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        area.installEventFilter(self)
        theme.changed.connect(self._paint_icons)
        self._paint_icons()
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def say(self, text: str, *, kind: MessageKind = "info", actions: Sequence[Action] = ()) -> None:
        """Show plain text, and buttons for what a person can do about it."""
        waits = self._has_actions and self._kind in ("warning", "bad") and self.isVisible()
        if waits and not actions and kind in ("info", "good"):
            return
        self._kind = kind
        self._has_actions = bool(actions)
        self.setProperty("tone", _TONES[kind])
        self.style().polish(self)
        text = visible(text, _MAX_CHARS)
        self._text.setText(text)
        self.setAccessibleName(text)
        self._show_actions(actions)
        self._paint_icons()
        self._place()
        self.show()
        self.raise_()
        if kind == "bad" or (self._has_actions and kind == "warning"):
            self._timer.stop()
        else:
            self._timer.start(_HIDE_WITH_ACTIONS_MS if self._has_actions else _HIDE_MS[kind])

    def dismiss(self) -> None:
        """Close it. Does nothing when it is closed."""
        self._timer.stop()
        self._has_actions = False
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._area and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _show_actions(self, actions: Sequence[Action]) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for label, act in actions:
            button = QPushButton(label, self)
            button.clicked.connect(partial(self._act, act))
            self._buttons.addWidget(button)
            button.show()  # one that is hidden takes no room, and Qt would show it later

    def _act(self, act: object, _checked: bool = False) -> None:
        self.dismiss()
        if callable(act):
            act()

    def _place(self) -> None:
        if not self._text.text():
            return
        room = min(self._area.width() - 2 * _MARGIN, _MAX_WIDTH) - self._chrome_width()
        natural = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 4
        self._text.setFixedWidth(max(min(natural, room), 120))
        fit_height(self._text, self._text.width())
        self.adjustSize()
        bottom = self._area.height() - self._footer() - _MARGIN
        self.move((self._area.width() - self.width()) // 2, bottom - self.height())

    def _chrome_width(self) -> int:
        return self._buttons.sizeHint().width() + self._close.sizeHint().width() + 76

    def _paint_icons(self) -> None:
        tokens = self._theme.tokens
        color = getattr(tokens, _TONES[self._kind])
        self._mark.setPixmap(pixmap(_ICONS[self._kind], color, 16, self.devicePixelRatioF()))
        self._close.setIcon(icon("close", tokens.dim))
