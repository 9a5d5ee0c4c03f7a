"""Puts a funnel together: its steps in order, and how they are counted."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.telemetry.funnel_definition import MAX_STEPS, FunnelDefinition, Step
from console.telemetry.funnels import NameFound
from console.ui.dialogs import plain_label
from console.ui.funnels.model import WITHIN_SECS, within_words
from console.ui.hover import plain_hover
from console.ui.icons import icon
from console.ui.style import heading_font
from console.ui.theme import Theme
from console.ui.widgets.formatting import plural, visible

WIDTH = 288
_STEP = Qt.ItemDataRole.UserRole
_LABEL_CHARS = 100
_BUTTON_WIDTH = 36


class _StepList(QListWidget):
    """Steps that are dragged into place or moved by Alt and arrows, renamed by F2 and removed by Delete."""

    removed = Signal()
    moved = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        elif by is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.moved.emit(by)
        else:
            super().keyPressEvent(event)


class FunnelEditor(QWidget):
    """`changed(FunnelDefinition)`: a person changed it. `order_wanted()`: put the steps into their usual order."""

    changed = Signal(object)
    order_wanted = Signal()

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = colors
        self._definition: FunnelDefinition | None = None
        self._names: list[NameFound] = []
        self.setFixedWidth(WIDTH)
        self.steps = _StepList()
        self.steps.setAccessibleName("Steps of the funnel, in order")
        self.steps.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.steps.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.steps.setToolTip(
            "Drag, or Alt+↑ and Alt+↓, to change the order; F2 renames a step here, Delete takes it out"
        )
        self.steps.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.steps.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.steps.model().rowsMoved.connect(lambda *_: self._take())
        self.steps.itemChanged.connect(self._renamed)
        self.steps.removed.connect(self._remove)
        self.steps.moved.connect(self._move)
        self.steps.currentRowChanged.connect(lambda _row: self._enable())
        self.add = QComboBox()
        self.add.setAccessibleName("Add a step")
        self.add.setToolTip("Add a funnel step or a gameplay event as the last step")
        self.add.activated.connect(self._add)
        self.up = self._button("chevron-up", "Earlier (Alt+↑)", lambda: self._move(-1))
        self.down = self._button("chevron-down", "Later (Alt+↓)", lambda: self._move(1))
        self.rename = self._button("edit", "Rename (F2)", self._rename)
        self.remove = self._button("trash", "Take out (Delete)", self._remove)
        self.usual = QPushButton("Usual order")
        self.usual.setToolTip("Put the steps into the order in which most sessions reached them first")
        self.usual.clicked.connect(self.order_wanted)
        self.per, self.within, self.strict = QComboBox(), QComboBox(), QCheckBox("No other step in between")
        self._set_up_counting()
        self._lay_out()

    def show_definition(self, definition: FunnelDefinition, names: Sequence[NameFound]) -> None:
        """Show a funnel, and what could be added to it. What is being edited stays."""
        if list(names) != self._names:
            self._names = list(names)
            self._fill_names()
        if definition == self._definition or self.steps.state() is QAbstractItemView.State.EditingState:
            return
        self._definition = definition
        row = self.steps.currentRow()
        with QSignalBlocker(self.steps):
            self.steps.clear()
            for step in definition.steps:
                self.steps.addItem(_item(step))
            self.steps.setCurrentRow(min(row, len(definition.steps) - 1))
        with QSignalBlocker(self.per), QSignalBlocker(self.within), QSignalBlocker(self.strict):
            self.per.setCurrentIndex(self.per.findData(definition.per))
            if self.within.findData(definition.within_secs) < 0:
                self.within.addItem(within_words(definition.within_secs), definition.within_secs)
            self.within.setCurrentIndex(self.within.findData(definition.within_secs))
            self.strict.setChecked(definition.strict)
        self._fill_names()
        self._enable()

    # set-up

    def _button(self, drawing: str, words: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton()
        button.setProperty("role", "quiet")
        button.setFixedWidth(_BUTTON_WIDTH)
        button.setIcon(icon(drawing, self._theme.tokens.dim, disabled=self._theme.tokens.faint))
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.clicked.connect(lambda: act())
        return button

    def _set_up_counting(self) -> None:
        self.per.setAccessibleName("What is counted")
        self.per.addItem("Per session", "session")
        self.per.addItem("Per player", "player")
        self.per.setToolTip("Per player: steps may be reached in different sessions of one player")
        self.within.setAccessibleName("Longest time between two steps")
        self.within.setToolTip("A step counts only when it came this soon after the step before")
        for secs in WITHIN_SECS:
            self.within.addItem(within_words(secs), secs)
        self.strict.setToolTip("A step counts only when no other step of this funnel came since the step before")
        self.per.activated.connect(lambda _index: self._take())
        self.within.activated.connect(lambda _index: self._take())
        self.strict.clicked.connect(lambda _on: self._take())

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(0)
        for button in (self.up, self.down, self.rename, self.remove):
            tools.addWidget(button)
        tools.addStretch(1)
        tools.addWidget(self.usual)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(_heading("Steps"))
        column.addWidget(self.steps, 1)
        column.addLayout(tools)
        column.addWidget(self.add)
        column.addSpacing(8)
        column.addWidget(_heading("Counting"))
        for part in (self.per, self.within, self.strict):
            column.addWidget(part)

    # a person's side

    def _steps(self) -> list[Step]:
        return [self.steps.item(row).data(_STEP) for row in range(self.steps.count())]

    def _take(self) -> None:
        steps = self._steps()
        if not steps:
            return
        self._definition = FunnelDefinition(
            steps=tuple(steps),
            per=self.per.currentData(),
            within_secs=self.within.currentData(),
            strict=self.strict.isChecked(),
        )
        self._fill_names()
        self._enable()
        self.changed.emit(self._definition)

    def _add(self, index: int) -> None:
        found = self.add.itemData(index)
        self.add.setCurrentIndex(0)
        if found is not None and self.steps.count() < MAX_STEPS:
            with QSignalBlocker(self.steps):
                self.steps.addItem(_item(Step(found[1], found[0])))
                self.steps.setCurrentRow(self.steps.count() - 1)
            self._take()

    def _move(self, by: int) -> None:
        row = self.steps.currentRow()
        if 0 <= row + by < self.steps.count():
            with QSignalBlocker(self.steps), QSignalBlocker(self.steps.model()):
                item = self.steps.takeItem(row)
            with QSignalBlocker(self.steps):
                self.steps.insertItem(row + by, item)
                self.steps.setCurrentRow(row + by)
            self._take()

    def _rename(self) -> None:
        item = self.steps.currentItem()
        if item is not None:
            self.steps.editItem(item)

    def _renamed(self, item: QListWidgetItem) -> None:
        step: Step = item.data(_STEP)
        label = item.text().strip()[:_LABEL_CHARS]
        label = "" if label == visible(step.name) else label
        with QSignalBlocker(self.steps):
            item.setData(_STEP, replace(step, label=label))
            item.setText(visible(label or step.name))
        self._take()

    def _remove(self) -> None:
        if self.steps.count() > 1 and self.steps.currentRow() >= 0:
            with QSignalBlocker(self.steps):
                self.steps.takeItem(self.steps.currentRow())
            self._take()

    def _enable(self) -> None:
        row, count = self.steps.currentRow(), self.steps.count()
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < count - 1)
        self.rename.setEnabled(row >= 0)
        self.remove.setEnabled(row >= 0 and count > 1)
        self.add.setEnabled(count < MAX_STEPS)

    def _fill_names(self) -> None:
        """What can be added: an open list stays as it is."""
        if self.add.view().isVisible():
            return
        taken = {(step.kind, step.name) for step in self._steps()}
        with QSignalBlocker(self.add):
            self.add.clear()
            self.add.addItem("Add a step …", None)
            for kind, words in (("funnel", "funnel step"), ("gameplay", "event")):
                for name in self._names:
                    if name.kind == kind and (name.kind, name.name) not in taken:
                        self.add.addItem(f"{visible(name.name, 40)} · {words}", (name.kind, name.name))
                        tip = f"{name.name}\n{plural(name.events, 'event')} in {plural(name.sessions, 'session')}"
                        self.add.setItemData(self.add.count() - 1, plain_hover(tip), Qt.ItemDataRole.ToolTipRole)


def _item(step: Step) -> QListWidgetItem:
    item = QListWidgetItem(visible(step.title))
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
    item.setData(_STEP, step)
    kind = "funnel step" if step.kind == "funnel" else "gameplay event"
    item.setToolTip(plain_hover(f"{step.name}\n{kind}"))
    return item


def _heading(text: str) -> QWidget:
    label = plain_label(text, "heading")
    label.setFont(heading_font())
    return label
