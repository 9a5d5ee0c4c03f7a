"""Flags, segments and overrides of the shown application, as the server last told them."""

from PySide6.QtCore import QObject, Signal

from console.messages import Application
from console.players.definitions import Flag, Override, Segment
from console.ui.context import ViewContext
from console.ui.selection import Scope


class DefinitionStore(QObject):
    """Follows the scope's application, or shows the first one. `changed` is sent after anything here did.

    `application_changed` comes before it when another application is shown: whatever a person was editing belongs
    to the former one.
    """

    changed = Signal()
    application_changed = Signal(str)

    def __init__(self, context: ViewContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._wanted: str | None = context.selection.scope.app_id
        self._request = 0
        self.applications: list[Application] = []
        self.app_id = ""
        self.flags: list[Flag] = []
        self.segments: list[Segment] = []
        self.overrides: list[Override] = []
        self.loaded = False
        context.feed.connected.connect(lambda _hello: self.refresh())
        context.feed.changed.connect(self._told)
        context.selection.scope_changed.connect(self._scope_changed)
        if context.feed.hello is not None:
            self.refresh()

    @property
    def application(self) -> Application | None:
        return next((one for one in self.applications if one.app_id == self.app_id), None)

    @property
    def segment_names(self) -> dict[str, str]:
        """Names of the segments by their ids."""
        return {one.segment_id: one.name or one.segment_id for one in self.segments}

    def flag(self, key: str) -> Flag | None:
        return next((one for one in self.flags if one.key == key), None)

    def segment(self, segment_id: str) -> Segment | None:
        return next((one for one in self.segments if one.segment_id == segment_id), None)

    def users_of(self, segment_id: str) -> list[Flag]:
        """The flags with a rule for this segment."""
        return [flag for flag in self.flags if any(rule.segment_id == segment_id for rule in flag.rules)]

    def show_application(self, app_id: str) -> None:
        """Show another application's definitions."""
        if app_id != self.app_id:
            self._wanted = app_id
            self._become(app_id)
            self.changed.emit()
            self.refresh()

    def refresh(self) -> None:
        """Ask the server again. A later question makes the answer to an earlier one worthless."""
        self._context.tasks.start(self.load(), "Listing flags and segments")

    async def load(self) -> None:
        """Ask, and tell what changed."""
        self._request += 1
        request = self._request
        client = self._context.client
        applications = await client.applications()
        known = [one.app_id for one in applications]
        app_id = (
            self._wanted if self._wanted in known else self.app_id if self.app_id in known else next(iter(known), "")
        )
        flags, segments, overrides = (
            (await client.flags(app_id), await client.segments(app_id), await client.overrides(app_id))
            if app_id
            else ([], [], [])
        )
        if request != self._request:
            return
        if app_id != self.app_id:
            self._become(app_id)
        self.applications, self.loaded = applications, True
        self.flags, self.segments, self.overrides = flags, segments, overrides
        self.changed.emit()

    def _become(self, app_id: str) -> None:
        self.app_id, self.loaded = app_id, False
        self.flags, self.segments, self.overrides = [], [], []
        self.application_changed.emit(app_id)

    def _told(self, topic: str) -> None:
        if topic in ("flags", "applications"):
            self.refresh()

    def _scope_changed(self, scope: Scope) -> None:
        if scope.app_id is not None:
            self.show_application(scope.app_id)
