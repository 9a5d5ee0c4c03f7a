"""Values that cross the console API about levels: what games call them, and where sessions were that did not say."""

from typing import Annotated

from msgspec import Meta, Struct

MAX_LEVEL_CHARS = 256
MAX_SESSIONS = 10_000  # of one call; all of them need no list

LevelId = Annotated[str, Meta(min_length=1, max_length=MAX_LEVEL_CHARS)]


class LevelName(Struct, frozen=True, kw_only=True):
    """A game's name of a level, and the name of the models that show it."""

    app_id: str
    level_id: str
    level_name: str


class MapLevel(Struct, frozen=True, kw_only=True):
    """Show a level with the models of this name; "" for those of its own name again."""

    app_id: str
    level_id: LevelId
    level_name: Annotated[str, Meta(max_length=MAX_LEVEL_CHARS)]


class AssignSessions(Struct, frozen=True, kw_only=True):
    """Place sessions that named no level; "" takes them out again.

    `session_ids` None: all that are placed in `from_level`, or for "" all that are in no level.
    """

    app_id: str
    session_ids: Annotated[list[str], Meta(max_length=MAX_SESSIONS)] | None
    from_level: str = ""
    level_id: Annotated[str, Meta(max_length=MAX_LEVEL_CHARS)]


class SessionsAssigned(Struct, frozen=True, kw_only=True):
    """The sessions that are elsewhere now."""

    session_ids: list[str]


class AssignedCount(Struct, frozen=True, kw_only=True):
    """How many sessions of an application a person placed in a level."""

    app_id: str
    level_id: str
    sessions: int


class LevelFacts(Struct, frozen=True, kw_only=True):
    """What people said about levels, of all applications."""

    names: list[LevelName]
    assigned: list[AssignedCount]
