"""Who changed what: the history of flags, segments and overrides, each change with its difference."""

import time

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QShowEvent, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QSplitter, QStackedWidget, QTextEdit, QVBoxLayout, QWidget

from console.messages.players import DefinitionChange
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.flags.differences import Kind, difference
from console.ui.style import mono_font
from console.ui.widgets.formatting import ago, exact_time, visible
from console.ui.widgets.selecting import select_rows
from console.ui.widgets.small_table import Column, Line, SmallTable
from console.ui.widgets.table_columns import Tone

_SIGNS: dict[Kind, str] = {"same": "  ", "added": "+ ", "removed": "− ", "gap": "  "}
_COLUMNS = (
    Column("When", 112, tone=Tone.DIM),
    Column("What", 184, mono=True),
    Column("Change", 0),
    Column("By", 112, tone=Tone.DIM),
)


class DifferenceView(QTextEdit):
    """Lines that came in green with a plus, lines that went in red with a minus."""

    def __init__(self, context: ViewContext) -> None:
        super().__init__()
        self._context = context
        self._before = self._after = ""
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setFont(mono_font())
        self.setLineWrapMode(QTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setAccessibleName("Difference")
        self.setStyleSheet("QTextEdit { border: none; border-radius: 0; padding: 8px 16px; }")
        context.theme.changed.connect(self._fill)

    def show_change(self, before: str, after: str) -> None:
        self._before, self._after = before, after
        self._fill()

    def _fill(self) -> None:
        tokens = self._context.theme.tokens
        colors: dict[Kind, str] = {"same": tokens.dim, "added": tokens.good, "removed": tokens.bad, "gap": tokens.dim}
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for number, line in enumerate(difference(self._before, self._after)):
            shape = QTextCharFormat()
            shape.setForeground(QColor(colors[line.kind]))
            shape.setFont(mono_font())
            if number:
                cursor.insertBlock(QTextBlockFormat())
            cursor.insertText(_SIGNS[line.kind] + visible(line.text, 2_000), shape)
        cursor.endEditBlock()


class HistoryPanel(QWidget):
    """The changes of one definition, or of all of an application: asked for when it is seen."""

    def __init__(self, context: ViewContext) -> None:
        super().__init__()
        self._context = context
        self._app_id = self._key = ""
        self._changes: list[DefinitionChange] = []
        self._stale = True
        self._request = 0
        self.table = SmallTable(context.theme, "Changes", _COLUMNS)
        self.table.itemSelectionChanged.connect(self._show_difference)
        self.difference = DifferenceView(context)
        empty = plain_label("No changes yet.", "dim")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.difference)
        split.setSizes([240, 360])
        self._pages = QStackedWidget()
        self._pages.addWidget(empty)
        self._pages.addWidget(split)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def set_subject(self, app_id: str, key: str = "") -> None:
        """Whose changes: of one flag or segment, or of all of them."""
        if (app_id, key) != (self._app_id, self._key):
            self._app_id, self._key, self._changes = app_id, key, []
            self.table.setColumnHidden(1, bool(key))
            self._fill()
            self.refresh()

    def refresh(self) -> None:
        """Ask again, as soon as it is seen."""
        self._stale = True
        if self.isVisible():
            self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._ask()

    def _ask(self) -> None:
        if self._app_id:
            self._stale = False
            self._context.tasks.start(self._load(), "Listing the changes")

    async def _load(self) -> None:
        self._request += 1
        request = self._request
        changes = await self._context.client.definition_history(self._app_id, key=self._key)
        if request == self._request:
            self._changes = changes
            self._fill()

    def _fill(self) -> None:
        now_us = time.time_ns() // 1000
        self.table.show_lines(
            [
                Line(
                    (change.at_us, change.kind, change.key, number),
                    (
                        ago(change.at_us, now_us),
                        visible(change.key),
                        visible(change.summary or f"{change.kind} {change.action}"),
                        visible(change.by),
                    ),
                    (exact_time(change.at_us), change.kind, change.summary, change.by),
                )
                for number, change in enumerate(self._changes)
            ]
        )
        self._pages.setCurrentIndex(1 if self._changes else 0)
        if self._changes and self.table.current_key is None:
            select_rows(self.table, [0])
        self._show_difference()

    def _show_difference(self) -> None:
        key = self.table.current_key
        number = key[3] if isinstance(key, tuple) else -1
        change = self._changes[number] if 0 <= number < len(self._changes) else None
        self.difference.show_change(change.before if change else "", change.after if change else "")
