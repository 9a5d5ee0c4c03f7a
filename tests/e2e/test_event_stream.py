"""The event stream, read by programs that other people wrote: Chromium, curl, and the EventSource of npm."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgpack
import pytest
import requests
from aiohttp import ClientConnectionError, ClientSession, web
from msgspec import json

from console.client import ConsoleClient
from console.messages import SettingsChanges
from tests.e2e.browser import chromium
from tests.e2e.clients import needs, npm_package, running
from tests.e2e.processes import Credentials, Server, make_application, serving, steady_port

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="programs are started in a group of their own"),
]

_PATIENCE_SECS = 60.0
_STREAM = "/v1/events/events/stream"


class Game:
    """A server, an application on it, and what a game sends."""

    def __init__(self, server: Server, credentials: Credentials) -> None:
        self.server = server
        self.credentials = credentials

    @property
    def stream_url(self) -> str:
        return f"{self.server.ready['player_url']}{_STREAM}"

    async def send(self, *names: str) -> None:
        """Events of the telemetry API, one request each."""
        for name in names:
            event = {
                "event_name": name,
                "app_id": self.credentials.app_id,
                "build_id": "b",
                "player_id": "anna",
                "session_id": "s",
                "custom_data": {"text": "a\nb\r\nc\u2028d – ß"},
                "timestamp": "2026-02-12T10:00:00Z",
            }
            await asyncio.to_thread(self._post, msgpack.packb(event))

    def _post(self, body: bytes) -> None:
        headers = {"x-public-token": self.credentials.public_key, "Content-Type": "application/msgpack"}
        requests.post(self.server.events_url, data=body, headers=headers, timeout=90).raise_for_status()

    async def allow(self, origin: str) -> None:
        async with ConsoleClient.for_workspace(self.server.workspace)[0] as client:
            await client.change_settings(SettingsChanges(allowed_origins=[origin]))


@pytest.fixture
def game(tmp_path: Path) -> Any:
    with serving(tmp_path / "w", "--player-port", "0", "--rate-limit", "0") as server:
        yield Game(server, make_application(server.workspace))


class Page:
    """A web page of another origin, and what its script reports: one JSON value a POST to `/report`."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._reports: asyncio.Queue[Any] = asyncio.Queue()
        self.url = ""
        self.proxied: Callable[[web.Request], Any] | None = None

    async def report(self) -> Any:
        async with asyncio.timeout(_PATIENCE_SECS):
            return await self._reports.get()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Page"]:
        """Serve it on a free port."""
        application = web.Application()
        application.add_routes(
            [web.get("/", self._page), web.post("/report", self._reported), web.get("/stream", self._proxy)]
        )
        runner = web.AppRunner(application, shutdown_timeout=0.2)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def _page(self, _: web.Request) -> web.Response:
        page = f"<!doctype html><meta charset=utf-8><title>reader</title><script type=module>{self._script}</script>"
        return web.Response(text=page, content_type="text/html")

    async def _reported(self, request: web.Request) -> web.Response:
        self._reports.put_nowait(json.decode(await request.read()))
        return web.Response()

    async def _proxy(self, request: web.Request) -> web.StreamResponse:
        assert self.proxied is not None
        response: web.StreamResponse = await self.proxied(request)
        return response


_REPORT = 'const report = (value) => fetch("/report", {method: "POST", body: JSON.stringify(value)});\n'

# What a page of a studio does: EventSource cannot send a key, so it reads the answer itself.
_FETCH_READER = (
    _REPORT
    + """
let lastId = "";
async function read(count) {
  const headers = {"x-api-key": KEY};
  if (lastId) headers["Last-Event-ID"] = lastId;
  const stop = new AbortController();
  const response = await fetch(URL_, {headers, signal: stop.signal});
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  await report({open: response.status, type: response.headers.get("content-type")});
  let text = "", found = [];
  while (found.length < count) {
    const {value, done} = await reader.read();
    if (done) break;
    text += value;
    const blocks = text.split("\\n\\n");
    text = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
      if (fields.event !== "event") continue;
      lastId = fields.id;
      found.push({id: fields.id, name: JSON.parse(fields.data).event_name});
    }
  }
  stop.abort();
  await report(found);
}
try {
  await read(2);
  await read(2);
} catch (error) {
  await report({failed: error.name});
}
"""
)


def _fetch_reader(game: Game) -> Page:
    key, url = json.encode(game.credentials.secret_key).decode(), json.encode(game.stream_url).decode()
    return Page(f"const KEY = {key}, URL_ = {url};\n{_FETCH_READER}")


async def test_a_page_of_an_allowed_origin_reads_and_comes_back_where_it_was(game: Game, tmp_path: Path) -> None:
    async with _fetch_reader(game).open() as page:
        await game.allow(page.url)
        async with chromium(page.url, tmp_path / "profile"):
            assert await page.report() == {"open": 200, "type": "text/event-stream"}
            await game.send("a", "b")
            assert await page.report() == [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]
            await game.send("c", "d")
            assert await page.report() == {"open": 200, "type": "text/event-stream"}
            assert await page.report() == [{"id": "3", "name": "c"}, {"id": "4", "name": "d"}]


