"""An example to read and to copy: what pages teach that have nothing to show yet."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit

from console.ui.style import mono_font
from console.ui.widgets.snippets import TAB_SPACES

_MARGINS_PX = 28  # above and below the lines, with the scroll bar


class CodeBox(QPlainTextEdit):
    """Tab leaves it: nobody types here."""

    def __init__(self, name: str, *, height: int | None = None, lines: int = 0) -> None:
        """`name` is what it is called aloud. As high as `height` pixels, or as so many lines."""
        super().__init__()
        self.setReadOnly(True)
        self.setFont(mono_font())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        metrics = self.fontMetrics()
        self.setTabStopDistance(TAB_SPACES * metrics.horizontalAdvance(" "))
        self.setFixedHeight(lines * metrics.lineSpacing() + _MARGINS_PX if height is None else height)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)

    def copy_all(self) -> None:
        """Put all of it into the clipboard."""
        QGuiApplication.clipboard().setText(self.toPlainText())
