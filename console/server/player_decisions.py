"""What a change of players comes to: decided against what there is now, before anything is written down."""

import uuid
from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from console.players.changes import PlayerCommand, adoption, apply, check_size, resolved_attributes
from console.players.commands import Command, RecordPurchase, RecordSession, Register, Update
from console.players.identity import check_ids, resolve
from console.players.profiles import Player, Profile, player_id_of
from console.players.values import InvalidValue
from console.server.errors import ApiError
from console.server.player_json import player_object
from console.server.player_sources import Source
from console.storage.journal import Journal
from console.storage.player_store import PlayerStore


class Profiles(Protocol):
    """Both halves of players, joined: see `console.storage.profile_reader`."""

    def profile(self, player_id: str) -> Profile | None: ...
    def by_external(self, app_id: str, external_id: str) -> Profile | None: ...
    def preview(self, player: Player) -> Profile: ...
    def has_session(self, player_id: str, session_id: str) -> bool: ...
    def list(self, app_id: str, *, limit: int, cursor: str | None) -> tuple[Sequence[Profile], str | None]: ...


class UnknownPlayer(ApiError):
    """404: the application has no player of this id."""

    def __init__(self, player_id: str) -> None:
        super().__init__(
            404, "not_found", f"There is no player with the id {player_id[:100]}: register the player first."
        )


class Registration(Struct, frozen=True, kw_only=True):
    """Who a player is, as far as a client knows. What is None or absent stays as it is."""

    external_id: str | None = None
    device_id: str | None = None
    email: str | None = None
    attributes: dict[str, Any] = {}


class PlayerPatch(Struct, frozen=True, kw_only=True):
    """A JSON merge patch of a player: UNSET leaves a thing, None deletes it."""

    external_id: str | UnsetType | None = UNSET
    device_id: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    attributes: dict[str, Any] | UnsetType | None = UNSET


class NewSession(Struct, frozen=True, kw_only=True):
    """A session; the service fills in what is None."""

    session_id: str | None = None
    started_us: int | None = None
    duration_secs: float | None = None


class Decision(Struct):
    """What to journal, and what to answer. Without commands there was nothing new."""

    status: int
    data: Any
    commands: Sequence[Command] = ()


