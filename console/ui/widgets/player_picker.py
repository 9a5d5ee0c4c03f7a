"""A field in which a person finds a player: by a part of an id, a name or an address."""

from typing import Any

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from console.messages.players import PlayerRow
from console.ui.context import ViewContext
from console.ui.widgets.player_words import STAGE_WORDS, name_of

_PAUSE_MS = 150
_MOST = 20


class PlayerPicker(QLineEdit):
    """Asks the server while a person types. `chosen(PlayerRow)` when they pick one, or `offer_newest` did."""

    chosen = Signal(object)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._app_id = ""
        self._rows: list[PlayerRow] = []
        self._request = 0
        self._model = QStringListModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        by_index: Any = self._completer.activated  # of its two signals, the one with the row
        by_index[QModelIndex].connect(self._picked)
        self._completer.setWidget(self)
        self.setPlaceholderText("Find a player: id, name, e-mail")
        self.setAccessibleName("Player")
        self.setProperty("role", "mono")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(lambda: self._ask(popup=True))
        self.textEdited.connect(lambda _text: self._pause.start())

    @property
    def rows(self) -> list[PlayerRow]:
        """What is offered."""
        return self._rows

    def set_application(self, app_id: str) -> None:
        """Offer players of another application."""
        if app_id != self._app_id:
            self._app_id, self._rows = app_id, []
            self.clear()

    def offer_newest(self) -> None:
        """Choose the player who was seen last, so that there is something to look at."""
        self._ask(popup=False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.selectAll()

    def pick(self, row: int) -> None:
        """Pick one of those offered."""
        self.setText(name_of(self._rows[row]))
        self.chosen.emit(self._rows[row])

    def _picked(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self._rows):
            self.pick(index.row())

    def _ask(self, *, popup: bool) -> None:
        if self._app_id:
            self._context.tasks.start(self._load(popup), "Finding players")

    async def _load(self, popup: bool) -> None:
        self._request += 1
        request, app_id = self._request, self._app_id
        search = self.text().strip() if popup else ""
        page = await self._context.client.players(app_id, search=search, limit=_MOST)
        if request != self._request or app_id != self._app_id:
            return
        self._rows = page.rows
        self._model.setStringList([f"{name_of(row)}   {STAGE_WORDS[row.stage]}" for row in page.rows])
        if popup and self.hasFocus():
            self._completer.complete()
        elif not popup and page.rows and not self.text():
            self.pick(0)
