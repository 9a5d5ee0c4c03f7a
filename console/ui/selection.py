"""The one selection that every view shares."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from console.messages import EventRow


@dataclass(frozen=True)
class Scope:
    """What the left dock narrows every view to. None: everything."""

    app_id: str | None = None
    build_id: str | None = None
    session_ids: frozenset[str] | None = None

    def admits(self, app_id: str, build_id: str, session_id: str) -> bool:
        """Whether an event of this application, build and session is to be shown."""
        return (
            (self.app_id is None or self.app_id == app_id)
            and (self.build_id is None or self.build_id == build_id)
            and (self.session_ids is None or session_id in self.session_ids)
        )


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
