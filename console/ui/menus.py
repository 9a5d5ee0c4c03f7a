"""The menu bar: titles, shortcuts, and what is enabled when. What they do is in `commands`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from console.ui.about_dialog import AboutDialog
from console.ui.applications.key_table import KeyTable
from console.ui.context import ViewContext
from console.ui.demo import DemoPlaytest
from console.ui.live_feed import Connection
from console.ui.options import ViewName
from console.ui.selection import Scope
from console.ui.settings import ThemeChoice
from console.ui.views import VIEWS

if TYPE_CHECKING:
    from console.messages import ServerStatus
    from console.ui.commands import Commands
    from console.ui.main_window import MainWindow

_THEMES: tuple[tuple[ThemeChoice, str], ...] = (("dark", "&Dark"), ("light", "&Light"), ("system", "Like the &system"))


class Menus:
    """Fills the menus of a window. Built once, after the first paint."""

    def __init__(
        self,
        window: "MainWindow",
        context: ViewContext,
        commands: "Commands",
        demo: DemoPlaytest,
        theme_choice: ThemeChoice,
        choose_theme: Callable[[ThemeChoice], None],
    ) -> None:
        self._window = window
        self._context = context
        self._commands = commands
        self._demo = demo
        file, edit, view, go, server, help_menu = window.menus.values()
        self._fill_file(file)
        self._fill_edit(edit)
        self._fill_view(view, theme_choice, choose_theme)
        self._fill_go(go)
        self._fill_server(server)
        self._fill_help(help_menu)
        window.top_bar.set_state_menu(server)
        window.view_changed.connect(self._view_changed)
        window.lan_shown.connect(self._show_lan)
        context.feed.connection_changed.connect(self._connection_changed)
        context.feed.status_changed.connect(lambda _status: self._show_lan())
        demo.changed.connect(self._demo_changed)
        self._connection_changed(context.feed.connection, "")
        self._view_changed(window.current_name)

    # one menu each

    def _fill_file(self, menu: QMenu) -> None:
        commands = self._commands
        self._new_application = self._add(menu, "&New application …", commands.new_application, "Ctrl+N")
        self._upload = self._add(menu, "&Upload level model …", commands.upload_level_model, "Ctrl+O")
        export = menu.addMenu("&Export")
        self._export = self._add(export, "&NDJSON …", commands.export_ndjson, "Ctrl+Shift+E")
        self._export_har = self._add(export, "&HTTP archive (HAR) of requests …", commands.export_har)
        self._report = self._add(export, "&Integration report …", commands.save_integration_report)
        menu.addSeparator()
        self._add(menu, "Open &workspace folder", commands.open_workspace)
        menu.addSeparator()
        self._add(menu, "&Quit", commands.quit, QKeySequence.StandardKey.Quit, fallback="Ctrl+Q")

    def _fill_edit(self, menu: QMenu) -> None:
        # Keys after a tab are only shown: the focused widget takes them itself.
        self._add(menu, "&Copy\tCtrl+C", _copy)
        menu.addSeparator()
        self._find = self._add(
            menu, "&Find …", lambda: self._window.ask_view("focus_filter"), QKeySequence.StandardKey.Find
        )
        menu.addSeparator()
        self._bookmark = self._add(
            menu, "Set or remove &bookmark", lambda: self._window.ask_view("toggle_bookmark"), "Ctrl+M"
        )
        menu.addSeparator()
        self._clear = self._add(menu, "C&lear view", lambda: self._window.ask_view("clear"), "Ctrl+L")

    def _fill_view(self, menu: QMenu, chosen: ThemeChoice, choose: Callable[[ThemeChoice], None]) -> None:
        group = QActionGroup(self._window)
        self._view_actions: dict[str, QAction] = {}
        for number, spec in enumerate(VIEWS, 1):
            action = self._add(
                menu,
                f"&{number} {spec.title.replace('&', '&&')}",
                lambda name=spec.name: self._window.show_view(name),
                f"Ctrl+{number}" if number < 10 else "",  # no keyboard has a tenth digit to spare
            )
            action.setCheckable(True)
            group.addAction(action)
            self._view_actions[spec.name] = action
        menu.addSeparator()
        for dock, text, key in (
            (self._window.sessions_dock, "&Sessions", "Ctrl+B"),
            (self._window.inspector_dock, "&Inspector", "Ctrl+I"),
            (self._window.timeline_dock, "Time&line", "Ctrl+Shift+T"),
        ):
            action = dock.toggleViewAction()
            action.setText(text)
            action.setShortcut(QKeySequence(key))
            menu.addAction(action)
        menu.addSeparator()
        self._freeze = self._add(menu, "F&reeze", self._window.set_frozen, "Ctrl+E")
        self._freeze.setCheckable(True)
        self._window.frozen_changed.connect(self._freeze.setChecked)
        menu.addSeparator()
        themes = menu.addMenu("&Theme")
        theme_group = QActionGroup(self._window)
        for choice, text in _THEMES:
            action = self._add(themes, text, lambda choice=choice: choose(choice))
            action.setCheckable(True)
            action.setChecked(choice == chosen)
            theme_group.addAction(action)
        self._add(menu, "F&ull screen", self._toggle_full_screen, "F11")

    def _fill_go(self, menu: QMenu) -> None:
        self._add(menu, "&Newest\tEnd", self._follow)
        self._add(menu, "Play or pa&use\tSpace", self._play_or_pause)
        self._add(menu, "Go to a ti&me …", self._ask_when, "Ctrl+G")
        self._add(menu, "Ran&ge from here\tI", lambda: self._mark_range("start"))
        self._add(menu, "Range &to here\tO", lambda: self._mark_range("end"))
        self._frame = self._add(menu, "&Frame selection", lambda: self._window.ask_view("frame_selection"), "F")
        self._bookmarked = self._add(menu, "&Bookmarked only", lambda: self._window.ask_view("show_bookmarked"))
        menu.addSeparator()
        self._player = self._add(menu, "&Player's profile", lambda: self._window.ask_view("open_player"), "Ctrl+P")
        self._add(menu, "Find a p&layer …", lambda: self._find_in("players"), "Ctrl+Shift+P")
        self._add(menu, "Find a fla&g or segment …", lambda: self._find_in("flags"), "Ctrl+Shift+F")
        menu.addSeparator()
        self._add(menu, "Ne&xt view", lambda: self._step_view(1), "Ctrl+PgDown")
        self._add(menu, "&Previous view", lambda: self._step_view(-1), "Ctrl+PgUp")
        menu.addSeparator()
        self._add(menu, "&Sessions", lambda: _focus(self._window.sessions_dock.widget()), "Alt+1")
        self._add(menu, "Shown &view", lambda: _focus(self._window.current_view), "Alt+2")
        self._add(menu, "&Inspector", lambda: _focus(self._window.inspector_dock.widget()), "Alt+3")
        menu.addSeparator()
        self._add(menu, "Show &all sessions", lambda: self._context.selection.set_scope(Scope()), "Ctrl+0")
        self._add(menu, "&Close detail\tEsc", self._close_detail)
        self._window.detail_closed.connect(self._close_detail)

    def _follow(self) -> None:
        """Back to the present, and to the newest row."""
        timeline = self._window.timeline
        (self._context.clock if timeline is None else timeline).follow()
        self._window.ask_view("follow")

    def _play_or_pause(self) -> None:
        if self._window.timeline is not None:
            self._window.timeline.toggle()

    def _mark_range(self, side: Literal["start", "end"]) -> None:
        timeline = self._window.timeline
        if timeline is not None:
            (timeline.mark_start if side == "start" else timeline.mark_end)()

    def _ask_when(self) -> None:
        if self._window.timeline is not None:
            self._window.timeline_dock.show()
            self._window.timeline.bar.ask_when()

    def _close_detail(self) -> None:
        """Close what is open: the detail, else the range of time."""
        if self._context.selection.picked is not None:
            self._context.selection.pick(None)
        elif self._window.timeline is not None:
            self._window.timeline.close_range()

    def _fill_server(self, menu: QMenu) -> None:
        commands = self._commands
        self._start = self._add(menu, "&Start", commands.start_server)
        self._stop = self._add(menu, "S&top …", commands.stop_server)
        self._restart = self._add(menu, "&Restart", commands.restart_server)
        menu.addSeparator()
        self._lan = self._add(menu, "Open to the &network (LAN) …", commands.set_lan)
        self._lan.setCheckable(True)
        menu.addSeparator()
        self._test_event = self._add(menu, "Send a test &event", commands.send_test_event, "Ctrl+T")
        self._demo_action = self._add(menu, "Start &demo playtest", commands.toggle_demo)
        self._faults = self._add(menu, "Fault in&jection …", commands.fault_injection)
        menu.addSeparator()
        self._add(menu, "&Copy address", commands.copy_address, "Ctrl+Shift+A")
        self._add(menu, "Copy public &key", commands.copy_public_key, "Ctrl+Shift+K")

    def _fill_help(self, menu: QMenu) -> None:
        commands = self._commands
        self._add(menu, "&First event: snippets …", commands.first_event, QKeySequence.StandardKey.HelpContents)
        self._add(menu, "&API documentation", commands.open_documentation)
        menu.addSeparator()
        self._add(menu, "Open &log folder", commands.open_logs)
        self._add(menu, "A&bout Playtest Console", self._about)

    def _add(
        self,
        menu: QMenu,
        text: str,
        act: Callable[..., object],
        key: str | QKeySequence.StandardKey | None = None,
        fallback: str = "",
    ) -> QAction:
        action = QAction(text, self._window)
        if key is not None:
            sequence = QKeySequence(key)
            action.setShortcut(QKeySequence(fallback) if sequence.isEmpty() and fallback else sequence)
        if act in (self._commands.set_lan, self._window.set_frozen):
            action.triggered.connect(lambda checked: act(checked))
        else:
            action.triggered.connect(lambda _checked=False: act())
        menu.addAction(action)
        return action

    # what is enabled

    def _connection_changed(self, connection: Connection, _reason: str) -> None:
        connected = connection is Connection.CONNECTED
        for action in (
            self._new_application,
            self._upload,
            self._export,
            self._export_har,
            self._report,
            self._restart,
            self._lan,
            self._test_event,
            self._demo_action,
            self._faults,
        ):
            action.setEnabled(connected)
        self._start.setEnabled(connection in (Connection.STOPPED, Connection.FAILED))
        self._stop.setEnabled(connection in (Connection.CONNECTED, Connection.RESTARTING))
        self._window.top_bar.export_button.setEnabled(connected)

    def _view_changed(self, name: str) -> None:
        self._view_actions[name].setChecked(True)
        for action, method in (
            (self._find, "focus_filter"),
            (self._clear, "clear"),
            (self._frame, "frame_selection"),
            (self._player, "open_player"),
            (self._bookmark, "toggle_bookmark"),
            (self._bookmarked, "show_bookmarked"),
        ):
            action.setEnabled(self._window.view_command(method) is not None)

    def _show_lan(self) -> None:
        status: ServerStatus | None = self._context.feed.status
        self._lan.setChecked(status is not None and status.lan)

    def _demo_changed(self, running: bool) -> None:
        self._demo_action.setText("Stop &demo playtest" if running else "Start &demo playtest")

    # small commands of the window itself

    def _find_in(self, name: ViewName) -> None:
        self._window.show_view(name)
        self._window.ask_view("focus_filter")

    def _step_view(self, step: int) -> None:
        names = [spec.name for spec in VIEWS]
        self._window.show_view(names[(names.index(self._window.current_name) + step) % len(names)])

    def _toggle_full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def _about(self) -> None:
        AboutDialog(self._window, self._context.feed.status).open()


def _copy() -> None:
    """Press Ctrl+C in the focused widget: each knows best what it copies."""
    widget = QApplication.focusWidget()
    if isinstance(widget, KeyTable):
        widget.copy()
    elif widget is not None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(widget, QKeyEvent(kind, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier))


def _focus(widget: QWidget | None) -> None:
    """Its `main_part`, if it has one: a focus proxy would have Tab skip all that stands beside the proxy."""
    if widget is not None:
        getattr(widget, "main_part", widget).setFocus(Qt.FocusReason.ShortcutFocusReason)
