"""Export, upload and demo: long work that shows progress, can be cancelled, and tells its end."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from console import messages as m
from console.columns import encode_columns
from console.demo_level import sample_level
from console.telemetry.placement import Calibration, Placement
from console.ui import export_dialog
from console.ui.context import ViewContext
from console.ui.demo import DEMO_NAME, DemoPlaytest
from console.ui.dialogs import Dialog
from console.ui.export_dialog import ExportDialog
from console.ui.upload_dialog import UploadDialog
from tests.ui.fakes import (
    APP_ID,
    FakeClient,
    FakeMessages,
    make_application,
    make_key,
    make_level_model,
    make_status,
    refused,
)
from tests.ui.screen import show


@pytest.fixture
async def parent(style: object) -> AsyncIterator[QWidget]:
    widget = QWidget()
    show(widget)
    yield widget
    widget.close()


async def settle(condition: Callable[[], bool], secs: float = 30.0) -> None:
    async with asyncio.timeout(secs):
        while not condition():  # noqa: ASYNC110  # the state of a widget, not of a task
            await asyncio.sleep(0.005)


def export(state: str, rows: int = 0, **changes: object) -> m.Export:
    values = {
        "export_id": "e1",
        "state": state,
        "rows": rows,
        "rows_total": 1000,
        "bytes": rows * 200,
        "file": "/x/y.nd",
    }
    return m.Export(**(values | changes))  # type: ignore[arg-type]


# export


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_dialog, "_POLL_SECS", 0.01)


async def test_export_shows_progress_and_tells_the_end(
    parent: QWidget, context: ViewContext, client: FakeClient, messages: FakeMessages, quick: None
) -> None:
    client.export_states = [export("queued"), export("running", 250), export("done", 1000)]
    dialog = ExportDialog(parent, context, Path("/x/y.ndjson"), None)
    seen: list[tuple[int, str]] = []
    dialog.bar.valueChanged.connect(lambda value: seen.append((value, dialog.rows.text())))
    dialog.open()
    await settle(lambda: bool(messages.said))
    assert 250 in [value for value, _ in seen]
    assert messages.said == [("good", "1,000 events exported to y.nd (200.0 kB).")]
    assert [label for label, _ in messages.actions] == ["Show file"]


async def test_export_is_cancelled(
    parent: QWidget, context: ViewContext, client: FakeClient, messages: FakeMessages, quick: None
) -> None:
    client.export_states = [export("running", 10)]
    dialog = ExportDialog(parent, context, Path("/x/y.ndjson"), None)
    dialog.open()
    await settle(lambda: "10 of about" in dialog.rows.text())
    dialog.cancel_button.click()
    await settle(lambda: bool(messages.said))
    assert client.called("cancel_export") == [{"export_id": "e1"}]
    assert messages.said == [("info", "The export was cancelled; no file was kept.")]


async def test_escape_lets_the_export_go_on(
    parent: QWidget, context: ViewContext, client: FakeClient, messages: FakeMessages, quick: None
) -> None:
    client.export_states = [export("running", 10)]
    dialog = ExportDialog(parent, context, Path("/x/y.ndjson"), None)
    dialog.open()
    await settle(lambda: "10 of about" in dialog.rows.text())
    dialog.reject()
    assert dialog.isHidden()
    client.export_states = [export("done", 20)]
    await settle(lambda: bool(messages.said))
    assert messages.said[0][0] == "good"


async def test_failed_exports_say_why(
    parent: QWidget, context: ViewContext, client: FakeClient, messages: FakeMessages, quick: None
) -> None:
    client.export_states = [export("failed", error="The disk is full.")]
    ExportDialog(parent, context, Path("/x/y.ndjson"), None).open()
    await settle(lambda: bool(messages.said))
    client.failures["start_export"] = refused("export_running", "Another export runs.", 409)
    ExportDialog(parent, context, Path("/x/y.ndjson"), None).open()
    await settle(lambda: len(messages.said) == 2)
    assert messages.said == [
        ("bad", "The export failed: The disk is full."),
        ("bad", "The export failed: Another export runs."),
    ]


# upload


def levels(*names: str) -> m.Columns:
    return encode_columns({"level_id": list(names), "events": np.ones(len(names), "<i8")})


async def test_a_dialog_that_is_closed_while_it_works_goes_after_its_work(
    context: ViewContext, messages: FakeMessages, parent: QWidget
) -> None:
    dialog = Dialog(parent, "Work")
    gone, answer = asyncio.Event(), asyncio.Event()
    dialog.destroyed.connect(gone.set)

    def is_gone() -> bool:
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return gone.is_set()

    failed: list[str] = []

    def fail(error: Exception) -> None:
        failed.append(str(error))

    async def work() -> None:
        await answer.wait()
        dialog.set_text("done")
        raise ValueError("refused")

    dialog.start(context.tasks, work, "Work", fail)
    dialog.start(context.tasks, work, "Look", fail, only_asks=True)
    dialog.open()
    dialog.close()
    await asyncio.sleep(0)
    assert not is_gone()
    answer.set()
    await settle(is_gone)
    assert messages.said == [("bad", "Work: refused")], "whoever closed the dialog has asked for it all the same"
    other = Dialog(parent, "No work")
    other.start(context.tasks, answer.wait, "Work", fail)
    other.start(context.tasks, partial(asyncio.wait_for, asyncio.Event().wait(), 0), "Wait", fail)
    other.open()
    await settle(lambda: bool(failed))
    assert other.isVisible(), "whoever looks goes on looking"
    assert len(failed) == 1, "and sees in the dialog what failed"
    gone.clear()
    other.destroyed.connect(gone.set)
    other.close()
    await settle(is_gone)


async def test_upload_offers_the_levels_that_games_sent(
    parent: QWidget, context: ViewContext, client: FakeClient, tmp_path: Path
) -> None:
    client.queries["levels"] = levels("Level 1", "oa_minia", "(unassigned)")
    file = tmp_path / "OA-Minia.glb"
    file.write_bytes(b"glTF")
    dialog = UploadDialog(parent, context, file, client.application_list)
    dialog.open()
    await settle(lambda: dialog.level.count() == 2)
    assert dialog.level.currentText() == "oa_minia"
    assert client.called("query") == [{"name": "levels", "app_id": APP_ID}]
    dialog.reject()


async def test_upload_keeps_what_was_typed(
    parent: QWidget, context: ViewContext, client: FakeClient, messages: FakeMessages, tmp_path: Path
) -> None:
    client.queries["levels"] = levels("Level 1")
    dialog = UploadDialog(parent, context, tmp_path / "arena.glb", client.application_list)
    dialog.level.setCurrentText("Arena 51")
    dialog.open()
    await settle(lambda: dialog.level.count() == 1)
    assert dialog.level.currentText() == "Arena 51"
    dialog.axes.setCurrentIndex(2)
    dialog.upload_button.click()
    await settle(lambda: bool(messages.said))
    call = client.called("upload_level_model")[0]
    assert (call["level_name"], call["mesh_axes"]) == ("Arena 51", "unity")
    assert messages.said == [("good", "Arena 51: version 1 with 2 triangles is in use.")]


async def test_upload_says_what_a_new_version_keeps(
    parent: QWidget, context: ViewContext, client: FakeClient, messages: FakeMessages, tmp_path: Path
) -> None:
    placed = Calibration(telemetry=Placement(yaw=90.0))
    client.level_model_list = [
        make_level_model(level_name="Arena 51", version=3, mesh_axes="quake", calibration=placed),
        make_level_model(level_name="Arena 51", version=2),
        make_level_model(level_name="Arena", app_id="another"),
    ]
    applications = [*client.application_list, make_application(app_id="another", name="Another")]
    dialog = UploadDialog(parent, context, tmp_path / "arena.glb", applications, level="Arena 51")
    dialog.open()
    await settle(lambda: dialog.axes.currentText() == "As version 3: Quake, Source (Z-up, units)")
    dialog.level.setCurrentText("Arena")
    assert dialog.axes.currentText() == "From the file type", "the other application's is none of its versions"
    dialog.application.setCurrentIndex(1)
    assert dialog.axes.currentText() == "As version 1: glTF (Y-up, metres)", "at once, not once the server answers"
    dialog.application.setCurrentIndex(0)
    dialog.level.setCurrentText("Arena 51")
    client.uploaded = make_level_model(level_name="Arena 51", version=4, calibration=placed)
    dialog.upload_button.click()
    await settle(lambda: bool(messages.said))
    assert messages.said == [
        ("good", "Arena 51: version 4 with 2 triangles is in use, calibrated as the version before.")
    ]


async def test_a_refused_mesh_is_told_in_the_dialog(
    parent: QWidget, context: ViewContext, client: FakeClient, tmp_path: Path
) -> None:
    client.failures["upload_level_model"] = refused("model_invalid", "The file is not a mesh.")
    dialog = UploadDialog(parent, context, tmp_path / "arena.glb", client.application_list)
    dialog.open()
    dialog.upload_button.click()
    await settle(dialog.problem.isVisible)
    assert dialog.problem.text() == "The file is not a mesh."
    assert dialog.upload_button.isEnabled()
    dialog.level.setCurrentText("  ")
    dialog.upload_button.click()
    assert dialog.problem.text() == "Give the level a name."
    dialog.reject()


# demo


def demo(context: ViewContext, script: str, **options: str) -> DemoPlaytest:
    return DemoPlaytest(
        context.client, context.feed, context.messages, program=lambda: (sys.executable, "-c", script), **options
    )


async def test_demo_makes_its_application_and_level_and_ends(
    context: ViewContext, client: FakeClient, messages: FakeMessages
) -> None:
    playtest = demo(context, "pass")
    changes: list[bool] = []
    playtest.changed.connect(changes.append)
    context.feed.receive(m.FeedHello(last_seq=0, last_request_id=0, status=make_status()))
    await playtest.start()
    assert changes == [True, False]
    assert client.called("create_application")[0]["request"].name == DEMO_NAME
    upload = client.called("upload_level_model")[0]
    assert (upload["level_name"], upload["mesh_axes"]) == (sample_level()["level_id"], sample_level()["mesh_axes"])
    assert upload["file"].exists()
    assert messages.said[-1] == ("info", "The demo playtest is over: all players have left.")
    client.calls.clear()
    await playtest.start()
    assert not client.called("create_application")
    assert not client.called("upload_level_model")


async def test_demo_is_stopped_on_purpose(context: ViewContext, messages: FakeMessages) -> None:
    playtest = demo(context, "import time; time.sleep(60)")
    task = asyncio.create_task(playtest.start())
    await settle(lambda: playtest.running)
    playtest.stop()
    playtest.stop()
    await task
    assert not playtest.running
    assert messages.said[-1] == ("info", "The demo playtest was stopped.")


async def test_demo_that_fails_says_its_last_line(context: ViewContext, messages: FakeMessages) -> None:
    await demo(context, "import sys; sys.exit('no route to the server')").start()
    assert messages.said[-1] == ("bad", "The demo playtest ended: no route to the server")


async def test_demo_with_all_keys_revoked_makes_a_new_one(context: ViewContext, client: FakeClient) -> None:
    client.application_list = [make_application(keys=[make_key(revoked_at_us=1)])]
    await demo(context, "pass", name="My Game").start()
    assert client.called("create_key")[0]["request"] == m.CreateKey(kind="public", label="Demo")
