"""Flags and segments at work: what is kept, what is compiled when, and who is told."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.messages import CreateApplication
from console.players.definitions import Flag, InvalidDefinition, Prerequisite, Rule, Segment
from console.players.profiles import Profile
from console.server import flags as flags_module
from console.server.flags import FlagService
from console.storage.catalog import Catalog, CatalogError

LEVEL_10 = {"operator": "AND", "conditions": [{"field": "attributes.level", "operator": ">=", "value": 10}]}
PLAYER = Profile(
    player_id="550e8400-e29b-41d4-a716-446655440000",
    app_id="app",
    attributes={"level": 12},
    first_seen_us=1_771_000_000_000_000,
    last_seen_us=1_771_000_000_000_000,
)
NOW_US = 1_771_000_000_000_000


class Desk:
    """A service on a catalog, with everything that it tells others."""

    def __init__(self, catalog: Catalog) -> None:
        self.app_id = catalog.create_application(CreateApplication(name="Game")).application.app_id
        self.told: list[tuple[str, str, int]] = []
        self.announced = 0
        self.service = FlagService(
            catalog.definitions, announce=self._announce, flag_changed=lambda *change: self.told.append(change)
        )

    def _announce(self) -> None:
        self.announced += 1

    async def save(self, key: str, *, replaces: int | None = None, **fields: Any) -> Flag:
        flag = Flag(**({"key": key, "enabled": True, "default_value": False} | fields))
        return await self.service.save_flag(self.app_id, flag, replaces=replaces, by="test")

    async def value(self, key: str) -> Any:
        definitions = await self.service.definitions(self.app_id)
        return definitions.evaluate(key, PLAYER, NOW_US, "mid_core").value


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    yield Desk(catalog)
    catalog.close()


def segment(segment_id: str = "beta", conditions: dict[str, Any] = LEVEL_10) -> Segment:
    return Segment(segment_id=segment_id, name="Beta", conditions=conditions)


async def test_definitions_are_compiled_once_and_again_after_a_change(desk: Desk) -> None:
    await desk.save("one", default_value=True)
    first, second = await asyncio.gather(*(desk.service.definitions(desk.app_id) for _ in range(2)))
    assert first is second
    await desk.save("one", replaces=1, default_value=False)
    assert await desk.service.definitions(desk.app_id) is not first
    assert await desk.value("one") is False


async def test_whoever_was_answered_is_evaluated_with_what_was_saved(desk: Desk) -> None:
    await desk.save("one")

    async def evaluate() -> None:
        for _ in range(50):
            await desk.value("one")
            await asyncio.sleep(0)

    async def flip() -> None:
        for version in range(1, 20):
            await desk.save("one", replaces=version, default_value=bool(version % 2))
            assert await desk.value("one") is bool(version % 2)

    await asyncio.gather(flip(), *(evaluate() for _ in range(4)))


async def test_readers_of_the_stream_and_windows_are_told_which_flags_changed(desk: Desk) -> None:
    await desk.service.save_segment(desk.app_id, segment(), replaces=None, by="test")
    assert (desk.told, desk.announced) == ([], 1)
    await desk.save("one", rules=[Rule(rule_id="beta", segment_id="beta")])
    await desk.save("two")
    await desk.save("two", replaces=1, name="Two")
    assert desk.told == [(desk.app_id, "one", 1), (desk.app_id, "two", 1), (desk.app_id, "two", 2)]
    desk.told.clear()
    await desk.service.save_segment(desk.app_id, segment(), replaces=1, by="test")
    assert desk.told == [(desk.app_id, "one", 1)], "the flags that use a segment change with it"
    desk.told.clear()
    await desk.service.set_override(desk.app_id, "two", PLAYER.player_id, True, by="test")
    assert await desk.service.clear_overrides(desk.app_id, flag_key="", player_id="", by="test") == 1
    assert await desk.service.clear_overrides(desk.app_id, flag_key="", player_id="", by="test") == 0
    assert desk.told == [(desk.app_id, "two", 2)] * 2
    desk.told.clear()
    await desk.service.delete_flag(desk.app_id, "two", by="test")
    assert desk.told == [(desk.app_id, "two", 0)]
    assert desk.announced == 8


async def test_what_is_refused_changes_nothing_and_is_not_told(desk: Desk) -> None:
    await desk.save("one")
    compiled = await desk.service.definitions(desk.app_id)
    desk.told.clear()
    with pytest.raises(InvalidDefinition):
        await desk.save("two", default_value="text")
    with pytest.raises(CatalogError):
        await desk.save("one")
    with pytest.raises(CatalogError):
        await desk.save("one", replaces=9)
    with pytest.raises(CatalogError):
        await desk.service.delete_flag(desk.app_id, "three", by="test")
    assert desk.told == []
    assert await desk.service.definitions(desk.app_id) is compiled


async def test_a_flag_that_others_need_keeps_a_value_they_can_have(desk: Desk) -> None:
    await desk.save("one")
    await desk.save("two", prerequisites=[Prerequisite(flag_key="one", value=True)])
    with pytest.raises(CatalogError) as caught:
        await desk.save("one", replaces=1, type="string", default_value="x")
    assert caught.value.code == "in_use"
    assert "'two'" in caught.value.message
    assert await desk.value("two") is False


async def test_a_flag_keeps_a_type_that_its_overrides_fit(desk: Desk) -> None:
    await desk.save("one")
    await desk.service.set_override(desk.app_id, "one", PLAYER.player_id, True, by="test")
    with pytest.raises(CatalogError) as caught:
        await desk.save("one", replaces=1, type="number", default_value=1)
    assert caught.value.code == "in_use"
    assert PLAYER.player_id in caught.value.message
    assert await desk.value("one") is True


async def test_there_are_limits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_FLAGS", "MAX_SEGMENTS", "MAX_OVERRIDES"):
        monkeypatch.setattr(flags_module, name, 1)
    await desk.save("one")
    await desk.save("one", replaces=1, name="One")
    await desk.service.save_segment(desk.app_id, segment("beta"), replaces=None, by="test")
    await desk.service.set_override(desk.app_id, "one", PLAYER.player_id, True, by="test")
    await desk.service.set_override(desk.app_id, "one", PLAYER.player_id, False, by="test")
    for refused in (
        desk.save("two"),
        desk.service.save_segment(desk.app_id, segment("gamma"), replaces=None, by="test"),
        desk.service.set_override(desk.app_id, "one", "another", True, by="test"),
    ):
        with pytest.raises(CatalogError) as caught:
            await refused
        assert caught.value.code == "too_many"


async def test_who_deletes_what_is_used_is_told_by_what(desk: Desk) -> None:
    await desk.service.save_segment(desk.app_id, segment(), replaces=None, by="test")
    for number in range(7):
        await desk.save(f"flag-{number}", rules=[Rule(rule_id="beta", segment_id="beta")])
    with pytest.raises(CatalogError) as caught:
        await desk.service.delete_segment(desk.app_id, "beta", by="test")
    assert "'flag-0', 'flag-1', 'flag-2', 'flag-3', 'flag-4' and 2 more depend on" in caught.value.message
