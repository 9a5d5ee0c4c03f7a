"""Flags, segments and overrides of the shown application, as the server last told them."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal

from console.messages import Application
from console.players.definitions import Flag, Override, Segment
from console.players.fields import ATTRIBUTES
from console.ui.context import ViewContext
from console.ui.flags.flips import Flip, flips_in
from console.ui.selection import Scope

_LOOKED_AT = 3
_MOST_ATTRIBUTES = 200
_CHANGES_LOOKED_AT = 50


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
        self._looked_in = ""
        self.applications: list[Application] = []
        self.app_id = ""
        self.flags: list[Flag] = []
        self.segments: list[Segment] = []
        self.overrides: list[Override] = []
        self.attributes: list[str] = []
        self.flips: dict[str, Flip] = {}
        self.loaded = False
        self._active = False
        self._stale = True
        context.feed.connected.connect(lambda _hello: self.refresh())
        context.feed.changed.connect(self._told)
        context.selection.scope_changed.connect(self._scope_changed)

    def set_active(self, active: bool) -> None:
        """Whether somebody looks: what changed meanwhile is asked for once somebody does."""
        self._active = active
        if active and self._stale and self._context.feed.hello is not None:
            self.loaded = False  # whoever wants to be shown something waits for it
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

    def put(self, saved: Flag | Segment) -> None:
        """Take in what the server just saved: an answer that is under way may be older."""
        self._request += 1
        if isinstance(saved, Flag):
            flags = [flag for flag in self.flags if flag.key != saved.key]
            self.flags = sorted([*flags, saved], key=lambda flag: flag.key)
        else:
            segments = [one for one in self.segments if one.segment_id != saved.segment_id]
            self.segments = sorted([*segments, saved], key=lambda one: one.segment_id)
        self.changed.emit()

    def refresh(self) -> None:
        """Ask the server again. A later question makes the answer to an earlier one worthless."""
        self._stale = not self._active
        if self._stale:
            return
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
        flags, segments, overrides, changes = (
            (
                await client.flags(app_id),
                await client.segments(app_id),
                await client.overrides(app_id),
                await client.definition_history(app_id, limit=_CHANGES_LOOKED_AT),
            )
            if app_id
            else ([], [], [], [])
        )
        if request != self._request:
            return
        if app_id != self.app_id:
            self._become(app_id)
        self.applications, self.loaded = applications, True
        self.flags, self.segments, self.overrides = flags, segments, overrides
        self.flips = flips_in(changes)
        self._note_attributes(names_in([*(one.conditions for one in segments), *_conditions_of(flags)]))
        self.changed.emit()
        if self._looked_in != app_id:
            self._looked_in = app_id
            # Without an answer there are fewer names to offer.
            self._context.tasks.start(
                self._look_for_attributes(), "Looking for attributes", on_error=lambda _error: None
            )

    async def _look_for_attributes(self) -> None:
        """The newest players show which attributes the game gives."""
        client, app_id = self._context.client, self.app_id
        if not app_id:
            return
        page = await client.players(app_id, limit=_LOOKED_AT)
        for row in page.rows:
            profile = (await client.player(row.player_id)).profile
            if app_id == self.app_id:
                self._note_attributes(_names_of(profile.attributes))
        self.changed.emit()

    def _note_attributes(self, names: Iterable[str]) -> None:
        self.attributes = sorted({*self.attributes, *names})[:_MOST_ATTRIBUTES]

    def _become(self, app_id: str) -> None:
        self.app_id, self.loaded = app_id, False
        self.flags, self.segments, self.overrides, self.attributes = [], [], [], []
        self.flips = {}
        self.application_changed.emit(app_id)

    def _told(self, topic: str) -> None:
        if topic in ("flags", "applications"):
            self.refresh()

    def _scope_changed(self, scope: Scope) -> None:
        if scope.app_id is not None:
            self.show_application(scope.app_id)


def names_in(conditions: Iterable[Any]) -> set[str]:
    """The attributes that conditions ask for, with their prefix."""
    names: set[str] = set()
    waiting = list(conditions)
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            field, parts = part.get("field"), part.get("conditions")
            if isinstance(field, str) and field.startswith(ATTRIBUTES):
                names.add(field)
            if isinstance(parts, list):
                waiting += parts
    return names


def _conditions_of(flags: list[Flag]) -> list[dict[str, Any]]:
    return [rule.conditions for flag in flags for rule in flag.rules if rule.conditions is not None]


def _names_of(attributes: dict[str, Any], prefix: str = ATTRIBUTES) -> set[str]:
    names: set[str] = set()
    for key, value in attributes.items():
        if isinstance(value, dict) and value and prefix == ATTRIBUTES:
            names |= _names_of(value, f"{prefix}{key}.")
        else:
            names.add(prefix + key)
    return names
