"""The server as a process of its own: its ports, its workspace, its readiness line, its signals and its end."""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from console.client import ConsoleClient
from console.discovery import ServerInfo, forget_server_info, write_server_info
from console.messages import SettingsChanges
from console.server.application import GATE, make_application
from console.server.connection import ConnectionCount, protocol_factory
from console.server.errors import ApiError, telemetry_error_body
from console.server.faults import FaultRules
from console.server.listeners import PortTaken, SocketListeners
from console.server.services import Services, open_services
from console.stdin_end import stop_with_stdin
from console.storage.catalog import CatalogError
from console.storage.journal import JournalError
from console.storage.workspace import Workspace, WorkspaceBusy, WorkspaceError

log = logging.getLogger(__name__)

EXIT_OK: Final = 0
EXIT_UNUSABLE: Final = 1
EXIT_PORT_TAKEN: Final = 3
EXIT_WORKSPACE_BUSY: Final = 4

# Twice this is spent on requests that do not end, before what they would have written is given up.
_HANDLERS_END_SECS: Final = 0.4
# After this the process ends whatever still runs: all that was acknowledged is on disk since long.
_END_SECS: Final = 2.8
# How long a busy thread may keep the loop from the interpreter: Python's 5 ms would be added to every answer while a
# large body is looked at.
_SWITCH_SECS: Final = 0.001
_LOG_BYTES: Final = 4 * 1024 * 1024
_LOG_FILES: Final = 4
_LOG_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_WANTED_FILES: Final = 8192
_SPARE_FILES: Final = 128


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """What the command line asks for. Port 0 takes a free one; `player_port` None leaves the player API out.

    `rate_limit` None keeps what the workspace has. `until_stdin_closes` ends the server with whoever holds the other
    end of its standard input.
    """

    workspace: Path
    host: str = "127.0.0.1"
    port: int = 4000
    player_port: int | None = 18000
    rate_limit: float | None = None
    until_stdin_closes: bool = False


def serve(options: ServeOptions) -> int:
    """Run until asked to stop; returns the exit status.

    Nothing but the readiness line goes to stdout. What ends a start is one line on stderr.
    """
    _log_to_stderr()
    with asyncio.Runner() as runner:
        return runner.run(_serve(options))


async def _serve(options: ServeOptions) -> int:
    try:
        listeners = SocketListeners(options.host, options.port, options.player_port)
        listeners.open()
    except PortTaken as error:
        return _say(str(error), EXIT_PORT_TAKEN)
    except OSError as error:
        return _say(f"cannot listen on {options.host}: {error.strerror or error}", EXIT_UNUSABLE)
    try:
        workspace = Workspace.open(options.workspace)
        with workspace.lock(), _log_to_file(workspace.logs_dir):
            await _serve_on(workspace, listeners, options)
    except WorkspaceBusy as error:
        return _say(str(error), EXIT_WORKSPACE_BUSY)
    except (WorkspaceError, CatalogError, JournalError) as error:
        return _say(str(error), EXIT_UNUSABLE)
    finally:
        listeners.close()
    return EXIT_OK


async def _serve_on(workspace: Workspace, listeners: SocketListeners, options: ServeOptions) -> None:
    forget_server_info(workspace.root)  # of a server that was killed: nobody answers there until this one is ready
    async with running(workspace, listeners, rate_limit=options.rate_limit, store_process=True) as (services, info):
        with _stopping_on_signals(services.runtime.stop):
            if options.until_stdin_closes:
                stop_with_stdin(services.runtime.stop)
            _collect_less_often()
            sys.setswitchinterval(_SWITCH_SECS)
            write_server_info(workspace.root, info)
            _announce(info)
            log.info("ready: %s, workspace %s", " ".join(listeners.telemetry_urls), workspace.root)
            with announcing_faults(services.faults, workspace, info):
                await services.runtime.stop.wait()
            log.info("stopping")
            _end_within(_END_SECS)
            forget_server_info(workspace.root)
    log.info("stopped")


@asynccontextmanager
async def running(
    workspace: Workspace, listeners: SocketListeners, *, rate_limit: float | None = None, store_process: bool = False
) -> AsyncIterator[tuple[Services, ServerInfo]]:
    """Services behind open sockets while entered; the caller holds the workspace's lock.

    At the end no connection is accepted, open feeds are closed, requests in progress get a moment, and all that was
    accepted is flushed. Raises WorkspaceError, CatalogError or JournalError when a file cannot be used.
    """
    overrides = SettingsChanges(rate_limit=rate_limit, lan=True if listeners.lan else None)
    async with open_services(workspace, overrides=overrides, store_process=store_process) as services:
        if services.settings.current.lan:
            try:
                await listeners.set_lan(True)
            except OSError as error:
                log.warning("cannot listen on the network, on this machine only: %s", error)
        services.runtime.listeners = listeners
        runner = web.AppRunner(make_application(services), shutdown_timeout=_HANDLERS_END_SECS)
        await runner.setup()
        try:
            await _accept(runner, listeners)
            yield services, _info(workspace, listeners)
        finally:
            listeners.close()
            await asyncio.gather(services.feed.close(), services.stream.close())
            await runner.cleanup()


