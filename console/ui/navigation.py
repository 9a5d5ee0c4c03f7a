"""Going from one view to another, with what is to be shown there. A view sends a Destination; the window goes to it.

A view asks by its signal `destination_wanted(Destination)`, and is brought to a subject by its method
`show_subject(Subject)`. So no view knows another.
"""

from dataclasses import dataclass

from console.messages.requests import FailureKind
from console.ui.options import ViewName
from console.ui.selection import Scope


@dataclass(frozen=True)
class PlayerSubject:
    """One player's profile."""

    app_id: str
    player_id: str


@dataclass(frozen=True)
class NamedPlayerSubject:
    """One player's profile, by the game's own id for the player."""

    app_id: str
    external_id: str


@dataclass(frozen=True)
class EventsSubject:
    """The events of one player, who goes by one id in each API. `name` is what a person calls the player."""

    name: str
    player_ids: frozenset[str]


@dataclass(frozen=True)
class FilterSubject:
    """The events that match a filter."""

    text: str


@dataclass(frozen=True)
class FailureSubject:
    """The requests that failed in one way."""

    kind: FailureKind


@dataclass(frozen=True)
class RejectedSubject:
    """The requests that were rejected."""


@dataclass(frozen=True)
class LevelSubject:
    """One level, as the scope narrows it."""

    level_id: str


@dataclass(frozen=True)
class LevelMomentSubject:
    """A place on a level at a moment: `place` in the game's own axes and units, None where it is not known.

    Whoever asks for it has the clock seek the moment.
    """

    level_id: str
    time_us: int
    app_id: str = ""
    session_id: str = ""
    place: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class FlagSubject:
    """One flag."""

    app_id: str
    flag_key: str


@dataclass(frozen=True)
class SegmentSubject:
    """One segment."""

    app_id: str
    segment_id: str


@dataclass(frozen=True)
class TraceSubject:
    """Why a player gets the value of a flag. `now_us` None: at present."""

    app_id: str
    flag_key: str
    player_id: str
    now_us: int | None = None


Subject = (
    PlayerSubject
    | NamedPlayerSubject
    | EventsSubject
    | FilterSubject
    | FailureSubject
    | RejectedSubject
    | LevelSubject
    | LevelMomentSubject
    | FlagSubject
    | SegmentSubject
    | TraceSubject
)


@dataclass(frozen=True, kw_only=True)
class Destination:
    """A view; the scope to narrow every view to, None keeps it; and what the view is to show."""

    view: ViewName
    scope: Scope | None = None
    subject: Subject | None = None
