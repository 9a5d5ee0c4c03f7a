"""What is wrong with the rejected requests: equal failures in one line each, counted by the server."""

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.messages.requests import FailureKind, FailureReport
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.requests.failures import COLUMN_KEYS, COLUMNS, failure_line, report_remark
from console.ui.theme import SPACING
from console.ui.widgets.small_table import SmallTable

_PAUSE_MS = 2_000
# Where there is little room, what is wrong needs it more than the route and the first time do; hovers tell them too.
_LEAST_WIDTHS = {COLUMN_KEYS.index("route"): 940, COLUMN_KEYS.index("first"): 800}
_NOTHING = "Nothing was rejected. What an SDK gets wrong is listed here, equal failures in one line."


class FailuresPanel(QWidget):
    """`picked` carries the FailureKind that was chosen, or None; `opened` one that was asked for by Enter.

    Asks the server when it is shown, and while it is shown at most every two seconds, when something was rejected.
    """

    picked = Signal(object)
    opened = Signal(object)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._stale = True
        self._asking = False
        self._picked: FailureKind | None = None
        self.report: FailureReport | None = None
        self.setProperty("role", "panel")
        self.table = SmallTable(context.theme, "Failures", COLUMNS)
        self.table.setProperty("ground", "panel")
        self.table.itemSelectionChanged.connect(self._selection_changed)
        self.table.opened.connect(self.opened)
        self.nothing = plain_label(_NOTHING, "dim")
        self.remark = plain_label("", "dim")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.table, 1)
        for label in (self.nothing, self.remark):
            label.setContentsMargins(SPACING[2], SPACING[1], SPACING[2], SPACING[1])
            label.hide()
            layout.addWidget(label)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._ask_if_stale)
        context.selection.scope_changed.connect(self.ask)

    def note_rejections(self) -> None:
        """Something was rejected since: ask again soon, when somebody looks."""
        self._stale = True
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def ask(self, *_: object) -> None:
        """Ask the server now, when somebody looks; else when somebody does."""
        self._stale = True
        self._ask_if_stale()

    def unpick(self) -> None:
        """Choose no failure."""
        self._picked = None
        self.table.clearSelection()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_if_stale()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, least_width in _LEAST_WIDTHS.items():
            self.table.setColumnHidden(column, self.width() < least_width)

    def _ask_if_stale(self) -> None:
        if self._stale and not self._asking and self.isVisible():
            self._stale = False
            self._asking = True
            self._context.tasks.start(self._load(), "List the failures")

    async def _load(self) -> None:
        try:
            report = await self._context.client.failure_report(app_id=self._context.selection.scope.app_id)
        finally:
            self._asking = False
        self.show_report(report)
        if self._stale:
            self._timer.start()

    def show_report(self, report: FailureReport) -> None:
        """Show groups; the chosen one stays chosen, also when it is not listed any more."""
        self.report = report
        now_us = time.time_ns() // 1000
        picked = self._picked
        self.table.blockSignals(True)
        self.table.show_lines([failure_line(group, now_us) for group in report.groups])
        if picked is not None:
            self.table.select(picked)
        self.table.blockSignals(False)
        self.table.setVisible(bool(report.groups))
        self.nothing.setVisible(not report.groups)
        remark = report_remark(report)
        self.remark.setText(remark)
        self.remark.setVisible(bool(remark))

    def _selection_changed(self) -> None:
        key = self.table.current_key
        kind = key if isinstance(key, FailureKind) else None
        if kind != self._picked:
            self._picked = kind
            self.picked.emit(kind)
