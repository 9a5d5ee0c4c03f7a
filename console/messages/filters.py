"""Values that cross the console API about filters: requests found, values to choose from, bookmarks."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from console.messages.rows import RequestRow

MAX_VALUES = 50
MAX_BOOKMARKS = 10_000

BookmarkKind = Literal["event", "request"]
Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class RequestsFound(Struct, frozen=True, kw_only=True):
    """Requests that match, oldest first, and how far back was looked.

    Every request from `searched_to` on was looked at; with `complete`, all that were asked for. Otherwise ask again
    with `before_id=searched_to`.
    """

    rows: list[RequestRow]
    searched_to: int
    complete: bool


class FieldValue(Struct, frozen=True, array_like=True):
    """A value that a field has, and in how many events."""

    value: str
    events: int


class EventCount(Struct, frozen=True, kw_only=True):
    """How many events match, and up to which sequence number was counted."""

    events: int
    upto_seq: int


class Bookmarks(Struct, frozen=True, kw_only=True):
    """What is bookmarked: sequence numbers of events, ids of requests, in order."""

    events: list[int]
    requests: list[int]


class BookmarkChanges(Struct, frozen=True, kw_only=True):
    """Set or clear the bookmarks of these."""

    kind: BookmarkKind
    ids: Annotated[list[Id], Meta(max_length=MAX_BOOKMARKS)]
    bookmarked: bool
