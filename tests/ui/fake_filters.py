"""Filters and bookmarks of a stand-in server: answers the calls about them from its public fields."""

from collections.abc import Sequence

from console.client.filters import FilterCalls
from console.messages import filters as f
from tests.ui.noted import Noted


class FakeFilters(Noted, FilterCalls):
    """To be mixed into the FakeClient."""

    filtered_requests: list[f.RequestsFound]
    values: dict[str, list[f.FieldValue]]
    bookmarked: dict[str, set[int]]

    async def find_requests(
        self, text: str, *, before_id: int | None = None, after_id: int = 0, limit: int = 1000
    ) -> f.RequestsFound:
        self._note("find_requests", text=text, before_id=before_id, after_id=after_id, limit=limit)
        if self.filtered_requests:
            return self.filtered_requests.pop(0)
        return f.RequestsFound(rows=[], searched_to=1, complete=True)

    async def field_values(
        self, field: str, *, prefix: str = "", app_id: str | None = None, limit: int = f.MAX_VALUES
    ) -> list[f.FieldValue]:
        self._note("field_values", field=field, prefix=prefix, app_id=app_id)
        return [value for value in self.values.get(field, []) if value.value.startswith(prefix)]

    async def bookmarks(self) -> f.Bookmarks:
        self._note("bookmarks")
        return f.Bookmarks(events=sorted(self.bookmarked["event"]), requests=sorted(self.bookmarked["request"]))

    async def bookmark(self, kind: f.BookmarkKind, ids: Sequence[int], *, bookmarked: bool = True) -> f.Bookmarks:
        self._note("bookmark", kind=kind, ids=list(ids), bookmarked=bookmarked)
        known = self.bookmarked[kind]
        known.update(ids) if bookmarked else known.difference_update(ids)
        return f.Bookmarks(events=sorted(self.bookmarked["event"]), requests=sorted(self.bookmarked["request"]))
