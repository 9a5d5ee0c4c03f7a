"""Players: every change of them is decided, journaled, then applied, in this order."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from console.players.commands import (
    Command,
    Recorded,
    Register,
    TrackEvent,
    Update,
    decode_recorded,
    encode_recorded,
)
from console.players.profiles import Profile, player_id_of
from console.players.values import InvalidValue
from console.server.keyed_locks import KeyedLocks
from console.server.pipeline import Pipeline
from console.server.player_decisions import (
    Decision,
    NewSession,
    PlayerDecisions,
    PlayerPatch,
    Profiles,
    Registration,
    UnknownPlayer,
)
from console.server.player_json import success_body
from console.server.player_sources import Answer, Source
from console.storage.journal import Committed, IngestRequest, Journal
from console.storage.player_store import PlayerStore, ProjectionError

log = logging.getLogger(__name__)

_MAX_KNOWN: Final = 100_000


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
        self._decisions = PlayerDecisions(journal=journal, store=store, profiles=profiles)
        self._locks = KeyedLocks()
        self._known: dict[str, str] = {}  # player id → application, of players that were asked for

    # reading

    def profile(self, app_id: str, player_id: str) -> Profile:
        """A player of an application. Raises UnknownPlayer."""
        return self._decisions.profile(app_id, player_id)

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
        decisions = self._decisions
        return await self._submit(
            source,
            lambda: decisions.keys_of_registration(source.app_id, wanted),
            lambda: decisions.registration(source, wanted),
        )

    async def update(self, source: Source, player_id: str, patch: PlayerPatch) -> Answer:
        """Merge a patch into a player. Raises UnknownPlayer, InvalidValue, ApiError 503."""
        keys = self._decisions.keys_of_update(source.app_id, player_id, patch)
        return await self._submit(source, lambda: keys, lambda: self._decisions.update(source, player_id, patch))

    async def record_session(self, source: Source, player_id: str, session: NewSession) -> Answer:
        """Note a session; one of the same id counts once. Raises UnknownPlayer, ApiError 503."""
        keys = {f"player {player_id}"}
        return await self._submit(source, lambda: keys, lambda: self._decisions.session(source, player_id, session))

    async def record_purchase(
        self, source: Source, player_id: str, amount_minor: int, transaction_id: str | None
    ) -> Answer:
        """Note money spent, in hundredths; one of the same transaction counts once.

        Raises UnknownPlayer, InvalidValue for a transaction of another amount, ApiError 503.
        """
        keys = {f"player {player_id}"}
        return await self._submit(
            source,
            lambda: keys,
            lambda: self._decisions.purchase(source, player_id, amount_minor, transaction_id),
        )

    async def track(self, source: Source, event: TrackEvent, shown: Callable[[TrackEvent, int], Any]) -> Answer:
        """Record one event. Raises UnknownPlayer, InvalidValue, ApiError 503, JournalError.

        One whose id its client chose is recorded once. `shown` makes the answer's data of the event as it is recorded
        and the time it was received at, in µs.
        """
        if not self.is_known(source.app_id, event.player_id):
            raise UnknownPlayer(event.player_id)
        data = shown(event, source.received_at_us)
        if not event.deduplicated and source.idempotency_key is None:
            return await self._record(source, Decision(201, data, [event]))
        answer = await self.track_batch(source, [event], lambda repeated: (200 if repeated else 201, data))
        if answer.events or answer.replayed or (earlier := await self._recorded_event(event)) is None:
            return answer
        return Answer(200, success_body(shown(*earlier)))

    async def track_batch(
        self,
        source: Source,
        events: Sequence[TrackEvent],
        answer: Callable[[set[int]], tuple[int, Any]],
    ) -> Answer:
        """Record events of known players. Raises InvalidValue, ApiError 503.

        `answer` makes status and data, given the indices of those that were recorded before and are not again.
        """
        keys = {f"event {event.player_id} {event.event_id}" for event in events if event.deduplicated}

        def decide() -> Decision:
            repeated: set[int] = set()
            chosen: set[tuple[str, str]] = set()
            for index, event in enumerate(events):
                if not event.deduplicated:
                    continue
                named = (event.player_id, event.event_id)
                if named in chosen or self._store.recorded_event(*named) is not None:
                    repeated.add(index)
                chosen.add(named)
            status, data = answer(repeated)
            commands = [event for index, event in enumerate(events) if index not in repeated]
            return Decision(status, data, commands)

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

    async def _recorded_event(self, event: TrackEvent) -> tuple[TrackEvent, int] | None:
        """The event that was recorded with the player and the id of this one, and when it was received."""
        named = (event.player_id, event.event_id)
        request_id = self._store.recorded_event(*named)
        if request_id is None:
            return None
        for request in await asyncio.to_thread(self._journal.player_requests, request_id - 1, 1):
            for command in decode_recorded(request.commands).commands:
                if isinstance(command, TrackEvent) and (command.player_id, command.event_id) == named:
                    return command, request.received_at_us
        return None

    async def _submit(self, source: Source, keys_now: Callable[[], set[str]], decide: Callable[[], Decision]) -> Answer:
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

    async def _record(self, source: Source, decision: Decision) -> Answer:
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


def _concerns_the_store(recorded: Recorded) -> bool:
    """Most events are of no consequence to it: then it is not written to."""
    return recorded.idempotency_key is not None or any(
        not isinstance(command, TrackEvent) or command.deduplicated for command in recorded.commands
    )
