"""The keys of the shown application, and what can be done with them."""

import time
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from console.messages import Application, CreatedKey, CreateKey, KeyKind
from console.ui.applications.created_dialog import CreatedDialog
from console.ui.applications.key_table import KeyTable
from console.ui.applications.model import key_lines
from console.ui.context import ViewContext
from console.ui.dialogs import ask, plain_label
from console.ui.icons import icon
from console.ui.widgets.text_dialog import TextDialog

_NEW_KEYS: tuple[tuple[str, KeyKind], ...] = (("New public key", "public"), ("New secret key", "secret"))
_WITH_ANY_KEY = ("copy", "edit")  # the other actions want one that still works


class KeysPanel(QWidget):
    """Create, label, copy, revoke, rotate."""

    changed = Signal()
    """The server did something to a key: what is listed is to be asked for again."""

    def __init__(self, context: ViewContext) -> None:
        super().__init__()
        self._context = context
        self._app_id = ""
        self.table = KeyTable(context)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.itemSelectionChanged.connect(self._enable)
        self.table.copy_wanted.connect(self.copy_key)
        self._actions: list[tuple[QAction, QPushButton, str]] = []
        self._new_buttons: list[QPushButton] = []
        self._make_actions()
        self._lay_out()
        context.theme.changed.connect(self._paint_icons)
        self._paint_icons()

    def show_application(self, application: Application) -> None:
        """Show the keys of an application, with their ages as of now."""
        self._app_id = application.app_id
        self.table.show_lines(key_lines(application, time.time_ns() // 1000))
        self._enable()

    # what people do

    def new_key(self, kind: KeyKind) -> None:
        """Ask for a label, then make a key."""
        app_id = self._app_id
        text = (
            "A public key is built into the game: it can only send."
            if kind == "public"
            else "A secret key may read and upload. It belongs on build servers and in scripts, never in a game."
        )

        def take(label: str) -> None:
            work = self._context.client.create_key(app_id, CreateKey(kind=kind, label=label))
            self._run(self._then_show(work), "Creating the key")

        TextDialog(self.window(), f"New {kind} key", text, "Label", "", "Create", take).open()

    def copy_key(self) -> None:
        """Copy the selected key, or say why there is nothing to copy."""
        line = self.table.current
        if line is None:
            return
        if line.key.token:
            QGuiApplication.clipboard().setText(line.key.token)
            self._context.messages.say("Public key copied.", kind="good")
        else:
            self._context.messages.say(
                "A secret key is readable only when it is made. Rotate it to get a new one.", kind="warning"
            )

    def label_key(self) -> None:
        """Ask for another label of the selected key."""
        line = self.table.current
        if line is None:
            return

        def take(label: str) -> None:
            work = self._context.client.label_key(line.key.key_id, label)
            self._run(self._then_tell(work), "Labelling the key")

        TextDialog(self.window(), "Label key", line.key.hint, "Label", line.key.label, "Save", take).open()

    def rotate_key(self) -> None:
        """Put a new key in the place of the selected one, once a person confirmed."""
        line = self.table.current
        if line is None:
            return

        def rotate() -> None:
            work = self._context.client.rotate_key(line.key.key_id)
            self._run(self._then_show(work), "Rotating the key")

        ask(
            self.window(),
            f"Rotate this {line.kind} key?",
            f"A new key takes its place, and {line.key.hint} stops working with the next request. "
            + _what_of_games(line.kind),
            [("Rotate", rotate, "danger")],
        )

    def revoke_key(self) -> None:
        """End the selected key, once a person confirmed."""
        line = self.table.current
        if line is None:
            return

        def revoke() -> None:
            work = self._context.client.revoke_key(line.key.key_id)
            self._run(self._then_tell(work), "Revoking the key")

        ask(
            self.window(),
            f"Revoke this {line.kind} key?",
            f"{line.key.hint} ({line.label}) stops working with the next request. This cannot be undone. "
            + _what_of_games(line.kind),
            [("Revoke", revoke, "danger")],
        )

    # ----------------------------------------------------------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, None], what: str) -> None:
        self._context.tasks.start(work, what)

    async def _then_tell(self, work: Coroutine[Any, Any, None]) -> None:
        await work
        self.changed.emit()

    async def _then_show(self, work: Coroutine[Any, Any, CreatedKey]) -> None:
        created = await work
        self.changed.emit()
        CreatedDialog.for_key(self.window(), created, self._context).open()

    def _make_actions(self) -> None:
        table: list[tuple[str, str, Callable[[], None], str]] = [
            ("Copy", "copy", self.copy_key, "Ctrl+C"),
            ("Label", "edit", self.label_key, "F2"),
            ("Rotate", "rotate", self.rotate_key, "Ctrl+R"),
            ("Revoke", "revoke", self.revoke_key, "Del"),
        ]
        for text, icon_name, act, key in table:
            action = QAction(text, self.table)
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _checked=False, act=act: act())
            self.table.addAction(action)
            button = QPushButton(text)
            button.setToolTip(f"{text} the selected key ({key})")
            button.clicked.connect(lambda _checked=False, act=act: act())
            self._actions.append((action, button, icon_name))
        for text, kind in _NEW_KEYS:
            button = QPushButton(text)
            button.clicked.connect(lambda _checked=False, kind=kind: self.new_key(kind))
            self._new_buttons.append(button)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(plain_label("KEYS", "heading"), 1)
        for _, button, _name in self._actions:
            row.addWidget(button)
        row.addSpacing(8)
        for button in self._new_buttons:
            row.addWidget(button)
        frame = QFrame()
        frame.setProperty("role", "card")
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(1, 1, 1, 1)
        inner.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(frame, 1)
        layout.addWidget(
            plain_label(
                "Public keys are built into games and can only send. Secret keys read and upload; "
                "each is shown once and stored as a fingerprint.",
                "dim",
            )
        )

    def _open_menu(self, place: QPoint) -> None:
        if self.table.current is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action, _, _name in self._actions:
            menu.addAction(action)
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _enable(self) -> None:
        line = self.table.current
        for action, button, name in self._actions:
            enabled = line is not None and (line.usable or name in _WITH_ANY_KEY)
            action.setEnabled(enabled)
            button.setEnabled(enabled)

    def _paint_icons(self) -> None:
        tokens = self._context.theme.tokens
        for action, button, name in self._actions:
            picture = icon(name, tokens.dim, disabled=tokens.faint)
            action.setIcon(picture)
            button.setIcon(picture)
        for button in self._new_buttons:
            button.setIcon(icon("plus", tokens.dim))


def _what_of_games(kind: str) -> str:
    return "Games built with it can no longer send." if kind == "public" else ""
