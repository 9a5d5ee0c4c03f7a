"""Asks for one line of text: a name, a label."""

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QWidget

from console.ui.dialogs import Dialog


class TextDialog(Dialog):
    """`on_text` gets the trimmed text. With `required`, an empty one cannot be taken."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        text: str,
        label: str,
        value: str,
        accept_label: str,
        on_text: Callable[[str], object],
        *,
        required: bool = False,
    ) -> None:
        super().__init__(parent, title, text)
        self._on_text = on_text
        self.field = QLineEdit(value)
        self.field.setMaxLength(120)
        self.field.setAccessibleName(label)
        self.field.selectAll()
        self.add_form().addRow(label, self.field)
        self.add_button("Cancel")
        self.accept_button = self.add_button(accept_label, self.take, role="primary")
        if required:
            self.accept_button.setEnabled(bool(value.strip()))
            self.field.textChanged.connect(lambda typed: self.accept_button.setEnabled(bool(typed.strip())))
        self.field.setFocus()

    def take(self) -> None:
        """Close, and hand the text over."""
        self.accept()
        self._on_text(self.field.text().strip())
