"""The main window: tabs, docks, bars, and what is remembered of them. What menus do is in `commands`."""

import logging
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QTabBar,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from console.ui.context import ViewContext
from console.ui.faults.bar import FaultBar
from console.ui.inspector_room import InspectorRoom
from console.ui.message_bar import MessageBar
from console.ui.navigation import Destination
from console.ui.options import FIRST_VIEW, ViewName
from console.ui.status_bar import StatusBar
from console.ui.theme import Theme
from console.ui.top_bar import TopBar
from console.ui.views import VIEWS, ViewSpec
from console.ui.widgets.dropping import accept_copy
from console.ui.window_frame import (
    TAB_ROW_HEIGHT,
    DropHint,
    dock_heading,
    dock_widths,
    give_way,
    meshes_of,
    unavailable,
)

if TYPE_CHECKING:
    from console.ui.timeline.panel import Timeline

log = logging.getLogger(__name__)

MENU_TITLES = ("&File", "&Edit", "&View", "&Go", "&Server", "&Help")
_MIN_CENTRE = QSize(360, 240)
_TIMELINE_HEIGHT = 176
_STATE_VERSION = 1


class MainWindow(QMainWindow):
    """Shown before it has anything to show: `populate` brings the views after the first paint."""

    first_painted = Signal()
    close_asked = Signal()
    end_asked = Signal()
    upload_wanted = Signal(list)
    detail_closed = Signal()
    test_event_wanted = Signal()
    demo_wanted = Signal()
    view_changed = Signal(str)
    lan_shown = Signal()
    frozen_changed = Signal(bool)

    def __init__(self, theme: Theme, settings: QSettings) -> None:
        super().__init__()
        self._theme = theme
        self._settings = settings
        self._context: ViewContext | None = None
        self._views: dict[str, QWidget] = {}
        self._badges: dict[str, QLabel] = {}
        self._frozen = False
        self._painted = False
        self._may_close = False
        self.setWindowTitle("Playtest Console")
        self.setAcceptDrops(True)
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.menus: dict[str, QMenu] = {title: self.menuBar().addMenu(title) for title in MENU_TITLES}
        self.top_bar = TopBar(theme, self._copy)
        self._add_top_bar()
        self.tab_bar = QTabBar()
        self.stack = QStackedWidget()
        # Not the largest minimum of all views: the docks would jump from one view to the next.
        self.stack.setMinimumSize(_MIN_CENTRE)
        self.fault_bar = FaultBar(theme)
        self._centre = QWidget()
        self._add_centre()
        self.sessions_dock = self._add_dock("Sessions", Qt.DockWidgetArea.LeftDockWidgetArea, heading=True)
        self.inspector_dock = self._add_dock("Inspector", Qt.DockWidgetArea.RightDockWidgetArea, heading=False)
        self._inspector_room = InspectorRoom(self.inspector_dock, VIEWS[0], self)
        self._inspector_room.shown.connect(self._tell_inspected)
        self._room = QTimer(self)  # Qt lays docks out later
        self._room.setSingleShot(True)
        self._room.setInterval(0)
        self._room.timeout.connect(lambda: give_way(self, self._centre, self.sessions_dock, self.inspector_dock))
        self._inspector_room.shown.connect(self._room.start)
        self.timeline: Timeline | None = None
        self.timeline_dock = self._add_dock("Timeline", Qt.DockWidgetArea.BottomDockWidgetArea, heading=False)
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            self.setCorner(corner, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.status_bar = StatusBar(theme)
        self.setStatusBar(self.status_bar)
        self.messages = MessageBar(self._centre, theme, lambda: getattr(self.current_view, "footer_height", 0))
        self._drop_hint = DropHint(self._centre)
        self.top_bar.freeze_toggled.connect(self.set_frozen)
        # Else Qt gives it to the first button once the window is active, and Space opens the server's menu.
        self._centre.setFocus()

    # views

    @property
    def current_name(self) -> ViewName:
        return VIEWS[max(self.tab_bar.currentIndex(), 0)].name

    @property
    def current_view(self) -> QWidget | None:
        """The view that is shown; None until it was built."""
        return self._views.get(self.current_name)

    @property
    def frozen(self) -> bool:
        return self._frozen

    def populate(self, context: ViewContext, sessions: QWidget, inspector: QWidget) -> None:
        """Fill the painted frame: the docks and the shown view at once, the other early views soon after."""
        self._context = context
        self.sessions_dock.setWidget(sessions)
        inspector.setProperty("role", "panel")
        inspector.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.inspector_dock.setWidget(inspector)
        panel = import_module("console.ui.timeline.panel")  # with numpy: after the first paint
        self.timeline = panel.Timeline(context)
        self.timeline_dock.setWidget(self.timeline)
        if hasattr(inspector, "destination_wanted"):
            inspector.destination_wanted.connect(self.go_to)
        context.selection.picked_changed.connect(self._inspector_room.set_picked)
        context.feed.connection_changed.connect(self.top_bar.show_connection)
        context.feed.connection_changed.connect(self.status_bar.show_connection)
        context.feed.status_changed.connect(self.status_bar.show_status)
        context.feed.connection_changed.connect(self.fault_bar.show_connection)
        context.feed.status_changed.connect(self.fault_bar.show_status)
        self._show_current()
        QTimer.singleShot(0, self._build_early_views)

    def show_view(self, name: ViewName) -> None:
        """Bring a view to the front, building it when this is the first time."""
        self.tab_bar.setCurrentIndex(next(index for index, spec in enumerate(VIEWS) if spec.name == name))

    def go_to(self, destination: Destination) -> None:
        """Show a view, narrowed as asked, with the subject it was asked for."""
        if destination.scope is not None and self._context is not None:
            self._context.selection.set_scope(destination.scope)
        self.show_view(destination.view)
        show_subject = getattr(self.view(destination.view), "show_subject", None)
        if destination.subject is not None and show_subject is not None:
            show_subject(destination.subject)

    def view(self, name: ViewName) -> QWidget | None:
        """A view that was built already."""
        return self._views.get(name)

    def view_command(self, name: str) -> Callable[[], object] | None:
        """What a menu command means in the shown view; None when it means nothing there."""
        return VIEWS[max(self.tab_bar.currentIndex(), 0)].command_of(self.current_view, name)

    def ask_view(self, name: str) -> None:
        """Have the shown view do a menu command."""
        act = self.view_command(name)
        if act is not None:
            act()

    def set_frozen(self, frozen: bool) -> None:
        """Hold every view still, or let them go on."""
        if frozen == self._frozen:
            return
        self._frozen = frozen
        for view in self._views.values():
            _freeze(view, frozen)
        self.top_bar.show_frozen(frozen)
        self.frozen_changed.emit(frozen)

    def set_badge(self, name: str, text: str) -> None:
        """Text beside a tab's title, such as the number of rejected requests."""
        label = self._badges[name]
        if label.text() != text:
            label.setText(text)
            label.adjustSize()
            index = next(index for index, spec in enumerate(VIEWS) if spec.name == name)
            # A tab bar lays its buttons out anew only when one is set, and hides the one that was there.
            self.tab_bar.setTabButton(index, QTabBar.ButtonPosition.RightSide, label if text else None)
            label.setVisible(bool(text))

    # remembered

    def restore(self, size: tuple[int, int]) -> None:
        """Bring back geometry, docks and the last view; `size` holds for the first time."""
        geometry = self._settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(*size)
        state = self._settings.value("window/state")
        if not (isinstance(state, QByteArray) and self.restoreState(state, _STATE_VERSION)):
            docks = [self.sessions_dock, self.inspector_dock]
            self.resizeDocks(docks, list(dock_widths(self.width())), Qt.Orientation.Horizontal)
            self.resizeDocks([self.timeline_dock], [_TIMELINE_HEIGHT], Qt.Orientation.Vertical)
        self._inspector_room.restored()
        last = self._settings.value("window/view")
        if any(spec.name == last for spec in VIEWS):
            self.show_view(last)

    def remember(self) -> None:
        """Write down what `restore` brings back."""
        self._inspector_room.prepare_saving()
        self._settings.setValue("window/geometry", self.saveGeometry())
        self._settings.setValue("window/state", self.saveState(_STATE_VERSION))
        self._settings.setValue("window/view", self.current_name)
        self._settings.sync()

    def close_now(self) -> None:
        """Close without asking again."""
        self._may_close = True
        self.close()

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._room.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.close_asked.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if meshes_of(event):
            accept_copy(event)
            self._drop_hint.show_over(self._centre.rect().adjusted(24, TAB_ROW_HEIGHT + 24, -24, -24))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        meshes = meshes_of(event)
        if meshes:
            accept_copy(event)
            self.upload_wanted.emit(meshes)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:  # what no focused widget had a use for
            self.detail_closed.emit()
            return
        if self.timeline is not None and self.timeline.take_key(event):
            if event.key() == Qt.Key.Key_End:  # as the menu's command: also where the clock never left the present
                self.ask_view("follow")
            return
        super().keyPressEvent(event)

    # parts

    def _add_top_bar(self) -> None:
        bar = QToolBar("Top bar")
        bar.setObjectName("top-bar")
        bar.setMovable(False)
        bar.toggleViewAction().setEnabled(False)
        bar.addWidget(self.top_bar)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)

    def _add_centre(self) -> None:
        row = QFrame()
        row.setProperty("role", "tabrow")
        row.setFixedHeight(TAB_ROW_HEIGHT)
        row_layout = QHBoxLayout(row)
        row_layout.setContentsMargins(4, 0, 0, 1)  # the line under the tabs stays visible
        row_layout.addWidget(self.tab_bar)
        row_layout.addStretch(1)
        self.tab_bar.setExpanding(False)
        self.tab_bar.setDrawBase(False)
        self.tab_bar.setAccessibleName("Views")
        self.tab_bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for spec in VIEWS:
            self.tab_bar.setTabToolTip(self.tab_bar.addTab(spec.tab or spec.title), spec.title if spec.tab else "")
            badge = QLabel(self.tab_bar)
            badge.setProperty("role", "badge")
            badge.setTextFormat(Qt.TextFormat.PlainText)
            badge.setContentsMargins(0, 0, 10, 0)
            badge.hide()
            self._badges[spec.name] = badge
            self.stack.addWidget(QWidget())
        self.show_view(FIRST_VIEW)
        self.tab_bar.currentChanged.connect(self._show_current)
        layout = QVBoxLayout(self._centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.fault_bar)
        layout.addWidget(row)
        layout.addWidget(self.stack, 1)
        self.setCentralWidget(self._centre)

    def _add_dock(self, title: str, area: Qt.DockWidgetArea, *, heading: bool) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock-{title.lower()}")
        sides = Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea
        dock.setAllowedAreas(area if area is Qt.DockWidgetArea.BottomDockWidgetArea else sides)
        if not heading:
            dock.setTitleBarWidget(QWidget())
        else:
            dock.setTitleBarWidget(dock_heading(title))
        dock.setWidget(QWidget())
        self.addDockWidget(area, dock)
        return dock

    def _show_current(self) -> None:
        index = max(self.tab_bar.currentIndex(), 0)
        self.stack.setCurrentIndex(index)
        if self._context is not None:
            view = self._build(index)
            self.top_bar.show_tools(VIEWS[index].tools_of(view))
        self._inspector_room.turn_to(VIEWS[index])
        self.view_changed.emit(VIEWS[index].name)

    def _tell_inspected(self, shown: bool) -> None:
        set_inspected = getattr(self.current_view, "set_inspected", None)
        if set_inspected is not None:
            set_inspected(shown)

    def _build_early_views(self) -> None:
        for index, spec in enumerate(VIEWS):
            if spec.early:
                self._build(index)

    def _build(self, index: int) -> QWidget:
        spec = VIEWS[index]
        built = self._views.get(spec.name)
        if built is None:
            assert self._context is not None
            try:
                built = spec.build(self._context)
            except Exception as error:  # a missing OpenGL driver, say, must not take the other views along
                log.exception("the view %s could not be built", spec.name)
                built = unavailable(spec, error)
            self._views[spec.name] = built
            self._place(index, spec, built)
        return built

    def _place(self, index: int, spec: ViewSpec, view: QWidget) -> None:
        placeholder = self.stack.widget(index)
        self.stack.insertWidget(index, view)
        if placeholder is not None:
            self.stack.removeWidget(placeholder)
            placeholder.deleteLater()
        self.stack.setCurrentIndex(self.tab_bar.currentIndex())
        if hasattr(view, "badge_changed"):
            view.badge_changed.connect(lambda text, name=spec.name: self.set_badge(name, text))
        for name in ("test_event_wanted", "demo_wanted", "upload_wanted"):
            if hasattr(view, name):
                getattr(view, name).connect(getattr(self, name))
        if hasattr(view, "destination_wanted"):
            view.destination_wanted.connect(self.go_to)
        freeze_toggled = getattr(spec.tools_of(view), "freeze_toggled", None)
        if freeze_toggled is not None:
            freeze_toggled.connect(self.set_frozen)
        if self._frozen:
            _freeze(view, True)

    def _copy(self, text: str, what: str) -> None:
        QApplication.clipboard().setText(text)
        self.messages.say(f"{what} copied.", kind="good")


def _freeze(view: QWidget, frozen: bool) -> None:
    set_frozen: Callable[[bool], None] | None = getattr(view, "set_frozen", None)
    if set_frozen is not None:
        set_frozen(frozen)
