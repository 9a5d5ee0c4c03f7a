"""The window's dialogs: one look, opened without blocking, plain text only."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from console.ui.context import Tasks
from console.ui.style import mono_font


class Dialog(QDialog):
    """A heading, some text, content, and a row of buttons. Use `open()`: `exec()` would block the loop's tasks."""

    def __init__(self, parent: QWidget | None, title: str, text: str = "", *, width: int = 480) -> None:
        super().__init__(parent)
        self._working = 0
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(width)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        heading = QLabel(title)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setProperty("role", "title")
        layout.addWidget(heading)
        self.text = plain_label(text)
        self.text.setVisible(bool(text))
        layout.addWidget(self.text)
        self.content = QVBoxLayout()
        self.content.setSpacing(12)
        layout.addLayout(self.content)
        layout.addSpacing(4)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._buttons.addStretch(1)
        layout.addLayout(self._buttons)

    def start(
        self,
        tasks: Tasks,
        work: Callable[[], Coroutine[Any, Any, Any]],
        what: str,
        on_error: Callable[[Exception], None],
        *,
        only_asks: bool = False,
    ) -> Callable[[], object]:
        """Run `work`, as `Tasks.start` does. A person may close the dialog meanwhile: it is deleted after its work.

        `on_error` is for a dialog that can show what failed: of a closed one the window tells it, unless the work
        `only_asks` for what the dialog was to show.
        """
        self._working += 1
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)

        async def run() -> None:
            try:
                await work()
            finally:
                self._worked()

        def failed(error: Exception) -> None:
            if not self._is_closed():
                on_error(error)
            elif not only_asks:
                tasks.start(_raising(error), what)

        return tasks.start(run(), what, failed)

    def _worked(self) -> None:
        if not isValid(self):  # the window went with all its dialogs
            return
        self._working -= 1
        if not self._working:
            self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            if self._is_closed():
                self.deleteLater()  # later: whoever takes a failure comes after this

    def _is_closed(self) -> bool:
        """Whether a person closed it; one that was not opened yet is not."""
        if not isValid(self):
            return True
        return self.isHidden() and self.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)

    def set_text(self, text: str) -> None:
        """Replace the text under the heading."""
        self.text.setText(text)
        self.text.setVisible(bool(text))

    def add_form(self) -> QFormLayout:
        """A form whose labels align left and whose fields fill the width."""
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        self.content.addLayout(form)
        return form

    def add_button(self, label: str, act: Callable[[], object] | None = None, *, role: str = "") -> QPushButton:
        """A button at the right. Without `act` it closes the dialog; `role` is primary or danger."""
        button = QPushButton(label)
        if role:
            button.setProperty("role", role)
        button.setAutoDefault(role == "primary")
        button.setDefault(role == "primary")
        button.clicked.connect((lambda: act()) if act is not None else self.reject)
        self._buttons.addWidget(button)
        return button


async def _raising(error: Exception) -> None:
    raise error


class SecretField(QFrame):
    """Text that is shown to be copied: a key, an address. Selected whole on focus."""

    def __init__(self, value: str, name: str, on_copied: Callable[[str], object] | None = None) -> None:
        super().__init__()
        self.field = QLineEdit(value)
        self.field.setReadOnly(True)
        self.field.setFont(mono_font())
        self.field.setProperty("role", "mono")
        self.field.setAccessibleName(name)
        self.field.setCursorPosition(0)
        self.button = QPushButton("Copy")
        self.button.setAutoDefault(False)
        self.button.setAccessibleName(f"Copy {name}")
        self.button.clicked.connect(self._copy)
        self._name = name
        self._on_copied = on_copied
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.button)

    def set_value(self, value: str) -> None:
        self.field.setText(value)
        self.field.setCursorPosition(0)
        self.button.setText("Copy")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.field.text())
        self.field.selectAll()
        self.button.setText("Copied")
        if self._on_copied is not None:
            self._on_copied(self._name)


def plain_label(text: str, role: str = "") -> QLabel:
    """A label that wraps and never reads its text as HTML."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    if role:
        label.setProperty("role", role)
    return label


def ask(
    parent: QWidget,
    title: str,
    text: str,
    choices: Sequence[tuple[str, Callable[[], object], str]],
    *,
    cancel: str = "Cancel",
    on_cancel: Callable[[], object] | None = None,
) -> Dialog:
    """Open a question. `choices` are (label, what to do, role); closing it does nothing but `on_cancel`."""
    dialog = Dialog(parent, title, text)

    def choose(act: Callable[[], object]) -> Callable[[], None]:
        def chosen() -> None:
            dialog.accept()
            act()

        return chosen

    dialog.add_button(cancel)
    for label, act, role in choices:
        dialog.add_button(label, choose(act), role=role)
    if on_cancel is not None:
        dialog.rejected.connect(lambda: on_cancel())
    dialog.open()
    return dialog
