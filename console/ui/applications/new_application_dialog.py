"""File ▸ New application."""

from collections.abc import Callable

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from console.messages import CreateApplication, CreatedApplication
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog, plain_label

_UUID_HINT = "leave empty for a new one"


class NewApplicationDialog(Dialog):
    """Asks for name and environment; `on_created` gets the answer with its keys."""

    def __init__(
        self, parent: QWidget, context: ViewContext, on_created: Callable[[CreatedApplication], object]
    ) -> None:
        super().__init__(
            parent, "New application", "An application has its own keys, and its events are kept apart.", width=520
        )
        self._context = context
        self._on_created = on_created
        self.name = QLineEdit()
        self.name.setMaxLength(120)
        self.name.setPlaceholderText("My Game")
        self.environment = QComboBox()
        self.environment.addItem("Live: real playtests", "live")
        self.environment.addItem("Test: trying things out", "test")
        self.app_id = QLineEdit()
        self.app_id.setProperty("role", "mono")
        self.app_id.setPlaceholderText(_UUID_HINT)
        form = self.add_form()
        for label, field in (("Name", self.name), ("Environment", self.environment), ("app_id", self.app_id)):
            field.setAccessibleName(label)
            form.addRow(label, field)
        self.problem = plain_label("")
        self.problem.setProperty("tone", "bad")
        self.problem.hide()
        self.content.addWidget(self.problem)
        self.add_button("Cancel")
        self.create_button = self.add_button("Create", self.submit, role="primary")
        self.create_button.setEnabled(False)
        self.name.textChanged.connect(lambda text: self.create_button.setEnabled(bool(text.strip())))
        self.name.setFocus()

    def submit(self) -> None:
        """Ask the server; a refusal is shown here, and nothing typed is lost."""
        request = CreateApplication(
            name=self.name.text().strip(),
            environment=self.environment.currentData(),
            app_id=self.app_id.text().strip() or None,
        )
        self.create_button.setEnabled(False)
        self.start(
            self._context.tasks, lambda: self._create(request), "Creating the application", on_error=self._failed
        )

    async def _create(self, request: CreateApplication) -> None:
        created = await self._context.client.create_application(request)
        self.accept()
        self._on_created(created)

    def _failed(self, error: Exception) -> None:
        self.create_button.setEnabled(True)
        self.problem.setText(str(error))
        self.problem.show()
