"""A payload as JSON text, coloured by type."""

import re

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from console.ui.style import mono_font
from console.ui.theme import SPACING, Theme

_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")(?P<key>\s*:)?|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null|NaN)'
)


class _Highlighter(QSyntaxHighlighter):
    """Keys, strings, numbers and words in the tree's colours."""

    def __init__(self, colors: Theme, document: QTextDocument) -> None:
        super().__init__(document)
        self._theme = colors
        self._formats: dict[str, QTextCharFormat] = {}
        self.recolour()

    def recolour(self) -> None:
        tokens = self._theme.tokens
        colors = {"key": tokens.accent, "string": tokens.good, "number": tokens.warning, "word": tokens.accent}
        for name, color in colors.items():
            style = QTextCharFormat()
            style.setForeground(QColor(color))
            self._formats[name] = style
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        for match in _TOKEN.finditer(text):
            kind = "key" if match["key"] else match.lastgroup or "string"
            start, end = match.span("string") if match["string"] else match.span()
            self.setFormat(start, end - start, self._formats[kind])


class JsonView(QWidget):
    """Read-only text; what was left out is said above it."""

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = QLabel()
        self._note.setProperty("tone", "warning")
        self._note.setWordWrap(True)
        self._note.setContentsMargins(SPACING[2], SPACING[1], SPACING[2], 0)
        self._note.hide()
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setFont(mono_font())
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName("Payload as JSON")
        self._text.setStyleSheet("QPlainTextEdit { border: none; border-radius: 0; background: transparent; }")
        self._highlighter = _Highlighter(colors, self._text.document())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._note)
        layout.addWidget(self._text, 1)
        self.setFocusProxy(self._text)
        colors.changed.connect(self._highlighter.recolour)

    @property
    def text(self) -> str:
        return self._text.toPlainText()

    @property
    def note(self) -> str:
        return self._note.text()

    def show_json(self, text: str, note: str = "") -> None:
        """Show text, and above it what it leaves out."""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._text.setPlainText(text)