class PlayerDecisions:
    """Decides at once, without waiting: what it says holds for as long as nobody else changes the same players.

    `keys_…` name what a decision depends on. The rest raises InvalidValue for what contradicts what there is.
    """

    def __init__(self, *, journal: Journal, store: PlayerStore, profiles: Profiles) -> None:
        self._journal = journal
        self._journal_id = journal.journal_id()
        self._store = store
        self._profiles = profiles

    def profile(self, app_id: str, player_id: str) -> Profile:
        """A player of an application. Raises UnknownPlayer."""
        profile = self._profiles.profile(player_id)
        if profile is None or profile.app_id != app_id:
            raise UnknownPlayer(player_id)
        return profile

    def keys_of_registration(self, app_id: str, wanted: Registration) -> set[str]:
        """The ids that it names, and the players who have them now."""
        keys: set[str] = set()
        if wanted.external_id is not None:
            keys.add(f"external {app_id} {wanted.external_id}")
            if player := self._store.by_external(app_id, wanted.external_id):
                keys.add(f"player {player.player_id}")
            else:  # whom telemetry knows can be changed by this id
                keys.add(f"player {player_id_of(self._journal_id, app_id, wanted.external_id)}")
        if wanted.device_id is not None:
            keys.add(f"device {app_id} {wanted.device_id}")
            if player := self._store.by_device(app_id, wanted.device_id):
                keys.add(f"player {player.player_id}")
        return keys

    def registration(self, source: Source, wanted: Registration) -> Decision:
        """Create a player, or merge what is given into the one there is."""
        app_id, store = source.app_id, self._store
        external_id, device_id = wanted.external_id, wanted.device_id
        player = resolve(
            external_id=external_id,
            device_id=device_id,
            by_external=None if external_id is None else store.by_external(app_id, external_id),
            by_device=None if device_id is None else store.by_device(app_id, device_id),
        )
        seen = None if external_id is None else self._profiles.by_external(app_id, external_id)
        if player is not None:
            seen = self._profiles.profile(player.player_id)
            player_id = player.player_id
        elif external_id is not None:
            player_id = player_id_of(self._journal_id, app_id, external_id)
        else:
            player_id = str(uuid.uuid4())
        command = Register(
            player_id=player_id,
            external_id=external_id,
            device_id=device_id,
            email=UNSET if wanted.email is None else wanted.email,
            attributes=resolved_attributes(player, seen.attributes if seen else {}, wanted.attributes),
        )
        after = self._after(source, player, [command])
        data = self._shown(source, self._profiles.preview(after), email=wanted.email is not None)
        return Decision(201 if seen is None else 200, data, [command])

    def keys_of_update(self, app_id: str, player_id: str, patch: PlayerPatch) -> set[str]:
        """The player, the ids that it is to have, and whom telemetry knows by such an id."""
        keys = {f"player {player_id}"}
        if isinstance(patch.external_id, str):
            keys.add(f"external {app_id} {patch.external_id}")
            keys.add(f"player {player_id_of(self._journal_id, app_id, patch.external_id)}")
        if isinstance(patch.device_id, str):
            keys.add(f"device {app_id} {patch.device_id}")
        return keys

    def update(self, source: Source, player_id: str, patch: PlayerPatch) -> Decision:
        """Merge a patch into a player. Raises UnknownPlayer too."""
        app_id, store = source.app_id, self._store
        profile = self.profile(app_id, player_id)
        player, commands = self._adopted(profile)
        external_id, device_id = patch.external_id, patch.device_id
        check_ids(
            profile,
            external_id=external_id,
            device_id=device_id,
            by_external=store.by_external(app_id, external_id) if isinstance(external_id, str) else None,
            by_device=store.by_device(app_id, device_id) if isinstance(device_id, str) else None,
        )
        attributes = patch.attributes
        if isinstance(attributes, dict):
            attributes = resolved_attributes(player, profile.attributes, attributes)
        commands.append(
            Update(
                player_id=player_id,
                external_id=external_id,
                device_id=device_id,
                email=patch.email,
                attributes=attributes,
            )
        )
        after = self._after(source, player, commands)
        data = self._shown(source, self._profiles.preview(after), email=isinstance(patch.email, str))
        return Decision(200, data, commands)

    def session(self, source: Source, player_id: str, session: NewSession) -> Decision:
        """Note a session. Raises UnknownPlayer."""
        profile = self.profile(source.app_id, player_id)
        player, commands = self._adopted(profile)
        session_id = session.session_id or str(uuid.uuid4())
        is_new = session.session_id is None or not self._profiles.has_session(player_id, session_id)
        commands.append(
            RecordSession(
                player_id=player_id,
                session_id=session_id,
                started_us=source.received_at_us if session.started_us is None else session.started_us,
                duration_secs=session.duration_secs,
            )
        )
        after = self._profiles.preview(self._after(source, player, commands))
        after = replace(after, session_count=profile.session_count + is_new)
        return Decision(200, self._shown(source, after), commands)

    def purchase(self, source: Source, player_id: str, amount_minor: int, transaction_id: str | None) -> Decision:
        """Note money spent, once a transaction. Raises UnknownPlayer too."""
        profile = self.profile(source.app_id, player_id)
        if transaction_id is not None and (earlier := self._store.purchase_of(player_id, transaction_id)):
            if earlier.amount_minor != amount_minor:
                raise InvalidValue(
                    "transaction_id",
                    f"{transaction_id!r} was recorded with another amount ({earlier.amount_minor / 100:.2f})",
                )
            return Decision(200, self._shown(source, profile))
        player, commands = self._adopted(profile)
        commands.append(RecordPurchase(player_id=player_id, amount_minor=amount_minor, transaction_id=transaction_id))
        after = self._after(source, player, commands)
        return Decision(200, self._shown(source, self._profiles.preview(after)), commands)

    def _adopted(self, profile: Profile) -> tuple[Player | None, list[PlayerCommand]]:
        """The player behind a profile; for one whom telemetry alone knows, the command that makes it one."""
        player = self._store.get(profile.player_id)
        return player, [] if player is not None else [adoption(profile)]

    def _after(self, source: Source, player: Player | None, commands: Sequence[PlayerCommand]) -> Player:
        """The player once the commands are applied. Raises InvalidValue when it grows too large."""
        seq = self._journal.counters.last_seq  # later than all that is known of the player
        for offset, command in enumerate(commands, start=1):
            player = apply(player, command, seq=seq + offset, at_us=source.received_at_us, app_id=source.app_id)
        assert player is not None
        check_size(player)
        return player

    def _shown(self, source: Source, profile: Profile, *, email: bool = False) -> dict[str, Any]:
        """The player as answered. Whoever just said the e-mail address may read it back; none is no secret."""
        shows_email = email or profile.email is None or source.shows_email
        return player_object(profile, source.received_at_us, source.grant.churn_window, email=shows_email)
