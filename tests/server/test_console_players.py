"""Players of the console API, as its client sees them; previews over the real store process."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest

from console.client import ConsoleClient, ConsoleRefused
from console.messages import players as p
from console.players.definitions import Flag, Rule, Segment
from console.players.profiles import DAY_US, player_id_of
from console.server.listeners import SocketListeners
from console.server.process import running
from console.storage.player_order import JUDGED_SORTS
from console.storage.player_roster import NotWanted, PlayerRoster
from console.storage.workspace import Workspace
from tests.server.harness import Server, create_application
from tests.server.player_calls import PlayerClient
from tests.server.test_console_api import client_of
from tests.server.test_console_flags import LEVEL_10, refusal, segment

UNKNOWN_PLAYER = "550e8400-e29b-41d4-a716-446655440000"


@pytest.fixture
async def client(server: Server) -> AsyncIterator[ConsoleClient]:
    async with client_of(server) as client:
        yield client


@pytest.fixture
def api(server: Server) -> PlayerClient:
    return PlayerClient(server)


async def code(call: Awaitable[object]) -> tuple[int, str]:
    status, error = await refusal(call)
    return status, error.code


async def until_known(client: ConsoleClient, app_id: str, count: int) -> p.PlayerPage:
    """The page of players, once there are as many: telemetry's become known a moment after their events."""
    deadline = time.monotonic() + 30
    while (page := await client.players(app_id)).total < count:
        assert time.monotonic() < deadline, page
        await asyncio.sleep(0.05)
    return page


async def test_players_of_both_apis_are_in_one_list(server: Server, client: ConsoleClient, api: PlayerClient) -> None:
    registered = await api.register("ada", email="ada@example.org", attributes={"level": 3})
    await server.ingest(server.body(server.event(player_id="bob")))
    page = await until_known(client, server.app_id, 2)
    rows = {row.external_id: row for row in page.rows}
    assert (rows["ada"].player_id, rows["ada"].api, rows["ada"].email) == (registered, "player", "ada@example.org")
    assert rows["bob"].api == "telemetry"
    assert rows["bob"].player_id == player_id_of(server.services.journal.journal_id(), server.app_id, "bob")
    assert rows["bob"].session_count == 1
    assert {row.stage for row in page.rows} == {"new"}
    other = create_application(server.services, "Another game").application
    assert (await client.players(other.app_id)).total == 0


async def test_a_page_is_searched_sorted_and_cut(server: Server, client: ConsoleClient, api: PlayerClient) -> None:
    for number in range(5):
        await api.register(f"player-{number}")
    page = await client.players(server.app_id, sort="external_id", descending=False, limit=2, offset=1)
    assert (page.total, [row.external_id for row in page.rows]) == (5, ["player-1", "player-2"])
    page = await client.players(server.app_id, sort="external_id", descending=True, limit=1)
    assert [row.external_id for row in page.rows] == ["player-4"]
    page = await client.players(server.app_id, search="ER-3")
    assert [row.external_id for row in page.rows] == ["player-3"]
    for sort in ("stage", "churn_risk", "session_count", "revenue", "first_seen", "last_seen"):
        assert len((await client.players(server.app_id, sort=sort)).rows) == 5  # type: ignore[arg-type]
    assert (await client.players(server.app_id, offset=99)).rows == []
    assert await code(client.players(server.app_id, sort="colour")) == (400, "invalid_parameter")  # type: ignore[arg-type]


