"""Example clients filled in and saved: from the help and from an empty view."""

import ast
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from console.resources import resource
from console.ui.example_clients import client_for, save_client
from console.ui.first_event_dialog import FirstEventDialog, SnippetPage
from console.ui.save_client import ask_where_to_save, save_and_tell
from console.ui.snippets import Endpoint
from console.ui.widgets.snippets import LANGUAGES
from tests.ui.fakes import FakeMessages

_ENDPOINT = Endpoint("http://127.0.0.1:4567/", "pk_live_x", "72ab8f81-ef36-4a1e-9c3b-2f6d90b1c001", "My Game")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_saved_client_runs_as_it_is(language: str, tmp_path: Path) -> None:
    client = client_for(language)
    assert client is not None
    saved = save_client(client, _ENDPOINT, tmp_path)
    texts = [(saved / file).read_text("utf-8") for file in client.files]
    whole = "\n".join(texts)
    for value in ("http://127.0.0.1:4567", "pk_live_x", _ENDPOINT.app_id):
        assert f'"{value}"' in whole
    assert "YOUR_" not in whole
    assert "http://localhost:4000" not in whole
    if language == "Python":
        for text in texts:
            ast.parse(text)


def test_every_client_that_ships_can_be_saved() -> None:
    folders = {path.name for path in (resource("clients") / "telemetry").iterdir() if path.is_dir()}
    clients = [client_for(language) for language in LANGUAGES]
    assert folders == {client.folder for client in clients if client is not None}
    assert client_for("curl") is None


def test_saving_never_overwrites(tmp_path: Path) -> None:
    client = client_for("Go")
    assert client is not None
    first, second = (save_client(client, _ENDPOINT, tmp_path) for _ in range(2))
    assert (first.name, second.name) == ("playtest_go", "playtest_go_2")
    assert (second / "example" / "main.go").exists()


def test_where_a_client_was_saved_is_said(tmp_path: Path) -> None:
    client, messages = client_for("Python"), FakeMessages()
    assert client is not None
    save_and_tell(client, _ENDPOINT, tmp_path, messages)
    (tmp_path / "file").touch()
    save_and_tell(client, _ENDPOINT, tmp_path / "file", messages)
    assert [kind for kind, _ in messages.said] == ["good", "bad"]
    assert str(tmp_path / "playtest_python") in messages.said[0][1]


def test_asking_where_to_save(qtbot: QtBot, tmp_path: Path) -> None:
    parent, messages = QWidget(), FakeMessages()
    qtbot.addWidget(parent)
    client = client_for("Unity")
    assert client is not None
    dialog = ask_where_to_save(parent, client, _ENDPOINT, messages)
    assert dialog.fileMode() is QFileDialog.FileMode.Directory
    dialog.fileSelected.emit(str(tmp_path))
    dialog.reject()
    assert (tmp_path / "playtest_unity" / "PlaytestTelemetry.cs").exists()


@pytest.fixture
def dialog(qtbot: QtBot) -> FirstEventDialog:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = FirstEventDialog(parent, _ENDPOINT, FakeMessages())
    dialog.parent_kept = parent  # type: ignore[attr-defined]
    return dialog


def test_the_help_shows_whole_clients(dialog: FirstEventDialog) -> None:
    page = dialog.snippets.current
    files = [page.shown.itemText(index) for index in range(page.shown.count())]
    assert files == ["First event", "Client: telemetry.py", "Client: example.py"]
    assert dialog.copy_button.text() == "Copy example"
    page.shown.setCurrentIndex(2)
    assert 'TOKEN = "pk_live_x"' in page.text.toPlainText()
    assert dialog.copy_button.text() == "Copy file"
    dialog.copy()
    assert QGuiApplication.clipboard().text() == page.text.toPlainText()


def test_there_is_no_client_for_a_terminal(dialog: FirstEventDialog) -> None:
    tabs = dialog.snippets.tabs
    assert dialog.save_button.isEnabled()
    tabs.setCurrentIndex(tabs.count() - 1)
    page: SnippetPage = dialog.snippets.current
    assert page.what == "curl example"
    assert not dialog.save_button.isEnabled()
    dialog.save()
