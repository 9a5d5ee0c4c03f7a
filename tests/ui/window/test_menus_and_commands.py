"""What menus do: server, network, files, help."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console import messages as m
from console.client import ConsoleUnavailable
from console.columns import encode_columns
from console.ui.dialogs import Dialog
from console.ui.export_dialog import ExportDialog
from console.ui.first_event_dialog import FirstEventDialog
from console.ui.live_feed import Connection
from console.ui.selection import Scope
from console.ui.upload_dialog import UploadDialog
from tests.ui.fakes import APP_ID, FakeClient, FakeMessages, make_application
from tests.ui.screen import opened, press
from tests.ui.window.frames import FakeView, Frame, connect, drop


def test_bars_tell_what_the_server_does(frame: Frame) -> None:
    window = frame.window
    assert window.top_bar.state_button.text() == "Starting …"
    connect(frame)
    assert window.top_bar.state_button.text() == "Recording"
    assert window.status_bar._addresses.text() == "http://127.0.0.1:4000 · :18000"
    assert window.status_bar._rate.text() == "412 events/s"
    assert window.status_bar._rejected.property("tone") == "bad"
    assert window.status_bar._totals.text() == "1.24 M events in all · 318.0 MB · 214.0 GB free"
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


def test_dropped_meshes_are_taken_and_other_files_are_not(frame: Frame, qtbot: QtBot, tmp_path: Path) -> None:
    mesh, text = tmp_path / "Arena.GLB", tmp_path / "notes.txt"
    for path in (mesh, text):
        path.write_bytes(b"x")
    wanted: list[list[Path]] = []
    frame.window.upload_wanted.connect(wanted.append)
    drop(frame.window, text)
    event = drop(frame.window, mesh, text)
    assert wanted == [[mesh]]
    assert event.dropAction() == Qt.DropAction.CopyAction, "who hears of a move may delete the file"


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


def test_a_model_is_offered_to_the_application_that_plays(
    frame: Frame, client: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.application_list = [make_application(app_id=name, name=name) for name in ("unused", "older", "newest")]
    client.queries["sessions"] = encode_columns({"app_id": ["newest"]})
    files = [tmp_path / "one.glb", tmp_path / "two.glb"]
    for path in files:
        path.write_bytes(b"glTF")
    connect(frame)

    def offered() -> str:
        frame.commands.upload_files(files)
        dialog = opened(UploadDialog)
        app_id = str(dialog.application.currentData())
        dialog.application.setCurrentIndex(1)
        dialog.upload_button.click()
        second = opened(UploadDialog)
        assert second.application.currentData() == "older", "what is dropped together is of one game"
        second.reject()
        return app_id

    assert offered() == "newest"
    assert {"name": "sessions", "limit": 1} in client.called("query")
    client.failures["query"] = ConsoleUnavailable("gone")
    assert offered() == "unused"
    frame.context.selection.set_scope(Scope(app_id="newest"))
    assert offered() == "newest"
    monkeypatch.setattr(type(frame.window), "current_view", SimpleNamespace(level_app_id="older"))
    assert offered() == "older", "of the level shown"


def test_exporting_shows_progress(frame: Frame, client: FakeClient, tmp_path: Path) -> None:
    connect(frame)
    frame.context.selection.set_scope(Scope(app_id=APP_ID))
    done = m.Export(export_id="e", state="done", rows=5, rows_total=5, bytes=10, file=str(tmp_path / "x.ndjson"))
    client.export_states = [done]
    frame.commands.export_to(tmp_path / "x.ndjson")
    request = client.called("start_export")[0]["request"]
    assert request == m.StartExport(path=str(tmp_path / "x.ndjson"), app_id=APP_ID)
    assert not any(isinstance(w, ExportDialog) and w.isVisible() for w in QApplication.topLevelWidgets())


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