async def test_one_player_is_shown_whole(server: Server, client: ConsoleClient, api: PlayerClient) -> None:
    player_id = await api.register("ada", attributes={"level": 12})
    await api.send("POST", f"/players/players/{player_id}/session", {"session_id": "s1", "duration_seconds": 90})
    await api.send("POST", f"/players/players/{player_id}/purchase?amount=4.99")
    await client.save_segment(server.app_id, p.SaveSegment(segment=segment()))
    flag = Flag(key="one", enabled=True, rules=[Rule(rule_id="beta", segment_id="beta-testers")])
    await client.save_flag(server.app_id, p.SaveFlag(flag=flag))
    await client.save_flag(server.app_id, p.SaveFlag(flag=Flag(key="two")))
    await client.set_override(server.app_id, "two", player_id, True)
    shown = await client.player(player_id)
    assert (shown.profile.external_id, shown.profile.attributes) == ("ada", {"level": 12})
    assert [(session.session_id, session.duration_secs) for session in shown.sessions] == [("s1", 90.0)]
    assert [purchase.amount_minor for purchase in shown.purchases] == [499]
    assert shown.segments == [p.SegmentName(segment_id="beta-testers", name="Beta testers")]
    assert [(e.flag_key, e.value, e.reason) for e in shown.flags] == [
        ("one", True, "segment_match"),
        ("two", True, "override"),
    ]
    assert [(o.flag_key, o.player_id, o.value) for o in shown.overrides] == [("two", player_id, True)]
    assert shown.lifecycle.stage == "new"
    contributions = sum(factor.contribution for factor in shown.churn_risk.factors)
    assert contributions == pytest.approx(shown.churn_risk.risk_score)
    assert await code(client.player(UNKNOWN_PLAYER)) == (404, "not_found")
    assert await code(client.player("nobody")) == (404, "not_found")


async def test_time_travel(server: Server, client: ConsoleClient, api: PlayerClient) -> None:
    player_id = await api.register("ada")
    now_us = time.time_ns() // 1000
    later = await client.player(player_id, now_us=now_us + 100 * DAY_US)
    assert later.lifecycle.stage == "churned"
    assert later.churn_risk.risk_score > (await client.player(player_id)).churn_risk.risk_score
    page = await client.players(server.app_id, now_us=now_us + 100 * DAY_US)
    assert [row.stage for row in page.rows] == ["churned"]
    for instant in (0, 2**63 - 1):
        assert (await client.player(player_id, now_us=instant)).profile.player_id == player_id
        assert (await client.players(server.app_id, sort="stage", now_us=instant)).total == 1


async def test_a_person_edits_a_player(server: Server, client: ConsoleClient, api: PlayerClient) -> None:
    player_id = await api.register("ada", device_id="phone", attributes={"level": 3, "vip": True})
    changes = p.PlayerChanges(email="ada@example.org", device_id=None, attributes={"level": 4, "vip": None})
    shown = await client.change_player(player_id, changes)
    assert (shown.profile.email, shown.profile.device_id, shown.profile.attributes) == (
        "ada@example.org",
        None,
        {"level": 4},
    )
    row = (await client.requests())[-1]
    assert (row.method, row.status, row.events, row.key_label) == ("PATCH", 200, 1, "window")
    detail = await client.request_detail(row.request_id)
    assert b'"level":4' in detail.body
    assert server.services.workspace.admin_key() not in repr(detail)
    assert await api.data("GET", f"/players/players/{player_id}", secret=True) | {"attributes": {"level": 4}} == (
        await api.data("GET", f"/players/players/{player_id}", secret=True)
    )


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        (p.PlayerChanges(), "$"),
        (p.PlayerChanges(email="nobody"), "$.email"),
        (p.PlayerChanges(external_id=""), "$.external_id"),
        (p.PlayerChanges(external_id="bob"), "$.external_id"),
        (p.PlayerChanges(device_id="taken"), "$.device_id"),
        (p.PlayerChanges(attributes={"a": "x" * 1001}), "$.attributes.a"),
        (p.PlayerChanges(attributes={"a": {"b": {"c": {"d": 1}}}}), "$.attributes.a.b.c"),
    ],
)
async def test_a_refused_edit_names_the_field(
    server: Server, client: ConsoleClient, api: PlayerClient, changes: p.PlayerChanges, path: str
) -> None:
    player_id = await api.register("ada", attributes={"level": 3})
    await api.register("eve", device_id="taken")
    status, error = await refusal(client.change_player(player_id, changes))
    assert (status, error.code, error.path) == (400, "invalid_value", path)
    assert (await client.player(player_id)).profile.attributes == {"level": 3}
    assert await code(client.change_player(UNKNOWN_PLAYER, p.PlayerChanges(email="a@b.c"))) == (404, "not_found")


