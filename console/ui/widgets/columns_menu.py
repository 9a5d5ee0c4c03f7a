"""Which columns a table shows, how wide and in which order: chosen by menu, remembered in the settings."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QPoint, QSettings, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHeaderView, QMenu

from console.ui.widgets.table_columns import TableColumn

_SAVE_DELAY_MS = 400


class ColumnsMenu(QObject):
    """Keeps a table's header as the person left it.

    A remembered state belongs to one set of columns: after an update that changes them the defaults return.
    """

    def __init__(
        self, header: QHeaderView, columns: Sequence[TableColumn[Any]], settings: QSettings, name: str
    ) -> None:
        super().__init__(header)
        self._header = header
        self._columns = tuple(columns)
        self._settings = settings
        self._state_key = f"tables/{name}/header"
        self._columns_key = f"tables/{name}/columns"
        self.menu = QMenu(header)
        self._actions: list[QAction] = []
        self._build()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_DELAY_MS)
        self._timer.timeout.connect(self.save)
        self._restore()
        header.sectionResized.connect(self._timer.start)
        header.sectionMoved.connect(self._timer.start)
        header.setContextMenuPolicy(header.contextMenuPolicy().CustomContextMenu)
        header.customContextMenuRequested.connect(self._pop_up)

    def reset(self) -> None:
        """The default columns, widths and order."""
        for i, column in enumerate(self._columns):
            self._header.moveSection(self._header.visualIndex(i), i)
            self._header.setSectionHidden(i, False)
            self._header.resizeSection(i, column.width)
        self._check()
        self._timer.start()

    def save(self) -> None:
        """Remember the header now."""
        self._timer.stop()
        self._settings.setValue(self._state_key, self._header.saveState())
        self._settings.setValue(self._columns_key, self._names)

    @property
    def _names(self) -> str:
        return " ".join(column.key for column in self._columns)

    def _build(self) -> None:
        for i, column in enumerate(self._columns):
            action = self.menu.addAction(column.title)
            action.setCheckable(True)
            action.toggled.connect(lambda on, section=i: self._show(section, on))
            self._actions.append(action)
        self.menu.addSeparator()
        self.menu.addAction("Reset columns").triggered.connect(self.reset)

    def _restore(self) -> None:
        state = self._settings.value(self._state_key)
        for i, column in enumerate(self._columns):
            self._header.resizeSection(i, column.width)
        if isinstance(state, QByteArray) and self._settings.value(self._columns_key) == self._names:
            self._header.restoreState(state)
        self._check()

    def _check(self) -> None:
        for i, action in enumerate(self._actions):
            action.setChecked(not self._header.isSectionHidden(i))

    def _show(self, section: int, on: bool) -> None:
        if not on and self._header.count() - self._header.hiddenSectionCount() <= 1:
            self._actions[section].setChecked(True)  # a table without columns could not be asked for them again
            return
        self._header.setSectionHidden(section, not on)
        self._timer.start()

    def _pop_up(self, place: QPoint) -> None:
        self.menu.popup(self._header.mapToGlobal(place))