async def _accept(runner: web.AppRunner, listeners: SocketListeners) -> None:
    """Serve connections of our own protocol, with the gate ahead of aiohttp's router."""
    server = runner.server
    assert isinstance(server, web.Server)  # since setup()
    application = runner.app
    gate = application[GATE]
    server.request_handler = gate.handle  # type: ignore[assignment]  # its factory makes nothing but web.Request
    late = telemetry_error_body(ApiError(408, "request_timeout", "The request's headers did not arrive in time."))
    await listeners.start(
        protocol_factory(
            server,
            count=ConnectionCount(_connection_limit()),
            malformed=gate.malformed,
            timeout_answer=b"HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"Connection: close\r\n\r\n%s" % (len(late), late),
        )
    )


@asynccontextmanager
async def running_server(workspace_dir: Path) -> AsyncIterator[ConsoleClient]:
    """A client of the workspace's server: the one that runs, else one in this process on a free loopback port.

    Raises WorkspaceError, CatalogError, JournalError or OSError when none can be started, ConsoleUnavailable when
    one holds the workspace and does not answer.
    """
    workspace = Workspace.open(workspace_dir)
    if (found := await ConsoleClient.of_running(workspace.root)) is not None:
        async with found:
            yield found
        return
    with workspace.lock():
        listeners = SocketListeners("127.0.0.1", 0, None)
        listeners.open()
        try:
            async with (
                running(workspace, listeners) as (_, info),
                ConsoleClient(info.console_url, workspace.admin_key()) as client,
            ):
                yield client
        finally:
            listeners.close()


def _info(workspace: Workspace, listeners: SocketListeners) -> ServerInfo:
    telemetry_url = listeners.telemetry_urls[0]
    return ServerInfo(
        telemetry_url=telemetry_url,
        player_url=listeners.player_urls[0] if listeners.player_urls else None,
        console_url=f"{telemetry_url}/console",
        workspace=str(workspace.root),
        pid=os.getpid(),
    )


def _announce(info: ServerInfo) -> None:
    """Print the readiness line. Whoever started the server may be gone, or there is no stdout at all."""
    with suppress(OSError, ValueError, AttributeError):
        print(msgspec.json.encode(info).decode(), flush=True)


@contextmanager
def announcing_faults(faults: FaultRules, workspace: Workspace, info: ServerInfo) -> Iterator[None]:
    """Keep the announcement true while fault rules come and go: whoever reads it is to know of them.

    One thread, so that the last change is written last.
    """

    def write(on: bool) -> None:
        try:
            write_server_info(workspace.root, msgspec.structs.replace(info, faults=on))
        except OSError as error:
            log.warning("the announcement could not be written: %s", error)

    with ThreadPoolExecutor(1, "announcement") as thread:
        faults.switched = lambda on: thread.submit(write, on)
        try:
            yield
        finally:
            faults.switched = None


def _say(line: str, status: int) -> int:
    with suppress(OSError, ValueError, AttributeError):
        print(f"playtest-console: {line}", file=sys.stderr, flush=True)
    return status


@contextmanager
def _stopping_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set the event on SIGINT, SIGTERM and, on Windows, Ctrl+Break.

    Windows' event loop has no `add_signal_handler`. There a plain handler runs between two bytecodes of the main
    thread, and the loop's wake-up descriptor, which it sets while it runs, ends its wait so that there is a next one.
    """
    loop = asyncio.get_running_loop()
    signals = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        signals.append(signal.SIGBREAK)
        before = {each: signal.signal(each, lambda *_: loop.call_soon_threadsafe(stop.set)) for each in signals}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
        return
    for each in signals:
        loop.add_signal_handler(each, stop.set)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)


def _collect_less_often() -> None:
    """What start-up made lives as long as the process, and events die by their reference counts within milliseconds.

    Looking for cycles at every 700 new objects, Python's default, would look at each batch of events several times.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _end_within(secs: float) -> None:
    """End the process after a while, whatever still runs: a thread cannot be cancelled.

    By then everything acknowledged is on disk, and the event store is rebuilt from there.
    """
    timer = threading.Timer(secs, os._exit, args=(EXIT_OK,))
    timer.daemon = True
    timer.name = "last resort"
    timer.start()


def _connection_limit() -> int:
    """How many connections the operating system lets us have; the limit is raised as far as it goes.

    Windows has no such limit for sockets.
    """
    if sys.platform == "win32":
        return _WANTED_FILES
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _WANTED_FILES:
        wanted = _WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, _WANTED_FILES)
        with suppress(ValueError, OSError):  # macOS has a lower limit than it tells
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft == resource.RLIM_INFINITY:
        return _WANTED_FILES
    return max(64, min(soft, _WANTED_FILES) - _SPARE_FILES)


def _log_to_stderr() -> None:
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a window that is gone leaves a closed stderr behind
    if sys.stderr is not None:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(_LOG_FORMAT))
        root.addHandler(handler)


@contextmanager
def _log_to_file(folder: Path) -> Iterator[None]:
    """Log to a rotating file besides. Raises WorkspaceError when it cannot be written."""
    try:
        handler = RotatingFileHandler(
            folder / "server.log", maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"
        )
    except OSError as error:
        raise WorkspaceError(f"The log in {folder} cannot be written: {error.strerror or error}.") from error
    handler.setFormatter(logging.Formatter(_LOG_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
