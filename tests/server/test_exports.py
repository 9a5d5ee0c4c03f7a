"""Exports from a real journal, and what goes wrong with them."""

import asyncio
import errno
import io
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NoReturn

import msgpack
import msgspec
import pytest

from console.messages import Export, StartExport
from console.players.commands import Command, Recorded, TrackEvent, encode_recorded
from console.server import exports as exports_module
from console.server.exports import ExportRefused, ExportService, UnknownExport
from console.storage.journal import IngestRequest, Journal
from console.storage.workspace import Workspace

CLOCK_NS = 1_770_890_400_000_000_000


class Setup:
    """A journal, a service, and how often the service told of a change."""

    def __init__(self, root: Path) -> None:
        self.workspace = Workspace.open(root)
        self.journal = Journal(self.workspace.journal_path)
        self.changes = 0
        self.exports = ExportService(self.workspace, self.journal, lambda: CLOCK_NS, self._changed)

    def _changed(self) -> None:
        self.changes += 1

    async def record(self, *names: str, app_id: str = "app") -> None:
        body = msgpack.packb([{"event_name": name, "app_id": app_id} for name in names])
        await self.journal.append(
            IngestRequest(
                received_at_us=1, app_id=app_id, key_id="k", key_label="", peer="", method="POST", route="/",
                client="", headers=b"[]", body=body, wire_bytes=len(body), events=len(names),
            )
        )  # fmt: skip

    async def record_command(self, command: Command) -> None:
        commands = encode_recorded(Recorded(commands=[command]))
        await self.journal.append(
            IngestRequest(
                received_at_us=1, app_id="app", key_id="k", key_label="", peer="", method="POST", route="/",
                client="", headers=b"[]", body=b"{}", wire_bytes=2, events=1, commands=commands,
            )
        )  # fmt: skip

    async def export(self, path: Path | None = None, app_id: str | None = None) -> Export:
        started = self.exports.start(StartExport(path=None if path is None else str(path), app_id=app_id))
        return await self.exports.finished(started.export_id)

    def files(self) -> list[str]:
        return sorted(file.name for file in self.workspace.exports_dir.iterdir())


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[Setup]:
    setup = Setup(tmp_path / "workspace")
    setup.journal.start()
    async with setup.exports.running():
        yield setup
    await asyncio.to_thread(setup.journal.close)


def lines(export: Export) -> list[dict[str, Any]]:
    content = Path(export.file).read_bytes()
    assert len(content) == export.bytes
    assert content == b"" or content.endswith(b"\n")
    return [msgspec.json.decode(line) for line in content.splitlines()]


async def test_both_apis_are_written_in_one_order(setup: Setup) -> None:
    await setup.record("a", "b")
    await setup.record_command(TrackEvent(event_id="e", player_id="p1", event_name="jump", time_us=1))
    await setup.record("c")
    export = await setup.export(app_id="app")
    assert [(line["seq"], line["event_name"], line.get("api")) for line in lines(export)] == [
        (1, "a", None),
        (2, "b", None),
        (3, "jump", "player"),
        (4, "c", None),
    ]


async def test_everything_recorded_is_written_in_order(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports_module, "_CHUNK_EVENTS", 2)
    for number in range(5):
        await setup.record(f"a{number}", f"b{number}")
    export = await setup.export()
    assert (export.state, export.rows, export.rows_total, export.error) == ("done", 10, 10, "")
    assert [line["seq"] for line in lines(export)] == list(range(1, 11))
    assert lines(export)[3]["event_name"] == "b1"
    assert Path(export.file).parent == setup.workspace.exports_dir
    assert Path(export.file).name.startswith("events-20260212-100000-")
    assert setup.changes == 2


async def test_an_empty_journal_gives_an_empty_file(setup: Setup) -> None:
    export = await setup.export()
    assert (export.state, export.rows, lines(export)) == ("done", 0, [])


async def test_one_application_alone(setup: Setup) -> None:
    await setup.record("a")
    await setup.record("b", app_id="other")
    export = await setup.export(app_id="other")
    assert [(line["event_name"], line["seq"]) for line in lines(export)] == [("b", 2)]
    assert (export.rows, export.rows_total) == (1, 1)


async def test_what_comes_meanwhile_is_left_to_the_next_export(setup: Setup) -> None:
    await setup.record("a")
    started = setup.exports.start(StartExport())
    await setup.record("b")
    export = await setup.exports.finished(started.export_id)
    assert [line["event_name"] for line in lines(export)] == ["a"]


