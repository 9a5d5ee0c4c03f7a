"""The window around the views: tabs, docks, bars, memory, menus."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from console import messages as m
from console.ui import main_window as main_window_module
from console.ui.commands import Commands
from console.ui.context import ViewContext
from console.ui.demo import DemoPlaytest
from console.ui.dialogs import Dialog
from console.ui.export_dialog import ExportDialog
from console.ui.first_event_dialog import FirstEventDialog
from console.ui.live_feed import Connection
from console.ui.main_window import MainWindow
from console.ui.menus import Menus
from console.ui.navigation import Destination, EventsSubject, Subject
from console.ui.selection import Picked, Scope
from console.ui.upload_dialog import UploadDialog
from console.ui.views import VIEWS
from tests.ui.fakes import APP_ID, FakeClient, FakeMessages, make_status
from tests.ui.screen import show


class FakeView(QWidget):
    badge_changed = Signal(str)
    upload_wanted = Signal(list)
    demo_wanted = Signal()
    test_event_wanted = Signal()
    destination_wanted = Signal(object)

    def __init__(self, context: ViewContext) -> None:
        super().__init__()
        self.subjects: list[Subject] = []
        self.frozen: list[bool] = []
        self.cleared = 0
        self.filters_wanted = 0
        self.line = QLineEdit(self)

    def set_frozen(self, frozen: bool) -> None:
        self.frozen.append(frozen)

    def clear(self) -> None:
        self.cleared += 1

    def focus_filter(self) -> None:
        self.filters_wanted += 1

    def show_subject(self, subject: Subject) -> None:
        self.subjects.append(subject)


class FakeSupervisor:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    async def stop(self) -> None:
        self.calls.append("stop")

    async def restart(self) -> None:
        self.calls.append("restart")


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> None:
    specs = tuple(
        replace(spec, module="tests.ui.test_main_window", factory="FakeView", tools="", follow="") for spec in VIEWS
    )
    monkeypatch.setattr(main_window_module, "VIEWS", specs)


class Frame:
    """A window with its menus, around fake views."""

    def __init__(self, context: ViewContext, workspace: Path) -> None:
        self.context = context
        self.window = MainWindow(context.theme, context.settings)
        self.window.populate(context, QWidget(), QWidget())
        self.supervisor = FakeSupervisor()
        self.demo = DemoPlaytest(context.client, context.feed, context.messages)
        self.commands = Commands(self.window, context, self.supervisor, self.demo, workspace)  # type: ignore[arg-type]
        self.chosen: list[str] = []
        self.menus = Menus(self.window, context, self.commands, self.demo, "dark", self.chosen.append)

    def actions(self) -> list[QAction]:
        """Every action of the menus, also of their sub-menus."""
        found: list[QAction] = []
        menus = list(self.window.menus.values())
        while menus:
            for action in menus.pop().actions():
                submenu = action.menu()
                if isinstance(submenu, QMenu):
                    menus.append(submenu)
                elif not action.isSeparator():
                    found.append(action)
        return found

    def action(self, text: str) -> QAction:
        return {one.text().replace("&&", "\0").replace("&", "").replace("\0", "&"): one for one in self.actions()}[text]


@pytest.fixture
def frame(qtbot: QtBot, views: None, context: ViewContext, tmp_path: Path) -> Frame:
    made = Frame(context, tmp_path)
    qtbot.addWidget(made.window, before_close_func=lambda window: setattr(window, "_may_close", True))
    made.window.resize(1200, 800)
    show(made.window)
    return made


def connect(frame: Frame, **changes: Any) -> None:
    frame.context.feed.receive(m.FeedHello(last_seq=0, last_request_id=0, status=make_status(**changes)))


def opened(kind: type[Dialog]) -> Any:
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible())


def press(dialog: Dialog, label: str) -> None:
    next(button for button in dialog.findChildren(QPushButton) if button.text() == label).click()


# views and tabs


def test_menus_reach_players_and_flags_from_everywhere(frame: Frame) -> None:
    for text, view in (("Find a player …", "players"), ("Find a flag or segment …", "flags")):
        frame.window.show_view("live")
        frame.action(text).trigger()
        assert frame.window.current_name == view
        shown = frame.window.current_view
        assert isinstance(shown, FakeView)
        assert shown.filters_wanted == 1
    assert frame.action("7 Players").shortcut().toString() == "Ctrl+7"
    assert frame.action("8 Flags & segments").shortcut().toString() == "Ctrl+8"


def test_views_are_built_when_first_shown(frame: Frame, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: frame.window.view("requests") is not None)
    assert frame.window.view("level") is None
    frame.window.show_view("level")
    assert frame.window.view("level") is frame.window.current_view
    assert frame.window.stack.currentWidget() is frame.window.current_view


def test_a_view_leads_to_another_narrowed_and_with_its_subject(frame: Frame, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: frame.window.view("requests") is not None)
    subject = EventsSubject("player_01", frozenset({"player_01"}))
    scope = Scope(app_id=APP_ID)
    asking: Any = frame.window.view("requests")
    asking.destination_wanted.emit(Destination(view="performance", scope=scope, subject=subject))
    shown: Any = frame.window.current_view
    assert frame.window.current_name == "performance"
    assert frame.context.selection.scope == scope
    assert shown.subjects == [subject]
    asking.destination_wanted.emit(Destination(view="live"))
    assert frame.window.current_name == "live"
    assert frame.context.selection.scope == scope, "none was asked for"


@pytest.mark.expects_log
def test_a_view_that_cannot_be_built_leaves_the_others_alone(
    frame: Frame, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: FakeView, context: ViewContext) -> None:
        raise RuntimeError("no <b>OpenGL</b> here")

    monkeypatch.setattr(FakeView, "__init__", fail)
    frame.window.show_view("level")
    page = frame.window.current_view
    assert isinstance(page, QLabel)
    assert "RuntimeError: no <b>OpenGL</b> here" in page.text()
    assert page.textFormat() is Qt.TextFormat.PlainText
    frame.window.show_view("live")
    assert isinstance(frame.window.current_view, FakeView)


def test_a_badge_stands_beside_the_tab(frame: Frame) -> None:
    view = frame.window.view("live")
    assert isinstance(view, FakeView)
    view.badge_changed.emit("12")
    label = frame.window.tab_bar.tabButton(1, frame.window.tab_bar.ButtonPosition.RightSide)
    assert label is not None
    assert label.text() == "12"  # type: ignore[attr-defined]
    assert label.isVisible()
    view.badge_changed.emit("13")
    assert label.isVisible()
    view.badge_changed.emit("")
    assert not label.isVisible()


def test_freezing_holds_every_view_and_those_built_later(frame: Frame, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: frame.window.view("requests") is not None)
    frame.action("Freeze").trigger()
    assert frame.window.frozen
    assert frame.window.top_bar.freeze_button.isChecked()
    frame.window.show_view("performance")
    for name in ("live", "requests", "performance"):
        view = frame.window.view(name)  # type: ignore[arg-type]
        assert isinstance(view, FakeView)
        assert view.frozen == [True]
    frame.window.top_bar.freeze_button.click()
    assert not frame.action("Freeze").isChecked()


def test_menu_commands_reach_the_shown_view_only_where_they_mean_something(frame: Frame) -> None:
    assert frame.action("Clear view").isEnabled()
    assert not frame.action("Frame selection").isEnabled()
    frame.action("Clear view").trigger()
    view = frame.window.view("live")
    assert isinstance(view, FakeView)
    assert view.cleared == 1


def test_keys_step_through_the_views(frame: Frame) -> None:
    frame.window.show_view("overview")
    frame.action("Previous view").trigger()
    assert frame.window.current_name == "applications"
    frame.action("Next view").trigger()
    assert frame.window.current_name == "overview"
    frame.action("4 Level").trigger()
    assert frame.window.current_name == "level"
    assert frame.action("4 Level").isChecked()


def test_no_two_actions_share_a_shortcut(frame: Frame) -> None:
    keys = [a.shortcut().toString() for a in frame.actions() if not a.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))
    assert {"Ctrl+E", "Ctrl+L", "Ctrl+F", "F", "Ctrl+1", "Ctrl+5"} <= set(keys)


def test_escape_that_nobody_wants_closes_the_detail(frame: Frame, qtbot: QtBot) -> None:
    frame.context.selection.pick(Picked(request_id=1))
    qtbot.keyClick(frame.window, Qt.Key.Key_Escape)
    assert frame.context.selection.picked is None


def test_copy_goes_to_the_focused_widget(frame: Frame, qtbot: QtBot) -> None:
    view = frame.window.view("live")
    assert isinstance(view, FakeView)
    view.line.setText("copied text")
    view.line.selectAll()
    frame.window.activateWindow()
    view.line.setFocus()
    qtbot.waitUntil(view.line.hasFocus)
    frame.action("Copy\tCtrl+C").trigger()
    assert QGuiApplication.clipboard().text() == "copied text"


def test_the_inspector_is_out_of_the_way_where_nothing_can_be_picked(frame: Frame) -> None:
    dock = frame.window.inspector_dock
    frame.window.show_view("performance")
    assert dock.isHidden()
    frame.window.show_view("live")
    assert not dock.isHidden()
    frame.window.show_view("performance")
    dock.toggleViewAction().trigger()
    frame.window.show_view("requests")
    dock.toggleViewAction().trigger()
    assert dock.isHidden()
    frame.window.show_view("performance")
    assert not dock.isHidden(), "what the person chose for these views"
    frame.window.show_view("live")
    assert dock.isHidden()


def test_the_inspector_opens_beside_a_level_for_what_is_picked(frame: Frame, context: ViewContext) -> None:
    dock, room = frame.window.inspector_dock, frame.window._inspector_room
    frame.window.show_view("level")
    assert dock.isHidden()
    context.selection.pick(Picked(1))
    assert dock.isHidden(), "a double click finds the level where it was"
    room._soon.timeout.emit()
    assert not dock.isHidden()
    context.selection.pick(None)
    assert dock.isHidden()
    frame.window.show_view("live")
    assert not dock.isHidden()


# memory


def test_layout_is_remembered(frame: Frame, qtbot: QtBot, context: ViewContext) -> None:
    frame.window.show_view("requests")
    frame.window.inspector_dock.toggleViewAction().trigger()
    frame.window.remember()
    settings = QSettings(context.settings.fileName(), QSettings.Format.IniFormat)
    second = MainWindow(context.theme, settings)
    qtbot.addWidget(second, before_close_func=lambda window: setattr(window, "_may_close", True))
    second.restore((800, 600))
    assert second.current_name == "requests"
    assert second.inspector_dock.isHidden()
    assert not second.sessions_dock.isHidden()
    assert second.width() == 1200


def test_nonsense_in_the_settings_is_ignored(qtbot: QtBot, context: ViewContext, style: object) -> None:
    for name in ("geometry", "state", "view"):
        context.settings.setValue(f"window/{name}", "nonsense")
    window = MainWindow(context.theme, context.settings)
    qtbot.addWidget(window, before_close_func=lambda w: setattr(w, "_may_close", True))
    window.restore((900, 700))
    assert (window.width(), window.height()) == (900, 700)
    assert window.current_name == "live"


def test_closing_asks_the_session_first(frame: Frame, qtbot: QtBot) -> None:
    with qtbot.waitSignal(frame.window.close_asked):
        frame.window.close()
    assert frame.window.isVisible()
    frame.window.close_now()
    assert not frame.window.isVisible()


# connection


def test_bars_tell_what_the_server_does(frame: Frame) -> None:
    window = frame.window
    assert window.top_bar.state_button.text() == "Starting …"
    connect(frame)
    assert window.top_bar.state_button.text() == "Recording"
    assert window.status_bar._addresses.text() == "http://127.0.0.1:4000 · :18000"
    assert window.status_bar._rate.text() == "412 events/s"
    assert window.status_bar._rejected.property("tone") == "bad"
    assert window.status_bar._totals.text() == "1.24 M events · 318.0 MB · 214.0 GB free"
    frame.context.feed.set_connection(Connection.RESTARTING, "why")
    assert window.top_bar.state_button.text() == "Restarting …"
    assert window.top_bar.state_button.toolTip() == "why"
    assert window.status_bar._rate.text() == ""
    frame.context.feed.set_connection(Connection.FAILED, "port taken")
    assert window.top_bar.state_button.text() == "Not recording"


def test_server_commands_are_enabled_as_they_make_sense(frame: Frame) -> None:
    def enabled() -> dict[str, bool]:
        return {text: frame.action(text).isEnabled() for text in ("Start", "Stop …", "Send a test event", "NDJSON …")}

    assert enabled() == {"Start": False, "Stop …": False, "Send a test event": False, "NDJSON …": False}
    connect(frame)
    assert enabled() == {"Start": False, "Stop …": True, "Send a test event": True, "NDJSON …": True}
    frame.context.feed.set_connection(Connection.STOPPED)
    assert enabled() == {"Start": True, "Stop …": False, "Send a test event": False, "NDJSON …": False}
    frame.action("Start").trigger()
    assert frame.supervisor.calls == ["start"]


def test_stopping_asks_first(frame: Frame) -> None:
    connect(frame)
    frame.action("Stop …").trigger()
    assert frame.supervisor.calls == []
    press(opened(Dialog), "Stop the server")
    assert frame.supervisor.calls == ["stop"]


def test_the_endpoint_follows_the_chosen_application(frame: Frame) -> None:
    connect(frame)
    endpoint = frame.commands.endpoint
    assert endpoint is not None
    assert endpoint.events_url == "http://127.0.0.1:4000/api/events"
    frame.action("Copy address").trigger()
    assert QGuiApplication.clipboard().text() == "http://127.0.0.1:4000/api/events"
    frame.action("Copy public key").trigger()
    assert QGuiApplication.clipboard().text() == "pk_live_0123456789abcdefghijklmnopqrstuv"


def test_a_test_event_tells_its_answer(frame: Frame, client: FakeClient, messages: FakeMessages) -> None:
    connect(frame)
    frame.action("Send a test event").trigger()
    assert client.called("send_test_event") == [{"app_id": APP_ID}]
    assert messages.said[-1] == ("good", "A test event was sent to My Game and stored.")


# LAN


def test_lan_says_what_it_opens_before_it_opens_it(frame: Frame, client: FakeClient) -> None:
    connect(frame)
    client.settings_value = m.Settings(lan=True)
    action = frame.action("Open to the network (LAN) …")
    action.trigger()
    assert not action.isChecked()  # it shows what is, not what was asked
    dialog = opened(Dialog)
    assert "ports 4000, 18000" in dialog.text.text()
    assert not client.called("change_settings")
    press(dialog, "Open to the network")
    assert client.called("change_settings") == [{"changes": m.SettingsChanges(lan=True)}]
    connect(frame, lan=True)
    assert action.isChecked()
    assert frame.window.status_bar._lan.text() == "LAN on"
    action.trigger()
    assert client.called("change_settings")[-1] == {"changes": m.SettingsChanges(lan=False)}


# files


def drop(window: MainWindow, *paths: Path) -> QDropEvent:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)
    return event


def test_dropped_meshes_are_taken_and_other_files_are_not(frame: Frame, qtbot: QtBot, tmp_path: Path) -> None:
    mesh, text = tmp_path / "Arena.GLB", tmp_path / "notes.txt"
    for path in (mesh, text):
        path.write_bytes(b"x")
    wanted: list[list[Path]] = []
    frame.window.upload_wanted.connect(wanted.append)
    drop(frame.window, text)
    drop(frame.window, mesh, text)
    assert wanted == [[mesh]]


def test_uploading_asks_for_the_level_and_goes_on_with_the_next_file(
    frame: Frame, client: FakeClient, tmp_path: Path
) -> None:
    connect(frame)
    files = [tmp_path / "one.glb", tmp_path / "two.glb"]
    for path in files:
        path.write_bytes(b"glTF")
    frame.commands.upload_files(files)
    first = opened(UploadDialog)
    assert first.level.currentText() == "one"
    first.upload_button.click()
    second = opened(UploadDialog)
    assert second.level.currentText() == "two"
    second.reject()
    assert [call["file"] for call in client.called("upload_level_model")] == [files[0]]


def test_exporting_shows_progress(frame: Frame, client: FakeClient, tmp_path: Path) -> None:
    connect(frame)
    frame.context.selection.set_scope(Scope(app_id=APP_ID))
    done = m.Export(export_id="e", state="done", rows=5, rows_total=5, bytes=10, file=str(tmp_path / "x.ndjson"))
    client.export_states = [done]
    frame.commands.export_to(tmp_path / "x.ndjson")
    request = client.called("start_export")[0]["request"]
    assert request == m.StartExport(path=str(tmp_path / "x.ndjson"), app_id=APP_ID)
    assert not any(isinstance(w, ExportDialog) and w.isVisible() for w in QApplication.topLevelWidgets())


# help


def test_first_event_has_the_real_address_and_key(frame: Frame, messages: FakeMessages) -> None:
    frame.commands.first_event()
    assert messages.said[-1][0] == "warning"
    connect(frame)
    frame.commands.first_event()
    dialog = opened(FirstEventDialog)
    dialog.copy()
    text = QGuiApplication.clipboard().text()
    assert "http://127.0.0.1:4000/api/events" in text
    assert "pk_live_0123456789abcdefghijklmnopqrstuv" in text
    dialog.reject()


def test_about_lists_versions(frame: Frame) -> None:
    connect(frame)
    frame.action("About Playtest Console").trigger()
    dialog = opened(Dialog)
    assert dialog.windowTitle() == "Playtest Console"
    dialog.accept()


def test_theme_is_chosen_in_the_menu(frame: Frame) -> None:
    frame.action("Light").trigger()
    assert frame.chosen == ["light"]


def test_the_menus_bookmark_and_find_what_is_bookmarked(frame: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    mark, find = frame.action("Set or remove bookmark"), frame.action("Bookmarked only")
    assert mark.shortcut() == QKeySequence("Ctrl+M")
    assert not mark.isEnabled(), "a view without rows to bookmark"
    asked: list[str] = []
    for name in ("toggle_bookmark", "show_bookmarked"):
        monkeypatch.setattr(FakeView, name, lambda _view, name=name: asked.append(name), raising=False)
    frame.window.show_view("requests")
    mark.trigger()
    find.trigger()
    assert asked == ["toggle_bookmark", "show_bookmarked"]


def test_every_tab_is_seen_at_1280(frame: Frame) -> None:
    frame.window.restore((1280, 800))
    frame.window.set_badge("requests", "1.24 k")
    QApplication.processEvents()
    tabs = frame.window.tab_bar
    assert tabs.tabRect(tabs.count() - 1).right() <= frame.window.stack.width()
