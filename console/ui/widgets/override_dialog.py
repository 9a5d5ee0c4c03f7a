"""Gives one player a value of a flag, before anything else is looked at."""

from collections.abc import Callable, Coroutine
from typing import Any

from msgspec import UNSET
from PySide6.QtWidgets import QWidget

from console.messages.players import PlayerRow
from console.players.definitions import Flag
from console.players.flag_values import default_of
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog, plain_label
from console.ui.widgets.player_picker import PlayerPicker
from console.ui.widgets.value_field import DraftProblem, ValueField


class OverrideDialog(Dialog):
    """Asks for the player, when it is not known yet, and for the value. A refusal is shown, and nothing is lost."""

    def __init__(
        self,
        parent: QWidget,
        context: ViewContext,
        app_id: str,
        flag: Flag,
        on_set: Callable[[], Coroutine[Any, Any, None]],
        player_id: str = "",
        *,
        player_name: str = "",
        value: Any = UNSET,
    ) -> None:
        """`on_set` is awaited after it was set; `value` is offered instead of the flag's default one."""
        super().__init__(
            parent,
            f"Override {flag.key}",
            "This player gets the value whatever the rules say, also while the flag is off.",
            width=520,
        )
        self._context = context
        self._app_id = app_id
        self._flag = flag
        self._on_set = on_set
        self._player_id = player_id
        self.picker = PlayerPicker(context)
        self.picker.set_application(app_id)
        self.picker.chosen.connect(self._picked)
        self.picker.textEdited.connect(lambda _text: self._forget())
        self.value = ValueField("Value of the override")
        self.value.set_flag(flag)
        self.value.show_value(default_of(flag) if value is UNSET else value)
        form = self.add_form()
        if player_id:
            form.addRow("Player", plain_label(player_name or player_id, "" if player_name else "mono"))
        else:
            form.addRow("Player", self.picker)
        form.addRow("Value", self.value)
        self.problem = plain_label("")
        self.problem.setProperty("tone", "bad")
        self.problem.hide()
        self.content.addWidget(self.problem)
        self.add_button("Cancel")
        self.set_button = self.add_button("Override", self.submit, role="primary")
        self.set_button.setEnabled(bool(player_id))

    def submit(self) -> None:
        """Ask the server."""
        try:
            value = self.value.value()
        except DraftProblem as error:
            self._failed(error)
            return
        self.set_button.setEnabled(False)
        self.start(self._context.tasks, lambda: self._set(value), "Setting the override", on_error=self._failed)

    async def _set(self, value: object) -> None:
        await self._context.client.set_override(self._app_id, self._flag.key, self._player_id, value)
        await self._on_set()
        self.accept()

    def _picked(self, row: PlayerRow) -> None:
        self._player_id = row.player_id
        self.set_button.setEnabled(True)

    def _forget(self) -> None:
        self._player_id = ""
        self.set_button.setEnabled(False)

    def _failed(self, error: Exception) -> None:
        self.set_button.setEnabled(bool(self._player_id))
        self.problem.setText(str(error))
        self.problem.show()
