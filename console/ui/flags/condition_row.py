"""One condition of the builder: field, operator, value."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from console.players.fields import ATTRIBUTES
from console.ui.flags.fields import (
    FIELDS,
    LIST_OPERATORS,
    OPERATORS,
    choices_of,
    kind_of_field,
    operators_of,
    placeholder_of,
    shown_value,
    typed_value,
)
from console.ui.flags.parts import IconButton
from console.ui.flags.paths import Path
from console.ui.theme import Theme
from console.ui.widgets.form_fields import Choice
from console.ui.widgets.value_field import DraftProblem
from console.ui.widgets.value_text import NotAValue, kind_word

_KIND_WIDTH = 48


class ConditionRow(QWidget):
    """`changed` when a person edits it; `removed` when they take it away."""

    changed = Signal()

    def __init__(self, theme: Theme, attributes: list[str], on_remove: Callable[["ConditionRow"], object]) -> None:
        super().__init__()
        self.field = Choice()
        self.field.setEditable(True)
        self.field.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.field.setAccessibleName("Field")
        self.field.setMinimumWidth(88)
        for name, about in FIELDS.items():
            self.field.addItem(name)
            self.field.setItemData(self.field.count() - 1, about, Qt.ItemDataRole.ToolTipRole)
        self.field.addItems(attributes)
        line = self.field.lineEdit()
        assert line is not None
        self._line = line
        line.setPlaceholderText("field or attributes.…")
        completer = self.field.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.operator = Choice()
        self.operator.setAccessibleName("Operator")
        self.operator.setMinimumWidth(88)
        self.value = QLineEdit()
        self.value.setProperty("role", "mono")
        self.value.setAccessibleName("Value")
        self.choice = Choice()
        self.choice.setAccessibleName("Value")
        self.kind = QLabel()
        self.kind.setProperty("role", "dim")
        self.kind.setFixedWidth(_KIND_WIDTH)
        self.kind.setToolTip('How the value is read. Put a number into quotes to have it as text: "10"')
        self.value.setMinimumWidth(64)
        self.choice.setMinimumWidth(64)
        for widget in (self.value, self.choice, self.field):
            widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.operator.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.field, 3)
        layout.addWidget(self.operator, 2)
        layout.addWidget(self.value, 3)
        layout.addWidget(self.choice, 3)
        layout.addWidget(self.kind)
        layout.addWidget(IconButton(theme, "close", "Remove the condition", lambda: on_remove(self)))
        self.field.editTextChanged.connect(lambda _text: self._field_edited())
        line.editingFinished.connect(self._complete_attribute)
        self.operator.activated.connect(lambda _index: self._operator_chosen())
        self.value.textEdited.connect(lambda _text: self._value_edited())
        self.choice.activated.connect(lambda _index: self.changed.emit())
        self.show_condition({"field": "", "operator": "==", "value": ""})

    def show_condition(self, condition: dict[str, Any]) -> None:
        """Show a condition of the documented shape."""
        name, operator, value = str(condition["field"]), str(condition["operator"]), condition.get("value")
        with QSignalBlocker(self.field), QSignalBlocker(self.operator), QSignalBlocker(self.value):
            self.field.setEditText(name)
            self._line.setCursorPosition(0)
            self._offer_operators(operator)
            self._offer_choices()
            if self._chooses and self.choice.findText(shown_value(name, operator, value)) < 0:
                self.choice.addItem(shown_value(name, operator, value))
            self.choice.setCurrentText(shown_value(name, operator, value))
            self.value.setText(shown_value(name, operator, value))
        self._say_kind()

    def condition(self) -> dict[str, Any]:
        """The condition as it is to be sent. Raises DraftProblem."""
        name, operator = self.field.currentText().strip(), self._operator
        if not name:
            raise DraftProblem(self.field, "Choose a field of the player, or write attributes. and a name.")
        text = self.choice.currentText() if self._chooses else self.value.text()
        try:
            value = typed_value(name, operator, text)
        except NotAValue as error:
            raise DraftProblem(self.value, f"This is {error}.") from None
        return {"field": name, "operator": operator, "value": value}

    def widget_at(self, steps: Path) -> QWidget:
        """Where the value of a path is edited."""
        match steps[:1]:
            case ("field",):
                return self.field
            case ("operator",):
                return self.operator
        return self.choice if self._chooses else self.value

    @property
    def _operator(self) -> str:
        return str(self.operator.currentData())

    @property
    def _chooses(self) -> bool:
        return bool(choices_of(self.field.currentText().strip(), self._operator))

    def _offer_operators(self, wanted: str) -> None:
        offered = list(operators_of(self.field.currentText().strip()))
        if wanted not in offered and wanted in OPERATORS:
            offered.append(wanted)
        if [self.operator.itemData(index) for index in range(self.operator.count())] != offered:
            self.operator.clear()
            for sign in offered:
                self.operator.addItem(OPERATORS[sign], sign)
        self.operator.setCurrentIndex(max(self.operator.findData(wanted), 0))

    def _offer_choices(self) -> None:
        choices = list(choices_of(self.field.currentText().strip(), self._operator))
        self.choice.setVisible(bool(choices))
        self.value.setVisible(not choices)
        self.value.setPlaceholderText(placeholder_of(self.field.currentText().strip(), self._operator))
        if choices and [self.choice.itemText(index) for index in range(self.choice.count())] != choices:
            self.choice.clear()
            self.choice.addItems(choices)

    def _field_edited(self) -> None:
        with QSignalBlocker(self.operator):
            fits = self._operator in operators_of(self.field.currentText().strip())
            self._offer_operators(self._operator if fits else operators_of(self.field.currentText().strip())[0])
        self._offer_choices()
        self._value_edited()

    def _complete_attribute(self) -> None:
        """A name that is no column is meant as an attribute."""
        name = self.field.currentText().strip()
        if name and not name.startswith(ATTRIBUTES) and kind_of_field(name) == "any":
            self.field.setEditText(ATTRIBUTES + name)

    def _operator_chosen(self) -> None:
        self._offer_choices()
        self._value_edited()

    def _value_edited(self) -> None:
        self._say_kind()
        self.changed.emit()

    def _say_kind(self) -> None:
        name, text = self.field.currentText().strip(), self.value.text()
        self.kind.setText("")
        if self._chooses or not text.strip() or kind_of_field(name) not in ("any", "number"):
            return
        try:
            value = typed_value(name, self._operator, text)
        except NotAValue:
            self.kind.setText("?")
            return
        if self._operator in LIST_OPERATORS:
            kinds = {kind_word(one) for one in value}
            self.kind.setText(f"{kinds.pop()}s" if len(kinds) == 1 else "mixed")
        else:
            self.kind.setText(kind_word(value))
