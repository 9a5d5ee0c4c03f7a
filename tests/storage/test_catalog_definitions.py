from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.messages import CreateApplication
from console.players.definitions import Flag, Override, Rule, Segment
from console.storage import catalog_definitions
from console.storage.catalog import Catalog, CatalogError
from console.storage.catalog_definitions import DefinitionTable

APP = "550e8400-e29b-41d4-a716-446655440000"
FLAG = Flag(key="fast", default_value=False, rules=[Rule(rule_id="r", rollout=12.5, value={"a": [1, None]})])
SEGMENT = Segment(segment_id="beta", name="Beta", conditions={"operator": "AND", "conditions": []})


class Clock:
    def __init__(self) -> None:
        self.us = 1_000

    def __call__(self) -> int:
        return self.us * 1000


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(tmp_path: Path, clock: Clock) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite", clock)
    catalog.create_application(CreateApplication(name="Game", app_id=APP))
    yield catalog
    catalog.close()


@pytest.fixture
def definitions(catalog: Catalog) -> DefinitionTable:
    return catalog.definitions


def refused(code: str) -> pytest.RaisesExc[CatalogError]:
    return pytest.RaisesExc(CatalogError, check=lambda error: error.code == code)


def test_a_flag_is_kept_as_it_was_written(definitions: DefinitionTable) -> None:
    saved = definitions.save_flag(APP, replace(FLAG, version=9), replaces=None, by="window")
    assert saved == replace(FLAG, version=1, created_at_us=1_000, updated_at_us=1_000)
    assert definitions.flags(APP) == [saved]
    assert definitions.flags("another app") == []


def test_versions_count_and_tell_who_was_too_late(definitions: DefinitionTable, clock: Clock) -> None:
    definitions.save_flag(APP, FLAG, replaces=None, by="window")
    clock.us = 2_000
    second = definitions.save_flag(APP, replace(FLAG, enabled=True), replaces=1, by="window")
    assert (second.version, second.created_at_us, second.updated_at_us) == (2, 1_000, 2_000)

    with refused("changed_meanwhile"):
        definitions.save_flag(APP, FLAG, replaces=1, by="window")
    with refused("key_taken"):
        definitions.save_flag(APP, FLAG, replaces=None, by="window")
    with refused("not_found"):
        definitions.save_flag(APP, replace(FLAG, key="slow"), replaces=1, by="window")
    assert definitions.flags(APP) == [second]


def test_segments_likewise(definitions: DefinitionTable) -> None:
    first = definitions.save_segment(APP, SEGMENT, replaces=None, by="key")
    second = definitions.save_segment(APP, replace(SEGMENT, name="Testers"), replaces=first.version, by="key")
    assert second.version == 2
    assert definitions.segments(APP) == [second]
    with refused("changed_meanwhile"):
        definitions.save_segment(APP, SEGMENT, replaces=1, by="key")
    with refused("key_taken"):
        definitions.save_segment(APP, SEGMENT, replaces=None, by="key")
    definitions.delete_segment(APP, "beta", by="key")
    assert definitions.segments(APP) == []
    with refused("not_found"):
        definitions.delete_segment(APP, "beta", by="key")


def test_overrides_outlive_a_change_of_their_flag_but_not_the_flag(definitions: DefinitionTable, clock: Clock) -> None:
    definitions.save_flag(APP, FLAG, replaces=None, by="window")
    definitions.set_override(APP, "fast", "p1", None, by="window")
    clock.us = 2_000
    definitions.set_override(APP, "fast", "p2", {"deep": [1.5]}, by="window")
    definitions.save_flag(APP, replace(FLAG, enabled=True), replaces=1, by="window")
    assert definitions.overrides(APP) == [
        Override(flag_key="fast", player_id="p2", value={"deep": [1.5]}, at_us=2_000),
        Override(flag_key="fast", player_id="p1", value=None, at_us=1_000),
    ]
    definitions.delete_flag(APP, "fast", by="window")
    assert definitions.overrides(APP) == []
    with refused("not_found"):
        definitions.delete_flag(APP, "fast", by="window")


def test_overrides_are_cleared_one_by_one_or_all_at_once(definitions: DefinitionTable) -> None:
    for key in ("fast", "slow"):
        definitions.save_flag(APP, replace(FLAG, key=key), replaces=None, by="window")
        for player in ("p1", "p2", "p3"):
            definitions.set_override(APP, key, player, True, by="window")
    definitions.clear_override(APP, "fast", "p1", by="window")
    with refused("not_found"):
        definitions.clear_override(APP, "fast", "p1", by="window")
    cleared = definitions.clear_overrides(APP, player_id="p2", by="window")
    assert {(o.flag_key, o.player_id) for o in cleared} == {("fast", "p2"), ("slow", "p2")}
    assert len(definitions.clear_overrides(APP, flag_key="slow", by="window")) == 2
    assert [(o.flag_key, o.player_id) for o in definitions.overrides(APP)] == [("fast", "p3")]
    assert len(definitions.clear_overrides(APP, by="window")) == 1


def test_the_history_says_who_changed_what(definitions: DefinitionTable, clock: Clock) -> None:
    definitions.save_flag(APP, FLAG, replaces=None, by="window")
    clock.us = 2_000
    definitions.save_flag(APP, replace(FLAG, enabled=True, rules=[], name="Fast"), replaces=1, by="Build server")
    definitions.save_flag(APP, replace(FLAG, enabled=True, rules=[], name="Fast"), replaces=2, by="window")
    definitions.set_override(APP, "fast", "p1", 7, by="window")
    definitions.set_override(APP, "fast", "p1", 8, by="window")
    definitions.save_segment(APP, SEGMENT, replaces=None, by="window")
    definitions.delete_flag(APP, "fast", by="window")

    assert [(c.kind, c.key, c.action, c.summary) for c in definitions.history(APP, "", 50)] == [
        ("flag", "fast", "deleted", "deleted"),
        ("override", "fast", "deleted", "cleared for player p1"),
        ("segment", "beta", "created", "created"),
        ("override", "fast", "changed", "set to 8 for player p1"),
        ("override", "fast", "created", "set to 7 for player p1"),
        ("flag", "fast", "changed", "saved without a change"),
        ("flag", "fast", "changed", "switched on; name, rules changed"),
        ("flag", "fast", "created", "created"),
    ]
    change = definitions.history(APP, "fast", 6)[-1]
    assert (change.by, change.at_us) == ("Build server", 2_000)
    assert '"enabled":false' in change.before
    assert '"enabled":true' in change.after
    assert definitions.history("another app", "", 50) == []


def test_the_history_is_bounded(definitions: DefinitionTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_definitions, "MAX_HISTORY", 20)
    saved = definitions.save_segment(APP, SEGMENT, replaces=None, by="window")
    for version in range(1, 200):
        saved = definitions.save_segment(APP, SEGMENT, replaces=version, by="window")
    assert saved.version == 200
    assert 20 <= len(definitions.history(APP, "", 1000)) <= 120


def test_everything_is_there_after_a_restart(catalog: Catalog, tmp_path: Path) -> None:
    flag = catalog.definitions.save_flag(APP, FLAG, replaces=None, by="window")
    override = catalog.definitions.set_override(APP, "fast", "p1", [True], by="window")
    catalog.close()
    reopened = Catalog(tmp_path / "catalog.sqlite")
    assert reopened.definitions.flags(APP) == [flag]
    assert reopened.definitions.overrides(APP) == [override]
    reopened.close()
    with refused("storage_unavailable"):
        reopened.definitions.flags(APP)
