"""The one selection that every view shares."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from console.messages import EventRow


# A session: its application's id and its own, which another application's session may have, too.
SessionKey = tuple[str, str]


@dataclass(frozen=True)
class Scope:
    """What the left dock narrows every view to. None: everything."""

    app_id: str | None = None
    build_id: str | None = None
    sessions: frozenset[SessionKey] | None = None

    @staticmethod
    def of_sessions(app_id: str, session_ids: Iterable[str]) -> "Scope":
        """Some sessions of one application."""
        return Scope(app_id=app_id, sessions=frozenset((app_id, session_id) for session_id in session_ids))

    def admits(self, app_id: str, build_id: str, session_id: str) -> bool:
        """Whether an event of this application, build and session is to be shown."""
        return (
            (self.app_id is None or self.app_id == app_id)
            and (self.build_id is None or self.build_id == build_id)
            and (self.sessions is None or (app_id, session_id) in self.sessions)
        )

    def params(self) -> dict[str, Any]:
        """What narrows it, as the event store's questions take it."""
        params: dict[str, Any] = {}
        if self.app_id is not None:
            params["app_id"] = self.app_id
        if self.build_id is not None:
            params["build_id"] = self.build_id
        if self.sessions is not None:
            params["sessions"] = by_application(self.sessions)
        return params


def by_application(sessions: Iterable[SessionKey]) -> dict[str, list[str]]:
    """The session ids of each application, in order, as the event store's questions take them."""
    found: dict[str, list[str]] = {}
    for app_id, session_id in sorted(sessions):
        found.setdefault(app_id, []).append(session_id)
    return found


@dataclass(frozen=True)
class Picked:
    """What the inspector shows: a request, and maybe one event of it.

    When and where it was, and whose, are for the other views, as far as the view that picked it knows: a row, a
    marker and a moment are the same event everywhere. `place` is in the game's own axes and units.
    """

    request_id: int
    seq: int | None = None
    index: int | None = None
    time_us: int | None = field(default=None, compare=False)
    app_id: str = field(default="", compare=False)
    session_id: str = field(default="", compare=False)
    level_id: str = field(default="", compare=False)
    place: tuple[float, float, float] | None = field(default=None, compare=False)

    @staticmethod
    def event(row: "EventRow") -> "Picked":
        """A recorded event."""
        known = row.x is not None and row.y is not None and row.z is not None
        return Picked(
            row.request_id,
            row.seq,
            row.index,
            time_us=row.time_us,
            app_id=row.app_id,
            session_id=row.session_id,
            level_id=row.level_id,
            place=(row.x or 0.0, row.y or 0.0, row.z or 0.0) if known else None,
        )


class Selection(QObject):
    """Signals are sent after the state changed, and only when it did."""

    scope_changed = Signal(object)
    picked_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scope = Scope()
        self._picked: Picked | None = None

    @property
    def scope(self) -> Scope:
        return self._scope

    @property
    def picked(self) -> Picked | None:
        return self._picked

    def set_scope(self, scope: Scope) -> None:
        if scope != self._scope:
            self._scope = scope
            self.scope_changed.emit(scope)

    def pick(self, picked: Picked | None) -> None:
        if picked != self._picked:
            self._picked = picked
            self.picked_changed.emit(picked)
