import pytest
from msgspec import UNSET

from console.players.identity import Contradiction, check_ids, resolve
from console.players.profiles import Player
from console.players.values import InvalidValue


def player(player_id: str, external_id: str | None = None, device_id: str | None = None) -> Player:
    return Player(
        player_id=player_id, app_id="app", external_id=external_id, device_id=device_id, first_us=0, last_us=0
    )


SIGNED_IN = player("p1", "alice", "phone")
ANONYMOUS = player("p2", None, "tablet")


@pytest.mark.parametrize(
    ("external_id", "device_id", "by_external", "by_device", "expected"),
    [
        ("alice", None, SIGNED_IN, None, SIGNED_IN),
        ("alice", "phone", SIGNED_IN, SIGNED_IN, SIGNED_IN),
        ("alice", "new phone", SIGNED_IN, None, SIGNED_IN),
        ("bob", None, None, None, None),
        ("bob", "laptop", None, None, None),
        ("bob", "tablet", None, ANONYMOUS, ANONYMOUS),
        (None, "tablet", None, ANONYMOUS, ANONYMOUS),
        (None, "phone", None, SIGNED_IN, SIGNED_IN),
        (None, "laptop", None, None, None),
    ],
)
def test_who_is_registered(external_id, device_id, by_external, by_device, expected) -> None:
    found = resolve(external_id=external_id, device_id=device_id, by_external=by_external, by_device=by_device)
    assert found is expected


def test_a_registration_needs_an_id() -> None:
    with pytest.raises(InvalidValue, match=r"^\$: neither external_id nor device_id"):
        resolve(external_id=None, device_id=None, by_external=None, by_device=None)


@pytest.mark.parametrize(
    ("external_id", "by_external", "by_device"),
    [("alice", SIGNED_IN, ANONYMOUS), ("bob", None, SIGNED_IN), ("carol", player("p3", "carol"), SIGNED_IN)],
)
def test_ids_of_two_players_are_refused_with_the_way_out(external_id, by_external, by_device) -> None:
    with pytest.raises(Contradiction) as raised:
        resolve(external_id=external_id, device_id="d", by_external=by_external, by_device=by_device)
    assert raised.value.path == "$.device_id"
    release = f'PATCH /v1/players/players/{by_device.player_id} {{"device_id": null}}'
    assert release in raised.value.message
    assert "leave device_id out" in raised.value.message


def test_a_released_device_can_be_another_players() -> None:
    released = player("p2", None, None)
    check_ids(ANONYMOUS, external_id=UNSET, device_id=None, by_external=None, by_device=None)
    assert resolve(external_id="alice", device_id="tablet", by_external=SIGNED_IN, by_device=None) is SIGNED_IN
    check_ids(released, external_id=UNSET, device_id="watch", by_external=None, by_device=None)


def test_a_patch_may_repeat_ids_and_give_missing_ones() -> None:
    check_ids(SIGNED_IN, external_id="alice", device_id="phone", by_external=SIGNED_IN, by_device=SIGNED_IN)
    check_ids(ANONYMOUS, external_id="bob", device_id=UNSET, by_external=None, by_device=None)
    check_ids(ANONYMOUS, external_id=None, device_id=UNSET, by_external=None, by_device=None)
    check_ids(SIGNED_IN, external_id=UNSET, device_id="watch", by_external=None, by_device=None)


@pytest.mark.parametrize(
    ("patched", "external_id", "device_id", "by_external", "by_device", "path"),
    [
        (SIGNED_IN, "bob", UNSET, None, None, "$.external_id"),
        (SIGNED_IN, None, UNSET, None, None, "$.external_id"),
        (ANONYMOUS, "alice", UNSET, SIGNED_IN, None, "$.external_id"),
        (SIGNED_IN, UNSET, "tablet", None, ANONYMOUS, "$.device_id"),
    ],
)
def test_a_patch_cannot_change_or_take_ids(patched, external_id, device_id, by_external, by_device, path) -> None:
    with pytest.raises(Contradiction) as raised:
        check_ids(patched, external_id=external_id, device_id=device_id, by_external=by_external, by_device=by_device)
    assert raised.value.path == path
