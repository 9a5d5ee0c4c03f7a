"""A payload's fields as a tree of two columns."""

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from console.telemetry.layout import Form
from console.ui.hover import plain_hover
from console.ui.style import mono_font
from console.ui.theme import Theme, Tokens
from console.ui.widgets.hex_layout import Span
from console.ui.widgets.payload import Look, Node
from console.ui.widgets.selecting import select_index

_ROW_HEIGHT = 20
_KEY_WIDTH = 132
_INDENT = 14
_OPENED_CHILDREN = 12
_NOWHERE = QModelIndex()
_HOVER_CHARS = 2_000


class PayloadModel(QAbstractItemModel):
    """Adapts a tree of nodes; children are made when the view asks for them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = Node("", "", Span(0, 0))

    @property
    def root(self) -> Node:
        return self._root

    def set_root(self, root: Node) -> None:
        """Show another payload."""
        self.beginResetModel()
        self._root = root
        self.endResetModel()

    def node(self, index: QModelIndex | QPersistentModelIndex) -> Node:
        """The node of an index, the root's for none."""
        node = index.internalPointer() if index.isValid() else None
        return node if isinstance(node, Node) else self._root

    def index_of(self, node: Node) -> QModelIndex:
        return _NOWHERE if node.parent is None else self.createIndex(node.row, 0, node)

    def index(self, row: int, column: int, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> QModelIndex:
        children = self.node(parent).children
        return self.createIndex(row, column, children[row]) if 0 <= row < len(children) else QModelIndex()

    def parent(self, index: QModelIndex | QPersistentModelIndex = _NOWHERE) -> Any:
        above = self.node(index).parent if index.isValid() else None
        return QModelIndex() if above is None else self.index_of(above)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.column() > 0 else len(self.node(parent).children)

    def hasChildren(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> bool:
        return parent.column() <= 0 and self.node(parent).has_children

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 2

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            node = self.node(index)
            return node.text if index.column() or spans(node) else node.key
        if role == Qt.ItemDataRole.ToolTipRole:
            node = self.node(index)
            lines = (node.path, node.label, node.text[:_HOVER_CHARS], node.note)
            return plain_hover("\n".join(line for line in lines if line))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return ("Field", "Value")[section] if role == Qt.ItemDataRole.DisplayRole else None


class PayloadDelegate(QStyledItemDelegate):
    """Values coloured by type, their unit behind them; a warning over both columns' width."""

    def __init__(self, colors: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = colors
        self._font = mono_font()
        self._metrics = QFontMetrics(self._font)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        node = index.internalPointer()
        if not isinstance(node, Node):
            return
        tokens, rect = self._theme.tokens, option.rect
        painter.save()
        painter.setFont(self._font)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.selection))
        middle = Qt.AlignmentFlag.AlignVCenter
        if index.column() == 0:
            spanning = spans(node)
            painter.setPen(QColor(value_color(node.look, tokens) if spanning else key_color(node, tokens)))
            text = f"▲ {node.text}" if spanning else node.key
            painter.drawText(rect, middle, self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width()))
        else:
            painter.setPen(QColor(value_color(node.look, tokens)))
            text = self._metrics.elidedText(node.text, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(rect, middle, text)
            left = self._metrics.horizontalAdvance(text + "  ")
            if node.note and left < rect.width():
                painter.setPen(QColor(tokens.dim))
                note = self._metrics.elidedText(node.note, Qt.TextElideMode.ElideRight, rect.width() - left)
                painter.drawText(rect.adjusted(left, 0, 0, 0), middle, note)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(_KEY_WIDTH, _ROW_HEIGHT)


def spans(node: Node) -> bool:
    """Whether a line is a remark, written over both columns."""
    return not node.key and node.look in (Look.WARNING, Look.BAD)


def key_color(node: Node, tokens: Tokens) -> str:
    """Fields in the accent; items and places, which are no names, in the text's colour."""
    if node.key.startswith("[") or node.key in ("x", "y", "z"):
        return tokens.text
    return tokens.dim if node.look is Look.DIM and node.form is None else tokens.accent


def value_color(look: Look, tokens: Tokens) -> str:
    """By type: text, number, word; and what is wrong."""
    return {
        Look.TEXT: tokens.text,
        Look.STRING: tokens.good,
        Look.NUMBER: tokens.warning,
        Look.WORD: tokens.accent,
        Look.DIM: tokens.dim,
        Look.WARNING: tokens.warning,
        Look.BAD: tokens.bad,
    }[look]


class PayloadTree(QTreeView):
    """`span_picked` tells of the bytes of a line the person went to."""

    span_picked = Signal(int, int)

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = PayloadModel(self)
        self._quiet = False
        self.setModel(self._model)
        self.setItemDelegate(PayloadDelegate(colors, self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(_INDENT)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("ground", "panel")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Fields of the payload")
        header = self.header()
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(48)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, _KEY_WIDTH)
        self.setColumnWidth(0, _KEY_WIDTH)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.expanded.connect(self._span_remarks)
        colors.changed.connect(self.viewport().update)

    @property
    def root(self) -> Node:
        return self._model.root

    def show_tree(self, root: Node) -> None:
        """Show another payload, its small maps and arrays opened."""
        self._quiet = True
        self._model.set_root(root)
        self._quiet = False
        children = root.children
        longest = max((len(child.key) for child in children if len(child.key) <= 24), default=0)
        advance = QFontMetrics(mono_font()).horizontalAdvance("0")
        self.setColumnWidth(0, max(_KEY_WIDTH, (longest + 2) * advance + _INDENT))
        self._span_remarks(_NOWHERE)
        if root.form is Form.ARRAY and len(children) > 1:
            return  # a batch: its events are opened one by one
        for child in children:
            if child.has_children and child.label.partition(" of ")[2] in _SMALL:
                self.setExpanded(self._model.index_of(child), True)

    def select_offset(self, offset: int) -> Node:
        """Go to the innermost line that holds a byte, without telling."""
        node = self._model.root.at(offset)
        self._quiet = True
        above = node.parent
        while above is not None:
            self.setExpanded(self._model.index_of(above), True)
            above = above.parent
        index = self._model.index_of(node)
        if index.isValid():
            select_index(self, index)
            self.scrollTo(index)
        self._quiet = False
        return node

    def current_offset(self) -> int | None:
        """The first byte of the line the person went to, None when there is none."""
        index = self.currentIndex()
        return self._model.node(index).span.start if index.isValid() else None

    def copied(self) -> str:
        """The current line: its value, or `key: value` where the value says little alone."""
        node = self._model.node(self.currentIndex())
        return f"{node.key}: {node.text}" if node.key else node.text

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.copied())
            return
        super().keyPressEvent(event)

    def _span_remarks(self, index: QModelIndex) -> None:
        for child in self._model.node(index).children:
            if spans(child):
                self.setFirstColumnSpanned(child.row, index, True)

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._quiet or not current.isValid():
            return
        span = self._model.node(current).span
        if span:
            self.span_picked.emit(span.start, span.end)


_SMALL = frozenset(str(count) for count in range(1, _OPENED_CHILDREN + 1))
