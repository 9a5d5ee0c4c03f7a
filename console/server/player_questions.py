"""Questions about all players of an application: what is counted over them, and orders that take a judgement of each.

Answering takes as long as there are players (some 10 µs each, or 50 µs the first time), so it happens in the store's
process: in the server's, every slice of it would make games wait.
"""

from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct

from console.messages.players import FlagPreview, PlayerPage, PlayerRow, PlayerSort, SegmentPreview
from console.players.definitions import ChurnWindow
from console.players.profiles import Profile
from console.server.previews import FlagQuestion, SegmentQuestion, preview_flag, preview_segment
from console.storage.player_roster import IsWanted, NotWanted

__all__ = ["IsWanted", "NotWanted", "PageQuestion", "PlayerQuestions", "PlayersAnswer", "PlayersQuestion"]


class PageQuestion(Struct, frozen=True, kw_only=True, tag=True):
    """A part of the table of players; see ProfileReader.page."""

    app_id: str
    search: str
    sort: PlayerSort
    descending: bool
    limit: int
    offset: int
    now_us: int
    window: ChurnWindow


PlayersQuestion = SegmentQuestion | FlagQuestion | PageQuestion
PlayersAnswer = SegmentPreview | FlagPreview | PlayerPage


class Players(Protocol):
    """The part of the profile reader that is asked."""

    def all(self, app_id: str, is_wanted: IsWanted) -> Iterator[Profile]: ...
    def row_of(self, profile: Profile, now_us: int, window: ChurnWindow) -> PlayerRow: ...
    def page(
        self,
        app_id: str,
        *,
        search: str,
        sort: PlayerSort,
        descending: bool,
        limit: int,
        offset: int,
        now_us: int,
        window: ChurnWindow,
        is_wanted: IsWanted,
    ) -> PlayerPage: ...


class PlayerQuestions:
    """Answers, in any thread, until it is closed."""

    def __init__(self, players: Players) -> None:
        self._players = players
        self._closed = False

    def close(self) -> None:
        """Break off what is under way. Idempotent."""
        self._closed = True

    def answer(self, question: PlayersQuestion, is_wanted: IsWanted) -> PlayersAnswer:
        """Put the question to every player. The definitions were checked before.

        Raises InvalidDefinition when they were not, ProjectionError when players cannot be read, or NotWanted soon
        after `is_wanted` says so or this was closed.
        """

        def goes_on() -> bool:
            return not self._closed and is_wanted()

        match question:
            case SegmentQuestion():
                return preview_segment(question, self._players.all(question.app_id, goes_on), self._players.row_of)
            case FlagQuestion():
                return preview_flag(question, self._players.all(question.app_id, goes_on))
            case PageQuestion():
                return self._players.page(
                    question.app_id,
                    search=question.search,
                    sort=question.sort,
                    descending=question.descending,
                    limit=question.limit,
                    offset=question.offset,
                    now_us=question.now_us,
                    window=question.window,
                    is_wanted=goes_on,
                )
