"""The bar above a table: what is shown, how much of it, and the buttons that act on the table."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from console.ui.icons import icon
from console.ui.theme import SPACING, Theme
from console.ui.widgets.formatting import plural, short_count

_HINT = 'Filter: words, "a phrase", -without'


_WAVE_PX = 2


class FilterField(QLineEdit):
    """A line for the filter with the count at its right end.

    `takes` may take a key before the line does. What `mark` was given is underlined with a wave.
    """

    left = Signal()
    focus_lost = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "mono")
        self.setStyleSheet("QToolButton { min-height: 0; padding: 0; border: none; background: transparent; }")
        self.setPlaceholderText(_HINT)
        self.setAccessibleName("Filter rows")
        self.setToolTip('All words must occur. "Quote" a phrase, put - before a word to exclude it. Ctrl+F')
        self.takes: Callable[[QKeyEvent], bool] = lambda _event: False
        self._marked = (0, 0)
        self._mark_color = ""
        self._count = QLabel(self)
        self._count.setProperty("role", "mono-dim")
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setAccessibleName("Rows shown")
        self.textChanged.connect(self._place)

    def set_count(self, text: str, hover: str) -> None:
        """What stands at the right end."""
        self._count.setToolTip(hover)
        if text != self._count.text():
            self._count.setText(text)
            self._place()

    @property
    def count_text(self) -> str:
        return self._count.text()

    def mark(self, start: int = 0, end: int = 0, color: str = "") -> None:
        """Underline these characters, or none."""
        if (start, end, color) != (*self._marked, self._mark_color):
            self._marked, self._mark_color = (start, end), color
            self.update()

    @property
    def marked(self) -> tuple[int, int]:
        """From and until which character it is underlined."""
        return self._marked

    def x_of(self, position: int) -> int:
        """Where a character begins, in pixels from the left edge of the line; outside it when it is scrolled away."""
        advance, text = self.fontMetrics().horizontalAdvance, self.text()
        here = self.cursorRect().center().x()
        return here + advance(text[:position]) - advance(text[: self.cursorPosition()])

    def event(self, event: QEvent) -> bool:
        # Tab moves the focus before it is a key.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Tab:
            if self.takes(event):
                return True
        elif event.type() == QEvent.Type.FocusOut:
            self.focus_lost.emit()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.takes(event):
            return
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.left.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        start, end = self._marked
        if end <= start:
            return
        left, right = self.x_of(start), max(self.x_of(end), self.x_of(start) + 2 * _WAVE_PX)
        room = self.contentsRect().adjusted(28, 0, -self.textMargins().right(), 0)
        base = self.cursorRect().bottom() - _WAVE_PX
        wave = QPolygonF(
            [QPointF(x, base + (_WAVE_PX if n % 2 else 0)) for n, x in enumerate(range(left, right, _WAVE_PX))]
        )
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRect(room)
            painter.setPen(QPen(QColor(self._mark_color), 1.2))
            painter.drawPolyline(wave)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self._count.adjustSize()
        width = self._count.width()
        clear_button = 24 if self.text() else 0
        self._count.move(self.width() - width - 12 - clear_button, (self.height() - self._count.height()) // 2)
        self.setTextMargins(0, 0, width + 8, 0)


class FilterBar(QFrame):
    """Filter, counts, columns, freeze and clear. The table's page gives the buttons their meaning."""

    filter_changed = Signal(str)
    freeze_toggled = Signal(bool)
    clear_wanted = Signal()
    missing_wanted = Signal()
    left = Signal()

    def __init__(self, colors: Theme, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = colors
        self._what = what
        self.setProperty("role", "topbar")
        self.field = FilterField()
        self.field.textChanged.connect(self._text_changed)
        self.field.left.connect(self.left)
        self.search = QAction(self.field)
        self.field.addAction(self.search, QLineEdit.ActionPosition.LeadingPosition)
        self._clear_text = QAction("Clear the filter", self.field)
        self._clear_text.triggered.connect(self.field.clear)
        self._clear_text.setVisible(False)
        self.field.addAction(self._clear_text, QLineEdit.ActionPosition.TrailingPosition)
        self.missing = QPushButton()
        self.missing.setProperty("role", "state")
        self.missing.setProperty("tone", "warning")
        self.missing.clicked.connect(self.missing_wanted)
        self.missing.hide()
        self.columns = QToolButton()
        self.columns.setText("Columns")
        self.columns.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.columns.setAccessibleName("Choose columns")
        self.columns.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.freeze = QPushButton("Freeze")
        self.freeze.setCheckable(True)
        self.freeze.setToolTip("Hold the table still; recording goes on (Ctrl+E)")
        self.freeze.setAccessibleName("Freeze the table")
        self.freeze.toggled.connect(self.freeze_toggled)
        self.clear = QPushButton("Clear")
        self.clear.setToolTip("Empty the table; recordings stay (Ctrl+L)")
        self.clear.setAccessibleName("Clear the table")
        self.clear.clicked.connect(self.clear_wanted)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(SPACING[1], SPACING[1] - 2, SPACING[1], SPACING[1] - 2)
        self._layout.setSpacing(SPACING[1])
        for widget in (self.missing, self.columns, self.freeze, self.clear):
            self._layout.addWidget(widget)
        self._layout.insertWidget(0, self.field, 1)
        colors.changed.connect(self._recolour)
        self._recolour()

    def insert_before_field(self, widget: QWidget) -> None:
        """Put a control of the view's own at the left end."""
        self._layout.insertWidget(self._layout.indexOf(self.field), widget)

    def focus_filter(self) -> None:
        """Let the person type a filter."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def show_counts(self, *, shown: int, kept: int, recorded: int, narrowed: bool, looking: bool) -> None:
        """`kept` rows are in the table, `recorded` in the workspace, `shown` pass the filter and scope."""
        if narrowed:
            text = f"{short_count(shown)} of {short_count(kept)}" + ("…" if looking else "")
        elif recorded > kept:
            text = f"newest {short_count(kept)} of {short_count(recorded)}"
        else:
            text = short_count(kept)
        hover = f"{plural(shown, self._what)} shown, {kept:,} in the table"
        if recorded > kept:
            hover += f", {recorded:,} recorded. The table keeps the newest ones"
        self.field.set_count(text, hover)

    def show_found(self, *, shown: int, recorded: int, limited: bool, looking: bool) -> None:
        """As `show_counts`, where all that was recorded was looked through; `limited`: older rows match too."""
        text = f"{short_count(shown)}{'+' if limited else ''} of {short_count(recorded)}" + ("…" if looking else "")
        hover = f"{plural(shown, self._what)} shown, {recorded:,} recorded"
        if limited:
            hover += ". Older ones match too: narrow the filter to see them"
        self.field.set_count(text, hover)

    def show_missing(self, count: int) -> None:
        """Say how many rows the window could not take in time; nothing at 0."""
        self.missing.setVisible(count > 0)
        if count:
            text = f"{count:,} not shown: the window was behind"
            self.missing.setText(text)
            self.missing.setToolTip(f"They are recorded. Click to load the newest {self._what}s again")
            self.missing.setAccessibleName(text)

    def _text_changed(self, text: str) -> None:
        self._clear_text.setVisible(bool(text))
        self.filter_changed.emit(text)

    def _recolour(self) -> None:
        dim = self._theme.tokens.dim
        self.search.setIcon(icon("search", dim))
        self._clear_text.setIcon(icon("close", dim))
        self.columns.setIcon(icon("columns", dim))
        self.freeze.setIcon(icon("freeze", dim))
