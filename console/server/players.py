"""Players: every change of them is decided here, journaled, then applied, in this order."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from console.players.changes import (
    PlayerCommand,
    adoption,
    apply,
    check_size,
    resolved_attributes,
)
from console.players.commands import (
    Command,
    Recorded,
    RecordPurchase,
    RecordSession,
    Register,
    TrackEvent,
    Update,
    decode_recorded,
    encode_recorded,
)
from console.players.identity import check_ids, resolve
from console.players.profiles import Player, Profile, player_id_of
from console.players.values import InvalidValue
from console.server.errors import ApiError
from console.server.keyed_locks import KeyedLocks
from console.server.pipeline import Pipeline
from console.server.player_json import player_object, success_body
from console.server.player_sources import Answer, Source
from console.storage.journal import Committed, IngestRequest, Journal
from console.storage.player_store import PlayerStore, ProjectionError

log = logging.getLogger(__name__)

_MAX_KNOWN: Final = 100_000


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


class _Decision(Struct):
    """What to journal, and what to answer. Without commands there was nothing new."""

    status: int
    data: Any
    commands: Sequence[Command] = ()


class PlayerService:
    """Every method is for the loop.

    Changes of one player are decided one after the other, and each is applied before the next is decided: what was
    decided still holds when it is on disk. `changed` is called when players are not what they were.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        store: PlayerStore,
        profiles: Profiles,
        pipeline: Pipeline,
        changed: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._journal_id = journal.journal_id()
        self._store = store
        self._profiles = profiles
        self._pipeline = pipeline
        self._changed = changed
        self._locks = KeyedLocks()
        self._known: dict[str, str] = {}  # player id → application, of players that were asked for

    # reading

    def profile(self, app_id: str, player_id: str) -> Profile:
        """A player of an application. Raises UnknownPlayer."""
        profile = self._profiles.profile(player_id)
        if profile is None or profile.app_id != app_id:
            raise UnknownPlayer(player_id)
        return profile

    def by_external(self, app_id: str, external_id: str) -> Profile | None:
        """The player who has an external id."""
        return self._profiles.by_external(app_id, external_id)

    def is_known(self, app_id: str, player_id: str) -> bool:
        """Whether the application has this player: cheap for those who were asked for lately."""
        known_app_id = self._known.get(player_id)
        if known_app_id is None:
            profile = self._profiles.profile(player_id)
            if profile is None:
                return False
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            known_app_id = self._known[player_id] = profile.app_id
        return known_app_id == app_id

    # changing

    async def register(self, source: Source, wanted: Registration) -> Answer:
        """Create a player, or merge what is given into the one there is.

        Raises InvalidValue for ids that contradict each other, ApiError 503.
        """
        return await self._submit(
            source,
            lambda: self._register_keys(source.app_id, wanted),
            lambda: self._decide_registration(source, wanted),
        )

    async def update(self, source: Source, player_id: str, patch: PlayerPatch) -> Answer:
        """Merge a patch into a player. Raises UnknownPlayer, InvalidValue, ApiError 503."""
        keys = {f"player {player_id}"}
        if isinstance(patch.external_id, str):
            keys.add(f"external {source.app_id} {patch.external_id}")
            keys.add(f"player {player_id_of(self._journal_id, source.app_id, patch.external_id)}")
        if isinstance(patch.device_id, str):
            keys.add(f"device {source.app_id} {patch.device_id}")
        return await self._submit(source, lambda: keys, lambda: self._decide_update(source, player_id, patch))

    async def record_session(self, source: Source, player_id: str, session: NewSession) -> Answer:
        """Note a session; one of the same id counts once. Raises UnknownPlayer, ApiError 503."""
        keys = {f"player {player_id}"}
        return await self._submit(source, lambda: keys, lambda: self._decide_session(source, player_id, session))

    async def record_purchase(
        self, source: Source, player_id: str, amount_minor: int, transaction_id: str | None
    ) -> Answer:
        """Note money spent, in hundredths; one of the same transaction counts once.

        Raises UnknownPlayer, InvalidValue for a transaction of another amount, ApiError 503.
        """
        keys = {f"player {player_id}"}
        return await self._submit(
            source, lambda: keys, lambda: self._decide_purchase(source, player_id, amount_minor, transaction_id)
        )

    async def track(self, source: Source, event: TrackEvent, data: Any) -> Answer:
        """Record one event, answered with `data`. Raises UnknownPlayer, InvalidValue, ApiError 503.

        One whose id its client chose is recorded once.
        """
        if not self.is_known(source.app_id, event.player_id):
            raise UnknownPlayer(event.player_id)
        if not event.deduplicated and source.idempotency_key is None:
            return await self._record(source, _Decision(201, data, [event]))
        return await self.track_batch(source, [event], lambda repeated: (200 if repeated else 201, data))

    async def track_batch(
        self,
        source: Source,
        events: Sequence[TrackEvent],
        answer: Callable[[set[int]], tuple[int, Any]],
    ) -> Answer:
        """Record events of known players. Raises InvalidValue, ApiError 503.

        `answer` makes status and data, given the indices of those that were recorded before and are not again.
        """
        app_id = source.app_id
        keys = {f"event {app_id} {event.event_id}" for event in events if event.deduplicated}

        def decide() -> _Decision:
            repeated: set[int] = set()
            chosen: set[str] = set()
            for index, event in enumerate(events):
                if not event.deduplicated:
                    continue
                if event.event_id in chosen or self._store.recorded_event(app_id, event.event_id) is not None:
                    repeated.add(index)
                chosen.add(event.event_id)
            status, data = answer(repeated)
            commands = [event for index, event in enumerate(events) if index not in repeated]
            return _Decision(status, data, commands)

        if not keys and source.idempotency_key is None:
            return await self._record(source, decide())
        return await self._submit(source, lambda: keys, decide)

    # after the commit

    def committed(self, group: Sequence[Committed]) -> None:
        """Apply what became durable, in the journal's order: before any sender is answered, who then can read it."""
        changes: list[Committed] = []
        told = False
        for commit in group:
            request = commit[0]
            if isinstance(request, IngestRequest) and request.commands:
                told = True
                recorded = decode_recorded(request.commands)
                if _concerns_the_store(recorded):
                    changes.append(commit)
                    self._forget_absorbed(request.app_id, recorded.commands)
        if changes:
            try:
                self._store.apply_committed(changes)
            except ProjectionError:  # it is in the journal and is acknowledged: the store does it with the next change
                log.exception("a change of players was journaled and is not applied yet")
        if told:
            self._changed()

    def _forget_absorbed(self, app_id: str, commands: Iterable[Command]) -> None:
        """A player whom telemetry alone knew has no id of its own any more once another player has the external id."""
        for command in commands:
            if isinstance(command, Register | Update) and isinstance(command.external_id, str):
                derived = player_id_of(self._journal_id, app_id, command.external_id)
                if derived != command.player_id:
                    self._known.pop(derived, None)

    # deciding

    async def _submit(
        self, source: Source, keys_now: Callable[[], set[str]], decide: Callable[[], _Decision]
    ) -> Answer:
        """Decide while nobody else decides about the same, and journal it before anybody does."""
        extra = set()
        if source.idempotency_key is not None:
            extra.add(f"request {source.app_id} {source.idempotency_key}")
        while True:
            keys = keys_now()
            async with self._locks.holding(keys | extra):
                if keys_now() != keys:  # while we waited, an id went to another player
                    continue
                answered = await self._answered_before(source)
                return answered or await self._record(source, decide())

    async def _answered_before(self, source: Source) -> Answer | None:
        key = source.idempotency_key
        if key is None:
            return None
        earlier = self._store.idempotent(source.app_id, key)
        if earlier is None:
            return None
        request_id, fingerprint = earlier
        if fingerprint != source.fingerprint:
            raise InvalidValue("Idempotency-Key", f"{key!r} was sent before with another request: use a new one")
        stored = await asyncio.to_thread(self._journal.player_answer, request_id)
        if stored is None:
            raise InvalidValue("Idempotency-Key", f"{key!r} was sent before, and its answer is gone: use a new one")
        return Answer(stored[0], stored[1], replayed=True)

    async def _record(self, source: Source, decision: _Decision) -> Answer:
        body = success_body(decision.data)
        if not decision.commands:
            return Answer(decision.status, body)
        key = source.idempotency_key
        recorded = Recorded(
            commands=list(decision.commands),
            idempotency_key=key,
            fingerprint=b"" if key is None else source.fingerprint,
        )
        await self._pipeline.accept(
            source.request,
            received_at_us=source.received_at_us,
            route=source.route,
            grant=source.grant,
            body=source.body,
            wire_bytes=source.wire_bytes,
            events=len(recorded.commands),
            status=decision.status,
            response=body,
            commands=encode_recorded(recorded),
        )
        return Answer(decision.status, body, events=len(recorded.commands))

    def _register_keys(self, app_id: str, wanted: Registration) -> set[str]:
        keys = set()
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

    def _decide_registration(self, source: Source, wanted: Registration) -> _Decision:
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
        return _Decision(201 if seen is None else 200, data, [command])

    def _decide_update(self, source: Source, player_id: str, patch: PlayerPatch) -> _Decision:
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
        return _Decision(200, data, commands)

    def _decide_session(self, source: Source, player_id: str, session: NewSession) -> _Decision:
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
        return _Decision(200, self._shown(source, after), commands)

    def _decide_purchase(
        self, source: Source, player_id: str, amount_minor: int, transaction_id: str | None
    ) -> _Decision:
        profile = self.profile(source.app_id, player_id)
        if transaction_id is not None and (earlier := self._store.purchase_of(player_id, transaction_id)):
            if earlier.amount_minor != amount_minor:
                raise InvalidValue(
                    "transaction_id",
                    f"{transaction_id!r} was recorded with another amount ({earlier.amount_minor / 100:.2f})",
                )
            return _Decision(200, self._shown(source, profile))
        player, commands = self._adopted(profile)
        commands.append(RecordPurchase(player_id=player_id, amount_minor=amount_minor, transaction_id=transaction_id))
        after = self._after(source, player, commands)
        return _Decision(200, self._shown(source, self._profiles.preview(after)), commands)

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
        """The player as answered. Whoever just said the e-mail address may read it back."""
        window = source.grant.churn_window
        return player_object(profile, source.received_at_us, window, email=email or source.shows_email)


def _concerns_the_store(recorded: Recorded) -> bool:
    """Most events are of no consequence to it: then it is not written to."""
    return recorded.idempotency_key is not None or any(
        not isinstance(command, TrackEvent) or command.deduplicated for command in recorded.commands
    )
