"""The keys of one application, a row each."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from console.ui import theme
from console.ui.applications.model import COLUMNS, KeyLine
from console.ui.context import ViewContext
from console.ui.style import mono_font
from console.ui.widgets.formatting import exact_time, visible
from console.ui.widgets.selecting import select_rows

_MONO = frozenset({2, 3, 4})
_WIDTHS = (76, 160, 0, 104, 104, 104)
_STRETCHED = 2


class KeyTable(QTableWidget):
    """One row can be selected; Enter or a double click asks to copy it."""

    copy_wanted = Signal()

    def __init__(self, context: ViewContext) -> None:
        super().__init__(0, len(COLUMNS))
        self._context = context
        self._lines: list[KeyLine] = []
        self.setHorizontalHeaderLabels(list(COLUMNS))
        self.setAccessibleName("Keys")
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT + 4)
        self.setMinimumHeight(theme.ROW_HEIGHT + 3 * (theme.ROW_HEIGHT + 4) + 4)  # its header and three keys
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for column, width in enumerate(_WIDTHS):
            self.setColumnWidth(column, width)
        header.setSectionResizeMode(_STRETCHED, QHeaderView.ResizeMode.Stretch)
        self.cellDoubleClicked.connect(lambda *_: self.copy_wanted.emit())
        context.theme.changed.connect(self._paint)

    @property
    def current(self) -> KeyLine | None:
        """The selected key."""
        rows = {index.row() for index in self.selectedIndexes()}
        return self._lines[rows.pop()] if len(rows) == 1 else None

    def show_lines(self, lines: list[KeyLine]) -> None:
        """Show other keys; the selected one stays selected when it is still there."""
        if lines == self._lines:
            return
        selected = self.current
        self._lines = lines
        self.setRowCount(len(lines))
        self._paint()
        row = next((i for i, one in enumerate(lines) if selected and one.key.key_id == selected.key.key_id), -1)
        select_rows(self, [] if row < 0 else [row])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.copy_wanted.emit()
            return
        super().keyPressEvent(event)

    def copy(self) -> None:
        """What the Edit menu's Copy does here."""
        self.copy_wanted.emit()

    def _paint(self) -> None:
        tokens = self._context.theme.tokens
        for row, line in enumerate(self._lines):
            for column, text in enumerate(line.cells):
                item = QTableWidgetItem(visible(text))
                if column in _MONO:
                    item.setFont(mono_font())
                item.setForeground(QColor(self._color(line, column, tokens)))
                item.setToolTip(self._hover(line, column))
                self.setItem(row, column, item)

    def _color(self, line: KeyLine, column: int, tokens: theme.Tokens) -> str:
        if not line.usable:
            return tokens.dim
        if column == 0:
            return tokens.accent if line.kind == "public" else tokens.warning
        if column == 5:
            return tokens.good
        return tokens.dim if column in (3, 4) else tokens.text

    def _hover(self, line: KeyLine, column: int) -> str:
        if column == 2 and line.key.token:
            return line.key.token
        if column == 3:
            return exact_time(line.key.created_at_us)
        if column == 4 and line.key.last_used_at_us is not None:
            return exact_time(line.key.last_used_at_us)
        if column == 5 and line.key.revoked_at_us is not None:
            return exact_time(line.key.revoked_at_us)
        return ""
