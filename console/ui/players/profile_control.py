"""Loads one player into the profile page, keeps it fresh, and does what a person asks for there."""

import time
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from msgspec import UNSET
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from console.client import ConsoleRefused
from console.columns import numbers, text
from console.messages import Columns
from console.messages.players import PlayerChanges, PlayerDetail
from console.players.profiles import Profile
from console.ui.context import ViewContext
from console.ui.navigation import Destination, EventsSubject, LevelSubject, SegmentSubject, TraceSubject
from console.ui.players.edit_dialogs import AttributeDialog, Change, IdentityDialog
from console.ui.players.profile import EventLine, ProfilePage
from console.ui.selection import Picked, Scope
from console.ui.widgets.formatting import visible
from console.ui.widgets.override_dialog import OverrideDialog
from console.ui.widgets.player_words import name_of

REFRESH_MS = 1_000
EVENTS_LISTED = 200


class ProfileControl(QObject):
    """`closed`: nobody is shown any more; `destination_wanted(Destination)`: another view, for this player."""

    closed = Signal()
    destination_wanted = Signal(object)

    def __init__(self, context: ViewContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._player_id: str | None = None
        self._now_us: int | None = None
        self._active = False
        self._frozen = False
        self._old = False
        self._asking = False
        self._asked_at = float("-inf")
        self.page = ProfilePage(context)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._ask)
        page = self.page
        page.closed.connect(self._closed_by_person)
        page.live_wanted.connect(self._go_to_live)
        page.level_wanted.connect(self._go_to_level)
        page.identity_edit_wanted.connect(self._edit_identity)
        page.page_shown.connect(lambda _name: self._ask_events())
        page.event_picked.connect(self._pick_event)
        page.events.opened.connect(lambda _key: self._go_to_live())
        page.overview.segment_wanted.connect(self._go_to_segment)
        page.overview.edit_wanted.connect(self._edit_attribute)
        page.overview.remove_wanted.connect(self._remove_attribute)
        page.flags.why_wanted.connect(self._go_to_trace)
        page.flags.override_wanted.connect(self._edit_override)
        page.flags.clear_wanted.connect(self._clear_override)
        page.flags.clear_all_wanted.connect(self._clear_overrides)

    @property
    def player_id(self) -> str | None:
        """Who is shown."""
        return self._player_id

    def open(self, player_id: str) -> None:
        """Show a player; the page appears with the answer."""
        if player_id != self._player_id:
            self._player_id = player_id
            self._asking = False
            self._ask()

    def close(self) -> None:
        """Show nobody."""
        self._player_id = None
        self._again.stop()
        self.page.hide()

    def set_now(self, now_us: int | None) -> None:
        """See the player at another instant; None is the present."""
        self._now_us = now_us
        self._asking = False
        self._ask()

    def set_active(self, active: bool) -> None:
        """Ask only while somebody looks."""
        self._active = active
        if active and self._old:
            self._ask()
        elif not active:
            self._again.stop()

    def set_frozen(self, frozen: bool) -> None:
        """Hold what is shown; another player can be opened all the same."""
        self._frozen = frozen
        if frozen:
            self._again.stop()
        elif self._old:
            self.expire()

    def expire(self) -> None:
        """Something may have changed: ask again soon, at most once a second."""
        self._old = True
        wanted = self._active and not self._frozen and self._player_id is not None
        if wanted and not self._again.isActive():
            self._again.start(max(0, round(REFRESH_MS - (time.monotonic() - self._asked_at) * 1000)))

    # asking

    def _ask(self) -> None:
        self._again.stop()
        if self._player_id is None:
            return
        if self._asking:
            self._again.start(REFRESH_MS)
            return
        self._asking, self._old, self._asked_at = True, False, time.monotonic()
        self._context.tasks.start(
            self._load(self._player_id, self._now_us), "Loading the player", on_error=self._not_loaded
        )

    async def _load(self, player_id: str, now_us: int | None) -> None:
        detail = await self._context.client.player(player_id, now_us=now_us)
        if (player_id, now_us) == (self._player_id, self._now_us):
            self._asking = False
            self._show(detail)

    def _show(self, detail: PlayerDetail) -> None:
        self.page.show_detail(detail)
        self.page.show()
        self._ask_events()

    def _not_loaded(self, error: Exception) -> None:
        self._asking = False
        if isinstance(error, ConsoleRefused) and error.status == 404:
            self._context.messages.say("There is no such player any more.", kind="warning")
            self._closed_by_person()
        else:
            self._context.messages.say(f"The player could not be loaded: {error}", kind="bad")

    def _ask_events(self) -> None:
        detail = self.page.detail
        if detail is not None and self.page.page == "Events":
            self._context.tasks.start(self._load_events(detail.profile), "Loading the player's events")

    async def _load_events(self, profile: Profile) -> None:
        answer = await self._context.client.query(
            "player_events", app_id=profile.app_id, player_ids=sorted(_ids_of(profile)), limit=EVENTS_LISTED
        )
        if profile.player_id == self._player_id:
            self.page.show_events(event_lines(answer))

    # what a person asks for

    def _closed_by_person(self) -> None:
        self.close()
        self.closed.emit()

    def _pick_event(self, line: EventLine) -> None:
        self._context.selection.pick(Picked(request_id=line.request_id, seq=line.seq, index=line.index))

    def _go_to_live(self) -> None:
        if self.page.detail is not None:
            profile = self.page.detail.profile
            subject = EventsSubject(name_of(profile), _ids_of(profile))
            self.destination_wanted.emit(Destination(view="live", scope=Scope(app_id=profile.app_id), subject=subject))

    def _go_to_level(self) -> None:
        if self.page.detail is not None:
            self._run(self._find_path(self.page.detail.profile), "Looking for the player's path")

    async def _find_path(self, profile: Profile) -> None:
        """The level the player was in last, and every session with a path."""
        walked = paths(await self._context.client.query("sessions", app_id=profile.app_id), profile)
        if not walked.session_ids:
            name = name_of(profile)
            self._context.messages.say(f"{name} left no path: telemetry has no trajectories of this player.")
            return
        scope = Scope.of_sessions(profile.app_id, walked.session_ids)
        subject = LevelSubject(walked.level_id) if walked.level_id else None
        self.destination_wanted.emit(Destination(view="level", scope=scope, subject=subject))

    def _go_to_segment(self, segment_id: str) -> None:
        if self.page.detail is not None:
            subject = SegmentSubject(self.page.detail.profile.app_id, segment_id)
            self.destination_wanted.emit(Destination(view="flags", subject=subject))

    def _go_to_trace(self, flag_key: str) -> None:
        if self.page.detail is not None:
            profile = self.page.detail.profile
            subject = TraceSubject(profile.app_id, flag_key, profile.player_id, self._now_us)
            self.destination_wanted.emit(Destination(view="flags", subject=subject))

    # edits

    def _edit_attribute(self, name: str) -> None:
        if self.page.detail is not None:
            profile = self.page.detail.profile
            AttributeDialog(self.page.window(), profile, name, self._context.tasks, self._changer(profile)).open()

    def _remove_attribute(self, name: str) -> None:
        if self.page.detail is not None:
            change = self._changer(self.page.detail.profile)
            self._run(change(PlayerChanges(attributes={name: None})), "Removing the attribute")

    def _edit_identity(self) -> None:
        if self.page.detail is not None:
            profile = self.page.detail.profile
            IdentityDialog(self.page.window(), profile, self._context.tasks, self._changer(profile)).open()

    def _edit_override(self, flag_key: str) -> None:
        if self.page.detail is not None:
            self._run(self._ask_override(self.page.detail, flag_key), "Looking up the flag")

    async def _ask_override(self, detail: PlayerDetail, flag_key: str) -> None:
        """The flag says which values it takes."""
        profile = detail.profile
        flags = await self._context.client.flags(profile.app_id)
        flag = next((flag for flag in flags if flag.key == flag_key), None)
        if flag is None:
            self._context.messages.say(f"There is no flag {visible(flag_key, 60)} any more.", kind="warning")
            return
        shown = next((one.value for one in detail.flags if one.flag_key == flag_key), UNSET)
        dialog = OverrideDialog(
            self.page.window(),
            self._context,
            profile.app_id,
            flag,
            self._refresh,
            profile.player_id,
            player_name=name_of(profile),
            value=shown,
        )
        dialog.open()

    def _clear_override(self, flag_key: str) -> None:
        if self.page.detail is not None:
            profile = self.page.detail.profile
            clear = self._context.client.clear_override(profile.app_id, flag_key, profile.player_id)
            self._run(self._then_refresh(clear), "Clearing the override")

    def _clear_overrides(self) -> None:
        if self.page.detail is not None:
            profile = self.page.detail.profile
            clear = self._context.client.clear_overrides(profile.app_id, player_id=profile.player_id)
            self._run(self._then_refresh(clear), "Clearing the overrides")

    def _run(self, work: Coroutine[Any, Any, Any], what: str) -> None:
        self._context.tasks.start(work, what)

    def _changer(self, profile: Profile) -> Change:
        """What changes this player: another one may be shown by the time that a dialog about this one ends."""
        return partial(self._change, profile.player_id)

    async def _change(self, player_id: str, changes: PlayerChanges) -> None:
        detail = await self._context.client.change_player(player_id, changes)
        if detail.profile.player_id == self._player_id and self._now_us is None:
            self._show(detail)
        else:
            self._ask()

    async def _then_refresh(self, work: Coroutine[Any, Any, Any]) -> None:
        await work
        await self._refresh()

    async def _refresh(self) -> None:
        self._ask()


