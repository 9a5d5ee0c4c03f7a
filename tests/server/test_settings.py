from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from console.messages import Settings, SettingsChanges
from console.server.runtime import FixedListeners, Runtime
from console.server.settings import SettingsInvalid, SettingsService, normalised_host, normalised_origin
from console.storage.catalog import Catalog, CatalogError


class Switch(FixedListeners):
    """Listeners that remember what they were asked, or fail."""

    asked: list[bool]
    error: OSError | None = None

    async def set_lan(self, lan: bool) -> None:
        if self.error is not None:
            raise self.error
        self.asked.append(lan)
        object.__setattr__(self, "lan", lan)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    yield catalog
    catalog.close()


@pytest.fixture
def switch() -> Switch:
    switch = Switch()
    object.__setattr__(switch, "asked", [])
    return switch


def service(catalog: Catalog, switch: Switch, **overrides: object) -> SettingsService:
    runtime = Runtime(started_at_us=0, listeners=switch)
    return SettingsService(catalog, runtime, SettingsChanges(**overrides))  # type: ignore[arg-type]


async def test_the_command_line_holds_for_the_run_only(catalog: Catalog, switch: Switch) -> None:
    settings = service(catalog, switch, rate_limit=99.0)
    assert settings.current.rate_limit == 99.0
    await settings.change(SettingsChanges(allowed_hosts=["a"]))
    assert settings.current == Settings(rate_limit=99.0, allowed_hosts=["a"])
    assert catalog.settings() == Settings(allowed_hosts=["a"])


async def test_a_person_s_change_overrides_the_command_line(catalog: Catalog, switch: Switch) -> None:
    settings = service(catalog, switch, rate_limit=99.0)
    await settings.change(SettingsChanges(rate_limit=5.0))
    assert settings.current.rate_limit == catalog.settings().rate_limit == 5.0


async def test_a_change_replaces_the_settings_whole(catalog: Catalog, switch: Switch) -> None:
    settings = service(catalog, switch)
    before = settings.current
    await settings.change(SettingsChanges(rate_limit=5.0))
    assert before == Settings()
    assert settings.current is not before


async def test_the_network_switch_is_asked_once_for_a_change(catalog: Catalog, switch: Switch) -> None:
    settings = service(catalog, switch)
    await settings.change(SettingsChanges(lan=True))
    await settings.change(SettingsChanges(lan=True, rate_limit=1.0))
    await settings.change(SettingsChanges(lan=False))
    assert switch.asked == [True, False]


async def test_sockets_that_cannot_be_opened_change_nothing(catalog: Catalog, switch: Switch) -> None:
    settings = service(catalog, switch)
    object.__setattr__(switch, "error", OSError("no network"))
    with pytest.raises(OSError, match="no network"):
        await settings.change(SettingsChanges(lan=True, rate_limit=5.0))
    assert settings.current == catalog.settings() == Settings()


async def test_a_catalog_that_cannot_be_written_changes_nothing(
    catalog: Catalog, switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(changes: SettingsChanges) -> NoReturn:
        raise CatalogError("storage_unavailable", "The disk is full.")

    settings = service(catalog, switch)
    monkeypatch.setattr(catalog, "change_settings", refuse)
    with pytest.raises(CatalogError):
        await settings.change(SettingsChanges(lan=True))
    assert switch.asked == [True, False]
    assert settings.current == Settings()


async def test_a_switch_that_failed_at_the_start_can_be_tried_again(catalog: Catalog, switch: Switch) -> None:
    catalog.change_settings(SettingsChanges(lan=True))
    settings = service(catalog, switch)
    assert settings.current.lan
    await settings.change(SettingsChanges(lan=True))
    assert switch.asked == [True]


async def test_fixed_sockets_cannot_be_opened_to_the_network() -> None:
    await FixedListeners().set_lan(False)
    with pytest.raises(OSError, match="cannot be opened"):
        await FixedListeners().set_lan(True)


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf"), 2e6])
async def test_rates_that_make_no_sense(catalog: Catalog, switch: Switch, rate: float) -> None:
    with pytest.raises(SettingsInvalid, match="rate limit"):
        await service(catalog, switch).change(SettingsChanges(rate_limit=rate))


async def test_lists_are_short_and_without_repeats(catalog: Catalog, switch: Switch) -> None:
    settings = service(catalog, switch)
    assert (await settings.change(SettingsChanges(allowed_hosts=["B", "a", "b."]))).allowed_hosts == ["b", "a"]
    with pytest.raises(SettingsInvalid, match="At most"):
        await settings.change(SettingsChanges(allowed_hosts=[f"h{n}" for n in range(101)]))


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://a.example", "https://a.example"),
        (" HTTPS://A.Example:443/ ", "https://a.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:9", "http://[::1]:9"),
    ],
)
def test_origins_as_a_browser_sends_them(text: str, origin: str) -> None:
    assert normalised_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    ["", "*", "null", "a.example", "ftp://a", "https://", "https://a/b", "https://u:p@a", "http://a:99999",
     "http://a b", "https://a?b", "https://a#b", "http://[::1"],
)  # fmt: skip
def test_what_is_no_origin(text: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        normalised_origin(text)
    assert str(caught.value)


@pytest.mark.parametrize("text", ["", "a b", "a:80", "-a", "a..b", "http://a", "x" * 254, "ä.example"])
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(SettingsInvalid, match="not a host name"):
        normalised_host(text)