async def test_a_second_call_returns_the_running_export(setup: Setup) -> None:
    await setup.record("a")
    first, second = setup.exports.start(StartExport()), setup.exports.start(StartExport(path="/elsewhere"))
    assert first == second
    await setup.exports.finished(first.export_id)
    assert setup.exports.start(StartExport()).export_id != first.export_id


async def test_an_existing_file_is_replaced_whole(setup: Setup, tmp_path: Path) -> None:
    target = tmp_path / "out.ndjson"
    target.write_text("old and much longer than the new content" * 20)
    await setup.record("a")
    export = await setup.export(target)
    assert export.file == str(target)
    assert len(lines(export)) == 1


async def test_a_cancelled_export_leaves_no_file(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    await setup.record("a")
    reading, go_on = threading.Event(), threading.Event()
    read = setup.journal.read_ingest

    def slow(after: int, limit: int) -> Any:
        reading.set()
        assert go_on.wait(30)
        return read(after, 1)

    await setup.record("b")
    monkeypatch.setattr(setup.journal, "read_ingest", slow)
    started = setup.exports.start(StartExport())
    await asyncio.to_thread(reading.wait, 5)
    assert setup.exports.get(started.export_id).state == "running"
    assert any(name.endswith(".part") for name in setup.files())
    setup.exports.cancel(started.export_id)
    go_on.set()
    export = await setup.exports.finished(started.export_id)
    assert (export.state, setup.files()) == ("cancelled", [])
    assert setup.exports.cancel(started.export_id) == export


async def test_an_export_may_be_cancelled_before_it_begins(setup: Setup) -> None:
    started = setup.exports.start(StartExport())
    assert setup.exports.cancel(started.export_id).state == "cancelled"
    assert (await setup.exports.finished(started.export_id)).state == "cancelled"
    assert setup.files() == []
    assert setup.exports.start(StartExport()).export_id != started.export_id


async def test_a_full_disk_is_said_and_leaves_no_file(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk(io.BytesIO):
        def write(self, content: Any) -> NoReturn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def open_full(path: Path, mode: str) -> FullDisk:
        path.touch()
        return FullDisk()

    await setup.record("a")
    monkeypatch.setattr(Path, "open", open_full)
    export = await setup.export()
    assert export.state == "failed"
    assert "No space left on device" in export.error
    assert setup.files() == []


@pytest.mark.expects_log
async def test_a_damaged_journal_is_said(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(after: int, limit: int) -> NoReturn:
        raise RuntimeError("page 7 is damaged")

    await setup.record("a")
    monkeypatch.setattr(setup.journal, "read_ingest", damaged)
    export = await setup.export()
    assert (export.state, export.error) == ("failed", "The export stopped: page 7 is damaged.")
    assert setup.files() == []


async def test_destinations_that_cannot_be_used(setup: Setup, tmp_path: Path) -> None:
    root = setup.workspace.root
    for path, reason in {
        Path("out.ndjson"): "whole path",
        tmp_path / "none" / "out.ndjson": "does not exist",
        tmp_path: "is a folder",
        setup.workspace.journal_path: "workspace's own files",
        root / "levels" / ".." / "admin.key": "workspace's own files",
    }.items():
        with pytest.raises(ExportRefused, match=reason):
            setup.exports.start(StartExport(path=str(path)))
    assert (await setup.export(setup.workspace.exports_dir / "mine.ndjson")).state == "done"


async def test_unknown_exports(setup: Setup) -> None:
    with pytest.raises(UnknownExport):
        setup.exports.get("none")
    with pytest.raises(UnknownExport):
        setup.exports.cancel("none")


async def test_only_the_latest_exports_are_remembered(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports_module, "_MAX_REMEMBERED", 2)
    ids = [(await setup.export()).export_id for _ in range(3)]
    with pytest.raises(UnknownExport):
        setup.exports.get(ids[0])
    assert setup.exports.get(ids[2]).state == "done"


async def test_stopping_cancels_and_starting_cleans_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setup = Setup(tmp_path / "workspace")
    setup.journal.start()
    leftover = setup.workspace.exports_dir / ".events.ndjson.abc.part"
    leftover.touch()
    async with setup.exports.running():
        assert not leftover.exists()
        for _ in range(3):
            await setup.record("a")
        monkeypatch.setattr(exports_module, "_CHUNK_EVENTS", 1)
        started = setup.exports.start(StartExport())
    assert setup.exports.get(started.export_id).state == "cancelled"
    assert setup.files() == []
    await asyncio.to_thread(setup.journal.close)
