"""The console API's calls about levels: what games call them, and where sessions were that did not say."""

from collections.abc import Sequence

from console.client.calls import Calls
from console.messages.levels import AssignSessions, LevelFacts, MapLevel, SessionsAssigned

_SESSIONS_AT_ONCE = 2_000  # a body of the console API holds them, however long their ids are


class LevelCalls(Calls):
    """The part of the ConsoleClient that speaks about levels. What was sent stays as it was sent."""

    async def level_facts(self) -> LevelFacts:
        """Levels that go by another name, and how many sessions were placed where."""
        return await self._ask("GET", "/level-facts", LevelFacts)

    async def map_level(self, app_id: str, level_id: str, level_name: str) -> LevelFacts:
        """Show a level with the models of another name; "" for those of its own name again."""
        wanted = MapLevel(app_id=app_id, level_id=level_id, level_name=level_name)
        return await self._ask("POST", "/level-facts/names", LevelFacts, body=wanted)

    async def assign_sessions(
        self, app_id: str, session_ids: Sequence[str] | None, level_id: str, *, from_level: str = ""
    ) -> list[str]:
        """Place sessions that named no level; with None all that are placed in `from_level`, or are in none.

        "" as level takes them out again.

        Answers with those that are elsewhere now.
        """
        pages: list[list[str] | None] = (
            [None]
            if session_ids is None
            else [
                list(session_ids[at : at + _SESSIONS_AT_ONCE]) for at in range(0, len(session_ids), _SESSIONS_AT_ONCE)
            ]
        )
        moved: list[str] = []
        for page in pages:
            wanted = AssignSessions(app_id=app_id, session_ids=page, level_id=level_id, from_level=from_level)
            answer = await self._ask("POST", "/level-facts/sessions", SessionsAssigned, body=wanted)
            moved += answer.session_ids
        return moved
