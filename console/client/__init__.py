"""Typed asyncio client of the console API: what the window, the command line and the tests speak through."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
import msgspec

from console import messages as m
from console.client.calls import BRIEF, TIMEOUT, UNLIMITED
from console.client.counted_file import CountedFile
from console.client.counts import CountCalls
from console.client.faults import FaultCalls
from console.client.filters import FilterCalls
from console.client.funnels import FunnelCalls
from console.client.integration import IntegrationCalls
from console.client.levels import LevelCalls
from console.client.players import PlayerCalls
from console.client.requests import RequestCalls
from console.client.resend import ResendCalls
from console.discovery import ServerInfo, read_admin_key, read_server_info, server_is_alive

T = TypeVar("T")

_STARTING_SECS = 30.0  # of a server, on a machine that starts much else
_GOODBYES = (aiohttp.WSCloseCode.OK, aiohttp.WSCloseCode.GOING_AWAY)
_FEED_REFUSALS = {
    400: "The filter cannot be read.",
    401: "The admin key is not that of this server.",
    403: "The server refuses this address.",
    503: "The server is stopping, or too many windows are connected.",
}
# How servers put it that had no code for it yet, and how all do for a parameter.
_UNKNOWN = re.compile(r"There is no query |The query \w+ has no parameter ")


class ConsoleUnavailable(Exception):
    """No server answered: it is starting, stopped, or out of reach."""


class ConsoleRefused(Exception):
    """The server answered with an error. `error.message` is one sentence for people."""

    def __init__(self, status: int, error: m.ConsoleError) -> None:
        super().__init__(f"{error.message} {error.hint}".strip())
        self.status = status
        self.error = error


class ConsoleClient(
    PlayerCalls,
    FaultCalls,
    RequestCalls,
    IntegrationCalls,
    ResendCalls,
    FilterCalls,
    CountCalls,
    FunnelCalls,
    LevelCalls,
):
    """One server, one connection pool. Use as an async context manager, or call `close`.

    Every method raises ConsoleUnavailable or ConsoleRefused.
    """

    def __init__(self, console_url: str, admin_key: str) -> None:
        self._base = console_url.rstrip("/")
        self._headers = {m.ADMIN_HEADER: f"Bearer {admin_key}"}
        self._session: aiohttp.ClientSession | None = None
        self.misunderstood: Callable[[], None] = lambda: None
        """Called when an answer shows that the server is of another version than this program."""

    @classmethod
    def for_workspace(cls, workspace_dir: Path) -> tuple[Self, ServerInfo]:
        """A client of the server that runs on this workspace.

        Raises ConsoleUnavailable when none does.
        """
        info = read_server_info(workspace_dir)
        key = read_admin_key(workspace_dir)
        if info is None or key is None or not server_is_alive(workspace_dir):
            raise ConsoleUnavailable(f"no server runs on the workspace {workspace_dir}")
        return cls(info.console_url, key), info

    @classmethod
    async def of_running(cls, workspace_dir: Path) -> Self | None:
        """A client of the server that runs on this workspace, or None when none does.

        One that starts or stops is waited for. Raises ConsoleUnavailable when it takes too long: something holds the
        workspace and does not say where it listens.
        """
        deadline = asyncio.get_running_loop().time() + _STARTING_SECS
        while server_is_alive(workspace_dir):
            try:
                return cls.for_workspace(workspace_dir)[0]
            except ConsoleUnavailable:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.05)
        return None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def point_at(self, console_url: str, admin_key: str) -> None:
        """Speak to another server from the next request on: a restarted one listens elsewhere maybe."""
        self._base = console_url.rstrip("/")
        self._headers = {m.ADMIN_HEADER: f"Bearer {admin_key}"}

    async def close(self) -> None:
        """Idempotent."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    # status and feed

    async def status(self) -> m.ServerStatus:
        return await self._ask("GET", "/status", m.ServerStatus)

    async def feed(self, *, matching: str = "") -> AsyncIterator[m.FeedFrame]:
        """Frames until the server closes the feed; raises ConsoleUnavailable when the connection breaks.

        With a filter, only the events and trajectories that match are told, and no requests.
        """
        decoder = msgspec.msgpack.Decoder(m.FeedFrame)
        try:
            async with self._open().ws_connect(
                self._base + "/feed",
                params={"filter": matching} if matching else None,
                headers=self._headers,
                max_msg_size=64 * 1024 * 1024,
                heartbeat=20,
            ) as socket:
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.BINARY:
                        yield decoder.decode(message.data)
                if socket.close_code not in _GOODBYES:
                    raise ConsoleUnavailable("the connection to the server broke")
        except aiohttp.WSServerHandshakeError as error:  # which does not carry the answer's body
            reason = _FEED_REFUSALS.get(error.status, f"The server answered {error.status} instead of the feed.")
            raise ConsoleRefused(error.status, m.ConsoleError(code="feed_refused", message=reason)) from error
        except msgspec.MsgspecError as error:
            raise _of_another_version(error) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ConsoleUnavailable(str(error) or type(error).__name__) from error

    async def shut_down(self) -> None:
        """Ask the server to flush and stop. It answers before it does."""
        await self._ask("POST", "/shutdown", None, limits=BRIEF)

    # requests and queries

    async def requests(
        self, *, before_id: int | None = None, limit: int = 1000, rejected_only: bool = False
    ) -> list[m.RequestRow]:
        """The newest requests older than `before_id`, oldest first."""
        query: dict[str, str] = {"limit": str(limit)}
        if before_id is not None:
            query["before_id"] = str(before_id)
        if rejected_only:
            query["rejected_only"] = "1"
        return await self._ask("GET", "/requests", list[m.RequestRow], query=query)

    async def request_detail(self, request_id: int) -> m.RequestDetail:
        return await self._ask("GET", f"/requests/{request_id}", m.RequestDetail)

    async def events(
        self, *, before_seq: int | None = None, limit: int = 10_000, app_id: str | None = None, matching: str = ""
    ) -> list[m.EventRow]:
        """The newest stored events older than `before_seq`, oldest first: all, or those that match a filter.

        Fewer than `limit` of them are all there are.
        """
        query: dict[str, str] = {"limit": str(limit)}
        if matching:
            query["filter"] = matching
        if before_seq is not None:
            query["before_seq"] = str(before_seq)
        if app_id is not None:
            query["app_id"] = app_id
        limits = UNLIMITED if matching else TIMEOUT
        return await self._ask("GET", "/events", list[m.EventRow], query=query, limits=limits)

    async def query(self, name: str, **params: Any) -> m.Columns:
        """A named query of the event store: see `console/storage/queries/`."""
        try:
            return await self._ask("POST", f"/query/{name}", m.Columns, body=params, limits=UNLIMITED)
        except ConsoleRefused as refused:
            if not _does_not_know(refused.error):
                raise
            self.misunderstood()
            error = m.ConsoleError(
                code="unknown_query", message="The running server does not know this question.", hint="Restart it."
            )
            raise ConsoleRefused(refused.status, error) from refused

    # applications and keys

    async def applications(self) -> list[m.Application]:
        return await self._ask("GET", "/applications", list[m.Application])

    async def create_application(self, request: m.CreateApplication) -> m.CreatedApplication:
        return await self._ask("POST", "/applications", m.CreatedApplication, body=request)

    async def change_application(self, app_id: str, changes: m.ApplicationChanges) -> None:
        await self._ask("PATCH", f"/applications/{app_id}", None, body=changes)

    async def create_key(self, app_id: str, request: m.CreateKey) -> m.CreatedKey:
        return await self._ask("POST", f"/applications/{app_id}/keys", m.CreatedKey, body=request)

    async def label_key(self, key_id: str, label: str) -> None:
        await self._ask("PATCH", f"/keys/{key_id}", None, body=m.Rename(name=label))

    async def revoke_key(self, key_id: str) -> None:
        await self._ask("POST", f"/keys/{key_id}/revoke", None)

    async def rotate_key(self, key_id: str) -> m.CreatedKey:
        """A new key of the same kind and label; the old one is revoked."""
        return await self._ask("POST", f"/keys/{key_id}/rotate", m.CreatedKey)

    # level models

    async def level_models(self) -> list[m.LevelModel]:
        return await self._ask("GET", "/level-models", list[m.LevelModel])

    async def upload_level_model(
        self,
        app_id: str,
        level_name: str,
        file: Path,
        *,
        mesh_axes: m.Axes | None = None,
        on_sent: Callable[[int], None] = lambda _sent: None,
    ) -> m.LevelModel:
        """Stream a mesh file to the server, which parses it in a process of its own.

        `on_sent` is told how many bytes of it are on their way, on another thread. Whoever gives the call up gives
        the upload up: nothing of it is kept. Raises OSError, too, for a file that cannot be read.
        """
        with CountedFile(file, on_sent) as stream:
            form = aiohttp.FormData(quote_fields=False)  # file names as they are, not percent-encoded
            form.add_field("app_id", app_id)
            form.add_field("level_name", level_name)
            if mesh_axes is not None:
                form.add_field("mesh_axes", mesh_axes)
            form.add_field("model_file", stream, filename=file.name, content_type="application/octet-stream")
            return await self._ask("POST", "/level-models", m.LevelModel, form=form, limits=UNLIMITED)

    async def change_level_model(self, model_id: str, changes: m.LevelModelChanges) -> m.LevelModel:
        return await self._ask("PATCH", f"/level-models/{model_id}", m.LevelModel, body=changes)

    async def delete_level_model(self, model_id: str) -> None:
        await self._ask("DELETE", f"/level-models/{model_id}", None)

    async def mesh(self, model_id: str) -> m.Mesh:
        return await self._ask("GET", f"/level-models/{model_id}/mesh", m.Mesh, limits=UNLIMITED)

    # exports, settings, health

    async def start_export(self, request: m.StartExport) -> m.Export:
        return await self._ask("POST", "/exports", m.Export, body=request)

    async def export(self, export_id: str) -> m.Export:
        return await self._ask("GET", f"/exports/{export_id}", m.Export)

    async def cancel_export(self, export_id: str) -> m.Export:
        return await self._ask("DELETE", f"/exports/{export_id}", m.Export)

    async def settings(self) -> m.Settings:
        return await self._ask("GET", "/settings", m.Settings)

    async def change_settings(self, changes: m.SettingsChanges) -> m.Settings:
        return await self._ask("PATCH", "/settings", m.Settings, body=changes)

    async def verify(self) -> list[m.Check]:
        """Check the workspace's integrity. May take a while on a large one."""
        return await self._ask("POST", "/verify", list[m.Check], limits=UNLIMITED)

    async def send_test_event(self, app_id: str) -> m.RequestRow:
        """Have the server post one gameplay event to its own telemetry API, over HTTP like any game."""
        return await self._ask("POST", f"/applications/{app_id}/test-event", m.RequestRow)

    # ----------------------------------------------------------------------------------------------------------------

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    async def _ask(
        self,
        method: str,
        path: str,
        answer_type: type[T] | None,
        *,
        body: Any = None,
        form: aiohttp.FormData | None = None,
        query: dict[str, str] | None = None,
        limits: aiohttp.ClientTimeout = TIMEOUT,
    ) -> T:
        headers = dict(self._headers)
        data: Any = form
        if body is not None:
            data = m.encode(body)
            headers["Content-Type"] = "application/msgpack"
        try:
            async with self._open().request(
                method, self._base + path, headers=headers, data=data, params=query, timeout=limits
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ConsoleUnavailable(str(error) or type(error).__name__) from error
        if response.status >= 400:
            raise ConsoleRefused(response.status, _error_of(response.status, content))
        if answer_type is None:
            return None  # type: ignore[return-value]  # the caller asked for no answer
        try:
            return msgspec.msgpack.decode(content, type=answer_type)
        except msgspec.MsgspecError as error:
            raise _of_another_version(error) from error


def _does_not_know(error: m.ConsoleError) -> bool:
    """Whether the server has not this question, or not in this form: what this program asks of its own has both."""
    return error.code == "unknown_query" or (error.code == "invalid_query" and bool(_UNKNOWN.match(error.message)))


def _of_another_version(error: msgspec.MsgspecError) -> ConsoleRefused:
    return ConsoleRefused(
        200,
        m.ConsoleError(
            code="unexpected_answer",
            message=f"The server's answer is not understood: {error}.",
            hint="Use a window and a server of one version.",
        ),
    )


def _error_of(status: int, content: bytes) -> m.ConsoleError:
    try:
        return msgspec.msgpack.decode(content, type=m.ConsoleError)
    except msgspec.MsgspecError:
        text = content[:200].decode("utf-8", "replace")
        return m.ConsoleError(code="unexpected_answer", message=f"The server answered {status}: {text}")