async def test_a_page_of_another_origin_reads_nothing(game: Game, tmp_path: Path) -> None:
    async with _fetch_reader(game).open() as page, chromium(page.url, tmp_path / "profile"):
        assert await page.report() == {"failed": "TypeError"}


_EVENT_SOURCE = (
    _REPORT
    + """
const source = new EventSource("/stream");
source.onopen = () => report("open");
source.addEventListener("event", (message) => {
  const data = JSON.parse(message.data);
  report({id: message.lastEventId, name: data.event_name, text: data.properties.custom_data.text});
});
"""
)


async def test_the_browser_s_own_event_source_misses_and_repeats_nothing_when_its_connection_breaks(
    game: Game, tmp_path: Path
) -> None:
    """Through a proxy of the page's own origin, as a studio would put one there to add the key."""
    breaking = asyncio.Event()

    async def proxied(request: web.Request) -> web.StreamResponse:
        headers = {"X-API-Key": game.credentials.secret_key}
        if "Last-Event-ID" in request.headers:
            headers["Last-Event-ID"] = request.headers["Last-Event-ID"]
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        async with ClientSession(headers=headers) as session, session.get(game.stream_url) as upstream:
            await response.prepare(request)
            broken = asyncio.ensure_future(breaking.wait())
            try:
                while True:
                    more = asyncio.ensure_future(upstream.content.readany())
                    await asyncio.wait([more, broken], return_when=asyncio.FIRST_COMPLETED)
                    if broken.done():
                        more.cancel()
                        breaking.clear()
                        assert request.transport is not None
                        request.transport.abort()
                        return response
                    await response.write(await more)
            except (ClientConnectionError, ConnectionError):
                return response
            finally:
                broken.cancel()

    page = Page(_EVENT_SOURCE)
    page.proxied = proxied
    text = "a\nb\r\nc\u2028d – ß"
    async with page.open() as page, chromium(page.url, tmp_path / "profile"):
        assert await page.report() == "open"
        await game.send("a")
        assert await page.report() == {"id": "1", "name": "a", "text": text}
        breaking.set()
        await game.send("b", "c")
        assert await page.report() == "open"
        await game.send("d")
        found = [await page.report() for _ in range(3)]
        assert found == [{"id": str(n), "name": name, "text": text} for n, name in ((2, "b"), (3, "c"), (4, "d"))]


async def test_curl_shows_events_as_they_come(game: Game) -> None:
    command = [needs("curl"), "-sN", "-H", f"X-API-Key: {game.credentials.secret_key}", game.stream_url]
    async with running(*command) as curl, asyncio.timeout(_PATIENCE_SECS):
        assert curl.stdout is not None
        assert await curl.stdout.readuntil(b"\n\n") == b"retry: 3000\n\n"
        await game.send("a")
        lines = (await curl.stdout.readuntil(b"\n\n")).decode().splitlines()
        assert [line.partition(":")[0] for line in lines] == ["id", "event", "data", ""]
        assert json.decode(lines[2].removeprefix("data: "))["event_name"] == "a"


_NODE_READER = """
import {EventSource} from "eventsource";
const [url, key] = process.argv.slice(2);
const withKey = (input, init) => fetch(input, {...init, headers: {...init.headers, "x-api-key": key}});
const source = new EventSource(url, {fetch: withKey});
source.onopen = () => console.log("open");
source.addEventListener("event", (message) => {
  console.log(`${message.lastEventId} ${JSON.parse(message.data).event_name}`);
});
"""


async def test_npm_s_event_source_goes_on_after_the_server_was_killed(tmp_path: Path) -> None:
    node = needs("node")
    folder = npm_package("eventsource", "3.0.7", tmp_path)
    (folder / "reader.mjs").write_text(_NODE_READER)

    async def lines(count: int) -> list[str]:
        async with asyncio.timeout(_PATIENCE_SECS):
            return [(await reader.stdout.readline()).decode().strip() for _ in range(count)]

    port = str(steady_port())
    with serving(tmp_path / "w", "--player-port", port, "--rate-limit", "0") as server:
        game = Game(server, make_application(server.workspace))
        url = game.stream_url
        async with running(node, "reader.mjs", url, game.credentials.secret_key, cwd=folder) as reader:
            assert reader.stdout is not None
            assert await lines(1) == ["open"]
            await game.send("a", "b")
            assert await lines(2) == ["1 a", "2 b"]
            await asyncio.to_thread(server.kill)
            with serving(tmp_path / "w", "--no-player-port", "--rate-limit", "0") as meanwhile:
                await Game(meanwhile, game.credentials).send("c", "d")
            with serving(tmp_path / "w", "--player-port", port, "--rate-limit", "0") as again:
                assert await lines(3) == ["open", "3 c", "4 d"]
                await Game(again, game.credentials).send("e")
                assert await lines(1) == ["5 e"]
