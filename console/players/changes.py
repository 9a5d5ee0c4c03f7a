"""What a command makes of a player: when a request is decided, when it is stored, when the journal is replayed.

Pure and total: the same commands in the same order give the same player, and none is refused here. What may be refused
was refused before the command was journaled.
"""

from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from console.players.commands import RecordPurchase, RecordSession, Register, Update
from console.players.profiles import DAY_US, Activity, Player, Profile
from console.players.values import InvalidValue, properties

# The attributes that telemetry writes too: the later write of either API holds.
SHARED_ATTRIBUTES = ("region", "hardware")

# 2000-01-01: an earlier time was never looked up.
EARLIEST_PLAUSIBLE_US = 946_684_800_000_000

MAX_DAYS = 1_000

PlayerCommand = Register | Update | RecordSession | RecordPurchase


def apply(player: Player | None, command: PlayerCommand, *, seq: int, at_us: int, app_id: str) -> Player:
    """The player after `command`, which was received at `at_us` and is number `seq` in the journal.

    Without a player, one begins with the command, whichever it is. An update does not count as a sign of life: it may
    come from a person at a desk.
    """
    if player is None:
        first_us, last_us = (isinstance(command, Register) and command.seen_us) or (at_us, at_us)
        player = Player(player_id=command.player_id, app_id=app_id, first_us=first_us, last_us=last_us)
    match command:
        case Register():
            return _registered(player, command, seq, at_us)
        case Update():
            return _updated(player, command, seq)
        case RecordSession():
            return _seen(player, *session_bounds(command, at_us))
        case RecordPurchase():
            spent = replace(
                player,
                revenue_minor=player.revenue_minor + command.amount_minor,
                purchases=player.purchases + 1,
                last_purchase_us=max(at_us, player.last_purchase_us or at_us),
            )
            return _seen(spent, at_us, at_us)


def adoption(profile: Profile) -> Register:
    """What makes a player of one whom telemetry alone knows, so that a command about the player has one to change."""
    return Register(
        player_id=profile.player_id,
        external_id=profile.external_id,
        seen_us=(profile.first_seen_us, profile.last_seen_us),
    )


def session_bounds(command: RecordSession, at_us: int) -> tuple[int, int]:
    """When a session began and ended.

    It is over by the time its request was received, and its duration holds: where both do not fit together, it began
    earlier. So a duration without a start is that of the time just past. A start before 2000 is a clock that was never
    set.
    """
    duration_us = round((command.duration_secs or 0.0) * 1e6)
    started_us = command.started_us if command.started_us >= EARLIEST_PLAUSIBLE_US else at_us
    ended_us = min(started_us + duration_us, at_us)
    return ended_us - duration_us, ended_us


def merge_patch(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """JSON merge patch (RFC 7396): null deletes, objects merge, anything else replaces. Neither argument is changed."""
    merged = dict(target)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            before = merged.get(key)
            merged[key] = merge_patch(before if isinstance(before, dict) else {}, value)
        else:
            merged[key] = value
    return merged


def patch_between(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The merge patch that turns `before` into `after`, in which no value is null."""
    patch: dict[str, Any] = {key: None for key in before if key not in after}
    for key, value in after.items():
        earlier = before.get(key)
        if isinstance(value, dict) and isinstance(earlier, dict):
            if inner := patch_between(earlier, value):
                patch[key] = inner
        elif key not in before or not _same(earlier, value):
            patch[key] = value
    return patch


def resolved_attributes(player: Player | None, visible: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """The patch to journal for one that a client sent against the attributes it sees.

    A client that patches one key of `hardware` means the hardware that telemetry told of, too; commands change only
    what commands made. So a patch of a shared attribute becomes one that carries the whole of it.
    """
    own = player.attributes if player is not None else {}
    resolved = dict(patch)
    for name in SHARED_ATTRIBUTES:
        part = patch.get(name)
        if isinstance(part, dict):
            seen = visible.get(name)
            wanted = merge_patch(seen if isinstance(seen, dict) else {}, part)
            had = own.get(name)
            resolved[name] = patch_between(had, wanted) if isinstance(had, dict) else wanted
    return resolved


def joined_attributes(player: Player | None, activity: Activity | None) -> dict[str, Any]:
    """The attributes of both halves. Of a shared one, the write with the higher sequence number holds."""
    if player is None:
        return activity.attributes if activity is not None else {}
    if activity is None or not activity.attributes:
        return player.attributes
    shown, written = activity.attribute_seqs, player.attribute_seqs
    later = {name: value for name, value in activity.attributes.items() if shown.get(name, 0) > written.get(name, 0)}
    return player.attributes | later


def check_size(player: Player) -> None:
    """Whether what many patches added up to is still within the bounds of one. Raises InvalidValue."""
    try:
        properties(player.attributes, "$.attributes")
    except InvalidValue as error:
        raise InvalidValue(error.path, f"with the attributes there are already, it {error.message}") from None


def _registered(player: Player, command: Register, seq: int, at_us: int) -> Player:
    merged = _with_attributes(player, command.attributes, seq)
    registered = replace(
        merged,
        external_id=command.external_id if command.external_id is not None else player.external_id,
        device_id=command.device_id if command.device_id is not None else player.device_id,
        email=player.email if command.email is UNSET else command.email,
    )
    return _seen(registered, at_us, at_us) if command.seen_us is None else registered


def _updated(player: Player, command: Update, seq: int) -> Player:
    if command.attributes is None:
        player = replace(player, attributes={}, attribute_seqs=dict.fromkeys(SHARED_ATTRIBUTES, seq))
    elif command.attributes is not UNSET:
        player = _with_attributes(player, command.attributes, seq)
    return replace(
        player,
        external_id=player.external_id if command.external_id is UNSET else command.external_id,
        device_id=player.device_id if command.device_id is UNSET else command.device_id,
        email=player.email if command.email is UNSET else command.email,
    )


def _with_attributes(player: Player, patch: dict[str, Any], seq: int) -> Player:
    if not patch:
        return player
    written = {name: seq for name in SHARED_ATTRIBUTES if name in patch}
    return replace(
        player,
        attributes=merge_patch(player.attributes, patch),
        attribute_seqs=player.attribute_seqs | written if written else player.attribute_seqs,
    )


def _seen(player: Player, first_us: int, last_us: int) -> Player:
    days = player.days
    for day in (first_us // DAY_US, last_us // DAY_US):
        if not days or day > days[-1]:
            days = (*days, day)
        elif day not in days:
            days = tuple(sorted((*days, day)))
    return replace(
        player,
        first_us=min(player.first_us, first_us),
        last_us=max(player.last_us, last_us),
        days=days[-MAX_DAYS:],
    )


def _same(one: object, other: object) -> bool:
    """Equal as JSON: `1`, `1.0` and `true` are three values, wherever they stand."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return one == other
