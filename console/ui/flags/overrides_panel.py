"""Overrides: which players get a value of their own, of one flag or of all of them."""

import time
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.players.definitions import Override
from console.ui.context import ViewContext
from console.ui.dialogs import ask, plain_label
from console.ui.flags.definition_store import DefinitionStore
from console.ui.widgets.formatting import ago, exact_time, plural, visible
from console.ui.widgets.player_words import name_of
from console.ui.widgets.small_table import Column, Line, SmallTable
from console.ui.widgets.table_columns import Tone
from console.ui.widgets.value_text import value_text

# How many players are asked for by name; the others go by their id.
_MOST_NAMES = 50


class OverridesPanel(QWidget):
    """`player_wanted(player_id)` on Enter or a double click; `flag_key` "" lists the overrides of every flag."""

    player_wanted = Signal(str)

    def __init__(
        self, context: ViewContext, store: DefinitionStore, on_add: Callable[[], object] | None = None
    ) -> None:
        super().__init__()
        self._context = context
        self._store = store
        self._flag_key = ""
        self._names: dict[str, str] = {}
        self._asked: set[str] = set()
        columns = [
            Column("Player", 0),
            Column("Value", 240, mono=True),
            Column("Set", 112, tone=Tone.DIM),
        ]
        if on_add is None:
            columns.insert(0, Column("Flag", 200, mono=True))
        self._every_flag = on_add is None
        self.table = SmallTable(context.theme, "Overrides", columns)
        self.table.opened.connect(lambda key: self.player_wanted.emit(key[1]))
        self.table.itemSelectionChanged.connect(self._enable)
        self.about = plain_label("", "dim")
        self.add_button = QPushButton("Override …")
        self.clear_button = QPushButton("Clear")
        self.clear_button.setToolTip("Clear the selected override")
        self.clear_all_button = QPushButton("Clear all")
        self.clear_button.clicked.connect(lambda _checked=False: self.clear_selected())
        self.clear_all_button.clicked.connect(lambda _checked=False: self.clear_all())
        bar = QHBoxLayout()
        bar.setContentsMargins(24, 12, 24, 12)
        bar.setSpacing(8)
        bar.addWidget(self.about, 1)
        if on_add is not None:
            self.add_button.clicked.connect(lambda _checked=False: on_add())
            bar.addWidget(self.add_button)
        bar.addWidget(self.clear_button)
        bar.addWidget(self.clear_all_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.table, 1)
        store.changed.connect(self._fill)
        store.application_changed.connect(lambda _app_id: self._forget_names())
        self._fill()

    def set_flag(self, flag_key: str) -> None:
        """List those of one flag."""
        if flag_key != self._flag_key:
            self._flag_key = flag_key
            self._fill()

    def clear_selected(self) -> None:
        key = self.table.current_key
        if isinstance(key, tuple):
            flag_key, player_id = key
            self._context.tasks.start(self._clear_one(str(flag_key), str(player_id)), "Clearing the override")

    def clear_all(self) -> None:
        """One click for one flag; for every flag at once it is asked first."""
        count = len(self._listed())
        if not self._every_flag:
            self._start_clearing()
            return
        ask(
            self.window(),
            "Clear every override?",
            f"{plural(count, 'player')} of this application get what the rules say again.",
            [("Clear all", self._start_clearing, "danger")],
        )

    def _start_clearing(self) -> None:
        self._context.tasks.start(self._clear_all(), "Clearing the overrides")

    async def _clear_one(self, flag_key: str, player_id: str) -> None:
        await self._context.client.clear_override(self._store.app_id, flag_key, player_id)
        await self._store.load()

    async def _clear_all(self) -> None:
        key = "" if self._every_flag else self._flag_key
        count = await self._context.client.clear_overrides(self._store.app_id, flag_key=key)
        await self._store.load()
        self._context.messages.say(f"{plural(count, 'override')} cleared.", kind="good")

    def _listed(self) -> list[Override]:
        return [one for one in self._store.overrides if self._every_flag or one.flag_key == self._flag_key]

    def _fill(self) -> None:
        listed = self._listed()
        now_us = time.time_ns() // 1000
        lines = []
        for one in sorted(listed, key=lambda one: (one.flag_key, -one.at_us)):
            name = self._names.get(one.player_id, visible(one.player_id))
            cells = (name, visible(value_text(one.value), 120), ago(one.at_us, now_us))
            hovers = (one.player_id, value_text(one.value), exact_time(one.at_us))
            if self._every_flag:
                cells, hovers = (visible(one.flag_key, 80), *cells), (one.flag_key, *hovers)  # type: ignore[assignment]
            lines.append(Line((one.flag_key, one.player_id), cells, hovers))
        self.table.show_lines(lines)
        self.about.setText(
            f"{plural(len(listed), 'player')} with a value of their own. It comes before every rule."
            if listed
            else "No overrides. An override gives one player a value, whatever the rules say."
        )
        self._enable()
        if self.isVisible():
            self._ask_names()

    def _enable(self) -> None:
        self.clear_button.setEnabled(self.table.current_key is not None)
        self.clear_all_button.setEnabled(bool(self._listed()))

    # names: the server tells ids

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_names()

    def _forget_names(self) -> None:
        self._names, self._asked = {}, set()

    def _ask_names(self) -> None:
        wanted = {one.player_id for one in self._listed()} - self._asked
        for player_id in sorted(wanted)[: max(0, _MOST_NAMES - len(self._asked))]:
            self._asked.add(player_id)
            # Without an answer the id stays.
            self._context.tasks.start(self._ask_name(player_id), "Looking up a player", on_error=lambda _error: None)

    async def _ask_name(self, player_id: str) -> None:
        profile = (await self._context.client.player(player_id)).profile
        self._names[player_id] = name_of(profile)
        self._fill()
