"""The filter language in a bar: what was typed is read, what is wrong is shown with its mend, the rest is applied."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.telemetry.filters import Filter, FilterProblem, Scope, parse
from console.ui.context import Action, ViewContext
from console.ui.widgets.filter_bar import FilterBar
from console.ui.widgets.filter_completer import FilterCompleter, KnownValues
from console.ui.widgets.filter_memory import FilterMemory
from console.ui.widgets.filter_menu import filter_menu
from console.ui.widgets.filter_note import FilterNote
from console.ui.widgets.formatting import ELLIPSIS, visible

_TYPING_MS: Final = 250
_PROBLEM_MS: Final = 700  # who is still typing is not told that it is not finished
_USED_MS: Final = 3_000
_MEND_CHARS: Final = 40
_BEFORE_CHARS: Final = 12
_HINT: Final[dict[Scope, str]] = {
    "events": "Filter: a word, player:p-17, fps.low_1:<30, -is:late",
    "requests": "Filter: a word, status:>=400, route:*/events, took:>50",
}
_HOVER: Final = (
    "A word is looked for everywhere; field:value in one field. Terms side by side must all match; OR, NOT and"
    " ( ) work too. Ctrl+F to come here, Ctrl+Space for what can be typed, Alt+↓ for filters that were used."
)


class FilterLanguage(QObject):
    """`changed`: there is another `filter`, the last one that could be read. What cannot be read changes nothing."""

    changed = Signal()

    def __init__(
        self,
        bar: FilterBar,
        note: FilterNote,
        context: ViewContext,
        scope: Scope,
        known_values: KnownValues,
        page: QWidget,
    ) -> None:
        super().__init__(page)
        self._field = bar.field
        self._note = note
        self._context = context
        self._scope: Scope = scope
        self._page = page
        self._problem: FilterProblem | None = None
        self.filter = _nothing(scope)
        self.memory = FilterMemory(context.settings, scope)
        self.completer = FilterCompleter(bar.field, context, scope, known_values, page)
        self._field.setPlaceholderText(_HINT[scope])
        self._field.setToolTip(_HOVER)
        self._field.setAccessibleDescription(_HOVER)
        self._field.takes = self._takes
        bar.search.setToolTip("Filters that were used, saved ones and examples (Alt+↓)")
        bar.search.triggered.connect(self.open_menu)
        self._typing = _timer(self, _TYPING_MS, self.apply)
        self._telling = _timer(self, _PROBLEM_MS, self.show_problem)
        self._using = _timer(self, _USED_MS, self._remember)
        bar.filter_changed.connect(self._text_changed)
        bar.left.connect(self._left)
        context.theme.changed.connect(self._paint_mark)

    @property
    def problem(self) -> FilterProblem | None:
        """What is wrong with the text that stands there."""
        return self._problem

    def use(self, text: str) -> None:
        """Put a filter in place of what stands there."""
        self.completer.close()
        self._field.setText(text)
        self.completer.close()
        self.apply()
        self._remember()

    def apply(self) -> None:
        """Read the text now; `changed` when it means something else than before."""
        self._typing.stop()
        found = self._read()
        if isinstance(found, Filter) and found.text != self.filter.text:
            self.filter = found
            self._using.start()
            self.changed.emit()

    def mend(self) -> None:
        """Put the text right, where it is known how."""
        if self._problem is not None and self._problem.mend:
            self.use(self._problem.mend)
            self._field.setFocus()
            if self._problem is not None:  # there was more than one thing wrong
                self.show_problem()

    def show_problem(self) -> None:
        """Say what is wrong, when something is."""
        self._telling.stop()
        problem = self._problem
        if problem is None:
            return
        self._paint_mark()
        actions: list[Action] = []
        if problem.mend:
            actions.append((f"Mend: {_around(problem)}", self.mend))
        self._note.say(problem.message, "bad", actions)
        for button in self._note.buttons:
            button.setToolTip(f"{problem.mend}\n\nCtrl+. in the filter")
        self._field.setProperty("state", "bad")
        self._field.style().polish(self._field)

    def open_menu(self) -> None:
        """Filters that were used, saved ones and examples."""
        self.completer.close()
        menu = filter_menu(self.memory, self._scope, self._field.text(), self.use, self._page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._field.mapToGlobal(QPoint(0, self._field.height() + 2)))

    # ----------------------------------------------------------------------------------------------------------------

    def _text_changed(self, text: str) -> None:
        self._using.stop()
        found = self._read()
        if isinstance(found, FilterProblem):
            self._typing.stop()
            self._telling.start()
        elif text.strip():
            self._typing.start()
        else:
            self.apply()

    def _read(self) -> Filter | FilterProblem:
        found = parse(self._field.text(), self._scope)
        problem = found if isinstance(found, FilterProblem) else None
        if problem != self._problem or problem is None:
            self._problem = problem
            self._telling.stop()
            self._field.mark()
            if self._field.property("state"):
                self._note.hide()
                self._field.setProperty("state", "")
                self._field.style().polish(self._field)
        return found

    def _takes(self, event: QKeyEvent) -> bool:
        if self.completer.takes(event):
            return True
        modifiers = event.modifiers()
        if event.key() == Qt.Key.Key_Period and modifiers & Qt.KeyboardModifier.ControlModifier:
            self.mend()
            return True
        if event.key() == Qt.Key.Key_Down and modifiers & Qt.KeyboardModifier.AltModifier:
            self.open_menu()
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.apply()
            if self._problem is not None:
                self.show_problem()  # and stay: there is something to mend
                return True
        return False

    def _left(self) -> None:
        self.completer.close()
        self.apply()
        self.show_problem()
        self._remember()

    def _remember(self) -> None:
        self._using.stop()
        if self._problem is None and not self.filter.is_empty:
            self.memory.used(self.filter.text)

    def _paint_mark(self) -> None:
        if self._problem is not None:
            self._field.mark(self._problem.position, self._problem.end, self._context.theme.tokens.bad)


def _timer(owner: FilterLanguage, pause_ms: int, act: Callable[[], object]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(pause_ms)
    timer.timeout.connect(act)
    return timer


def _around(problem: FilterProblem) -> str:
    """The mended text, of a long one what is around the change."""
    start = max(0, problem.position - _BEFORE_CHARS) if len(problem.mend) > _MEND_CHARS else 0
    return (ELLIPSIS if start else "") + visible(problem.mend[start:], _MEND_CHARS)


def _nothing(scope: Scope) -> Filter:
    found = parse("", scope)
    assert isinstance(found, Filter)
    return found
