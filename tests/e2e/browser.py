"""Chromium without a screen: a page that is only opened, or one that is driven (Chrome DevTools Protocol)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientSession, ClientWebSocketResponse
from msgspec import json

from tests.e2e.clients import needs, running

# A new profile each, no sandbox (the tests may run as root), and nothing that asks the internet for something.
_OPTIONS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
)
_START_SECS: Final = 60.0
_PATIENCE_SECS: Final = 60.0
_POLL_SECS: Final = 0.02


@asynccontextmanager
async def chromium(url: str, profile: Path, *options: str) -> AsyncIterator[None]:
    """A page, open in a browser of its own."""
    async with running(needs("chromium"), *_OPTIONS, *options, f"--user-data-dir={profile}", url):
        yield


class Tab:
    """A page that is driven. `requests` are the addresses it asked for; `complaints` what the console was told."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.requests: list[str] = []
        self.complaints: list[str] = []

    async def call(self, method: str, **parameters: Any) -> Any:
        """One command of the protocol. Raises AssertionError when it fails."""
        number = len(self._answers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(_PATIENCE_SECS):
            return await answer

    async def open(self, url: str) -> None:
        """Go to a page; its script may still be running."""
        for domain in ("Page", "Network", "Log", "Runtime"):
            await self.call(f"{domain}.enable")
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def value(self, script: str) -> Any:
        """What an expression gives, awaited if it is a promise. Raises AssertionError with what it throws."""
        done = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    async def until(self, script: str) -> Any:
        """The first value of an expression that is not falsy."""
        try:
            async with asyncio.timeout(_PATIENCE_SECS):
                while True:
                    with suppress(AssertionError):  # between two pages there is nothing to ask
                        if found := await self.value(script):
                            return found
                    await asyncio.sleep(_POLL_SECS)
        except TimeoutError:
            raise AssertionError(f"it never came to this: {script}") from None

    async def listen(self) -> None:
        """Read what the browser says, until it goes."""
        async for message in self._socket:
            said = json.decode(message.data)
            if "id" in said:
                self._answered(said)
            else:
                self._note(said["method"], said["params"])

    def _answered(self, said: Any) -> None:
        answer = self._answers[said["id"]]
        if answer.done():  # nobody waits any more
            return
        if "error" in said:
            answer.set_exception(AssertionError(str(said["error"])))
        else:
            answer.set_result(said["result"])

    def _note(self, method: str, params: Any) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"].get("exception", {}).get("description")))


@asynccontextmanager
async def driven(profile: Path, *options: str) -> AsyncIterator[Tab]:
    """An empty page to drive."""
    async with chromium("about:blank", profile, "--remote-debugging-port=0", *options), ClientSession() as session:
        async with asyncio.timeout(_START_SECS):
            port = await _debugging_port(profile)
            async with session.get(f"http://127.0.0.1:{port}/json/list") as response:
                pages = [target for target in await response.json() if target["type"] == "page"]
        url = pages[0]["webSocketDebuggerUrl"]
        async with session.ws_connect(url, max_msg_size=0) as socket:
            tab = Tab(socket)
            listening = asyncio.create_task(tab.listen())
            try:
                yield tab
            finally:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening


async def _debugging_port(profile: Path) -> int:
    """Chromium writes it down when it listens."""
    note = profile / "DevToolsActivePort"
    while True:
        with suppress(FileNotFoundError):
            if "\n" in (text := note.read_text()):
                return int(text.partition("\n")[0])
        await asyncio.sleep(_POLL_SECS)
