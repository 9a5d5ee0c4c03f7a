"""Help ▸ First event: copyable examples and whole clients, with the real address and key."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from console.ui.context import Messages
from console.ui.dialogs import Dialog, plain_label
from console.ui.example_clients import client_for
from console.ui.save_client import ask_where_to_save
from console.ui.snippets import Endpoint, Snippet, first_event_snippets
from console.ui.style import mono_font
from console.ui.widgets.snippets import TAB_SPACES

_FIRST_EVENT = "First event"


class SnippetPage(QWidget):
    """One language: its first event, and the files of its client to look at."""

    def __init__(self, snippet: Snippet, endpoint: Endpoint) -> None:
        super().__init__()
        self._snippet = snippet
        self._endpoint = endpoint
        self.client = client_for(snippet.title)
        self.note = plain_label(snippet.note, "dim")
        self.shown = QComboBox()
        self.shown.setAccessibleName("What is shown")
        self.shown.addItem(_FIRST_EVENT)
        self.shown.addItems([f"Client: {file}" for file in self.client.files] if self.client else [])
        self.shown.setVisible(self.client is not None)
        self.shown.currentIndexChanged.connect(self._show)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(mono_font())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabStopDistance(TAB_SPACES * self.text.fontMetrics().horizontalAdvance(" "))
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.note, 1)
        top.addWidget(self.shown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.text, 1)
        self._show(0)

    @property
    def what(self) -> str:
        """What is shown, in words: `Python example`, `telemetry.py`."""
        index = self.shown.currentIndex()
        return f"{self._snippet.title} example" if index == 0 or not self.client else self.client.files[index - 1]

    def _show(self, index: int) -> None:
        if index == 0 or self.client is None:
            self.note.setText(self._snippet.note)
            self.text.setPlainText(self._snippet.text)
        else:
            self.note.setText(self.client.note)
            self.text.setPlainText(self.client.text(self.client.files[index - 1], self._endpoint))
        self.text.setAccessibleName(self.what)


class SnippetTabs(QFrame):
    """One tab a language."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("Languages")
        self.pages = QStackedWidget()
        self._pages = [SnippetPage(snippet, endpoint) for snippet in first_event_snippets(endpoint)]
        for snippet, page in zip(first_event_snippets(endpoint), self._pages, strict=True):
            self.tabs.addTab(snippet.title)
            self.pages.addWidget(page)
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        self.setProperty("role", "card")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.pages, 1)

    @property
    def current(self) -> SnippetPage:
        return self._pages[self.tabs.currentIndex()]


class FirstEventDialog(Dialog):
    """Pick a language, copy, paste, run: the event appears in Live. Or save a whole client."""

    def __init__(self, parent: QWidget, endpoint: Endpoint, messages: Messages) -> None:
        name = endpoint.app_name or "your application"
        super().__init__(
            parent,
            "Send your first event",
            f"Each example sends one event of {name} to this computer. It appears in the Live view at once. "
            "A client does the same for a whole game: in batches, with patience, and it says what is refused.",
            width=980,
        )
        self.setMinimumHeight(620)
        self._endpoint = endpoint
        self._messages = messages
        self.snippets = SnippetTabs(endpoint)
        self.content.addWidget(self.snippets, 1)
        self.add_button("Close")
        self.save_button = self.add_button("Save client …", self.save)
        self.copy_button = self.add_button("Copy example", self.copy, role="primary")
        self.snippets.tabs.currentChanged.connect(self._changed)
        for page in self.snippets.findChildren(SnippetPage):
            page.shown.currentIndexChanged.connect(self._changed)

    def copy(self) -> None:
        """Copy what is shown."""
        page = self.snippets.current
        QGuiApplication.clipboard().setText(page.text.toPlainText())
        self._messages.say(f"Copied: {page.what}", kind="good")
        self.copy_button.setText("Copied")

    def save(self) -> None:
        """Ask for a folder, and put the client of the shown language into it."""
        client = self.snippets.current.client
        if client is not None:
            ask_where_to_save(self, client, self._endpoint, self._messages)

    def _changed(self) -> None:
        page = self.snippets.current
        self.save_button.setEnabled(page.client is not None)
        self.copy_button.setText("Copy example" if page.shown.currentIndex() == 0 else "Copy file")
