"""Completion while a filter is typed: names of fields, then their values as they were recorded."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.telemetry.filters import Scope
from console.ui.context import ViewContext
from console.ui.widgets.filter_bar import FilterField
from console.ui.widgets.filter_completion import (
    Suggestion,
    Wanted,
    completed,
    field_suggestions,
    path_root,
    value_suggestions,
    wanted_at,
    word_suggestions,
)
from console.ui.widgets.filter_terms import escaped_path
from console.ui.widgets.suggestion_list import SuggestionList

_PAUSE_MS: Final = 120
_GAP_PX: Final = 2


class KnownValues(Protocol):
    """The values of a field that need no asking."""

    def __call__(self, field: str, prefix: str) -> Sequence[tuple[str, int]] | None:
        """Those that begin so, with how many rows have each; None where the server is to be asked."""


class FilterCompleter(QObject):
    """Offers ways to go on below the line; Ctrl+Space asks for them where nothing was typed yet."""

    def __init__(
        self, field: FilterField, context: ViewContext, scope: Scope, known_values: KnownValues, page: QWidget
    ) -> None:
        super().__init__(page)
        self._field = field
        self._context = context
        self._scope = scope
        self._known_values = known_values
        self._wanted: Wanted | None = None
        self._give_up: Callable[[], object] = lambda: None
        self.list = SuggestionList(context.theme, page)
        self.list.chosen.connect(self._put)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        field.textEdited.connect(self._typed)
        field.focus_lost.connect(self.close)
        field.cursorPositionChanged.connect(self._moved)

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key was for the list."""
        if event.key() == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.open()
            return True
        return self.list.takes(event)

    def open(self) -> None:
        """Offer what there is at the cursor, also where nothing was typed yet."""
        self._look(asked=True)

    def close(self) -> None:
        """Offer nothing."""
        self._pause.stop()
        self._give_up()
        self._wanted = None
        self.list.hide()

    # ----------------------------------------------------------------------------------------------------------------

    def _typed(self) -> None:
        self._look(asked=False)

    def _moved(self, _old: int, new: int) -> None:
        if self._wanted is not None and not self._wanted.start <= new <= self._wanted.start + len(self._field.text()):
            self.close()

    def _look(self, *, asked: bool) -> None:
        self._pause.stop()
        self._give_up()
        self._wanted = wanted = wanted_at(self._field.text(), self._field.cursorPosition())
        if wanted is None or not (asked or wanted.prefix or wanted.field):
            self.close()
            return
        if wanted.field:
            words = word_suggestions(wanted.field, wanted.prefix, self._scope)
            if words is not None:
                self._offer(words)
                return
            known = self._known_values(wanted.field, wanted.prefix)
            if known is not None:
                self._offer(value_suggestions(known))
                return
        elif not path_root(wanted, self._scope):
            self._offer(field_suggestions(wanted.prefix, self._scope))
            return
        self._pause.start()

    def _ask(self) -> None:
        if self._wanted is not None:
            self._give_up = self._context.tasks.start(
                self._fetch(self._wanted), "Look for values", on_error=lambda _error: self.list.hide()
            )

    async def _fetch(self, wanted: Wanted) -> None:
        root = path_root(wanted, self._scope)
        prefix = wanted.prefix.partition(".")[2] if root else wanted.prefix
        found = await self._context.client.field_values(
            root or wanted.field, prefix=prefix, app_id=self._context.selection.scope.app_id
        )
        if wanted != self._wanted:
            return
        if root:
            self._offer([Suggestion(f"{root}.{escaped_path(one.value)}:", f"{one.events:,}") for one in found])
        else:
            self._offer(value_suggestions([(one.value, one.events) for one in found]))

    def _offer(self, suggestions: Sequence[Suggestion]) -> None:
        wanted = self._wanted
        if wanted is None:
            return
        there = self._field.text()[wanted.start : wanted.end].strip()
        if len(suggestions) == 1 and suggestions[0].text == there:
            suggestions = ()  # it stands there already
        left = max(0, self._field.x_of(wanted.start))
        window = self._field.window()  # the line may stand in a bar far from its page
        if self.list.parentWidget() is not window:
            self.list.move_to(window)
        self.list.offer(suggestions, self._field.mapTo(window, QPoint(left, self._field.height() + _GAP_PX)))

    def _put(self, suggestion: Suggestion) -> None:
        wanted = self._wanted
        if wanted is None:
            return
        text, cursor = completed(self._field.text(), wanted, suggestion.text)
        self._wanted = None
        self._field.setText(text)
        self._field.setCursorPosition(cursor)
        self._field.setFocus()
        if suggestion.text.endswith((":", ".")):
            self.open()  # a name wants its value
