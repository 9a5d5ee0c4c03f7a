"""Both halves of profiles are projections: whatever of them is lost comes back the same."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgpack
import pytest

from console.players.commands import (
    Command,
    Recorded,
    RecordPurchase,
    RecordSession,
    Register,
    TrackEvent,
    Update,
    encode_recorded,
)
from console.players.profiles import Profile, player_id_of
from console.server.services import Services, open_services
from console.storage.journal import IngestRequest
from console.storage.workspace import Workspace
from tests.storage.events import at_us, gameplay, identity, trajectory

NOW_US = at_us(59)


@asynccontextmanager
async def running(root: Path) -> AsyncIterator[Services]:
    async with open_services(Workspace.open(root), clock=lambda: NOW_US * 1000) as services:
        yield services


async def append(services: Services, *, events: Sequence[Any] = (), commands: Sequence[Command] = ()) -> None:
    app_id = services.catalog.applications()[0].app_id
    body = msgpack.packb([event | {"app_id": app_id} for event in events]) if events else b"{}"
    await services.journal.append(
        IngestRequest(
            received_at_us=NOW_US,
            app_id=app_id,
            key_id="key",
            key_label="",
            peer="::1",
            method="POST",
            route="/",
            client="",
            headers=b"[]",
            body=body,
            wire_bytes=len(body),
            events=len(events) + len(commands),
            commands=encode_recorded(Recorded(commands=list(commands))) if commands else b"",
        )
    )


async def known_players(services: Services) -> list[Profile]:
    """Everybody, once everything that was recorded is summed up."""
    app_id = services.catalog.applications()[0].app_id
    async with asyncio.timeout(30):
        while services.store.activity.seq < services.journal.counters.last_seq:  # noqa: ASYNC110  # a test waits by looking
            await asyncio.sleep(0.02)
    return list(services.profiles.all(app_id))


def remove(folder: Path, names: list[str]) -> None:
    for name in names:
        for file in folder.glob(f"{name}*"):
            file.unlink()


@pytest.mark.parametrize(
    "lost",
    [
        ["players.sqlite"],
        ["activity.sqlite"],
        ["events.duckdb"],
        ["players.sqlite", "activity.sqlite", "events.duckdb"],
    ],
    ids=lambda lost: "+".join(lost),
)
async def test_profiles_survive_the_loss_of_every_projection(lost: list[str], tmp_path: Path) -> None:
    async with running(tmp_path) as services:
        app_id = services.catalog.applications()[0].app_id
        ada = player_id_of(services.journal.journal_id(), app_id, "ada")
        await append(
            services,
            events=[
                identity("ada", 1, region="EU", hardware={"gpu": "RTX"}),
                gameplay("s1", 2, player_id="ada"),
                trajectory("s1", 3, 9, [0, 0, 0], player_id="bob"),
            ],
        )
        await append(
            services,
            commands=[
                Register(player_id=ada, external_id="ada", email="ada@example.org", attributes={"level": 3}),
                RecordSession(player_id=ada, session_id="s2", started_us=at_us(20), duration_secs=5.0),
                RecordPurchase(player_id=ada, amount_minor=499, transaction_id="t"),
            ],
        )
        await append(services, commands=[Register(player_id="anonymous", device_id="phone")])
        await append(services, events=[identity("bob", 30, region="US")])
        await append(
            services,
            commands=[
                Register(player_id="anonymous", external_id="bob"),
                Update(player_id=ada, attributes={"region": "API", "level": None}),
                TrackEvent(event_id="e", player_id="anonymous", event_name="jump", time_us=at_us(40), session_id="s9"),
            ],
        )
        before = await known_players(services)

    assert {profile.external_id: (profile.attributes, profile.session_count) for profile in before} == {
        "ada": ({"region": "API", "hardware": {"gpu": "RTX"}}, 2),
        "bob": ({"region": "US"}, 2),
    }
    remove(tmp_path, lost)
    async with running(tmp_path) as services:
        assert await known_players(services) == before