async def test_overrides_are_set_explained_and_cleared(
    server: Server, client: ConsoleClient, api: PlayerClient
) -> None:
    app_id = server.app_id
    players = [await api.register(name) for name in ("ada", "bob")]
    for key in ("one", "two"):
        await client.save_flag(app_id, p.SaveFlag(flag=Flag(key=key, enabled=True)))
        for player_id in players:
            await client.set_override(app_id, key, player_id, True)
    explained = await client.explain_flag(app_id, "one", players[0])
    assert (explained.evaluation.value, explained.evaluation.reason) == (True, "override")
    await client.clear_override(app_id, "one", players[0])
    assert (await client.explain_flag(app_id, "one", players[0])).evaluation.reason == "default"
    assert await code(client.clear_override(app_id, "one", players[0])) == (404, "not_found")
    assert await client.clear_overrides(app_id, flag_key="two") == 2
    assert [(o.flag_key, o.player_id) for o in await client.overrides(app_id)] == [("one", players[1])]
    assert await client.clear_overrides(app_id, player_id=players[0]) == 0
    assert await client.clear_overrides(app_id) == 1
    assert await client.overrides(app_id) == []
    assert await code(client.set_override(app_id, "three", players[0], True)) == (404, "not_found")
    assert await code(client.set_override(app_id, "one", players[0], "text")) == (400, "invalid_definition")
    assert await code(client.set_override(app_id, "one", UNKNOWN_PLAYER, True)) == (404, "not_found")
    assert await code(client.explain_flag(app_id, "three", players[0])) == (404, "not_found")
    other = create_application(server.services, "Another game").application
    assert await code(client.explain_flag(other.app_id, "one", players[0])) == (404, "not_found")
    assert await code(client.set_override(other.app_id, "one", players[0], True)) == (404, "not_found")


async def test_definitions_are_tried_before_they_are_saved(
    server: Server, client: ConsoleClient, api: PlayerClient
) -> None:
    await _preview(server, client, api)


async def test_a_preview_of_what_is_wrong_names_the_field(server: Server, client: ConsoleClient) -> None:
    app_id = server.app_id
    status, error = await refusal(client.preview_segment(app_id, p.PreviewSegment(conditions={"operator": "AND"})))
    assert (status, error.code) == (400, "invalid_definition")
    assert error.path.startswith("$.conditions")
    flag = Flag(key="one", rules=[Rule(rule_id="a", segment_id="nobody")])
    status, error = await refusal(client.preview_flag(app_id, p.PreviewFlag(flag=flag)))
    assert (status, error.code, error.path) == (400, "invalid_definition", "$.rules[0].segment_id")


async def test_the_store_process_counts_and_sorts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlayerRoster, "encoded", None)  # the server itself looks at nobody
    workspace = Workspace.open(tmp_path / "workspace")
    listeners = SocketListeners("127.0.0.1", 0, 0)
    listeners.open()
    try:
        with workspace.lock():
            async with running(workspace, listeners, rate_limit=0, store_process=True) as (services, _):
                ports = [int(urls[0].rpartition(":")[2]) for urls in (listeners.telemetry_urls, listeners.player_urls)]
                server = Server(services, listeners, create_application(services, "Game"), *ports)
                async with client_of(server) as client:
                    await _preview(server, client, PlayerClient(server))
                    await _sorted_pages(server, client)
    finally:
        listeners.close()


