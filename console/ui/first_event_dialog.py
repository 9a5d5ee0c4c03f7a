"""Help ▸ First event: copyable examples with the real address and key."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from console.ui.context import Messages
from console.ui.dialogs import Dialog, plain_label
from console.ui.snippets import Endpoint, Snippet, first_event_snippets
from console.ui.style import mono_font


class SnippetTabs(QFrame):
    """One tab a language. Used in the help and wherever an empty view teaches."""

    def __init__(self, snippets: list[Snippet]) -> None:
        super().__init__()
        self._snippets = snippets
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("Languages")
        self.pages = QStackedWidget()
        for snippet in snippets:
            self.tabs.addTab(snippet.title)
            self.pages.addWidget(_page(snippet))
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        self.setProperty("role", "card")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.pages, 1)

    @property
    def current(self) -> Snippet:
        return self._snippets[self.tabs.currentIndex()]


class FirstEventDialog(Dialog):
    """Pick a language, copy, paste, run: the event appears in Live."""

    def __init__(self, parent: QWidget, endpoint: Endpoint, messages: Messages) -> None:
        name = endpoint.app_name or "your application"
        super().__init__(
            parent,
            "Send your first event",
            f"Each example sends one event of {name} to this computer. It appears in the Live view at once.",
            width=820,
        )
        self.setMinimumHeight(620)
        self._messages = messages
        self.snippets = SnippetTabs(first_event_snippets(endpoint))
        self.content.addWidget(self.snippets, 1)
        self.add_button("Close")
        self.copy_button = self.add_button("Copy example", self.copy, role="primary")

    def copy(self) -> None:
        """Copy the shown example."""
        QGuiApplication.clipboard().setText(self.snippets.current.text)
        self._messages.say(f"The {self.snippets.current.title} example was copied.", kind="good")
        self.copy_button.setText("Copied")


def _page(snippet: Snippet) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(12, 8, 12, 12)
    layout.setSpacing(8)
    note: QLabel = plain_label(snippet.note, "dim")
    layout.addWidget(note)
    text = QPlainTextEdit(snippet.text)
    text.setReadOnly(True)
    text.setFont(mono_font())
    text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    text.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    text.setAccessibleName(f"{snippet.title} example")
    layout.addWidget(text, 1)
    return page
