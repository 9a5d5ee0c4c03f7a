"""The console API's calls about filters: what matches, as it was recorded and as it comes in."""

from collections.abc import Sequence

from console.client.calls import UNLIMITED, Calls
from console.messages import filters as f


class FilterCalls(Calls):
    """The part of the ConsoleClient that is about filters; `events` and `feed` take one, too.

    A `text` that cannot be read is refused with "invalid_filter": see `console.telemetry.filters.parse`.
    """

    async def find_requests(
        self, text: str, *, before_id: int | None = None, after_id: int = 0, limit: int = 1000
    ) -> f.RequestsFound:
        """The newest requests that match, oldest first, as far as a few seconds' look reaches.

        Only those between the two ids are looked at: `after_id` asks for what came since.
        """
        query = {"filter": text, "after_id": str(after_id), "limit": str(limit)}
        if before_id is not None:
            query["before_id"] = str(before_id)
        return await self._ask("GET", "/requests/found", f.RequestsFound, query=query, limits=UNLIMITED)

    async def count_events(self, text: str, *, after_seq: int = 0, app_id: str | None = None) -> f.EventCount:
        """How many recorded events behind a sequence number match."""
        query = {"filter": text, "after_seq": str(after_seq)}
        if app_id is not None:
            query["app_id"] = app_id
        return await self._ask("GET", "/events/count", f.EventCount, query=query, limits=UNLIMITED)

    async def field_values(
        self, field: str, *, prefix: str = "", app_id: str | None = None, limit: int = f.MAX_VALUES
    ) -> list[f.FieldValue]:
        """Values that a field has among the newest events, the most frequent first.

        `field` as a filter names it; `custom_data` and `hardware` have the names of what is in them.
        """
        query = {"field": field, "prefix": prefix, "limit": str(limit)}
        if app_id is not None:
            query["app_id"] = app_id
        return await self._ask("GET", "/events/values", list[f.FieldValue], query=query)

    async def bookmarks(self) -> f.Bookmarks:
        return await self._ask("GET", "/bookmarks", f.Bookmarks)

    async def bookmark(self, kind: f.BookmarkKind, ids: Sequence[int], *, bookmarked: bool = True) -> f.Bookmarks:
        """Set or clear bookmarks; answers with all there are."""
        changes = f.BookmarkChanges(kind=kind, ids=list(ids), bookmarked=bookmarked)
        return await self._ask("POST", "/bookmarks", f.Bookmarks, body=changes)
