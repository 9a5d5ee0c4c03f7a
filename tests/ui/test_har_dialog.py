"""File ▸ Export ▸ HTTP archive."""

import asyncio
import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.messages import RequestDetail
from console.ui.context import ViewContext
from console.ui.har_dialog import HarDialog
from tests.ui.fakes import FakeClient, FakeMessages
from tests.ui.rows import rejected_row, request_row


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


@pytest.fixture
def recorded(client: FakeClient) -> FakeClient:
    client.request_list = [request_row(1), rejected_row(2), request_row(3)]
    client.details = {
        row.request_id: RequestDetail(
            row=row, headers=[], body=b"x", body_truncated=False, wire_bytes=1, response=b"{}", first_seq=None,
            error_message="", details=[],
        )
        for row in client.request_list
    }  # fmt: skip
    return client


def ids_in(file: Path) -> list[int]:
    return [entry["_requestId"] for entry in json.loads(file.read_bytes())["log"]["entries"]]


def test_the_shown_requests(
    parent: QWidget, context: ViewContext, recorded: FakeClient, messages: FakeMessages, tmp_path: Path
) -> None:
    dialog = HarDialog(parent, context, [1, 3, 99])
    assert dialog.of_table.isChecked()
    dialog.save_to(tmp_path / "out.har")
    assert ids_in(tmp_path / "out.har") == [1, 3]
    assert messages.said[-1][0] == "good"
    assert messages.said[-1][1].startswith("2 requests exported to out.har")
    assert messages.said[-1][1].endswith("1 are no longer kept.")


def test_those_of_the_workspace(parent: QWidget, context: ViewContext, recorded: FakeClient, tmp_path: Path) -> None:
    dialog = HarDialog(parent, context, [])
    assert dialog.newest.isChecked()
    assert not dialog.of_table.isEnabled()
    dialog.all_rejected.setChecked(True)
    dialog.save_to(tmp_path / "out.har")
    assert ids_in(tmp_path / "out.har") == [2]
    assert recorded.called("requests")[0]["rejected_only"]


def test_a_file_that_cannot_be_written(
    parent: QWidget, context: ViewContext, recorded: FakeClient, messages: FakeMessages, tmp_path: Path
) -> None:
    HarDialog(parent, context, [1]).save_to(tmp_path / "missing" / "out.har")
    assert [kind for kind, _ in messages.said] == ["bad"]
    assert messages.said[0][1].startswith("The export failed:")


async def test_closing_it_breaks_the_export_off(
    parent: QWidget, context: ViewContext, recorded: FakeClient, messages: FakeMessages, tmp_path: Path
) -> None:
    dialog = HarDialog(parent, context, [1, 2, 3])
    dialog.save_to(tmp_path / "out.har")
    await asyncio.sleep(0)
    dialog.reject()
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)
    assert messages.said == [("info", "The export was cancelled; no file was kept.")]
    assert _files(tmp_path) == []


def _files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.suffix in (".har", ".part")]
