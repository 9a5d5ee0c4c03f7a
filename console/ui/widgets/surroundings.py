"""What was recorded around an event, so that the inspector can say what does not fit."""

from console.client import ConsoleClient
from console.columns import numbers, text
from console.messages import LevelModel, RequestDetail
from console.telemetry.inspect import payload_of
from console.telemetry.plausibility import LevelBox, Surroundings


class SurroundingsSource:
    """Asks the server about one event at a time; the level models are kept until they change."""

    def __init__(self, client: ConsoleClient) -> None:
        self._client = client
        self._models: list[LevelModel] | None = None
        self._names: dict[tuple[str, str], str] = {}  # of models, for levels that are called otherwise

    def forget_models(self) -> None:
        """They changed: ask again when they are next needed."""
        self._models = None

    async def around(self, detail: RequestDetail, index: int) -> Surroundings:
        """What is known of the session and the level of one recorded event."""
        event = payload_of(detail.body, index)
        app_id, session_id = detail.row.app_id, event.get("session_id") if isinstance(event, dict) else None
        if detail.first_seq is None or not app_id or not isinstance(session_id, str):
            return Surroundings()
        answer = await self._client.query(
            "session_before", app_id=app_id, session_id=session_id, seq=detail.first_seq + index
        )
        if not answer.rows:
            return Surroundings()
        events, first_us = numbers(answer, "events")[0], numbers(answer, "first_us")[0]
        level_id = event.get("level_id") or text(answer, "level_id")[0]
        return Surroundings(
            events_before=int(events),
            first_us=int(first_us) if events else None,
            player_id=text(answer, "player_id")[0] if events else None,
            level=await self._level(app_id, level_id) if isinstance(level_id, str) and level_id else None,
        )

    async def _level(self, app_id: str, level_id: str) -> LevelBox | None:
        if self._models is None:
            facts = await self._client.level_facts()
            self._names = {(name.app_id, name.level_id): name.level_name for name in facts.names}
            self._models = await self._client.level_models()
        shown_with = self._names.get((app_id, level_id), level_id)
        for model in self._models:
            if model.active and model.app_id == app_id and model.level_name == shown_with:
                return LevelBox(level_id, model.bounds, model.mesh_axes, model.telemetry_axes, model.calibration)
        return None
