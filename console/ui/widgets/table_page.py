"""A filter bar over a table of live rows: what the live view and the requests view have in common."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QMenu, QStackedLayout, QVBoxLayout, QWidget

from console.ui.context import Action, ViewContext
from console.ui.selection import Picked, Scope
from console.ui.widgets.columns_menu import ColumnsMenu
from console.ui.widgets.filter_bar import FilterBar
from console.ui.widgets.nothing_found import NothingFound
from console.ui.widgets.row_store import RowStore
from console.ui.widgets.row_table import RowTable
from console.ui.widgets.row_table_model import RowTableModel
from console.ui.widgets.table_columns import RowCells, Tone
from console.ui.widgets.text_filter import compile_filter

R = TypeVar("R")

_TYPING_PAUSE_MS = 120


class TablePage(QWidget, Generic[R]):
    """Rows go in by `add`; freeze, clear, filter and scope act here and nowhere else.

    `empty` is shown until the first row. `picked` carries a row or None; `filter_cleared` asks a view to end a
    narrowing of its own too.
    """

    picked = Signal(object)
    missing_wanted = Signal()
    filter_cleared = Signal()

    def __init__(
        self,
        context: ViewContext,
        name: str,
        *,
        store: RowStore[R],
        cells: RowCells[R],
        key_of: Callable[[R], int],
        admits: Callable[[Scope, R], bool],
        key_of_picked: Callable[[Picked], int | None],
        empty: QWidget,
        bar_of: Callable[[R], Tone | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._cells = cells
        self._admits = admits
        self._key_of_picked = key_of_picked
        self._extra: Callable[[R], bool] | None = None
        self._actions_of: Callable[[R], Sequence[Action]] = lambda _row: ()
        self._recorded = 0
        self.store = store
        self.bar = FilterBar(context.theme, name)
        self.table = RowTable(RowTableModel(store, cells, self), context.theme, key_of=key_of, bar_of=bar_of)
        self.table.setAccessibleName(f"{name.capitalize()}s")
        self.columns = ColumnsMenu(self.table.horizontalHeader(), cells.columns, context.settings, f"{name}s")
        self.bar.columns.setMenu(self.columns.menu)
        self._nothing = NothingFound(name, self.table.viewport())
        self._nothing.cleared.connect(self.bar.field.clear)
        self._nothing.cleared.connect(self.filter_cleared)
        self._empty = empty
        self._pages = QStackedLayout()
        self._pages.addWidget(empty)
        self._pages.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addLayout(self._pages, 1)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)
        self._typing.timeout.connect(self.apply_filter)
        self._older = QTimer(self)
        self._older.setInterval(0)
        self._older.timeout.connect(self._look_further)
        self.bar.filter_changed.connect(self._typed)
        self.bar.freeze_toggled.connect(self.set_frozen)
        self.bar.clear_wanted.connect(self.clear)
        self.bar.missing_wanted.connect(self.missing_wanted)
        self.bar.left.connect(self.table.setFocus)
        self.table.picked.connect(self.picked)
        self.table.thaw_wanted.connect(self._thaw)
        self.table.menu_wanted.connect(self._show_menu)
        context.selection.scope_changed.connect(self.apply_filter)
        context.selection.picked_changed.connect(self._picked_anywhere)
        self.setFocusProxy(self.table)
        self.apply_filter()

    # rows

    def add(self, rows: Sequence[R], skipped: int = 0) -> None:
        """Take rows in and count those that did not come."""
        if skipped:
            self.store.skip(skipped)
        if rows:
            self.store.add(rows)
            if self.store.frozen:
                self.table.show_held(self.store.held)
        if rows or skipped:
            self._show_state()

    def fill_gaps(self, rows: Sequence[R]) -> None:
        """Take in recorded rows; those that come count no longer as missing."""
        before = self.store.total
        self.store.add(rows)
        self.store.skip(-min(self.store.skipped, self.store.total - before))
        self._show_state()

    def set_recorded(self, count: int) -> None:
        """How many rows the workspace holds in all."""
        if count != self._recorded:
            self._recorded = count
            self._show_state()

    # what menus call

    def set_frozen(self, on: bool) -> None:
        """Hold the table still. Rows that arrive are kept aside."""
        if on == self.store.frozen:
            return
        if on:
            self.store.freeze()
            self.table.show_held(0)
        else:
            self.table.pill.set_new(0)
            self.store.thaw()
        self.bar.freeze.setChecked(on)
        self._show_state()

    def clear(self) -> None:
        """Empty the table. Nothing that was recorded is lost."""
        self.table.unpick()
        self.store.clear()
        self.table.follow()
        if self.store.frozen:
            self.table.show_held(0)
        self._show_state()

    def focus_filter(self) -> None:
        """Let the person type a filter."""
        self.bar.focus_filter()

    def set_extra(self, predicate: Callable[[R], bool] | None) -> None:
        """A narrowing of the view's own, besides scope and text."""
        self._extra = predicate
        self.apply_filter()

    def set_actions(self, actions_of: Callable[[R], Sequence[Action]]) -> None:
        """What can be done with a row, in its menu."""
        self._actions_of = actions_of

    def menu_of(self, row: R) -> QMenu:
        """A menu of what can be done with a row; it is gone once it is closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, act in self._actions_of(row):
            menu.addAction(text).triggered.connect(lambda _checked=False, act=act: act())
        menu.addAction("Copy row\tCtrl+C").triggered.connect(self.table.copy_row)
        return menu

    def apply_filter(self, *_: object) -> None:
        """Show what scope, the view and the typed text let through."""
        self._typing.stop()
        self.store.set_filter(self._predicate())
        self._show_state()

    # ----------------------------------------------------------------------------------------------------------------

    def _predicate(self) -> Callable[[R], bool] | None:
        scope, admits = self._context.selection.scope, self._admits
        tests: list[Callable[[R], bool]] = []
        if scope != Scope():
            tests.append(lambda row: admits(scope, row))
        if self._extra is not None:
            tests.append(self._extra)
        words = compile_filter(self.bar.field.text(), self._cells.searchable)
        if words is not None:
            tests.append(words)  # last: the dearest
        if len(tests) < 2:
            return tests[0] if tests else None
        return lambda row: all(test(row) for test in tests)

    def _picked_anywhere(self, picked: Picked | None) -> None:
        self.table.mark(None if picked is None else self._key_of_picked(picked))

    def _typed(self, text: str) -> None:
        if text:
            self._typing.start()
        else:
            self.apply_filter()

    def _show_menu(self, row: R, place: QPoint) -> None:
        self.menu_of(row).popup(place)

    def _thaw(self) -> None:
        self.set_frozen(False)
        self.table.follow()

    def _look_further(self) -> None:
        self.store.examine_older()
        self._show_state()

    def _show_state(self) -> None:
        store = self.store
        looking = store.unexamined > 0
        if looking != self._older.isActive():
            self._older.start() if looking else self._older.stop()
        nothing_yet = not store.total and not store.held
        page = self._empty if nothing_yet and store.newest is None else self.table
        if self._pages.currentWidget() is not page:
            self._pages.setCurrentWidget(page)
        filtered = self.bar.field.text().strip() or self._extra is not None
        self._nothing.tell(
            shown=len(store), kept=store.total, looking=looking, filtered=bool(filtered), cleared=nothing_yet
        )
        self.bar.show_counts(
            shown=len(store),
            kept=store.total,
            recorded=self._recorded,
            narrowed=store.filtered,
            looking=looking,
        )
        self.bar.show_missing(store.skipped)
