"""The console API's calls about players, flags and segments."""

from typing import Any

from console.client.calls import Calls
from console.messages import players as p
from console.players.definitions import Explanation, Flag, Override, Segment


class PlayerCalls(Calls):
    """The part of the ConsoleClient that is about players. `now_us` None asks for the server's present."""

    async def players(
        self,
        app_id: str,
        *,
        search: str = "",
        sort: p.PlayerSort = "last_seen",
        descending: bool = True,
        limit: int = 200,
        offset: int = 0,
        now_us: int | None = None,
    ) -> p.PlayerPage:
        """Known players, of either API. `search` is a part of an id, a name or an e-mail address."""
        query = {"search": search, "sort": sort, "limit": str(limit), "offset": str(offset)}
        query["descending"] = "1" if descending else "0"
        return await self._ask("GET", f"/applications/{app_id}/players", p.PlayerPage, query=query | _at(now_us))

    async def player(self, player_id: str, *, now_us: int | None = None) -> p.PlayerDetail:
        return await self._ask("GET", f"/players/{player_id}", p.PlayerDetail, query=_at(now_us))

    async def change_player(self, player_id: str, changes: p.PlayerChanges) -> p.PlayerDetail:
        """Edit a player by hand; journaled like a request of a client."""
        return await self._ask("PATCH", f"/players/{player_id}", p.PlayerDetail, body=changes)

    # flags and overrides

    async def flags(self, app_id: str) -> list[Flag]:
        return await self._ask("GET", f"/applications/{app_id}/flags", list[Flag])

    async def save_flag(self, app_id: str, request: p.SaveFlag) -> Flag:
        return await self._ask("POST", f"/applications/{app_id}/flags", Flag, body=request)

    async def delete_flag(self, app_id: str, key: str) -> None:
        await self._ask("DELETE", f"/applications/{app_id}/flags/{key}", None)

    async def preview_flag(self, app_id: str, request: p.PreviewFlag) -> p.FlagPreview:
        """What every known player would get: may take seconds with very many."""
        return await self._ask("POST", f"/applications/{app_id}/flag-preview", p.FlagPreview, body=request)

    async def explain_flag(self, app_id: str, key: str, player_id: str, *, now_us: int | None = None) -> Explanation:
        """Why a player gets the value of a flag."""
        path = f"/applications/{app_id}/flags/{key}/players/{player_id}"
        return await self._ask("GET", path, Explanation, query=_at(now_us))

    async def overrides(self, app_id: str) -> list[Override]:
        return await self._ask("GET", f"/applications/{app_id}/overrides", list[Override])

    async def set_override(self, app_id: str, key: str, player_id: str, value: Any) -> None:
        path = f"/applications/{app_id}/flags/{key}/players/{player_id}"
        await self._ask("PUT", path, None, body=p.SetOverride(value=value))

    async def clear_override(self, app_id: str, key: str, player_id: str) -> None:
        await self._ask("DELETE", f"/applications/{app_id}/flags/{key}/players/{player_id}", None)

    async def clear_overrides(self, app_id: str, *, flag_key: str = "", player_id: str = "") -> int:
        """Remove every override, or those of one flag or player; returns how many there were."""
        query = {"flag_key": flag_key, "player_id": player_id}
        return await self._ask("DELETE", f"/applications/{app_id}/overrides", int, query=query)

    async def definition_history(self, app_id: str, *, key: str = "", limit: int = 200) -> list[p.DefinitionChange]:
        """Who changed which flag or segment, the newest first."""
        query = {"key": key, "limit": str(limit)}
        return await self._ask("GET", f"/applications/{app_id}/history", list[p.DefinitionChange], query=query)

    # segments

    async def segments(self, app_id: str) -> list[Segment]:
        return await self._ask("GET", f"/applications/{app_id}/segments", list[Segment])

    async def save_segment(self, app_id: str, request: p.SaveSegment) -> Segment:
        return await self._ask("POST", f"/applications/{app_id}/segments", Segment, body=request)

    async def delete_segment(self, app_id: str, segment_id: str) -> None:
        """Refused while a flag uses it."""
        await self._ask("DELETE", f"/applications/{app_id}/segments/{segment_id}", None)

    async def preview_segment(self, app_id: str, request: p.PreviewSegment) -> p.SegmentPreview:
        """Who of the known players would be in it: may take seconds with very many."""
        return await self._ask("POST", f"/applications/{app_id}/segment-preview", p.SegmentPreview, body=request)


def _at(now_us: int | None) -> dict[str, str]:
    return {} if now_us is None else {"now_us": str(now_us)}
