"""The field for one value of a flag: a choice, a line, or JSON, as the flag's type asks."""

from functools import cached_property
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QWidget

from console.players.definitions import Flag, FlagType, Variant
from console.players.flag_values import same_value
from console.ui.style import mono_font
from console.ui.widgets.form_fields import Choice
from console.ui.widgets.json_text import pretty
from console.ui.widgets.value_text import NotAValue, read_json, value_text

_JSON_LINES = 5


class DraftProblem(Exception):
    """What was typed cannot be sent. `widget` is where."""

    def __init__(self, widget: QWidget, message: str) -> None:
        super().__init__(message)
        self.widget = widget


class ValueField(QWidget):
    """Takes values of one type at a time; `changed` when a person edits it.

    Of a multivariate flag a variant is chosen by its key; the value is the variant's.
    """

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._type: FlagType = "boolean"
        self._variants: list[Variant] = []
        self._choice = Choice()
        self._line = QLineEdit()
        self._line.setFont(mono_font())
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        for field in (self._choice, self._line):
            field.setAccessibleName(name)
            self._layout.addWidget(field, 1)
        self._name = name
        self._choice.activated.connect(lambda _index: self.changed.emit())
        self._line.textEdited.connect(lambda _text: self.changed.emit())
        self.set_type("boolean")

    @cached_property
    def _text(self) -> QPlainTextEdit:
        """For JSON; made when it is first needed."""
        text = QPlainTextEdit()
        text.setFont(mono_font())
        text.setTabChangesFocus(True)
        text.setFixedHeight(_JSON_LINES * text.fontMetrics().lineSpacing() + 20)
        text.setAccessibleName(self._name)
        text.textChanged.connect(self.changed)
        self._layout.addWidget(text, 1)
        return text

    @property
    def field(self) -> QWidget:
        """The widget that is shown."""
        if self._type in ("boolean", "multivariate"):
            return self._choice
        return self._text if self._type == "json" else self._line

    def set_type(self, flag_type: FlagType, variants: list[Variant] | None = None) -> None:
        """Take values of this type; of a multivariate flag those of its variants. What still fits is kept."""
        self._type, self._variants = flag_type, variants or []
        words = [one.key for one in self._variants] if flag_type == "multivariate" else ["true", "false"]
        if [self._choice.itemText(index) for index in range(self._choice.count())] != words:
            before, place = self._choice.currentText(), self._choice.currentIndex()
            renamed = before not in words and len(words) == self._choice.count()
            with QSignalBlocker(self._choice):
                self._choice.clear()
                self._choice.addItems(words)
                self._choice.setCurrentIndex(place if renamed else max(self._choice.findText(before), 0))
        self._choice.setVisible(self.field is self._choice)
        self._line.setVisible(self.field is self._line)
        if flag_type == "json" or "_text" in self.__dict__:
            self._text.setVisible(flag_type == "json")
        self._line.setPlaceholderText({"number": "0", "string": "text"}.get(flag_type, ""))
        self.setFocusProxy(self.field)

    def set_flag(self, flag: Flag) -> None:
        """Take values of a flag."""
        self.set_type(flag.type, flag.variants)

    def show_value(self, value: Any) -> None:
        """Show a value, without telling that it was edited."""
        with QSignalBlocker(self):
            if self._type == "multivariate":
                keys = [one.key for one in self._variants if same_value(one.value, value)]
                self._choice.setCurrentIndex(self._choice.findText(keys[0]) if keys else -1)
            elif self._type == "boolean":
                self._choice.setCurrentIndex(0 if value is True else 1)
            elif self.field is self._text:
                self._text.setPlainText(pretty(value)[0])
            elif self._type == "string" and isinstance(value, str):
                self._line.setText(value)
            else:
                self._line.setText("" if value is None else value_text(value))

    def value(self) -> Any:
        """What is typed. Raises DraftProblem when it is no value of the type."""
        try:
            match self._type:
                case "string":
                    return self._line.text()
                case "multivariate":
                    return self._variant().value
                case "boolean":
                    return self._choice.currentIndex() == 0
                case "number":
                    return self._number()
                case _:
                    return read_json(self._text.toPlainText())
        except NotAValue as error:
            raise DraftProblem(self.field, f"This is {error}.") from None

    def show_variant(self, key: str) -> None:
        """Show a variant by its key; one that is gone stays, for the server to refuse."""
        with QSignalBlocker(self._choice):
            if self._choice.findText(key) < 0:
                self._choice.addItem(key)
            self._choice.setCurrentText(key)

    def variant_key(self) -> str:
        """The chosen variant."""
        return self._choice.currentText()

    def _variant(self) -> Variant:
        for one in self._variants:
            if one.key == self._choice.currentText():
                return one
        raise DraftProblem(self._choice, "Choose a variant.")

    def _number(self) -> int | float:
        text = self._line.text().strip()
        try:
            number = read_json(text)
        except NotAValue:
            number = None
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise DraftProblem(self._line, "A number is needed here, such as 12 or 0.5.")
        return number
