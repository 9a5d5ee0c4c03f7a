"""The funnels that are kept of an application: loading, saving, deleting."""

from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from console.client import ConsoleRefused
from console.messages.funnels import Funnel, SaveFunnel
from console.telemetry.funnel_definition import FunnelDefinition
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog, ask
from console.ui.funnels.model import Report


class HasReport(Protocol):
    """Whoever knows the funnel that is shown."""

    report: Report | None


class FunnelShelf(QObject):
    """`changed()`: other funnels, or another one chosen. `saved(Funnel)`: a person's was kept.

    `redefined(Funnel, Funnel)`: the chosen one, as it was and as somebody else keeps it now.
    """

    changed = Signal()
    redefined = Signal(object, object)
    saved = Signal(object)

    def __init__(self, context: ViewContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._app_id: str | None = None
        self._chosen_id: str | None = None
        self._asked = 0  # how often
        self.funnels: list[Funnel] = []

    @property
    def chosen(self) -> Funnel | None:
        """The kept funnel that is shown; None: the steps as they were found."""
        return next((funnel for funnel in self.funnels if funnel.funnel_id == self._chosen_id), None)

    def turn_to(self, app_id: str) -> None:
        """Another application's funnels."""
        self._app_id, self._chosen_id, self.funnels = app_id, None, []
        self.load()

    def choose(self, funnel_id: str | None) -> None:
        self._chosen_id = funnel_id
        self.changed.emit()

    def load(self) -> None:
        """Ask for the funnels again."""
        self._context.tasks.start(self._load(), "Listing the funnels")

    async def _load(self) -> None:
        app_id = self._app_id
        if app_id is None:
            return
        self._asked += 1
        asked = self._asked
        funnels = await self._context.client.funnels(app_id)
        if asked == self._asked and app_id == self._app_id:  # else a newer answer is there, or to come
            before, self.funnels = self.chosen, funnels
            now = self.chosen
            if before is not None and now is not None and before.definition != now.definition:
                self.redefined.emit(before, now)
            self.changed.emit()

    def ask_name(self, parent: QWidget, source: HasReport) -> None:
        """Ask for a name, and keep the shown funnel by it: the name it has already changes the kept one."""
        if source.report is None or self._app_id is None:
            return
        definition, app_id = source.report.definition, self._app_id
        dialog = Dialog(parent, "Save the funnel", "A name that is there already is replaced.")
        field = QLineEdit(self.chosen.name if self.chosen else "")
        field.setMaxLength(100)
        field.setAccessibleName("Name")
        field.selectAll()
        dialog.add_form().addRow("Name", field)
        dialog.add_button("Cancel")

        def take() -> None:
            name = field.text().strip()
            if name:
                dialog.accept()
                self._context.tasks.start(self.save(app_id, name, definition), "Save the funnel")

        chosen = self.chosen
        if chosen is not None:
            self._offer_renaming(dialog, field, chosen)
        accept = dialog.add_button("Save", take, role="primary")
        accept.setEnabled(bool(field.text()))
        field.textChanged.connect(lambda text: accept.setEnabled(bool(text.strip())))
        field.setFocus()
        dialog.open()

    def _offer_renaming(self, dialog: Dialog, field: QLineEdit, chosen: Funnel) -> None:
        """A kept funnel gets another name, and stays as it was kept; what was edited since stays edited."""

        def take() -> None:
            dialog.accept()
            self._context.tasks.start(self.rename(chosen, field.text().strip()), "Rename the funnel")

        rename = dialog.add_button("Rename", take)
        rename.setToolTip(f"Call {chosen.name} so, instead of keeping another funnel")
        rename.setEnabled(False)
        taken = {funnel.name for funnel in self.funnels}
        field.textChanged.connect(lambda text: rename.setEnabled(bool(text.strip()) and text.strip() not in taken))

    async def rename(self, funnel: Funnel, name: str) -> None:
        """Call a kept funnel by another name."""
        request = SaveFunnel(name=name, definition=funnel.definition, funnel_id=funnel.funnel_id)
        renamed = await self._context.client.save_funnel(funnel.app_id, request)
        if funnel.app_id == self._app_id:
            others = [one for one in self.funnels if one.funnel_id != funnel.funnel_id]
            self.funnels = sorted([*others, renamed], key=lambda one: one.name)
            self.changed.emit()

    async def save(self, app_id: str, name: str, definition: FunnelDefinition) -> None:
        """Keep a funnel by a name."""
        same = next((funnel for funnel in self.funnels if funnel.name == name), None)
        request = SaveFunnel(name=name, definition=definition, funnel_id=same.funnel_id if same else None)
        funnel = await self._context.client.save_funnel(app_id, request)
        if app_id != self._app_id:
            return  # another application's funnels are shown meanwhile
        others = [one for one in self.funnels if one.funnel_id != funnel.funnel_id]
        self.funnels = sorted([*others, funnel], key=lambda one: one.name)
        self._chosen_id = funnel.funnel_id
        self.saved.emit(funnel)

    def ask_delete(self, parent: QWidget) -> None:
        """Ask, and forget the chosen funnel."""
        chosen = self.chosen
        if chosen is None:
            return

        async def delete() -> None:
            try:
                await self._context.client.delete_funnel(chosen.app_id, chosen.funnel_id)
            except ConsoleRefused as refused:
                if refused.error.code != "not_found":
                    raise
            self.funnels = [one for one in self.funnels if one.funnel_id != chosen.funnel_id]
            self.choose(None if self._chosen_id == chosen.funnel_id else self._chosen_id)

        ask(
            parent,
            f"Delete the funnel {chosen.name}?",
            "What it counts stays recorded.",
            [("Delete", lambda: self._context.tasks.start(delete(), "Delete the funnel"), "danger")],
        )
