"""The sessions that sent frame rates: one line each, the one that began last on top."""

import math

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.ui.hover import plain_hover
from console.ui.performance.session_rates import SessionKey, SessionRates
from console.ui.performance.time_plot import session_pen, swatch_pen
from console.ui.style import mono_font, ui_font
from console.ui.theme import ROW_HEIGHT, Theme
from console.ui.widgets.formatting import dated_time, day_and_time, visible

Index = QModelIndex | QPersistentModelIndex
SESSION = Qt.ItemDataRole.UserRole
PEN = Qt.ItemDataRole.UserRole + 1
_SWATCH_PX = 18
# Play, mark a range, come back to the present, see all: the list itself is for arrows, Home, Page Up and Page Down.
_NOT_OURS = (Qt.Key.Key_Space, Qt.Key.Key_I, Qt.Key.Key_O, Qt.Key.Key_End, Qt.Key.Key_F)
_HOW = "Choose sessions with Ctrl or Shift: four with a plot each, or more in one plot"


class SessionListModel(QAbstractListModel):
    """Keeps its rows when only their numbers change, so that a selection stays."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sessions: list[SessionRates] = []
        self.pens: dict[SessionKey, int] = {}  # the number of a session's pen, where it has one

    def set_sessions(self, sessions: list[SessionRates]) -> bool:
        """Whether the rows are others than before."""
        if [s.key for s in sessions] == [s.key for s in self._sessions]:
            self._sessions = sessions
            if sessions:
                self.dataChanged.emit(self.index(0), self.index(len(sessions) - 1))
            return False
        self.beginResetModel()
        self._sessions = sessions
        self.endResetModel()
        return True

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self._sessions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole or role == Qt.ItemDataRole.AccessibleTextRole:
            session = self._sessions[index.row()]
            return f"{visible(session.player_id)} {_rate(session)}"
        if role == SESSION:
            return self._sessions[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_hover(_hover(self._sessions[index.row()]))
        if role == PEN:
            return self.pens.get(self._sessions[index.row()].key)
        return None


class SessionDelegate(QStyledItemDelegate):
    """Player at the left, newest mean rate at the right; below, the build and when the session began."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW_HEIGHT + 16)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        session = index.data(SESSION)
        tokens = self._theme.tokens
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.selection))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.hover))
        inner = rect.adjusted(12, 3, -12, -3)
        top = QRect(inner.left(), inner.top(), inner.width(), inner.height() // 2)
        low = QRect(inner.left(), inner.top() + inner.height() // 2, inner.width(), inner.height() // 2)
        aligned = Qt.AlignmentFlag.AlignVCenter
        pen = index.data(PEN)
        if pen is not None:
            painter.setPen(swatch_pen(session_pen(tokens, pen)))
            painter.drawLine(top.left(), top.center().y(), top.left() + _SWATCH_PX, top.center().y())
            top.setLeft(top.left() + _SWATCH_PX + 6)
        painter.setFont(mono_font())
        painter.setPen(QColor(tokens.text))
        rate = _rate(session)
        painter.drawText(top, aligned | Qt.AlignmentFlag.AlignRight, rate)
        room = top.width() - painter.fontMetrics().horizontalAdvance(rate) - 8
        painter.setFont(ui_font())
        name = painter.fontMetrics().elidedText(visible(session.player_id), Qt.TextElideMode.ElideRight, room)
        painter.drawText(top, aligned | Qt.TextFlag.TextSingleLine, name)
        painter.setPen(QColor(tokens.dim))
        painter.setFont(ui_font(11))
        painter.drawText(low, aligned | Qt.AlignmentFlag.AlignRight, dated_time(session.began_us).partition(".")[0])
        build = painter.fontMetrics().elidedText(
            visible(session.build_id), Qt.TextElideMode.ElideMiddle, low.width() - 60
        )
        painter.drawText(low, aligned | Qt.TextFlag.TextSingleLine, build)
        painter.restore()


class SessionList(QListView):
    """`chosen(list[SessionKey])`: sessions that a person selected."""

    chosen = Signal(list)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = SessionListModel(self)
        self.setModel(self._model)
        self.setItemDelegate(SessionDelegate(theme, self))
        self.setProperty("ground", "panel")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Sessions with frame rates")
        self.setToolTip(_HOW)
        self.selectionModel().selectionChanged.connect(self._changed)

    def show_sessions(
        self, sessions: list[SessionRates], shown: list[SessionRates], pens: dict[SessionKey, int]
    ) -> None:
        """Fill the list and mark what is shown, without telling that something was chosen.

        `pens` are the numbers of the lines of those that share a plot.
        """
        if pens != self._model.pens:
            self._model.pens = pens
            self.viewport().update()
        if not self._model.set_sessions(sessions) and self._marked() == {s.key for s in shown}:
            return
        wanted = {session.key for session in shown}
        selection = QItemSelection()
        for row, session in enumerate(sessions):
            if session.key in wanted:
                selection.select(self._model.index(row), self._model.index(row))
        model = self.selectionModel()
        model.blockSignals(True)
        model.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        model.blockSignals(False)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _NOT_OURS and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _marked(self) -> set[SessionKey]:
        return {index.data(SESSION).key for index in self.selectionModel().selectedIndexes()}

    def _changed(self) -> None:
        self.chosen.emit(sorted(self._marked()))


def _hover(session: SessionRates) -> str:
    return (
        f"{session.player_id}\nsession {session.key[1]}\nbuild {session.build_id}\n"
        f"frame rates from {day_and_time(session.began_us)} to {day_and_time(session.last_us)}\n"
        f"{_rate(session)}: mean of the newest trajectory\n\n{_HOW}"
    )


def _rate(session: SessionRates) -> str:
    return "–" if math.isnan(session.last_mean) else f"{session.last_mean:.0f} fps"
