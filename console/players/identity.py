"""Who a request speaks of: the rules by which ids name players.

A player has at most one external id, which never changes once it is set, and at most one device id. An id names one
player of an application at a time. What contradicts that is refused with the way out, never guessed at: two players
taken for one cannot be told apart afterwards.
"""

from msgspec import UNSET, UnsetType

from console.players.profiles import Player, Profile
from console.players.values import InvalidValue


class Contradiction(InvalidValue):
    """Ids that cannot all be of one player."""


def resolve(
    *,
    external_id: str | None,
    device_id: str | None,
    by_external: Player | None,
    by_device: Player | None,
) -> Player | None:
    """The player a registration speaks of; None when it is a new one.

    `by_external` and `by_device` are who has these ids now. The external id decides. When nobody has it, a player of
    that device who has no external id yet takes it: somebody who played first and signed in later stays one player.
    Raises InvalidValue without any id, and Contradiction.
    """
    if external_id is None:
        if device_id is None:
            raise InvalidValue("$", "neither external_id nor device_id is given: one of them names the player")
        return by_device
    if by_external is not None:
        if by_device is not None and by_device.player_id != by_external.player_id:
            raise _taken_device(by_device.player_id)
        return by_external
    if by_device is not None and by_device.external_id is not None:
        raise _taken_device(by_device.player_id)
    return by_device


def check_ids(
    player: Player | Profile,
    *,
    external_id: str | UnsetType | None,
    device_id: str | UnsetType | None,
    by_external: Player | None,
    by_device: Player | None,
) -> None:
    """Whether a patch may give `player` these ids. `by_external` and `by_device` are who has them now.

    UNSET leaves an id; None releases a device id. Raises Contradiction.
    """
    if external_id is not UNSET and external_id != player.external_id:
        if player.external_id is not None:
            raise Contradiction(
                "$.external_id",
                "an external_id cannot be changed once it is set: register another player with the new one",
            )
        if by_external is not None and by_external.player_id != player.player_id:
            raise Contradiction(
                "$.external_id",
                f"is the external_id of another player ({by_external.player_id}): two players cannot be made one",
            )
    if isinstance(device_id, str) and by_device is not None and by_device.player_id != player.player_id:
        raise _taken_device(by_device.player_id)


def _taken_device(owner: str) -> Contradiction:
    return Contradiction(
        "$.device_id",
        f"is the device of another player ({owner}): leave device_id out, or release it there first "
        f'with PATCH /v1/players/players/{owner} {{"device_id": null}}',
    )
