"""The list of SDKs: two lines each, with the verdict's icon."""

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.integration_report import summary_of
from console.messages.integration import Integration
from console.ui.hover import plain_hover
from console.ui.icons import pixmap
from console.ui.integration.words import ICONS, SdkKey, application_of, color_of, key_of, spoken
from console.ui.style import ui_font
from console.ui.theme import ROW_HEIGHT, SPACING, TEXT_PX, Theme
from console.ui.widgets.formatting import ago, visible
from console.ui.widgets.selecting import select_rows

Index = QModelIndex | QPersistentModelIndex
SDK = Qt.ItemDataRole.UserRole
_ICON = 16
_SMALL_PX = 11


class SdkListModel(QAbstractListModel):
    """Keeps its rows when only what is known of them changes, so that a selection stays."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.sdks: list[Integration] = []
        self.now_us = 0

    def set_sdks(self, sdks: list[Integration], now_us: int) -> None:
        self.now_us = now_us
        if [key_of(sdk) for sdk in sdks] == [key_of(sdk) for sdk in self.sdks]:
            self.sdks = sdks
            if sdks:
                self.dataChanged.emit(self.index(0), self.index(len(sdks) - 1))
            return
        self.beginResetModel()
        self.sdks = sdks
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self.sdks)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        sdk = self.sdks[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(sdk, self.now_us)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_hover(f"{sdk.user_agent or sdk.client}\n{sdk.peer}\n{summary_of(sdk.lines)}")
        return sdk if role == SDK else None


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, model: SdkListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, 2 * ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        sdk: Integration = index.data(SDK)
        tokens = self._theme.tokens
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.selection))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.hover))
        inner = rect.adjusted(SPACING[2], 5, -SPACING[2], -5)
        scale = painter.device().devicePixelRatioF()
        mark = pixmap(ICONS[sdk.verdict], color_of(sdk.verdict, tokens), _ICON, scale)
        half = inner.height() // 2
        painter.drawPixmap(inner.left(), inner.top() + (half - _ICON) // 2, mark)
        inner.setLeft(inner.left() + _ICON + SPACING[1])
        top = QRect(inner.left(), inner.top(), inner.width(), half)
        low = QRect(inner.left(), inner.top() + half, inner.width(), half)
        self._line(painter, top, visible(sdk.client, 60), ago(sdk.last_us, self._model.now_us), tokens.text, TEXT_PX)
        where = f"{visible(sdk.peer, 60)} · {application_of(sdk)}"
        self._line(painter, low, where, "", tokens.dim, _SMALL_PX)
        painter.restore()

    def _line(self, painter: QPainter, rect: QRect, text: str, note: str, color: str, pixels: int) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.setFont(ui_font(_SMALL_PX))
        painter.setPen(QColor(self._theme.tokens.dim))
        painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, note)
        room = rect.width() - (painter.fontMetrics().horizontalAdvance(note) + SPACING[1] if note else 0)
        painter.setFont(ui_font(pixels))
        painter.setPen(QColor(color))
        painter.drawText(rect, middle, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room))


class SdkList(QListView):
    """`chosen(key)` when a person goes to an SDK."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = SdkListModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(theme, self._model, self))
        self.setAccessibleName("SDKs")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(self._current_changed)
        theme.changed.connect(self.viewport().update)

    def show_sdks(self, sdks: list[Integration], now_us: int, current: SdkKey | None) -> None:
        """Show these, with one of them marked."""
        with QSignalBlocker(self.selectionModel()):
            self._model.set_sdks(sdks, now_us)
            row = next((row for row, sdk in enumerate(sdks) if key_of(sdk) == current), -1)
            if row >= 0 and row != self.currentIndex().row():
                select_rows(self, [row])
        self.viewport().update()

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(key_of(self._model.sdks[current.row()]))