async def _preview(server: Server, client: ConsoleClient, api: PlayerClient) -> None:
    app_id = server.app_id
    for level in range(20):
        await api.register(f"player-{level}", attributes={"level": level})
    counted = await client.preview_segment(app_id, p.PreviewSegment(conditions=LEVEL_10))
    assert (counted.members, counted.total) == (10, 20)
    assert {row.external_id for row in counted.sample} == {f"player-{level}" for level in range(10, 20)}
    assert {row.api for row in counted.sample} == {"player"}
    churned = {"operator": "AND", "conditions": [_compare("lifecycle_stage", "==", "churned")]}
    request = p.PreviewSegment(conditions=churned, now_us=time.time_ns() // 1000 + 400 * DAY_US)
    assert (await client.preview_segment(app_id, request)).members == 20
    await client.save_segment(app_id, p.SaveSegment(segment=Segment(segment_id="ten", name="Ten", conditions=LEVEL_10)))
    flag = Flag(key="one", enabled=True, rules=[Rule(rule_id="ten", segment_id="ten")])
    answers = await client.preview_flag(app_id, p.PreviewFlag(flag=flag))
    assert answers.total == 20
    assert {(count.value, count.reason): count.players for count in answers.counts} == {
        (True, "segment_match"): 10,
        (False, "default"): 10,
    }
    assert await client.flags(app_id) == []


async def _sorted_pages(server: Server, client: ConsoleClient) -> None:
    """Twenty players, all alike but for one who was away."""
    later_us = time.time_ns() // 1000 + 3 * DAY_US
    for sort in JUDGED_SORTS:
        page = await client.players(server.app_id, sort=sort, limit=5, offset=10)
        assert (page.total, len(page.rows)) == (20, 5)
        page = await client.players(server.app_id, sort=sort, search="er-7")
        assert [row.external_id for row in page.rows] == ["player-7"]
        rows = (await client.players(server.app_id, sort=sort, descending=False, now_us=later_us)).rows
        assert [row.churn_risk for row in rows] == sorted(row.churn_risk for row in rows)


def _compare(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


async def test_a_caller_who_is_gone_is_not_counted_for(
    server: Server, client: ConsoleClient, api: PlayerClient
) -> None:
    await api.register("ada")
    asked = [
        asyncio.create_task(client.preview_segment(server.app_id, p.PreviewSegment(conditions=LEVEL_10)))
        for _ in range(6)
    ]
    await asyncio.sleep(0)
    for task in asked[:-1]:
        task.cancel()
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(results[-1], p.SegmentPreview)
    assert (await client.preview_segment(server.app_id, p.PreviewSegment(conditions=LEVEL_10))).total == 1


@pytest.mark.parametrize("asked", ["count", "sort"])
async def test_what_is_under_way_for_a_caller_who_left_is_broken_off(
    server: Server, client: ConsoleClient, api: PlayerClient, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    await api.register("ada")
    began, ended = threading.Event(), threading.Event()
    encoded = PlayerRoster.encoded

    def endless(roster: PlayerRoster, db: Any, app_id: str, is_wanted: Any) -> dict[str, bytes]:
        began.set()
        while is_wanted():
            time.sleep(0.005)
        ended.set()
        raise NotWanted

    monkeypatch.setattr(PlayerRoster, "encoded", endless)
    if asked == "count":
        call: Any = client.preview_segment(server.app_id, p.PreviewSegment(conditions=LEVEL_10))
    else:
        call = client.players(server.app_id, sort="stage")
    task = asyncio.create_task(call)
    assert await asyncio.to_thread(began.wait, 30)
    assert not ended.is_set()
    task.cancel()
    assert await asyncio.to_thread(ended.wait, 30), "the server went on for nobody"
    monkeypatch.setattr(PlayerRoster, "encoded", encoded)
    assert (await client.preview_segment(server.app_id, p.PreviewSegment(conditions=LEVEL_10))).total == 1
    assert (await client.players(server.app_id, sort="stage")).total == 1


async def test_refusals_are_typed(server: Server, client: ConsoleClient) -> None:
    with pytest.raises(ConsoleRefused) as caught:
        await client.player(UNKNOWN_PLAYER)
    assert caught.value.error.path == ""
