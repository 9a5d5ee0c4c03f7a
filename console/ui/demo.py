"""Server ▸ Start demo playtest: simulated players on the sample level, by a process this window owns."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from console.client import ConsoleClient
from console.demo_definitions import make_demo_definitions
from console.demo_level import upload_sample_level
from console.messages import Application, CreateApplication, CreateKey
from console.ui.context import Messages
from console.ui.live_feed import LiveFeed

log = logging.getLogger(__name__)

DEMO_NAME = "Demo playtest"
PLAYERS = 8
DURATION_SECS = 1800
TRAJECTORY_SECS = 2.5  # shorter than a game's: what is shown moves sooner


def simulate_command() -> tuple[str, ...]:
    """This same program, run as simulated players."""
    program = (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-m", "console")
    return (*program, "simulate")


class DemoPlaytest(QObject):
    """One demo at a time. `changed(bool)`: it began, or ended by itself or on purpose.

    It plays as the application `name`, made when there is none: simulated players must not mix with real ones.
    """

    changed = Signal(bool)

    def __init__(
        self,
        client: ConsoleClient,
        feed: LiveFeed,
        messages: Messages,
        *,
        name: str = DEMO_NAME,
        program: Callable[[], tuple[str, ...]] = simulate_command,
    ) -> None:
        super().__init__()
        self._client = client
        self._feed = feed
        self._messages = messages
        self._name = name
        self._program = program
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    async def start(self) -> None:
        """Make the demo's application and level ready, then let the players in. Returns when they are done."""
        if self.running:
            return
        application, token = await self._application()
        await upload_sample_level(self._client, application)
        await make_demo_definitions(self._client, application)
        status = self._feed.status or await self._client.status()
        arguments = [
            *self._program(),
            *("--url", status.telemetry_urls[0], "--token", token, "--app-id", application.app_id),
            *("--players", str(PLAYERS), "--duration", str(DURATION_SECS), "--batch", str(TRAJECTORY_SECS)),
            "--until-stdin-closes",  # a killed window stops nobody itself
        ]
        if status.player_urls:
            arguments += ["--player-url", status.player_urls[0]]
        child = self._child = _start(arguments)
        log.info("started the demo playtest, process %d", child.pid)
        self.changed.emit(True)
        self._messages.say(f"{PLAYERS} simulated players are joining {application.name}.", kind="good")
        try:
            errors = await asyncio.get_running_loop().run_in_executor(None, _errors_of, child)
        except asyncio.CancelledError:
            self.stop()
            raise
        self._ended(child, errors.decode("utf-8", "replace").strip())

    def stop(self) -> None:
        """Send the players home. Idempotent."""
        child, self._child = self._child, None
        if child is not None and child.poll() is None:
            child.terminate()

    def _ended(self, child: "subprocess.Popen[bytes]", errors: str) -> None:
        stopped_here, self._child = self._child is None, None
        self.changed.emit(False)
        if stopped_here:
            self._messages.say("The demo playtest was stopped.")
        elif child.returncode == 0:
            self._messages.say("The demo playtest is over: all players have left.")
        else:
            line = errors.splitlines()[-1] if errors else f"exit status {child.returncode}"
            self._messages.say(f"The demo playtest ended: {line}", kind="bad")

    async def _application(self) -> tuple[Application, str]:
        for application in await self._client.applications():
            if application.name == self._name:
                if application.public_token:
                    return application, application.public_token
                created_key = await self._client.create_key(application.app_id, CreateKey(kind="public", label="Demo"))
                return application, created_key.token
        created = await self._client.create_application(CreateApplication(name=self._name, environment="test"))
        return created.application, created.public_key


def _errors_of(child: "subprocess.Popen[bytes]") -> bytes:
    """Wait for its end. Not `communicate`: that would close its stdin at once, which tells it that nobody is left."""
    assert child.stderr is not None
    assert child.stdin is not None
    with child.stderr, child.stdin:
        errors = child.stderr.read()
        child.wait()
        return errors


def _start(arguments: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **_in_background()
    )


def _in_background() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    return {}
