"""Names of levels and assigned sessions of a stand-in server."""

from collections.abc import Sequence

from console.client.levels import LevelCalls
from console.messages.levels import LevelFacts
from tests.ui.noted import Noted


class FakeLevels(Noted, LevelCalls):
    """To be mixed into the FakeClient."""

    facts: LevelFacts

    async def level_facts(self) -> LevelFacts:
        self._note("level_facts")
        return self.facts

    async def map_level(self, app_id: str, level_id: str, level_name: str) -> LevelFacts:
        self._note("map_level", app_id=app_id, level_id=level_id, level_name=level_name)
        return self.facts

    async def assign_sessions(
        self, app_id: str, session_ids: Sequence[str] | None, level_id: str, *, from_level: str = ""
    ) -> list[str]:
        self._note("assign_sessions", app_id=app_id, session_ids=session_ids, level_id=level_id, from_level=from_level)
        return list(session_ids or ())
