"""The pill over a table: how many rows are new since it follows no longer, or the way to what is out of sight."""

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
        self._frozen = False
        self.leads_to_picked = False
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
        self._new, self._frozen = count, frozen
        self._show()

    def lead_to_picked(self, on: bool) -> None:
        """Offer the way to the row that was picked elsewhere, in place of the count of new rows."""
        if on != self.leads_to_picked:
            self.leads_to_picked = on
            self._show()

    def place(self) -> None:
        """Centre again after the parent changed its size."""
        over = self._over
        self.move((over.width() - self.width()) // 2, over.height() - self.height() - _BOTTOM_GAP)

    def _show(self) -> None:
        if self.leads_to_picked:
            self._say(
                "↑ Go to the picked row", "It was picked in another view. Following ends there; End follows again"
            )
        elif self._frozen:
            self._say(f"Frozen · {short_count(self._new)} new", "Show what arrived meanwhile (Ctrl+E)")
        elif self._new:
            self._say(f"↓ {short_count(self._new)} new", "Follow new rows (End)")
        self.setVisible(self.leads_to_picked or self._frozen or self._new > 0)

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
