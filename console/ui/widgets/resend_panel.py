"""Edit a recorded payload as JSON, send it as MessagePack with the application's public key, and read the answer."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from console.client import ConsoleRefused
from console.messages import Application
from console.messages.resend import Resend, Resent
from console.ui.context import ViewContext
from console.ui.selection import Picked
from console.ui.style import heading_font, mono_font
from console.ui.theme import SPACING
from console.ui.widgets.formatting import status_meaning, visible, visible_lines
from console.ui.widgets.inspection import Inspection, response_text
from console.ui.widgets.problems_panel import wrapped_label
from console.ui.widgets.resend_text import Draft, NotJson, draft_of, packed

_ANSWER_CHARS = 20_000


class ResendPanel(QWidget):
    """`closed`: the person is done. Ctrl+Enter sends, Escape closes; what was typed is kept until another draft."""

    closed = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._draft: Draft | None = None
        self._wanted_app = ""
        self._request_id: int | None = None
        heading = QLabel("Edit and resend")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setProperty("role", "heading")
        heading.setFont(heading_font())
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.closed)
        self.applications = QComboBox()
        self.applications.setAccessibleName("Application whose public key is used")
        self.applications.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.applications.setMinimumContentsLength(10)
        self.route = wrapped_label("Where it is sent")
        self.route.setFont(mono_font())
        self.route.setProperty("role", "dim")
        self.editor = QPlainTextEdit()
        self.editor.setFont(mono_font())
        self.editor.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.editor.setTabChangesFocus(True)
        self.editor.setAccessibleName("The payload as JSON")
        self.editor.textChanged.connect(self._edited)
        self.note = wrapped_label("What is to be known about the text")
        self.note.setProperty("role", "dim")
        self.send_button = QPushButton("Send")
        self.send_button.setProperty("role", "primary")
        self.send_button.setToolTip("Ctrl+Enter")
        self.send_button.clicked.connect(self.send)
        self.verdict = wrapped_label("What became of it")
        self.answer = QPlainTextEdit()
        self.answer.setReadOnly(True)
        self.answer.setFont(mono_font())
        self.answer.setAccessibleName("The answer")
        self.show_button = QPushButton("Show this request")
        self.show_button.setProperty("role", "link")
        self.show_button.clicked.connect(self._show_request)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING[2], SPACING[1], SPACING[2], SPACING[1])
        layout.setSpacing(SPACING[1])
        layout.addLayout(_row(heading, None, self.close_button))
        layout.addWidget(self.route)
        layout.addWidget(self.editor, 3)
        layout.addWidget(self.note)
        layout.addLayout(_row(self.applications, None, self.send_button))
        layout.addWidget(self.verdict)
        layout.addWidget(self.answer, 2)
        layout.addLayout(_row(self.show_button, None))
        self._forget_answer()

    def edit(self, inspection: Inspection) -> bool:
        """Begin with what is shown. Returns False when it went to no ingestion route."""
        draft = draft_of(inspection.detail, inspection.index)
        if draft is None:
            return False
        self._draft = draft
        self._wanted_app = inspection.detail.row.app_id
        self.route.setText(f"POST {draft.route} · MessagePack")
        self.editor.setPlainText(draft.text)
        self._say(draft.note)
        self._forget_answer()
        self._context.tasks.start(self._list_applications(), "List the applications")
        self.editor.setFocus()
        return True

    def send(self) -> None:
        """Send what stands in the editor."""
        app_id = self.applications.currentData()
        if self._draft is None or not isinstance(app_id, str) or not self.send_button.isEnabled():
            return
        try:
            body = packed(self.editor.toPlainText())
        except NotJson as wrong:
            self._say(str(wrong), bad=True)
            cursor = self.editor.textCursor()
            cursor.setPosition(min(wrong.offset, len(self.editor.toPlainText())))
            cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
            self.editor.setTextCursor(cursor)
            self.editor.setFocus()
            return
        self._say("")
        self._forget_answer()
        self.send_button.setEnabled(False)
        request = Resend(route=self._draft.route, body=body)
        self._context.tasks.start(self._send(app_id, request), "Send the request", self._failed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.send()
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    # ----------------------------------------------------------------------------------------------------------------

    async def _list_applications(self) -> None:
        listed: list[Application] = await self._context.client.applications()
        wanted = self.applications.currentData() if self.applications.count() else self._wanted_app
        self.applications.clear()
        for application in listed:
            self.applications.addItem(visible(application.name, 64), application.app_id)
        for app_id in (self._wanted_app, wanted):
            if (place := self.applications.findData(app_id)) >= 0:
                self.applications.setCurrentIndex(place)
                break
        self.send_button.setEnabled(bool(listed))

    async def _send(self, app_id: str, request: Resend) -> None:
        answer = await self._context.client.resend(app_id, request)
        self.send_button.setEnabled(True)
        self._show_answer(answer)

    def _failed(self, error: Exception) -> None:
        self.send_button.setEnabled(True)
        hint = error.error.hint if isinstance(error, ConsoleRefused) else ""
        self._say(visible(f"{error} {hint}".strip(), 400), bad=True)

    def _show_answer(self, answer: Resent) -> None:
        self._request_id = answer.request_id
        taken = answer.status < 400
        self.verdict.setText(f"Answered {status_meaning(answer.status)}")
        _set_tone(self.verdict, "good" if taken else "bad")
        self.answer.setPlainText(visible_lines(response_text(answer.response))[:_ANSWER_CHARS])
        self.verdict.show()
        self.answer.show()
        self.show_button.setVisible(answer.request_id is not None)

    def _forget_answer(self) -> None:
        self._request_id = None
        for widget in (self.verdict, self.answer, self.show_button):
            widget.hide()

    def _show_request(self) -> None:
        if self._request_id is not None:
            self.closed.emit()
            self._context.selection.pick(Picked(request_id=self._request_id))

    def _edited(self) -> None:
        if self.note.property("tone") == "bad":
            self._say("")

    def _say(self, text: str, *, bad: bool = False) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))
        _set_tone(self.note, "bad" if bad else "")


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Widgets beside each other, None for room between them."""
    row = QHBoxLayout()
    row.setSpacing(SPACING[1])
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row


def _set_tone(label: QLabel, tone: str) -> None:
    label.setProperty("tone", tone)
    label.style().unpolish(label)
    label.style().polish(label)
