"""The head of what is edited: its name, whether it is saved, the buttons, and what to do about a conflict."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.ui.dialogs import plain_label
from console.ui.icons import icon
from console.ui.theme import Theme


class Notice(QFrame):
    """A sentence over the form, with what a person can do about it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "toast")
        self.text = plain_label("")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 8, 8, 8)
        self._row.setSpacing(8)
        self._row.addWidget(self.text, 1)
        self._buttons: list[QPushButton] = []
        self.hide()

    def say(self, text: str, *actions: tuple[str, Callable[[], object]], tone: str = "bad") -> None:
        """Show it; "" hides it."""
        self.text.setText(text)
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        for label, act in actions:
            button = QPushButton(label)
            button.clicked.connect(lambda _checked=False, act=act: act())
            self._row.addWidget(button)
            self._buttons.append(button)
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)
        self.setVisible(bool(text))

    @property
    def labels(self) -> list[str]:
        """What the buttons say."""
        return [button.text() for button in self._buttons]

    def press(self, label: str) -> None:
        """Do what a button does."""
        next(button for button in self._buttons if button.text() == label).click()


class EditHeader(QWidget):
    """`save_wanted`, `revert_wanted`, `delete_wanted`."""

    save_wanted = Signal()
    revert_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, theme: Theme, *extra: QWidget) -> None:
        super().__init__()
        self._theme = theme
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.about = plain_label("", "dim")
        self.save = QPushButton("Save")
        self.save.setProperty("role", "primary")
        self.save.setToolTip("Save the changes (Ctrl+S)")
        self.revert = QPushButton("Revert")
        self.revert.setToolTip("Forget the changes that are not saved")
        self.delete = QPushButton("Delete …")
        for button, signal in (
            (self.save, self.save_wanted),
            (self.revert, self.revert_wanted),
            (self.delete, self.delete_wanted),
        ):
            button.clicked.connect(lambda _checked=False, signal=signal: signal.emit())
        self.notice = Notice()
        row = QHBoxLayout()
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.about)
        row.addLayout(words, 1)
        for widget in extra:
            row.addWidget(widget)
            row.addSpacing(8)
        for button in (self.delete, self.revert, self.save):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 8)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self.notice)
        theme.changed.connect(self._recolour)
        self._recolour()

    def show_state(self, *, edited: bool, new: bool, saving: bool) -> None:
        """What can be done now."""
        self.save.setEnabled(edited and not saving)
        self.save.setText("Create" if new else "Save")
        self.revert.setVisible(edited or new)
        self.revert.setText("Discard" if new else "Revert")
        self.delete.setVisible(not new)

    def _recolour(self) -> None:
        self.delete.setIcon(icon("trash", self._theme.tokens.dim))