@dataclass(frozen=True)
class Paths:
    """The sessions in which a player left a path, and the level of the last one."""

    session_ids: frozenset[str]
    level_id: str


def paths(answer: Columns, profile: Profile) -> Paths:
    """A player's part of the answer of the `sessions` query."""
    if not answer.rows:
        return Paths(frozenset(), "")
    players, sessions, levels = (text(answer, name) for name in ("player_id", "session_id", "level_id"))
    trajectories, last = numbers(answer, "trajectories").tolist(), numbers(answer, "last_us").tolist()
    mine = [i for i, player in enumerate(players) if player == profile.external_id and trajectories[i]]
    newest = max(mine, key=lambda i: last[i], default=None)
    return Paths(frozenset(sessions[i] for i in mine), "" if newest is None else levels[newest])


def _ids_of(profile: Profile) -> frozenset[str]:
    """By what telemetry and the player API call the player in their events."""
    return frozenset(one for one in (profile.external_id, profile.player_id) if one)


def event_lines(answer: Columns) -> list[EventLine]:
    """The answer of the `player_events` query."""
    if not answer.rows:
        return []
    columns = [numbers(answer, name).tolist() for name in ("seq", "request_id", "index", "time_us")]
    names, sessions = text(answer, "name"), text(answer, "session_id")
    return [EventLine(*values) for values in zip(*columns, names, sessions, strict=True)]
