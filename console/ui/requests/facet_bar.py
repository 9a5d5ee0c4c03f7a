"""The line above the requests table: all or rejected, the facets, and the list of failures."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from console.ui.hover import plain_hover
from console.ui.icons import icon
from console.ui.requests.facets import FACETS, STATUS_WORDS, TITLES, FacetName, Facets
from console.ui.theme import SPACING, Theme
from console.ui.widgets.formatting import cut, short_count, visible

_VALUE_CHARS = 60
_ROOM_CHARS = (24, 14, 0)  # of a chosen value in a button, the widest first; 0: only how many there are


class FacetBar(QFrame):
    """`changed` when another narrowing was chosen; `failures_toggled` to show or hide the list of failures.

    `values_of(facet)` gives a facet's values with their counts when its menu opens.
    """

    changed = Signal()
    failures_toggled = Signal(bool)
    failure_dropped = Signal()

    def __init__(
        self,
        colors: Theme,
        values_of: Callable[[FacetName], Sequence[tuple[str, int]]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = colors
        self._values_of = values_of
        self._facets = Facets()
        self.setProperty("role", "topbar")
        self.all = QPushButton("All")
        self.rejected = QPushButton("Rejected")
        self.buttons: dict[FacetName, QToolButton] = {name: self._facet_button(name) for name in FACETS}
        self.reset = QPushButton("Any")
        self.reset.setProperty("role", "quiet")
        self.reset.setToolTip("Show requests of any status, route, key and address")
        self.reset.setAccessibleName("Clear status, route, key and address")
        self.reset.clicked.connect(self.clear_facets)
        self.reset.hide()
        self.only = QPushButton()
        self.only.setProperty("role", "state")
        self.only.setProperty("tone", "accent")
        self.only.clicked.connect(self.failure_dropped)
        self.only.hide()
        self.failures = QPushButton("Failures")
        self.failures.setCheckable(True)
        self.failures.setToolTip("Rejected requests by what was wrong, equal ones together")
        self.failures.setAccessibleName("Show the list of failures")
        self.failures.toggled.connect(self.failures_toggled)
        self._failure = ""
        self._layout = layout = QHBoxLayout(self)
        layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)  # texts give way, not the window
        layout.setContentsMargins(SPACING[1], SPACING[0], SPACING[1], SPACING[0])
        layout.setSpacing(SPACING[0])
        self._add_chips(layout)
        layout.addSpacing(SPACING[1])
        for button in self.buttons.values():
            layout.addWidget(button)
        layout.addWidget(self.reset)
        layout.addWidget(self.only)
        layout.addStretch(1)
        layout.addWidget(self.failures)
        colors.changed.connect(self._recolour)
        self._recolour()

    @property
    def facets(self) -> Facets:
        return self._facets

    @property
    def only_rejected(self) -> bool:
        return self.rejected.isChecked()

    def choose(self, name: FacetName, values: Sequence[str]) -> None:
        """Show only rows with one of these values; none: with any."""
        self._set(self._facets.choosing(name, values))

    def clear_facets(self) -> None:
        """Any status, route, key and address."""
        self._set(Facets())

    def show_failure(self, text: str) -> None:
        """Say which failure alone is shown; "" for none."""
        self._failure = text
        self.only.setVisible(bool(text))
        hover = f"Only requests that failed so:\n{visible(text, 500)}\nClick to show others again"
        self.only.setToolTip(plain_hover(hover) if text else "")
        self.only.setAccessibleName(f"Only {text}: show others again")
        self._fit()

    def menu_of(self, name: FacetName) -> QMenu:
        """The values to choose from, as they are now."""
        menu = self.buttons[name].menu()
        assert isinstance(menu, QMenu)
        self._fill(menu, name)
        return menu

    def _add_chips(self, layout: QHBoxLayout) -> None:
        group = QButtonGroup(self)
        for button in (self.all, self.rejected):
            button.setCheckable(True)
            group.addButton(button)
            layout.addWidget(button)
        self.all.setAccessibleName("Show all requests")
        self.rejected.setAccessibleName("Show rejected requests only")
        self.all.setChecked(True)
        self.rejected.toggled.connect(self.changed)

    def _facet_button(self, name: FacetName) -> QToolButton:
        button = QToolButton()
        button.setText(TITLES[name])
        button.setCheckable(True)  # looks chosen while it narrows
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(f"{TITLES[name]}: any")
        menu = _StayingMenu(button)
        menu.aboutToShow.connect(lambda: self._fill(menu, name))
        button.setMenu(menu)
        return button

    def _fill(self, menu: QMenu, name: FacetName) -> None:
        menu.clear()
        chosen = self._facets.of(name)
        any_value = menu.addAction("Any")
        any_value.triggered.connect(lambda: self.choose(name, ()))
        menu.addSeparator()
        values = self._values_of(name)
        for value, count in values:
            action = menu.addAction(f"{_shown(name, value)}\t{short_count(count)}")
            action.setCheckable(True)
            action.setChecked(value in chosen)
            action.toggled.connect(lambda on, value=value: self._toggle(name, value, on))
        if not values:
            menu.addAction("No requests yet").setEnabled(False)

    def _toggle(self, name: FacetName, value: str, on: bool) -> None:
        self.choose(name, sorted(self._facets.of(name) | {value} if on else self._facets.of(name) - {value}))

    def _set(self, facets: Facets) -> None:
        if facets == self._facets:
            return
        self._facets = facets
        for name, button in self.buttons.items():
            chosen = ", ".join(map(visible, sorted(facets.of(name))))
            button.setChecked(bool(chosen))
            button.setAccessibleName(f"{TITLES[name]}: {chosen or 'any'}")
            button.setToolTip(plain_hover(chosen) if chosen else "")
        self.reset.setVisible(bool(facets))
        self._fit()
        self.changed.emit()

    def _fit(self) -> None:
        """Write what is chosen in as many words as there is room for."""
        for chars in _ROOM_CHARS:
            for name, button in self.buttons.items():
                button.setText(self._text_of(name, chars))
            self.only.setText(cut(self._failure, 2 * chars).replace("&", "&&") if chars else "Failure")
            self._layout.invalidate()
            if self._layout.sizeHint().width() <= self.width():
                return

    def _text_of(self, name: FacetName, chars: int) -> str:
        chosen = sorted(self._facets.of(name))
        if not chosen:
            return TITLES[name]
        if not chars:
            return f"{TITLES[name]} ({len(chosen)})"
        first = cut(visible(chosen[0]), chars, middle=True).replace("&", "&&")
        return f"{TITLES[name]}: {first}" + (f" +{len(chosen) - 1}" if len(chosen) > 1 else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _recolour(self) -> None:
        tokens = self._theme.tokens
        self.only.setIcon(icon("close", tokens.accent))
        self.failures.setIcon(icon("error", tokens.bad))


class _StayingMenu(QMenu):
    """Several values can be chosen without opening it again: choosing one does not close it, Enter and Esc do."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.activeAction()
        if action is not None and action.isCheckable() and action.isEnabled():
            action.toggle()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self.activeAction()
        if event.key() == Qt.Key.Key_Space and action is not None and action.isCheckable():
            action.toggle()
        else:
            super().keyPressEvent(event)


def _shown(name: FacetName, value: str) -> str:
    text = cut(visible(value), _VALUE_CHARS, middle=True).replace("&", "&&")
    words = STATUS_WORDS.get(value, "") if name == "status" else ""
    return f"{text}  {words}" if words else text
