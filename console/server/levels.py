"""What people say about levels: kept in the catalog, told to the event store and the feed."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from console.columns import text
from console.messages.levels import AssignSessions, LevelFacts, MapLevel, SessionsAssigned
from console.server.store_host import StoreHost
from console.storage.catalog import Catalog
from console.storage.event_store import AssignedLevel, EventStoreError

log = logging.getLogger(__name__)


class LevelService:
    """Changes what is known of levels, one change at a time. `changed` is called on the loop after each.

    `place` is told, on the loop, where sessions are that named no level: it places live rows. Raises CatalogError.
    """

    def __init__(
        self,
        catalog: Catalog,
        store: StoreHost,
        *,
        place: Callable[[dict[tuple[str, str], str]], None],
        changed: Callable[[], None],
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._place = place
        self._changed = changed
        self._changing = asyncio.Lock()  # the store and the feed are told in the catalog's order

    def begin(self) -> None:
        """Tell the feed what is known. The event store was told before it started: it answers no question without."""
        self._place(_by_session(self._catalog.level_facts.assigned()))

    def all(self) -> LevelFacts:
        """What people said about levels."""
        return self._catalog.level_facts.all()

    async def map_level(self, wanted: MapLevel) -> LevelFacts:
        """Show a level with the models of another name."""
        facts = self._catalog.level_facts
        await asyncio.to_thread(facts.map_level, wanted.app_id, wanted.level_id, wanted.level_name)
        self._changed()
        return await asyncio.to_thread(facts.all)

    async def assign(self, wanted: AssignSessions) -> SessionsAssigned:
        """Place sessions that named no level. What was sent stays as it was sent.

        Raises EventStoreError when all are asked for that are in no level, and the store cannot tell.
        """
        facts = self._catalog.level_facts
        async with self._changing:
            sessions = wanted.session_ids
            if sessions is None and wanted.from_level:
                sessions = await asyncio.to_thread(facts.sessions_in, wanted.app_id, wanted.from_level)
            elif sessions is None:
                sessions = await asyncio.to_thread(self._sessions_in_no_level, wanted.app_id)
            moved = await asyncio.to_thread(facts.assign, wanted.app_id, sessions, wanted.level_id)
            if moved:
                assigned = await asyncio.to_thread(facts.assigned)
                self._place(_by_session(assigned))
                try:
                    await asyncio.to_thread(self._store.assign_levels, assigned)
                except EventStoreError as error:
                    log.warning("the event store learns at its next start which sessions were assigned: %s", error)
                self._changed()
        return SessionsAssigned(session_ids=moved)

    def _sessions_in_no_level(self, app_id: str) -> list[str]:
        return list(text(self._store.query("unassigned_sessions", {"app_id": app_id}), "session_id"))


def _by_session(assigned: Sequence[AssignedLevel]) -> dict[tuple[str, str], str]:
    return {(row.app_id, row.session_id): row.level_id for row in assigned}
