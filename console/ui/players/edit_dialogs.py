"""Edits of a player by hand. A refusal is shown in the dialog, which stays open with what was typed."""

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QWidget

from console.client import ConsoleRefused
from console.messages.players import PlayerChanges
from console.players.profiles import Profile
from console.ui.context import Tasks
from console.ui.dialogs import Dialog, plain_label
from console.ui.players.attributes import merge_patch
from console.ui.style import mono_font
from console.ui.widgets.value_text import NotAValue, kind_word, read_value, value_text

Save = Callable[[], Coroutine[Any, Any, None]]


class EditDialog(Dialog):
    """Runs a save and closes when it went well."""

    def __init__(self, parent: QWidget, title: str, text: str, tasks: Tasks) -> None:
        super().__init__(parent, title, text)
        self._tasks = tasks
        self.form = self.add_form()
        self.problem = plain_label("")
        self.problem.setProperty("tone", "bad")
        self.problem.hide()
        self.content.addWidget(self.problem)
        self.add_button("Cancel")
        self.save_button = self.add_button("Save", self.save, role="primary")

    def save(self) -> None:
        """Send what was typed."""
        raise NotImplementedError

    def run(self, work: Coroutine[Any, Any, Any], what: str) -> None:
        """Do it; the dialog closes when it worked."""
        self.problem.hide()
        self.save_button.setEnabled(False)
        self.start(self._tasks, lambda: self._run(work), what, on_error=self.refuse)

    def refuse(self, error: Exception) -> None:
        """Say what is wrong and let the person try again."""
        path = error.error.path if isinstance(error, ConsoleRefused) else ""
        words = str(error) or type(error).__name__
        self.problem.setText(words if self.mark(path) or not path else f"{path}: {words}")
        self.problem.show()
        self.save_button.setEnabled(True)

    def mark(self, path: str) -> bool:
        """Mark the field that holds this part of the request; False where no field does."""
        return False

    async def _run(self, work: Coroutine[Any, Any, Any]) -> None:
        await work
        self.accept()


Change = Callable[[PlayerChanges], Coroutine[Any, Any, None]]


class AttributeDialog(EditDialog):
    """One attribute: its name, when it is new, and its value."""

    def __init__(self, parent: QWidget, profile: Profile, name: str, tasks: Tasks, change: Change) -> None:
        super().__init__(
            parent,
            "Edit attribute" if name else "Add an attribute",
            "Recorded like a request of a game: segments and flags see it at once.",
            tasks,
        )
        self._profile = profile
        self._name = name
        self._change = change
        self.name = QLineEdit(name)
        self.name.setMaxLength(256)
        self.name.setEnabled(not name)
        self.name.setAccessibleName("Name of the attribute")
        self.value = QPlainTextEdit(value_text(profile.attributes[name]) if name in profile.attributes else "")
        self.value.setFont(mono_font())
        self.value.setTabChangesFocus(True)
        self.value.setFixedHeight(96)
        self.value.setAccessibleName("Value of the attribute")
        self.hint = QLabel()
        self.hint.setProperty("role", "dim")
        self.form.addRow("Name", self.name)
        self.form.addRow("Value", self.value)
        self.form.addRow("", self.hint)
        self.name.textChanged.connect(self._look)
        self.value.textChanged.connect(self._look)
        self._look()
        (self.value if name else self.name).setFocus()

    def save(self) -> None:
        name, value = self.name.text().strip(), read_value(self.value.toPlainText())
        patch = merge_patch(self._profile.attributes.get(name), value)
        self.run(self._change(PlayerChanges(attributes={name: patch})), "Changing the attribute")

    def _look(self) -> None:
        try:
            value = read_value(self.value.toPlainText())
        except NotAValue as error:
            self.hint.setText(f"This is {error}.")
            self.save_button.setEnabled(False)
            return
        if value is None:
            self.hint.setText("null takes the attribute away")
        else:
            self.hint.setText(f'Saved as {kind_word(value)}. Numbers, true, false, "text", […] and {{…}} are JSON.')
        self.save_button.setEnabled(bool(self.name.text().strip()))


class IdentityDialog(EditDialog):
    """Device id and e-mail address; the external id while there is none."""

    def __init__(self, parent: QWidget, profile: Profile, tasks: Tasks, change: Change) -> None:
        super().__init__(
            parent,
            "Edit identity",
            "An external id stays with its player once it is set. An empty field takes the value away.",
            tasks,
        )
        self._profile = profile
        self._change = change
        self._fields: dict[str, QLineEdit] = {}
        self.external_id = QLineEdit(profile.external_id or "")
        self.external_id.setEnabled(not profile.external_id)
        self.device_id = QLineEdit(profile.device_id or "")
        self.email = QLineEdit(profile.email or "")
        for name, field, label in (
            ("external_id", self.external_id, "External id"),
            ("device_id", self.device_id, "Device id"),
            ("email", self.email, "E-mail"),
        ):
            self._fields[name] = field
            field.setMaxLength(320)
            field.setAccessibleName(label)
            field.setProperty("role", "mono")
            self.form.addRow(label, field)

    def save(self) -> None:
        given: dict[str, Any] = {}
        for name, field in self._fields.items():
            value = field.text().strip() or None
            if value != (getattr(self._profile, name) or None):
                given[name] = value
        self.mark("")
        if given:
            self.run(self._change(PlayerChanges(**given)), "Changing the player")
        else:
            self.accept()

    def mark(self, path: str) -> bool:
        for name, field in self._fields.items():
            field.setProperty("state", "bad" if path == f"$.{name}" else "")
            field.style().polish(field)
        return path.removeprefix("$.") in self._fields
