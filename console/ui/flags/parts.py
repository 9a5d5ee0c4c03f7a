"""Small parts that the editors are made of: headings, problems beside what is wrong, icon buttons."""

from collections.abc import Callable, Iterable
from itertools import pairwise

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.ui.dialogs import plain_label
from console.ui.icons import icon
from console.ui.theme import Theme
from console.ui.widgets.form_fields import FIELD_HEIGHT

_READABLE_PX = 960


class Section(QFrame):
    """A heading, content, and a line beneath that says what is wrong with it."""

    def __init__(self, title: str = "", *, card: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.content = QVBoxLayout()
        self.content.setSpacing(8)
        self.problem = plain_label("")
        self.problem.setProperty("tone", "bad")
        self.problem.hide()
        layout = QVBoxLayout(self)
        edge = 12 if card else 0
        layout.setContentsMargins(edge, edge, edge, edge)
        layout.setSpacing(8)
        if card:
            self.setProperty("role", "card")
        if title:
            self.head.addWidget(plain_label(title.upper(), "heading"), 1)
        if title or card:
            layout.addLayout(self.head)
        layout.addLayout(self.content)
        layout.addWidget(self.problem)


class Problems(QObject):
    """At most one thing is marked as wrong: the widget in red, and the sentence in the section around it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._widget: QWidget | None = None
        self._section: Section | None = None

    def show(self, widget: QWidget, text: str, *, focus: bool = True) -> bool:
        """Mark it, and go to it with `focus`. False when it is in no section, and has to be told elsewhere."""
        self.clear()
        section: QWidget | None = widget
        while section is not None and not isinstance(section, Section):
            section = section.parentWidget()
        if section is None:
            return False
        self._widget, self._section = widget, section
        widget.destroyed.connect(self._forget)
        section.destroyed.connect(self._forget)
        section.problem.setText(text)
        section.problem.show()
        if widget is not section:
            mark_bad(widget, True)
            if focus:
                widget.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    @property
    def sentence(self) -> QWidget | None:
        """The line that says what is wrong."""
        return self._section.problem if self._section is not None else None

    def clear(self) -> None:
        """Mark nothing."""
        widget, section = self._widget, self._section
        self._forget()
        if widget is not None:
            mark_bad(widget, False)
        if section is not None:
            section.problem.hide()

    def _forget(self) -> None:
        self._widget = self._section = None


def mark_bad(widget: QWidget, bad: bool) -> None:
    """Give a field a red edge, or take it away."""
    state = "bad" if bad else ""
    if widget.property("state") != state:
        widget.setProperty("state", state)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class IconButton(QToolButton):
    """A quiet button with an icon alone; its name is said aloud and shown on hover."""

    def __init__(self, theme: Theme, icon_name: str, name: str, act: Callable[[], object]) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = icon_name
        self.setProperty("role", "quiet")
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.clicked.connect(lambda: act())
        theme.changed.connect(self._recolour)
        self._recolour()

    def _recolour(self) -> None:
        tokens = self._theme.tokens
        self.setIcon(icon(self._icon_name, tokens.dim, disabled=tokens.faint))


def labelled(name: str, field: QWidget, *, width: int = 104, note: str = "") -> QHBoxLayout:
    """A row of a form: the name in a column of fixed width, the field, and what it means."""
    row = QHBoxLayout()
    row.setSpacing(12)
    label = QLabel(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "dim")
    label.setFixedWidth(width)
    label.setBuddy(field)
    if not field.accessibleName():
        field.setAccessibleName(name)
    label.setFixedHeight(FIELD_HEIGHT)
    row.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(field, 1)
    if note:
        row.addWidget(plain_label(note, "dim"), 1)
    return row


def column_of(page: QWidget) -> QVBoxLayout:
    """A page's column: as wide as can be read, at the left."""
    middle = QWidget()
    middle.setMaximumWidth(_READABLE_PX)
    across = QHBoxLayout(page)
    across.setContentsMargins(24, 16, 24, 24)
    across.setSpacing(0)
    across.addWidget(middle, 1)
    across.addStretch(0)
    column = QVBoxLayout(middle)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(20)
    return column


def bring_into_sight(scroll: QScrollArea, widget: QWidget, sentence: QWidget | None) -> None:
    """Scroll to what is wrong, and to what is said about it; once the layout made room for the sentence."""

    def scroll_to() -> None:
        for part in (sentence, widget):
            if part is not None:
                scroll.ensureWidgetVisible(part, 16, 24)

    QTimer.singleShot(0, widget, scroll_to)


def order_tabs(parts: Iterable[QWidget]) -> None:
    """Let Tab go through these parts as they stand: Qt's order is that in which widgets were made."""
    tab = Qt.FocusPolicy.TabFocus
    stops = [
        widget
        for part in parts
        for widget in (part, *part.findChildren(QWidget))
        if widget.focusPolicy() & tab and widget.focusProxy() is None and widget.window() is part.window()
    ]
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def take_out(layout: QLayout, widget: QWidget) -> None:
    """Remove a widget for good."""
    layout.removeWidget(widget)
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()
