"""The pill over a table that no longer follows: how many rows are new, and the way back to them."""

from PySide6.QtWidgets import QPushButton, QWidget

from console.ui.theme import Theme
from console.ui.widgets.formatting import short_count

_HEIGHT = 26
_BOTTOM_GAP = 14


class FollowPill(QPushButton):
    """Hidden while there is nothing new. Stays centred at the bottom of its parent."""

    def __init__(self, colors: Theme, over: QWidget) -> None:
        super().__init__(over)
        self._theme = colors
        self._over = over
        self._new = 0
        self.setFixedHeight(_HEIGHT)
        colors.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def new(self) -> int:
        """Rows that arrived since following stopped."""
        return self._new

    def set_new(self, count: int, *, frozen: bool = False) -> None:
        """Show how many rows are new, or hide at 0. A frozen table's pill stays at 0 too: it says why all is still."""
        self._new = count
        if frozen:
            self._say(f"Frozen · {short_count(count)} new", "Show what arrived meanwhile (Ctrl+E)")
        elif count:
            self._say(f"↓ {short_count(count)} new", "Follow new rows (End)")
        self.setVisible(frozen or count > 0)

    def place(self) -> None:
        """Centre again after the parent changed its size."""
        over = self._over
        self.move((over.width() - self.width()) // 2, over.height() - self.height() - _BOTTOM_GAP)

    def _say(self, text: str, what_it_does: str) -> None:
        if text == self.text():
            return
        self.setText(text)
        self.setToolTip(what_it_does)
        self.setAccessibleName(f"{text}. {what_it_does}")
        self.adjustSize()
        self.place()
        self.raise_()

    def _restyle(self) -> None:
        tokens = self._theme.tokens
        self.setStyleSheet(
            f"QPushButton {{ background: {tokens.accent}; color: {tokens.on_accent}; border: none;"
            f" border-radius: {_HEIGHT // 2}px; padding: 0 14px; font-weight: 500; min-height: {_HEIGHT}px; }}"
            f"QPushButton:hover, QPushButton:focus {{ background: {tokens.accent}; text-decoration: underline; }}"
        )
