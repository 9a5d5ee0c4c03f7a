"""Which columns a table shows, how wide and in which order: chosen by menu, remembered in the settings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QSettings, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHeaderView, QMenu

from console.ui.widgets.column_fit import fit
from console.ui.widgets.table_columns import TableColumn

_SAVE_DELAY_MS = 400


class ColumnsMenu(QObject):
    """Fits a table's columns into its width until the person changes one, and keeps them as they are from then on.

    A remembered state belongs to one set of columns: after an update that changes them the defaults return.
    """

    def __init__(
        self, header: QHeaderView, columns: Sequence[TableColumn[Any]], settings: QSettings, name: str
    ) -> None:
        super().__init__(header)
        self._header = header
        self._columns = self._defaults = tuple(columns)
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
        self._fitted = True
        self._fitting = False
        self._restore()
        header.sectionResized.connect(self._resized)
        header.sectionMoved.connect(self._changed_by_person)
        header.installEventFilter(self)
        header.setContextMenuPolicy(header.contextMenuPolicy().CustomContextMenu)
        header.customContextMenuRequested.connect(self._pop_up)

    def reset(self) -> None:
        """The default columns and order, as wide as there is room."""
        for i in range(len(self._columns)):
            self._header.moveSection(self._header.visualIndex(i), i)
        self._timer.stop()
        self._settings.remove(self._state_key)
        self._fitted = True
        self._fit()

    def set_width(self, key: str, width: int | None) -> None:
        """Another width for a column, None for its own; where a person set widths, it is only made wider."""
        defaults = {column.key: column.width for column in self._defaults}
        wanted = defaults[key] if width is None else width
        self._columns = tuple(
            replace(column, width=wanted) if column.key == key else column for column in self._columns
        )
        section = next(i for i, column in enumerate(self._columns) if column.key == key)
        if self._fitted:
            self._fit()
        elif not self._header.isSectionHidden(section) and self._header.sectionSize(section) < wanted:
            self._fitting = True
            self._header.resizeSection(section, wanted)
            self._fitting = False

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
        if isinstance(state, QByteArray) and self._settings.value(self._columns_key) == self._names:
            self._fitted = not self._header.restoreState(state)
        self._fit()
        self._check()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        if not self._fitted or self._fitting:
            return
        self._fitting = True
        # Before a table is shown, its width is a placeholder.
        room = self._header.width() if self._header.isVisible() else sum(column.width for column in self._columns)
        for i, width in enumerate(fit(self._columns, room)):
            self._header.setSectionHidden(i, width == 0)
            if width:
                self._header.resizeSection(i, width)
        self._header.length()  # Qt lays sections out when it is next asked: now, and not as if a person had done it
        self._check()
        self._fitting = False

    def _resized(self, section: int, _before: int, _now: int) -> None:
        last = max(
            (i for i in range(len(self._columns)) if not self._header.isSectionHidden(i)), key=self._header.visualIndex
        )
        if section != last:  # which stretches by itself
            self._changed_by_person()

    def _changed_by_person(self, *_: object) -> None:
        if not self._fitting:
            self._fitted = False
            self._timer.start()

    def _check(self) -> None:
        fitting, self._fitting = self._fitting, True
        for i, action in enumerate(self._actions):
            action.setChecked(not self._header.isSectionHidden(i))
        self._fitting = fitting

    def _show(self, section: int, on: bool) -> None:
        if self._fitting:
            return
        if not on and self._header.count() - self._header.hiddenSectionCount() <= 1:
            self._actions[section].setChecked(True)  # a table without columns could not be asked for them again
            return
        self._changed_by_person()
        self._header.setSectionHidden(section, not on)

    def _pop_up(self, place: QPoint) -> None:
        self.menu.popup(self._header.mapToGlobal(place))
