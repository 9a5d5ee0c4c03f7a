"""Keeps one server running for the window: adopts, starts, watches, mends, and stops it only on purpose."""

import asyncio
import logging
import time
from collections import deque

from console.client import ConsoleClient, ConsoleRefused, ConsoleUnavailable
from console.messages import FeedHello
from console.ui.context import Messages
from console.ui.live_feed import Connection, LiveFeed
from console.ui.server_process import RunningServer, ServerCommand, StartFailed, bring_up

log = logging.getLogger(__name__)

CRASH_WINDOW_SECS = 60.0
MAX_BACK_OFF_SECS = 30.0
LOCK_GRACE_SECS = 0.5
RECONNECT_SECS = 0.25
UNRESPONSIVE_SECS = 8.0


def back_off_secs(recent_crashes: int) -> float:
    """How long to wait before the next start: not at all after one crash, then doubling."""
    return 0.0 if recent_crashes <= 1 else min(0.5 * 2.0 ** (recent_crashes - 2), MAX_BACK_OFF_SECS)


class Supervisor:
    """`run` is the one task that talks to the process; the other methods say what is wanted.

    The feed's connection breaking is the first sign of trouble, the freed lock of the workspace is the proof.
    A crashed server is restarted on its old ports; one that was stopped, here or elsewhere, is not.
    `free_port_if_taken` is for when nobody is there to choose.
    """

    def __init__(
        self,
        command: ServerCommand,
        client: ConsoleClient,
        feed: LiveFeed,
        messages: Messages,
        *,
        free_port_if_taken: bool = False,
    ) -> None:
        self._command = command
        self._client = client
        self._feed = feed
        self._messages = messages
        self._free_port_if_taken = free_port_if_taken
        self._server: RunningServer | None = None
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._crashes: deque[float] = deque(maxlen=16)
        self._broken_since = 0.0
        self._mended: str = ""
        self._told_unresponsive = False
        feed.connected.connect(self._on_connected)

    @property
    def server(self) -> RunningServer | None:
        """The server in use, or the last one."""
        return self._server

    @property
    def started_here(self) -> bool:
        """Whether this window started the running server."""
        return self._server is not None and self._server.child is not None and self._server.is_alive()

    @property
    def stopping(self) -> bool:
        """Whether the server is stopped on purpose, or is about to be."""
        return not self._wanted.is_set()

    async def run(self) -> None:
        """Until cancelled. Cancelling leaves the server alone."""
        while True:
            await self._wanted.wait()
            try:
                server = await self._bring_up()
            except StartFailed as failure:
                await self._on_start_failed(failure)
                continue
            if not self._wanted.is_set():  # stopped while it started
                await self.stop()
                continue
            reason = await self._follow(server)
            if self._wanted.is_set():
                await self._on_broken(server, reason)

    def start(self) -> None:
        """Have a server running. Says nothing when one does."""
        self._crashes.clear()
        self._wanted.set()

    def start_on_free_ports(self) -> None:
        """Take whatever ports are free, after the wanted one was taken."""
        self._command = self._command.on_free_ports()
        self.start()

    async def stop(self) -> None:
        """Stop the server on purpose, flushed. Raises ConsoleUnavailable when it cannot be asked nor ended."""
        self._wanted.clear()
        server = self._server
        if server is not None and server.is_alive():
            try:
                await self._client.shut_down()
            except (ConsoleUnavailable, ConsoleRefused) as error:
                log.info("the server did not take the request to stop: %s", error)
            if not await server.wait_until_gone():
                await server.end_by_force()
            if server.is_alive():
                raise ConsoleUnavailable("the server does not stop, and it was not started by this window")
        self._feed.set_connection(Connection.STOPPED, "The server is stopped. Nothing is being recorded.")

    async def restart(self) -> None:
        """Stop, then start on the same ports."""
        await self.stop()
        self.start()

    async def _bring_up(self) -> RunningServer:
        if self._feed.connection is not Connection.RESTARTING:
            self._feed.set_connection(Connection.STARTING, "Starting the server …")
        server = await bring_up(self._command)
        known = self._server
        if known is not None and known.child is not None and known.info.pid == server.info.pid:
            server = known  # the same process, reached again: it stays the child of this window
        self._server = server
        self._command = self._command.on_ports_of(server.info)
        self._client.point_at(server.info.console_url, server.admin_key)
        return server

    async def _follow(self, server: RunningServer) -> str:
        """Show the feed until it ends; the reason why it did."""
        log.info("following the server, process %d, at %s", server.info.pid, server.info.console_url)
        try:
            await self._feed.follow(self._client)
        except (ConsoleUnavailable, ConsoleRefused) as error:
            return str(error)
        return "the feed was closed"

    def _on_connected(self, hello: FeedHello) -> None:
        self._told_unresponsive = False
        if self._mended:
            text, self._mended = self._mended, ""
            secs = time.monotonic() - self._broken_since
            self._broken_since = 0.0
            self._messages.say(
                f"{text} It was restarted after {secs:.1f} s. Nothing acknowledged was lost:"
                f" {hello.status.events_total:,} events are stored.",
                kind="warning",
            )
        self._broken_since = 0.0

    async def _on_broken(self, server: RunningServer, reason: str) -> None:
        """The connection is gone: find out whether the server is too."""
        if not self._broken_since:
            self._broken_since = time.monotonic()
        log.warning("the connection to the server broke: %s", reason)
        if await server.wait_until_gone(LOCK_GRACE_SECS):
            await self._on_gone(server)
            return
        self._feed.set_connection(Connection.RESTARTING, "The connection to the server broke; it still runs. Trying …")
        silent_secs = time.monotonic() - self._broken_since
        if silent_secs > UNRESPONSIVE_SECS and not self._told_unresponsive:
            self._told_unresponsive = True
            self._messages.say(
                f"The server has not answered for {silent_secs:.0f} s, though it still runs ({reason}).", kind="bad"
            )
        await asyncio.sleep(RECONNECT_SECS)

    async def _on_gone(self, server: RunningServer) -> None:
        if server.ended_on_purpose():
            self._wanted.clear()
            self._broken_since = 0.0
            self._feed.set_connection(Connection.STOPPED, "The server was stopped. Nothing is being recorded.")
            self._messages.say(
                "The server was stopped from elsewhere. Nothing is being recorded.",
                kind="warning",
                actions=[("Start server", self.start)],
            )
            return
        how = server.how_it_ended()
        log.error("the server, process %d, ended unexpectedly: %s", server.info.pid, how)
        self._mended = f"The server stopped unexpectedly ({how})."
        await self._wait_after_crash(self._mended)

    async def _on_start_failed(self, failure: StartFailed) -> None:
        log.error("the server did not start: %s", failure)
        if failure.port_taken and self._free_port_if_taken:
            self._free_port_if_taken = False
            self._messages.say(f"{failure} A free port is used instead.", kind="warning")
            self.start_on_free_ports()
            return
        if self._mended and not failure.port_taken:
            await self._wait_after_crash(str(failure))
            return
        self._wanted.clear()
        self._feed.set_connection(Connection.FAILED, str(failure))
        actions = [("Try again", self.start)]
        if failure.port_taken:
            actions.insert(0, ("Use a free port", self.start_on_free_ports))
        self._messages.say(str(failure), kind="bad", actions=actions)

    async def _wait_after_crash(self, reason: str) -> None:
        now = time.monotonic()
        self._crashes.append(now)
        recent = sum(1 for crash in self._crashes if now - crash < CRASH_WINDOW_SECS)
        delay = back_off_secs(recent)
        if delay:
            text = f"{reason} It crashed {recent} times within a minute; the next start is in {delay:g} s."
            self._messages.say(text, kind="bad")
        self._feed.set_connection(Connection.RESTARTING, f"{reason} Restarting …")
        await asyncio.sleep(delay)
