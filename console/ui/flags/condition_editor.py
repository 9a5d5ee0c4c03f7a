"""The condition builder: groups of conditions, nested as deep as wanted, or the same as JSON text."""

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.ui.dialogs import plain_label
from console.ui.flags.condition_row import ConditionRow
from console.ui.flags.fields import OPERATORS
from console.ui.flags.parts import IconButton, Section, take_out
from console.ui.flags.paths import Path
from console.ui.style import mono_font
from console.ui.theme import Theme
from console.ui.widgets.form_fields import Choice
from console.ui.widgets.json_text import pretty
from console.ui.widgets.value_field import DraftProblem
from console.ui.widgets.value_text import NotAValue, read_json

EMPTY: dict[str, Any] = {"operator": "AND", "conditions": []}
_MAX_DEPTH = 12
_JSON_HEIGHT = 220


def is_tree(document: Any, depth: int = 0) -> bool:
    """Whether the builder can show it: the documented tree, and nothing else in it."""
    if not isinstance(document, dict) or depth > _MAX_DEPTH:
        return False
    if "conditions" in document:
        parts = document["conditions"]
        known = set(document) <= {"operator", "conditions"} and document.get("operator", "AND") in ("AND", "OR")
        return known and isinstance(parts, list) and all(is_tree(part, depth + 1) for part in parts)
    return (
        depth > 0
        and set(document) == {"field", "operator", "value"}
        and isinstance(document["field"], str)
        and document["operator"] in OPERATORS
    )


class GroupEditor(QFrame):
    """Conditions and groups that must all hold, or of which one must."""

    changed = Signal()

    def __init__(
        self, theme: Theme, attributes: list[str], on_remove: "Callable[[GroupEditor], object] | None" = None
    ) -> None:
        super().__init__()
        self._theme = theme
        self._attributes = attributes
        self.parts: list[ConditionRow | GroupEditor] = []
        self.joint = Choice()
        self.joint.setAccessibleName("How the conditions are joined")
        self.joint.addItem("All of these hold", "AND")
        self.joint.addItem("Any of these holds", "OR")
        self.joint.activated.connect(lambda _index: self.changed.emit())
        self._empty = plain_label("No condition yet.", "dim")
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.joint)
        head.addStretch(1)
        for text, act in (("+ Condition", self.add_condition), ("+ Group", self.add_group)):
            button = QPushButton(text)
            button.setProperty("role", "quiet")
            button.clicked.connect(lambda _checked=False, act=act: act())
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        if on_remove is None:
            layout.setContentsMargins(0, 0, 0, 0)
        else:
            self.setProperty("role", "card")
            layout.setContentsMargins(10, 8, 10, 10)
            head.addWidget(IconButton(theme, "close", "Remove the group", lambda: on_remove(self)))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self._empty)
        layout.addLayout(self._rows)

    def show_tree(self, document: dict[str, Any]) -> None:
        """Show a tree that `is_tree`."""
        for part in list(self.parts):
            self._take_out(part)
        with QSignalBlocker(self.joint):
            self.joint.setCurrentIndex(max(self.joint.findData(document.get("operator", "AND")), 0))
        for part in document["conditions"]:
            if "conditions" in part:
                self._add(GroupEditor(self._theme, self._attributes, self._remove)).show_tree(part)
            else:
                self._add(ConditionRow(self._theme, self._attributes, self._remove)).show_condition(part)
        self._empty.setVisible(not self.parts)

    def tree(self) -> dict[str, Any]:
        """The group as it is to be sent. Raises DraftProblem."""
        conditions = [part.condition() if isinstance(part, ConditionRow) else part.tree() for part in self.parts]
        return {"operator": self.joint.currentData(), "conditions": conditions}

    def widget_at(self, steps: Path) -> QWidget:
        """Where the value of a path is edited; the joint when the path leads to no part."""
        match steps:
            case ("conditions", int(index), *rest) if index < len(self.parts):
                return self.parts[index].widget_at(tuple(rest))
        return self.joint

    def add_condition(self) -> None:
        row = self._add(ConditionRow(self._theme, self._attributes, self._remove))
        row.field.setFocus()
        self.changed.emit()

    def add_group(self) -> None:
        group = self._add(GroupEditor(self._theme, self._attributes, self._remove))
        group.add_condition()

    def _add(self, part: Any) -> Any:
        self.parts.append(part)
        self._rows.addWidget(part)
        part.changed.connect(self.changed)
        self._empty.hide()
        return part

    def _remove(self, part: "ConditionRow | GroupEditor") -> None:
        self._take_out(part)
        self._empty.setVisible(not self.parts)
        self.changed.emit()

    def _take_out(self, part: "ConditionRow | GroupEditor") -> None:
        self.parts.remove(part)
        take_out(self._rows, part)


