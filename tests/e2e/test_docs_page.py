"""The contract's page in a real browser: what a person does there, and that nothing goes anywhere else."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from msgspec import json

from tests.e2e.browser import Tab, driven
from tests.e2e.processes import eventually, make_application, serving

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="programs are started in a group of their own"),
]


class Docs:
    """The page as a person uses it: opens forms, writes into fields, sends."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab

    async def write(self, field: str, value: str) -> None:
        await self._tab.value(
            f"{{ const field = document.querySelector({_text(field)}); field.value = {_text(value)};"
            "field.dispatchEvent(new Event('input', {bubbles: true})); }"
        )

    async def opened(self, operation: str) -> None:
        await self._tab.value(f"document.querySelector('#{operation} .try').open = true")
        await self._tab.until(f"document.querySelector('#{operation} .try form') !== null")

    async def choose(self, operation: str, option: str) -> None:
        """An example of several."""
        await self._tab.value(
            f"{{ const choice = document.querySelector('#{operation} .try select');"
            f"choice.selectedIndex = [...choice.options].findIndex((known) => known.text === {_text(option)});"
            "choice.onchange(); }"
        )

    async def press(self, operation: str, button: str) -> None:
        await self._tab.value(
            f"[...document.querySelectorAll('#{operation} .try button')]"
            f".find((known) => known.textContent === {_text(button)}).click()"
        )

    async def outcome(self, operation: str) -> str:
        """What the newest outcome says, such as `✓ 200 OK in 3 ms` without the mark."""
        return str(await self._tab.until(f"document.querySelector('#{operation} .outcome')?.textContent"))

    async def answer(self, operation: str) -> Any:
        """The JSON that was answered."""
        return json.decode(await self._tab.until(f"document.querySelector('#{operation} .answer')?.textContent"))

    async def sends(self, operation: str) -> Any:
        await self.opened(operation)
        await self.press(operation, "Send")
        return await self.answer(operation)


def _text(value: str) -> str:
    return json.encode(value).decode()


_SHOWN_STREAM = "(document.querySelector('#stream_events .answer')?.textContent ?? '')"


async def test_a_person_tries_both_apis_on_the_page(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    credentials = make_application(workspace)
    with serving(workspace, "--player-port", "0", "--rate-limit", "0") as server:
        async with driven(tmp_path / "profile") as tab:
            page = Docs(tab)
            await tab.open(f"{server.url}/docs")
            await tab.until("document.querySelector('#stream_events .try') !== null")
            await page.write("#key", credentials.secret_key)
            await page.write("#known-app", credentials.app_id)

            await page.opened("track_event")  # its player is not known yet
            player = (await page.sends("register_player"))["data"]
            assert await tab.value("document.getElementById('known-player').value") == player["id"]

            await page.opened("stream_events")
            await page.press("stream_events", "Send")
            await tab.until(f"{_SHOWN_STREAM}.includes('retry: 3000')")

            assert (await page.sends("track_event"))["data"]["player_id"] == player["id"]
            assert (await page.sends("create_flag"))["data"]["version"] == 1
            evaluation = (await page.sends("evaluate_flag"))["data"]
            assert (evaluation["flag_key"], type(evaluation["value"])) == ("new_tutorial", bool)

            await page.write("#key", credentials.public_key)
            await page.opened("ingest_events")
            await page.choose("ingest_events", "trajectory")
            assert await page.sends("ingest_events") == {"status": "queued"}
            await page.choose("ingest_events", "gameplay event")
            assert await page.sends("ingest_events") == {"status": "queued"}

            await tab.until(f"{_SHOWN_STREAM}.includes('level_complete') && {_SHOWN_STREAM}.includes('Player_Jump')")
            assert (await page.outcome("stream_events")).startswith("200 OK")
            await page.press("stream_events", "Stop")
            await tab.until("document.querySelector('#stream_events .outcome.failed')?.textContent === 'Stopped.'")

            assert tab.complaints == []
            assert [address for address in tab.requests if not address.startswith(f"{server.url}/")] == []
            assert await _is_refused_by_the_page(tab, server.ready["player_url"])
        events = await asyncio.to_thread(_exported, server.url, credentials.secret_key)
        jump, path = (next(event for event in events if name in event) for name in ("custom_data", "positions"))
        assert jump["position"] == [10.5, 0, -5.2]
        assert jump["custom_data"] == {"weapon": "Sword", "ammo": 10}
        assert path["positions"][-3:] == [10.2, 0, 1.2]
        assert path["fps"] == {"mean": 60, "low_5": 55, "low_1": 30}


def _exported(url: str, secret_key: str) -> list[Any]:
    """Every event as it was recorded."""
    started = requests.post(f"{url}/api/export", timeout=90).json()
    state_url = f"{url}/api/export/{started['export_id']}"

    def done() -> Path | None:
        state = requests.get(state_url, headers={"x-api-key": secret_key}, timeout=90).json()
        return Path(state["file"]) if state["state"] == "done" else None

    return [json.decode(line) for line in eventually(done, "the export").read_bytes().splitlines()]


async def _is_refused_by_the_page(tab: Tab, elsewhere: str) -> bool:
    """Whether the page's policy stops a script written into it, a style, and a request to another origin."""
    await tab.value(
        "window.violations = [];"
        "document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));"
        "const script = document.createElement('script'); script.textContent = 'window.harmed = true';"
        "document.body.append(script);"
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">styled</p>');"
        f"fetch('{elsewhere}/healthz').then(() => (window.harmed = true), () => {{}}).then(() => true)"
    )
    await tab.until("violations.length >= 3")
    stopped = set(await tab.value("violations"))
    return stopped == {"script-src-elem", "style-src-attr", "connect-src"} and not await tab.value("window.harmed")
