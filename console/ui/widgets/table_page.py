"""A filter bar over a table of live rows: what the live view and the requests view have in common."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu, QStackedLayout, QVBoxLayout, QWidget

from console.telemetry.filters import Filter, parse
from console.ui.context import Action, ViewContext
from console.ui.selection import Picked, Scope
from console.ui.widgets.cell_menu import add_cell_actions
from console.ui.widgets.clock_rows import ClockRows, range_terms
from console.ui.widgets.columns_menu import ColumnsMenu
from console.ui.widgets.day_room import DayRoom
from console.ui.widgets.filter_bar import FilterBar
from console.ui.widgets.filter_completion import counted_values
from console.ui.widgets.filter_language import FilterLanguage
from console.ui.widgets.filter_note import FilterNote
from console.ui.widgets.filter_progress import FilterProgress
from console.ui.widgets.filter_source import FilterSource
from console.ui.widgets.filtered_rows import FilteredRows
from console.ui.widgets.nothing_found import NothingFound
from console.ui.widgets.row_store import RowStore
from console.ui.widgets.row_table import RowTable
from console.ui.widgets.row_table_model import RowTableModel
from console.ui.widgets.table_columns import RowCells, Tone

R = TypeVar("R")


class TablePage(QWidget, Generic[R]):
    """Rows go in by `add`; freeze, clear, filter and scope act here and nowhere else.

    With a filter the table shows what `results` has found; all rows go on to be gathered in `everything` meanwhile.
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
        make_store: Callable[[], RowStore[R]],
        source: FilterSource[R],
        cells: RowCells[R],
        key_of: Callable[[R], int],
        time_of: Callable[[R], int],
        admits: Callable[[Scope, R], bool],
        key_of_picked: Callable[[Picked], int | None],
        empty: QWidget,
        bar_of: Callable[[R], Tone | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._cells = cells
        self.key_of = key_of
        self._time_of = time_of
        self._admits = admits
        self._key_of_picked = key_of_picked
        self._extra: Callable[[R], bool] | None = None
        self._actions_of: Callable[[R], Sequence[Action]] = lambda _row: ()
        self._recorded = 0
        self._running = ""  # the text of the filter that `results` runs
        self._behind = False  # another one is to run once somebody looks
        self._source = source
        self.everything = make_store()
        self.results = FilteredRows(context, source, make_store, self)
        self.bar = FilterBar(context.theme, name)
        self._model = RowTableModel(self.everything, cells, self)
        self.table = RowTable(self._model, context.theme, key_of=key_of, bar_of=bar_of)
        self.table.setAccessibleName(f"{name.capitalize()}s")
        self.columns = ColumnsMenu(self.table.horizontalHeader(), cells.columns, context.settings, f"{name}s")
        self._day_room = DayRoom(self.table, self.columns, cells, time_of, "time")
        self.bar.columns.setMenu(self.columns.menu)
        self._nothing = NothingFound(name, self.table.viewport())
        self._empty = empty
        self._pages = QStackedLayout()
        self._lay_out()
        note = FilterNote(context.theme, self.table.horizontalHeader(), self)
        self.language = FilterLanguage(self.bar, note, context, source.scope, self._known_values, self)
        progress = FilterNote(context.theme, self.table.horizontalHeader(), self)
        self._progress = FilterProgress(self.results, progress, name)
        self._older = QTimer(self)
        self._older.setInterval(0)
        self._older.timeout.connect(self._look_further)
        self.clock_rows = ClockRows(self.table, self.bar, context.clock, context.theme, time_of, key_of)
        self._connect()
        self.setFocusProxy(self.table)
        self.apply_filter()

    def _lay_out(self) -> None:
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addLayout(self._pages, 1)

    def _connect(self) -> None:
        context = self._context
        self._nothing.cleared.connect(self.bar.field.clear)
        self._nothing.cleared.connect(self.filter_cleared)
        self.language.changed.connect(self.apply_filter)
        self.results.changed.connect(self._show_state)
        self.results.replaced.connect(self._show_store)
        self.bar.freeze_toggled.connect(self.set_frozen)
        self.bar.clear_wanted.connect(self.clear)
        self.bar.missing_wanted.connect(self._load_missing)
        self.bar.left.connect(self.table.setFocus)
        self.table.picked.connect(self.picked)
        self.table.thaw_wanted.connect(self._thaw)
        self.table.menu_wanted.connect(self._show_menu)
        self.filter_cleared.connect(lambda: context.clock.set_range(None))
        context.clock.range_changed.connect(self._narrow)
        context.selection.scope_changed.connect(self._narrow)
        context.selection.picked_changed.connect(self._picked_anywhere)

    # rows

    @property
    def store(self) -> RowStore[R]:
        """The rows that the table shows."""
        return self._model.store

    def add(self, rows: Sequence[R], skipped: int = 0) -> None:
        """Take rows in and count those that did not come."""
        if skipped:
            self.everything.skip(skipped)
        newest = self.everything.newest
        if rows:
            self.everything.add(rows)
        if self.results.on and (rows or skipped):
            self.results.take([row for row in rows if newest is None or self.key_of(row) > newest], skipped)
        if rows or skipped:
            self._show_state()

    def fill_gaps(self, rows: Sequence[R]) -> None:
        """Take in recorded rows; those that come count no longer as missing."""
        before = self.everything.total
        self.everything.add(rows)
        self.everything.skip(-min(self.everything.skipped, self.everything.total - before))
        self._show_state()

    def set_recorded(self, count: int) -> None:
        """How many rows the workspace holds in all."""
        if count != self._recorded:
            self._recorded = count
            self._show_state()

    # what menus call

    def set_frozen(self, on: bool) -> None:
        """Hold the table still. Rows that arrive are kept aside."""
        if on == self.everything.frozen:
            return
        if on:
            self.everything.freeze()
            self.results.set_frozen(True)
            self.table.show_held(0)
        else:
            self.table.pill.set_new(0)
            self.everything.thaw()
            self.results.set_frozen(False)
        self.bar.freeze.setChecked(on)
        self._show_state()

    def clear(self) -> None:
        """Empty the table. Nothing that was recorded is lost."""
        self.table.unpick()
        self.everything.clear()
        self.results.clear()
        self.table.follow()
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

    def menu_of(self, row: R, column: int = -1) -> QMenu:
        """A menu of what can be done with a row, and with one of its cells; it is gone once it is closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if column >= 0:
            terms = self._source.cell_terms(row, self._cells.columns[column].key)
            add_cell_actions(menu, terms, self.language, self._source.scope)
        for text, act in self._actions_of(row):
            menu.addAction(text).triggered.connect(lambda _checked=False, act=act: act())
        menu.addAction("Copy row\tCtrl+C").triggered.connect(self.table.copy_row)
        return menu

    def catch_up(self) -> None:
        """Ask for what the table is to show, if that became another question while nobody looked."""
        if self._behind:
            self.apply_filter()

    def apply_filter(self, *_: object) -> None:
        """Show what scope, the view and the filter let through."""
        self._behind = False
        wanted = self._wanted()
        if wanted.is_empty:
            self._running = ""
            self.results.stop()
        elif wanted.text != self._running:
            self._running = wanted.text
            self.results.start(wanted, frozen=self.everything.frozen)
        self._show_store()

    def filter_anew(self) -> None:
        """Run the filter once more: what it asks for has changed, as bookmarks do."""
        self._running = ""
        self.apply_filter()

    # ----------------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.catch_up()

    def _narrow(self, *_: object) -> None:
        """Scope or range are others: at once where that asks nothing, else when somebody looks."""
        wanted = self._wanted()
        if wanted.is_empty or wanted.text == self._running or self.isVisible():
            self.apply_filter()
        else:
            self._behind = True

    def _wanted(self) -> Filter:
        """The filter, narrowed to the scope and the clock's range where the whole can be asked for at once."""
        found = self.language.filter
        within = range_terms(self._context.clock.range)
        terms = self._source.terms_of(self._context.selection.scope)
        if not within and (found.is_empty or not terms):
            return found
        text = "" if found.is_empty else f"({found.text})"
        narrowed = parse(" ".join(filter(None, (text, terms, within))), self._source.scope)
        return narrowed if isinstance(narrowed, Filter) else found

    def _known_values(self, field: str, prefix: str) -> Sequence[tuple[str, int]] | None:
        value_of = self._source.value_of(field)
        return None if value_of is None else counted_values(reversed(self.everything.rows()), value_of, prefix)

    def _show_store(self) -> None:
        """Have the table show all rows, or those found; each passes the scope and the view."""
        wanted = self.results.store if self.results.on else self.everything
        if self.results.pending:
            wanted = self._model.store
        predicate = self._predicate()
        if wanted is not self._model.store:
            wanted.set_filter(predicate)
            self._model.show_store(wanted)
        else:
            wanted.set_filter(predicate)
        self._show_state()

    def _predicate(self) -> Callable[[R], bool] | None:
        scope, admits, extra = self._context.selection.scope, self._admits, self._extra
        chosen, time_of = self._context.clock.range, self._time_of
        if chosen is not None:
            return lambda row: chosen.holds(time_of(row)) and admits(scope, row) and (extra is None or extra(row))
        if scope == Scope():
            return extra
        if extra is None:
            return lambda row: admits(scope, row)
        return lambda row: admits(scope, row) and extra(row)

    def _load_missing(self) -> None:
        if self.results.on:
            self.results.look_again()
        else:
            self.missing_wanted.emit()

    def _picked_anywhere(self, picked: Picked | None) -> None:
        self.table.mark(None if picked is None else self._key_of_picked(picked))

    def _show_menu(self, row: R, place: QPoint, column: int) -> None:
        self.menu_of(row, column).popup(place)

    def _thaw(self) -> None:
        self.set_frozen(False)
        self.table.follow()

    def _look_further(self) -> None:
        self.store.examine_older()
        self._show_state()

    def _show_state(self) -> None:
        store = self.store
        unexamined = store.unexamined > 0
        if unexamined != self._older.isActive():
            self._older.start() if unexamined else self._older.stop()
        looking = unexamined or self.results.state == "looking"
        if store.frozen:
            self.table.show_held(store.held)
        filtered = self.results.on
        cleared = not store.total and not store.held and store.newest is not None
        page = self._empty if not filtered and not cleared and not store.total and not store.held else self.table
        if self._pages.currentWidget() is not page:
            self._pages.setCurrentWidget(page)
        self._nothing.tell(
            shown=len(store),
            kept=store.total,
            looking=looking,
            filtered=filtered or self._extra is not None,
            cleared=cleared,
        )
        if filtered and not self.results.pending:
            self.bar.show_found(
                shown=len(store), recorded=self._recorded, limited=self.results.limited, looking=looking
            )
        else:
            self.bar.show_counts(
                shown=len(store), kept=store.total, recorded=self._recorded, narrowed=store.filtered, looking=looking
            )
        self.bar.show_missing(store.skipped)
        self._progress.tell()
