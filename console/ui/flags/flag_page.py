"""One flag: its definition, who gets what, why, its overrides and its history."""

from collections.abc import Mapping

from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, Signal

from console.messages.players import SaveFlag
from console.players.definitions import Flag
from console.ui.context import ViewContext
from console.ui.flags.definition_page import NEW, DefinitionPage, Draft
from console.ui.flags.definition_store import DefinitionStore
from console.ui.flags.flag_form import FlagForm
from console.ui.flags.history_panel import HistoryPanel
from console.ui.flags.overrides_panel import OverridesPanel
from console.ui.flags.rollout_panel import RolloutPanel
from console.ui.flags.switch import Switch
from console.ui.flags.trace_panel import TracePanel
from console.ui.flags.words import flag_words
from console.ui.widgets.formatting import visible
from console.ui.widgets.override_dialog import OverrideDialog
from console.ui.widgets.value_field import DraftProblem

_TABS = ("Definition", "Who gets what", "Why", "Overrides", "History")
_WHY = 2
_OVERRIDES = 3


class FlagPage(DefinitionPage[Flag]):
    """The switch takes effect at once; everything else is saved together."""

    what = "flag"
    player_wanted = Signal(str)

    def __init__(self, context: ViewContext, store: DefinitionStore) -> None:
        self.switch = Switch(context.theme, "The flag is on")
        super().__init__(context, store, self.switch)
        self.switch.clicked.connect(self._switched)
        self.form = FlagForm(context.theme)
        self.form.changed.connect(self._form_changed)
        self.rollout = RolloutPanel(context)
        self.trace = TracePanel(context)
        self.trace.override_wanted.connect(self.override)
        self.trace.player_wanted.connect(self.player_wanted)
        self.overrides = OverridesPanel(context, store, on_add=self.override)
        self.overrides.player_wanted.connect(self.player_wanted)
        self.history = HistoryPanel(context)
        panels = (self.form, self.rollout, self.trace, self.overrides, self.history)
        for title, page in zip(_TABS, panels, strict=True):
            self.add_tab(title, page)
        self._set_around()

    def new_flag(self) -> None:
        """Start a new flag."""
        self.show_new(Flag(key="", default_value=False))
        self.form.key.setFocus()

    def flip(self, key: str) -> None:
        """Switch a flag on or off, whatever else is being edited."""
        saved = self.saved(key)
        if saved is not None:
            self._switch(key, not saved.enabled)

    def explain(self, player_id: str, now_us: int | None = None) -> None:
        """Show why a player gets the value of this flag."""
        self.show_tab(_WHY)
        self.trace.show_player(player_id, now_us)

    def override(self, player_id: str = "") -> None:
        """Ask for the value that a player is to get."""
        saved = self.saved(self._key) if self._key else None
        if saved is not None:
            dialog = OverrideDialog(
                self.window(), self._context, self._store.app_id, saved, self._overridden, player_id
            )
            dialog.open()

    # the page's kind

    def saved(self, key: str) -> Flag | None:
        return self._store.flag(key)

    def key_of(self, value: Flag) -> str:
        return value.key

    def typed(self) -> Flag:
        return self.form.flag()

    def show_form(self, value: Flag, *, new: bool) -> None:
        self._set_around()
        self.form.show_flag(value, new=new)
        for index in range(1, len(_TABS)):
            self.tabs.setTabVisible(index, not new or index == 1)
        saved = self.saved(value.key) if not new else None
        self.trace.set_flag(self._store.app_id, saved)
        self.overrides.set_flag(value.key)
        if not new:
            self.history.set_subject(self._store.app_id, value.key)

    def mark(self, problem: DraftProblem) -> None:
        self.form.mark(problem.widget, str(problem))

    def mark_path(self, path: str, text: str) -> bool:
        return self.form.show_problem(path, text)

    async def send(self, value: Flag, replaces: int | None) -> Flag:
        return await self._context.client.save_flag(self._store.app_id, SaveFlag(flag=value, replaces=replaces))

    async def send_delete(self, key: str) -> None:
        await self._context.client.delete_flag(self._store.app_id, key)

    def delete_words(self, key: str) -> str:
        return "Games that ask for it are told that there is no such flag, and fall back to what they were built with."

    def value_changed(self, value: Flag | None) -> None:
        self.rollout.set_flag(self._store.app_id, value)

    # ----------------------------------------------------------------------------------------------------------------

    def _switched(self) -> None:
        if self._key == NEW:
            self.form.set_enabled_flag(self.switch.isChecked())
            self._form_changed()
        elif self._key is not None:
            self.flip(self._key)

    def _switch(self, key: str, on: bool) -> None:
        """Switch the flag as it is saved now; what it is already costs nothing."""
        saved = self.saved(key)
        if saved is not None and saved.enabled != on:
            self._context.tasks.start(
                self._flip(replace(saved, enabled=on)), f"Switching {key}", on_error=self._not_flipped
            )

    def _undo(self, app_id: str, switched: Flag) -> None:
        """Another application may be shown by now, which has a flag of the same key."""
        if app_id == self._store.app_id:
            self._switch(switched.key, not switched.enabled)
        else:
            self._context.messages.say("Another application is shown now: nothing was undone.", kind="warning")

    async def _flip(self, wanted: Flag) -> None:
        app_id = self._store.app_id
        saved = await self._context.client.save_flag(app_id, SaveFlag(flag=wanted, replaces=wanted.version))
        draft = self._drafts.get(wanted.key)
        if draft is not None and draft.base == wanted.version:
            self._drafts[wanted.key] = Draft(replace(draft.value, enabled=saved.enabled), saved.version)
        if self._key == wanted.key:
            self.form.set_enabled_flag(saved.enabled)
        self._store.put(saved)
        self._context.messages.say(
            f"{visible(saved.key, 60)} is {_effect(saved, self._store.segment_names)}.",
            kind="good",
            actions=[("Undo", lambda: self._undo(app_id, saved))],
        )
        await self._store.load()

    def _not_flipped(self, error: Exception) -> None:
        self._context.messages.say(f"Not switched: {error}", kind="bad")
        self._store.refresh()
        self._show_state()

    async def _overridden(self) -> None:
        await self._store.load()
        await self.trace.load()

    def _store_changed(self) -> None:
        self._set_around()
        super()._store_changed()
        saved = self.saved(self._key) if self._key else None
        if saved is not None:
            self.trace.set_flag(self._store.app_id, saved)
            self.history.refresh()

    def _set_around(self) -> None:
        others = [flag for flag in self._store.flags if flag.key != self._key]
        self.form.set_around(others, self._store.segments, self._store.attributes)

    def _show_state(self) -> None:
        super()._show_state()
        if self._shown is None:
            return
        saved = self.saved(self._key) if self._key else None
        with QSignalBlocker(self.switch):
            self.switch.setChecked(saved.enabled if saved is not None else self._shown.enabled)
        count = sum(1 for one in self._store.overrides if one.flag_key == self._key)
        self.tabs.setTabText(_OVERRIDES, f"Overrides  {count}" if count else "Overrides")
        self.switch.update()


def _effect(flag: Flag, segment_names: Mapping[str, str]) -> str:
    """What a flag that was just switched does: `on: Newcomers → true`, `off: everyone gets false`."""
    words = flag_words(flag, segment_names)
    return f"on: {words}" if flag.enabled else words
