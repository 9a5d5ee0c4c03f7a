"""The left dock: what is chosen here narrows every view."""

import time
from collections.abc import Iterable

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QIcon, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from console.messages import FeedRows
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.hover import plain_hover
from console.ui.icons import icon
from console.ui.selection import Scope
from console.ui.sessions_model import Activity, ApplicationLine, BuildLine, SessionLine, arrange, session_lines
from console.ui.style import mono_font, ui_font
from console.ui.widgets.formatting import plural, visible

REFRESH_MS = 2_000
SOON_MS = 400
_OPEN_BUILDS = 3  # the newest, open at first: with many, a person looks for one by its name
_KEY = Qt.ItemDataRole.UserRole
_LINE = Qt.ItemDataRole.UserRole + 1

Key = tuple[str, ...]


class SessionTree(QTreeWidget):
    """A click on nothing, or Escape, chooses nothing: then everything is shown."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.itemAt(event.position().toPoint()) is None:
            self.clearSelection()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.selectedItems():
            self.clearSelection()
            return
        super().keyPressEvent(event)


class SessionsDock(QFrame):
    """Asks for the list at most every two seconds while events arrive and somebody looks, and updates rows in place."""

    def __init__(self, context: ViewContext) -> None:
        super().__init__()
        self._context = context
        self._activity = Activity()
        self._live: frozenset[str] = frozenset()
        self._dots: dict[bool, QIcon] = {}  # drawn once for all rows, not once each
        self._items: dict[Key, QTreeWidgetItem] = {}
        self._stale = False
        self._asking = False
        self._choosing = False
        self._chosen_elsewhere: Scope | None = None  # the scope, when rows listed here cannot say it
        self.setProperty("role", "panel")
        self.tree = SessionTree()
        self._set_up_tree()
        self.hint = plain_label("Sessions appear here as soon as a game sends its first event.", "dim")
        self.hint.setContentsMargins(12, 4, 12, 4)
        self.show_all = QPushButton("Show all sessions")
        self.show_all.setProperty("role", "quiet")
        self.show_all.clicked.connect(lambda: context.selection.set_scope(Scope()))
        self.show_all.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(0)
        layout.addWidget(self.hint)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.show_all)
        self.setFocusProxy(self.tree)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        self._pulse = QTimer(self)
        self._pulse.setInterval(1_000)
        self._pulse.timeout.connect(self._show_live)
        self._pulse.start()
        context.feed.connected.connect(lambda _hello: self.refresh())
        context.feed.rows_arrived.connect(self._on_rows)
        context.feed.changed.connect(self._on_changed)
        context.selection.scope_changed.connect(self._on_scope)
        context.theme.changed.connect(self._repaint_all)
        if context.feed.hello is not None:
            self.refresh()

    def refresh(self) -> None:
        """Ask the server now, unless an answer is on its way; once the dock is shown when it is closed."""
        if self._asking or not self.isVisible():
            self._stale = True
            return
        self._asking, self._stale = True, False
        self._context.tasks.start(self._refresh(), "Listing the sessions", on_error=lambda _error: None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale and self._context.feed.hello is not None:
            self.refresh()

    async def _refresh(self) -> None:
        try:
            applications = await self._context.client.applications()
            answer = await self._context.client.query("sessions")
        finally:
            self._asking = False
        self.show_lines(arrange(applications, session_lines(answer)))
        if self._stale:
            self._refresh_within(REFRESH_MS)

    def show_lines(self, applications: list[ApplicationLine]) -> None:
        """Bring the tree to these lines: selection, scroll position and what is open stay."""
        self._choosing = True
        self.tree.setUpdatesEnabled(False)
        before = set(self._items)
        wanted: set[Key] = set()
        for row, application in enumerate(applications):
            top = self._place((application.app_id,), None, row, wanted)
            self._fill_application(top, application)
            for number, build in enumerate(application.builds):
                item = self._place((application.app_id, build.build_id), top, number, wanted)
                self._fill_build(item, build)
                for index, session in enumerate(build.sessions):
                    session_key = (application.app_id, build.build_id, session.session_id)
                    self._fill_session(self._place(session_key, item, index, wanted), session)
        for key in sorted(before - wanted, key=len, reverse=True):
            self._remove(key)
        self.tree.setUpdatesEnabled(True)
        self._choosing = False
        self.hint.setVisible(not any(application.builds for application in applications))
        if self._chosen_elsewhere is not None:
            self._on_scope(self._chosen_elsewhere)  # more of it may be listed now
        else:
            self._scope_from_tree()

    # rows

    def _set_up_tree(self) -> None:
        tree = self.tree
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setAccessibleName("Sessions")
        tree.setProperty("ground", "panel")
        tree.setIndentation(12)
        tree.setUniformRowHeights(True)
        tree.setRootIsDecorated(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(1, 66)
        tree.itemSelectionChanged.connect(self._scope_from_tree)

    def _place(self, key: Key, parent: QTreeWidgetItem | None, row: int, wanted: set[Key]) -> QTreeWidgetItem:
        """The item of a key at this row of its parent, made or moved when needed."""
        wanted.add(key)
        root = parent if parent is not None else self.tree.invisibleRootItem()
        item = self._items.get(key)
        if item is None:
            item = self._items[key] = QTreeWidgetItem()
            item.setData(0, _KEY, key)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setFont(1, mono_font(11))
            root.insertChild(row, item)
            item.setExpanded(len(key) == 1 or (len(key) == 2 and row < _OPEN_BUILDS))
        elif root.child(row) is not item:
            opened, selected = item.isExpanded(), item.isSelected()
            root.takeChild(root.indexOfChild(item))
            root.insertChild(row, item)
            item.setExpanded(opened)
            item.setSelected(selected)
        return item

    def _remove(self, key: Key) -> None:
        item = self._items.pop(key)
        parent = item.parent() or self.tree.invisibleRootItem()
        parent.removeChild(item)

    def _fill_application(self, item: QTreeWidgetItem, line: ApplicationLine) -> None:
        _set(item, visible(line.name), line.environment, f"{line.name}\n{line.app_id}")
        item.setFont(0, ui_font(weight=QFont.Weight.Medium))
        item.setForeground(1, QColor(self._context.theme.tokens.dim))

    def _fill_build(self, item: QTreeWidgetItem, line: BuildLine) -> None:
        hidden = line.total - len(line.sessions)
        more = f"\nThe newest {len(line.sessions):,} are listed" if hidden else ""
        _set(item, visible(line.build_id), f"{line.total:,}", f"{line.build_id}\n{plural(line.total, 'session')}{more}")
        item.setForeground(1, QColor(self._context.theme.tokens.dim))

    def _fill_session(self, item: QTreeWidgetItem, line: SessionLine) -> None:
        item.setData(0, _LINE, line)
        fps = "" if line.fps is None else f"{line.fps:.0f} fps"
        _set(
            item,
            visible(line.player_id),
            fps,
            f"Player {line.player_id}\nSession {line.session_id}\nLevel {line.level_id or 'unknown'}\n"
            f"{plural(line.events, 'event')}",
        )
        item.setForeground(1, QColor(self._context.theme.tokens.dim))
        self._show_dot(item, line.session_id in self._live)

    def _show_dot(self, item: QTreeWidgetItem, live: bool) -> None:
        if item.data(0, _LINE + 1) is not live:
            item.setData(0, _LINE + 1, live)
            item.setIcon(0, self._dot(live))
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, item.text(0) + (", live" if live else ", idle"))

    def _dot(self, live: bool) -> QIcon:
        if live not in self._dots:
            tokens = self._context.theme.tokens
            self._dots[live] = icon("dot" if live else "dot-idle", tokens.good if live else tokens.faint)
        return self._dots[live]

    def _show_live(self) -> None:
        live = self._activity.live(time.monotonic())
        changed, self._live = live ^ self._live, live
        if changed:
            for key, item in self._items.items():
                if len(key) == 3 and key[2] in changed:
                    self._show_dot(item, key[2] in live)

    def _repaint_all(self) -> None:
        self._dots.clear()
        dim = QColor(self._context.theme.tokens.dim)
        for key, item in self._items.items():
            item.setForeground(1, dim)
            if len(key) == 3:
                item.setIcon(0, self._dot(key[2] in self._live))

    # events

    def _on_rows(self, rows: FeedRows) -> None:
        if rows.events:
            woke = self._activity.note(rows.events, time.monotonic())
            self._refresh_within(SOON_MS if woke else REFRESH_MS)
            if woke:
                self._show_live()

    def _on_changed(self, topic: str) -> None:
        if topic == "applications":
            self.refresh()

    def _refresh_within(self, ms: int) -> None:
        if not self._timer.isActive() or self._timer.remainingTime() > ms:
            self._timer.start(ms)

    # selection

    def _scope_from_tree(self) -> None:
        if self._choosing:
            return
        self._choosing = True
        self._context.selection.set_scope(scope_of([item.data(0, _KEY) for item in self.tree.selectedItems()]))
        self._choosing = False
        self.show_all.setVisible(self._context.selection.scope != Scope())

    def _on_scope(self, scope: Scope) -> None:
        """Another part of the window changed the scope: select the same here."""
        self.show_all.setVisible(scope != Scope())
        self._chosen_elsewhere = None
        if self._choosing:
            return
        self._choosing = True
        self.tree.clearSelection()
        chosen = keys_of(scope, self._items.keys())
        if scope_of(chosen) != scope:
            self._chosen_elsewhere = scope
        for key in chosen:
            self._items[key].setSelected(True)
            self.tree.selectionModel().setCurrentIndex(
                self.tree.indexFromItem(self._items[key]), QItemSelectionModel.SelectionFlag.NoUpdate
            )
        self._choosing = False


def scope_of(keys: list[Key]) -> Scope:
    """What chosen rows stand for. Of mixed levels, sessions win, then builds."""
    sessions = [key for key in keys if len(key) == 3]
    if sessions:
        apps, builds = {key[0] for key in sessions}, {key[:2] for key in sessions}
        return Scope(
            app_id=apps.pop() if len(apps) == 1 else None,
            build_id=builds.pop()[1] if len(builds) == 1 else None,
            sessions=frozenset((key[0], key[2]) for key in sessions),
        )
    builds = {key for key in keys if len(key) == 2}
    if len(builds) == 1:
        app_id, build_id = builds.pop()
        return Scope(app_id=app_id, build_id=build_id)
    apps = {key[0] for key in keys}
    return Scope(app_id=apps.pop()) if len(apps) == 1 else Scope()


def keys_of(scope: Scope, known: Iterable[Key]) -> list[Key]:
    """The rows that stand for a scope, as far as they are listed."""
    keys = list(known)
    if scope.sessions is not None:
        return [key for key in keys if len(key) == 3 and (key[0], key[2]) in scope.sessions and _within(key, scope)]
    if scope.build_id is not None:
        return [key for key in keys if len(key) == 2 and key[1] == scope.build_id and _within(key, scope)]
    return [key for key in keys if len(key) == 1 and key[0] == scope.app_id]


def _within(key: Key, scope: Scope) -> bool:
    return (scope.app_id is None or key[0] == scope.app_id) and (scope.build_id is None or key[1] == scope.build_id)


def _set(item: QTreeWidgetItem, name: str, value: str, hover: str) -> None:
    if item.text(0) != name:
        item.setText(0, name)
    if item.text(1) != value:
        item.setText(1, value)
    item.setToolTip(0, plain_hover(hover))
