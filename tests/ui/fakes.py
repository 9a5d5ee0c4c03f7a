"""Stand-ins for the server and the window's loop: views are tested without either."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from console import messages as m
from console.client import ConsoleClient, ConsoleRefused
from console.columns import encode_columns
from console.messages import filters as f
from console.messages.levels import LevelFacts
from console.messages.resend import Resend, Resent
from console.telemetry.events import EventKind
from console.ui.context import Action, MessageKind
from tests.ui.fake_filters import FakeFilters
from tests.ui.fake_flags import FakeFlags
from tests.ui.fake_levels import FakeLevels
from tests.ui.fake_players import FakePlayers
from tests.ui.fake_requests import FakeRequests

APP_ID = "72ab8f81-ef36-4a1e-9c3b-2f6d90b1c001"
BUILD = "Win64_Shipping_1.0.2"
LEVEL = "oa_minia"
NOW_US = 1_771_000_000_000_000


def make_status(**changes: Any) -> m.ServerStatus:
    values: dict[str, Any] = {
        "version": "0.1.0",
        "pid": 4242,
        "started_at_us": NOW_US,
        "telemetry_urls": ["http://127.0.0.1:4000"],
        "player_urls": ["http://127.0.0.1:18000"],
        "lan": False,
        "recording": True,
        "events_total": 1_240_000,
        "requests_total": 48_211,
        "rejected_total": 12,
        "rejections_unlisted": 0,
        "events_per_second": 412.0,
        "requests_per_second": 21.0,
        "events_behind": 0,
        "seconds_behind": 0.0,
        "workspace": "workspace",
        "workspace_bytes": 318_000_000,
        "disk_free_bytes": 214_000_000_000,
    }
    return m.ServerStatus(**(values | changes))


def make_event(seq: int = 1, kind: EventKind = EventKind.GAMEPLAY, **changes: Any) -> m.EventRow:
    trajectory = kind is EventKind.TRAJECTORY
    player = seq % 12
    values: dict[str, Any] = {
        "seq": seq,
        "request_id": seq,
        "index": 0,
        "received_at_us": NOW_US + seq * 173_000,
        "time_us": NOW_US + seq * 173_000 - 20_000,
        "kind": kind,
        "name": "" if trajectory else "Player_Jump",
        "app_id": APP_ID,
        "build_id": BUILD,
        "player_id": f"player_{player:02}",
        "session_id": f"s-{player:02}-7f3a",
        "level_id": LEVEL,
        "x": 7.9,
        "y": -49.2,
        "z": 0.2,
        "fps_mean": 53.0 if trajectory else None,
        "fps_low_5": 45.0 if trajectory else None,
        "fps_low_1": 24.0 if trajectory else None,
        "samples": 50 if trajectory else 0,
        "duration_us": 5_000_000 if trajectory else 0,
        "status": "",
    }
    return m.EventRow(**(values | changes))


def make_request(request_id: int = 1, **changes: Any) -> m.RequestRow:
    values: dict[str, Any] = {
        "request_id": request_id,
        "received_at_us": NOW_US + request_id * 211_000,
        "method": "POST",
        "route": "/api/events",
        "status": 200,
        "events": 37,
        "bytes": 9_200,
        "took_us": 3_100,
        "app_id": APP_ID,
        "key_label": "PC build",
        "peer": "192.168.1.42",
        "client": "UnityPlayer/2022.3",
        "error": "",
        "first_error": "",
    }
    return m.RequestRow(**(values | changes))


def make_trajectory(seq: int = 1, samples: int = 50, **changes: Any) -> m.TrajectoryRow:
    angle = np.linspace(0, 2 * np.pi, samples)
    points = np.stack([20 * np.cos(angle), np.zeros(samples), 20 * np.sin(angle)], axis=1).astype("<f4")
    player = seq % 12
    values: dict[str, Any] = {
        "seq": seq,
        "app_id": APP_ID,
        "build_id": BUILD,
        "player_id": f"player_{player:02}",
        "session_id": f"s-{player:02}-7f3a",
        "level_id": LEVEL,
        "start_us": NOW_US + seq * 1_000_000,
        "end_us": NOW_US + (seq + 5) * 1_000_000,
        "fps_mean": 53.0,
        "fps_low_5": 45.0,
        "fps_low_1": 24.0,
        "positions": points.tobytes(),
    }
    return m.TrajectoryRow(**(values | changes))


def make_key(kind: m.KeyKind = "public", key_id: str = "key-1", **changes: Any) -> m.Key:
    token = "pk_live_0123456789abcdefghijklmnopqrstuv"
    values: dict[str, Any] = {
        "key_id": key_id,
        "app_id": APP_ID,
        "kind": kind,
        "label": "PC build",
        "hint": "pk_live_…stuv" if kind == "public" else "sk_live_…q7Xa",
        "token": token if kind == "public" else "",
        "created_at_us": NOW_US - 86_400_000_000,
    }
    return m.Key(**(values | changes))


def make_application(**changes: Any) -> m.Application:
    values: dict[str, Any] = {
        "app_id": APP_ID,
        "name": "My Game",
        "environment": "live",
        "created_at_us": NOW_US - 86_400_000_000,
        "keys": [make_key(), make_key("secret", "key-2", label="Build server")],
    }
    return m.Application(**(values | changes))


def make_level_model(**changes: Any) -> m.LevelModel:
    values: dict[str, Any] = {
        "model_id": "model-1",
        "app_id": APP_ID,
        "level_name": LEVEL,
        "version": 1,
        "active": True,
        "file_name": "oa_minia.glb",
        "file_bytes": 1_200_000,
        "triangles": 2,
        "vertices": 4,
        "bounds": ((-50.0, -2.0, -50.0), (50.0, 12.0, 50.0)),
        "mesh_axes": "gltf",
        "telemetry_axes": "unity",
        "uploaded_at_us": NOW_US,
    }
    return m.LevelModel(**(values | changes))


def make_sessions(players: int = 12, builds: Sequence[str] = (BUILD,), **changes: Any) -> m.Columns:
    """The answer of the `sessions` query."""
    count = players * len(builds)
    index = np.arange(count)
    columns: dict[str, Any] = {
        "app_id": [APP_ID] * count,
        "build_id": [build for build in builds for _ in range(players)],
        "player_id": [f"player_{n % players:02}" for n in range(count)],
        "session_id": [f"s-{n:02}-7f3a" for n in range(count)],
        "first_us": (NOW_US + index * 1_000_000).astype("<i8"),
        "last_us": (NOW_US + index * 2_000_000).astype("<i8"),
        "events": np.full(count, 120, "<i8"),
        "trajectories": np.full(count, 20, "<i8"),
        "samples": np.full(count, 1_000, "<i8"),
        "fps_mean": np.linspace(42, 62, count).astype("<f8"),
        "level_id": [LEVEL] * count,
    }
    return encode_columns(columns | changes)


class FakeClient(FakePlayers, FakeFlags, FakeRequests, FakeFilters, FakeLevels, ConsoleClient):
    """Answers from its public fields, and writes every call into `calls`.

    Put an exception into `failures` under a method's name to have it raised. `frames` feeds `feed()`; None ends it.
    """

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:4000/console", "admin-key")
        self.resent = Resent(status=200, response=b'{"status":"queued"}', request_id=1)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.failures: dict[str, Exception] = {}
        self.status_value = make_status()
        self.application_list = [make_application()]
        self.request_list: list[m.RequestRow] = []
        self.event_list: list[m.EventRow] = []
        self.details: dict[int, m.RequestDetail] = {}
        self.queries: dict[str, m.Columns] = {}
        self.level_model_list: list[m.LevelModel] = []
        self.uploaded: m.LevelModel | None = None
        self.facts = LevelFacts(names=[], assigned=[])
        self.meshes: dict[str, m.Mesh] = {}
        self.export_states: list[m.Export] = []
        self.settings_value = m.Settings()
        self.checks: list[m.Check] = []
        self.frames: asyncio.Queue[m.FeedFrame | None] = asyncio.Queue()
        self.filtered_frames: list[m.FeedFrame] = []
        self.filtered_events: list[m.EventRow] = []
        self.filtered_requests: list[f.RequestsFound] = []
        self.values: dict[str, list[f.FieldValue]] = {}
        self.bookmarked: dict[str, set[int]] = {"event": set(), "request": set()}

    async def status(self) -> m.ServerStatus:
        self._note("status")
        return self.status_value

    async def feed(self, *, matching: str = "") -> AsyncIterator[m.FeedFrame]:
        if matching:
            self._note("filtered_feed", matching=matching)
            for known in self.filtered_frames:
                yield known
            return
        self._note("feed")
        while (frame := await self.frames.get()) is not None:
            yield frame

    async def shut_down(self) -> None:
        self._note("shut_down")

    async def requests(
        self, *, before_id: int | None = None, limit: int = 1000, rejected_only: bool = False
    ) -> list[m.RequestRow]:
        self._note("requests", before_id=before_id, limit=limit, rejected_only=rejected_only)
        rows = [row for row in self.request_list if before_id is None or row.request_id < before_id]
        return [row for row in rows if not rejected_only or row.status >= 400][-limit:]

    async def request_detail(self, request_id: int) -> m.RequestDetail:
        self._note("request_detail", request_id=request_id)
        if request_id not in self.details:
            raise refused("not_found", f"There is no request {request_id}.", 404)
        return self.details[request_id]

    async def events(
        self, *, before_seq: int | None = None, limit: int = 10_000, app_id: str | None = None, matching: str = ""
    ) -> list[m.EventRow]:
        if matching:
            self._note("filtered_events", matching=matching, before_seq=before_seq, limit=limit)
            return self.filtered_events
        self._note("events", before_seq=before_seq, limit=limit, app_id=app_id)
        rows = [row for row in self.event_list if before_seq is None or row.seq < before_seq]
        return [row for row in rows if app_id is None or row.app_id == app_id][-limit:]

    async def query(self, name: str, **params: Any) -> m.Columns:
        self._note("query", name=name, **params)
        return self.queries.get(name, m.Columns(rows=0, columns={}))

    async def applications(self) -> list[m.Application]:
        self._note("applications")
        return self.application_list

    async def create_application(self, request: m.CreateApplication) -> m.CreatedApplication:
        self._note("create_application", request=request)
        app_id = request.app_id or f"00000000-0000-4000-8000-{len(self.application_list):012}"
        key = make_key(key_id=f"key-{app_id}", app_id=app_id)
        application = make_application(app_id=app_id, name=request.name, environment=request.environment, keys=[key])
        self.application_list = [*self.application_list, application]
        return m.CreatedApplication(
            application=application, public_key=key.token, secret_key=f"sk_{request.environment}_secret"
        )

    async def change_application(self, app_id: str, changes: m.ApplicationChanges) -> None:
        self._note("change_application", app_id=app_id, changes=changes)

    async def create_key(self, app_id: str, request: m.CreateKey) -> m.CreatedKey:
        self._note("create_key", app_id=app_id, request=request)
        key = make_key(request.kind, "key-new", label=request.label)
        return m.CreatedKey(key=key, token=key.token or "sk_live_secret")

    async def label_key(self, key_id: str, label: str) -> None:
        self._note("label_key", key_id=key_id, label=label)

    async def revoke_key(self, key_id: str) -> None:
        self._note("revoke_key", key_id=key_id)

    async def rotate_key(self, key_id: str) -> m.CreatedKey:
        self._note("rotate_key", key_id=key_id)
        return m.CreatedKey(key=make_key("secret", "key-rotated"), token="sk_live_rotated")

    async def level_models(self) -> list[m.LevelModel]:
        self._note("level_models")
        return self.level_model_list

    async def upload_level_model(
        self,
        app_id: str,
        level_name: str,
        file: Path,
        *,
        mesh_axes: m.Axes | None = None,
        on_sent: Callable[[int], None] = lambda _sent: None,
    ) -> m.LevelModel:
        self._note("upload_level_model", app_id=app_id, level_name=level_name, file=file, mesh_axes=mesh_axes)
        model = self.uploaded or make_level_model(app_id=app_id, level_name=level_name, file_name=file.name)
        self.level_model_list = [*self.level_model_list, model]
        return model

    async def change_level_model(self, model_id: str, changes: m.LevelModelChanges) -> m.LevelModel:
        self._note("change_level_model", model_id=model_id, changes=changes)
        return next(model for model in self.level_model_list if model.model_id == model_id)

    async def delete_level_model(self, model_id: str) -> None:
        self._note("delete_level_model", model_id=model_id)

    async def mesh(self, model_id: str) -> m.Mesh:
        self._note("mesh", model_id=model_id)
        return self.meshes[model_id]

    async def start_export(self, request: m.StartExport) -> m.Export:
        self._note("start_export", request=request)
        return self._next_export()

    async def export(self, export_id: str) -> m.Export:
        self._note("export", export_id=export_id)
        return self._next_export()

    async def cancel_export(self, export_id: str) -> m.Export:
        self._note("cancel_export", export_id=export_id)
        return m.Export(export_id=export_id, state="cancelled", rows=0, rows_total=0, bytes=0, file="")

    async def settings(self) -> m.Settings:
        self._note("settings")
        return self.settings_value

    async def change_settings(self, changes: m.SettingsChanges) -> m.Settings:
        self._note("change_settings", changes=changes)
        return self.settings_value

    async def verify(self) -> list[m.Check]:
        self._note("verify")
        return self.checks

    async def resend(self, app_id: str, request: Resend) -> Resent:
        self._note("resend", app_id=app_id, request=request)
        return self.resent

    async def send_test_event(self, app_id: str) -> m.RequestRow:
        self._note("send_test_event", app_id=app_id)
        return make_request(events=1)

    def _next_export(self) -> m.Export:
        return self.export_states.pop(0) if len(self.export_states) > 1 else self.export_states[0]


def refused(code: str, message: str, status: int = 400) -> ConsoleRefused:
    return ConsoleRefused(status, m.ConsoleError(code=code, message=message))


class FakeMessages:
    """Keeps what was said, as `(kind, text)`."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.actions: list[Action] = []

    def say(self, text: str, *, kind: MessageKind = "info", actions: Sequence[Action] = ()) -> None:
        self.said.append((kind, text))
        self.actions = list(actions)


class FakeTasks:
    """Runs a coroutine to its end at once, on a loop of its own; on the running loop in an async test."""

    def __init__(self, messages: FakeMessages) -> None:
        self._messages = messages
        self._running: set[asyncio.Task[None]] = set()

    def start(
        self, work: Coroutine[Any, Any, Any], what: str, on_error: Callable[[Exception], None] | None = None
    ) -> Callable[[], object]:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            with asyncio.Runner() as runner:
                runner.run(self._with_what_it_starts(self._guard(work, what, on_error)))
            return work.close
        task = loop.create_task(self._guard(work, what, on_error))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _: work.close())
        return task.cancel

    async def _with_what_it_starts(self, work: Coroutine[Any, Any, None]) -> None:
        await work
        await self.all_done()

    async def all_done(self) -> None:
        """Wait for whatever was started, and what that started; those cancelled count too."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _guard(
        self, work: Coroutine[Any, Any, Any], what: str, on_error: Callable[[Exception], None] | None
    ) -> None:
        try:
            await work
        except Exception as error:
            if on_error is None:
                self._messages.say(f"{what}: {error}", kind="bad")
            else:
                on_error(error)