class ConditionEditor(Section):
    """A tree of conditions, by the builder or as JSON; `changed` when a person edits it.

    A tree that the builder cannot show stays as JSON, untouched. Without a title, whoever made it places `as_json`.
    """

    changed = Signal()

    def __init__(self, theme: Theme, title: str = "Conditions") -> None:
        super().__init__(title)
        self._theme = theme
        self._attributes: list[str] = []
        self._wants_json = False
        self._group = GroupEditor(theme, self._attributes)
        self._group.changed.connect(self.changed)
        self.as_json = QPushButton("JSON")
        self.as_json.setCheckable(True)
        self.as_json.setProperty("role", "quiet")
        self.as_json.setToolTip("Edit the conditions as the JSON text that the API takes")
        self.as_json.toggled.connect(self._turn)
        if title:
            self.head.addWidget(self.as_json)
        self.content.addWidget(self._group)

    @cached_property
    def json(self) -> QPlainTextEdit:
        """The text; made when it is first needed."""
        text = QPlainTextEdit()
        text.setFont(mono_font())
        text.setAccessibleName("Conditions as JSON")
        text.setTabChangesFocus(True)
        text.setFixedHeight(_JSON_HEIGHT)
        text.textChanged.connect(self.changed)
        self.content.addWidget(text)
        return text

    @property
    def group(self) -> GroupEditor:
        """The builder, for tests and for what else shows problems."""
        return self._group

    def set_attributes(self, names: list[str]) -> None:
        """Attributes to offer: rows made from now on list them."""
        self._attributes[:] = names

    def show_conditions(self, document: dict[str, Any] | None) -> None:
        """Show conditions without telling that they were edited."""
        document = document or EMPTY
        tree = is_tree(document)
        with QSignalBlocker(self), QSignalBlocker(self.as_json):
            self.as_json.setChecked(self._wants_json or not tree)
            if tree and (document["conditions"] or self._group.parts):
                self._group.show_tree(document)
            if self.as_json.isChecked():
                self._write_json(document)
            self._show_page()

    def conditions(self) -> dict[str, Any]:
        """The tree as it is to be sent. Raises DraftProblem."""
        if not self.as_json.isChecked():
            return self._group.tree()
        try:
            document = read_json(self.json.toPlainText())
        except NotAValue as error:
            raise DraftProblem(self.json, f"This is {error}.") from None
        if not isinstance(document, dict):
            raise DraftProblem(self.json, 'An object is needed: {"operator": "AND", "conditions": […]}')
        return document

    def widget_at(self, steps: Path) -> QWidget:
        """Where the value of a path is edited."""
        return self.json if self.as_json.isChecked() else self._group.widget_at(steps)

    def _turn(self, as_json: bool) -> None:
        """Bring what is edited to the other form; stay when it cannot be shown there."""
        try:
            if as_json:
                self._write_json(self._group.tree())
            else:
                document = read_json(self.json.toPlainText())
                if not is_tree(document):
                    raise NotAValue("nothing the builder can show")
                self._group.show_tree(document)
        except (DraftProblem, NotAValue) as error:
            if not as_json:
                with QSignalBlocker(self.as_json):
                    self.as_json.setChecked(True)
                self.problem.setText(f"This is {error}: mend the text first.")
                self.problem.show()
                return
        self._wants_json = as_json
        self.problem.hide()
        self._show_page()

    def _show_page(self) -> None:
        self._group.setVisible(not self.as_json.isChecked())
        if self.as_json.isChecked() or "json" in self.__dict__:
            self.json.setVisible(self.as_json.isChecked())

    def _write_json(self, document: Any) -> None:
        with QSignalBlocker(self.json):
            text, cut = pretty(document)
            self.json.setPlainText(json.dumps(document, ensure_ascii=False) if cut else text)
