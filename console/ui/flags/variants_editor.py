"""The variants of a flag: named values."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from console.players.definitions import FlagType, Variant
from console.ui.dialogs import plain_label
from console.ui.flags.parts import IconButton, Section, take_out
from console.ui.flags.paths import Path
from console.ui.style import mono_font
from console.ui.theme import Theme
from console.ui.widgets.value_field import DraftProblem, ValueField
from console.ui.widgets.value_text import NotAValue, read_value, value_text

_KEY_WIDTH = 160


class _Row(QWidget):
    """One variant. Of a multivariate flag the value may be anything, of another one it is of the flag's type."""

    def __init__(self, theme: Theme, editor: "VariantsEditor") -> None:
        super().__init__()
        self.key = QLineEdit()
        self.key.setProperty("role", "mono")
        self.key.setPlaceholderText("variant_key")
        self.key.setAccessibleName("Key of the variant")
        self.key.setFixedWidth(_KEY_WIDTH)
        self.typed = ValueField("Value of the variant")
        self.free = QLineEdit()
        self.free.setFont(mono_font())
        self.free.setPlaceholderText('text, 12, true, {"colour": "red"}')
        self.free.setAccessibleName("Value of the variant")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.key)
        layout.addWidget(self.free, 1)
        layout.addWidget(self.typed, 1)
        layout.addWidget(IconButton(theme, "close", "Remove the variant", lambda: editor.remove(self)))
        self.key.textEdited.connect(lambda _text: editor.keys_changed.emit())
        self.key.textEdited.connect(lambda _text: editor.changed.emit())
        self.free.textEdited.connect(lambda _text: editor.changed.emit())
        self.typed.changed.connect(editor.changed)

    def set_type(self, flag_type: FlagType) -> None:
        free = flag_type == "multivariate"
        self.free.setVisible(free)
        self.typed.setVisible(not free)
        if not free:
            self.typed.set_type(flag_type)

    def show_variant(self, variant: Variant) -> None:
        self.key.setText(variant.key)
        if self.free.isVisibleTo(self):
            self.free.setText(value_text(variant.value))
        else:
            self.typed.show_value(variant.value)

    def variant(self) -> Variant:
        if not self.free.isVisibleTo(self):
            return Variant(key=self.key.text().strip(), value=self.typed.value())
        try:
            return Variant(key=self.key.text().strip(), value=read_value(self.free.text()))
        except NotAValue as error:
            raise DraftProblem(self.free, f"This is {error}.") from None

    def draft(self) -> Variant:
        try:
            return self.variant()
        except DraftProblem:
            return Variant(key=self.key.text().strip(), value=None)


class VariantsEditor(Section):
    """`keys_changed` before `changed` when variants came, went, or got another key."""

    changed = Signal()
    keys_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__("Variants")
        self._theme = theme
        self._type: FlagType = "boolean"
        self.rows: list[_Row] = []
        self.add_button = QPushButton("+ Variant")
        self.add_button.setProperty("role", "quiet")
        self.add_button.clicked.connect(lambda _checked=False: self.add())
        self.head.addWidget(self.add_button)
        self._empty = plain_label("", "dim")
        self.content.addWidget(self._empty)

    @property
    def drafts(self) -> list[Variant]:
        """The variants that have a key by now; one whose value is no value yet has none."""
        return [row.draft() for row in self.rows if row.key.text().strip()]

    def set_type(self, flag_type: FlagType) -> None:
        """Take values of this type of flag."""
        self._type = flag_type
        for row in self.rows:
            row.set_type(flag_type)
        self._say_empty()

    def show_variants(self, variants: list[Variant]) -> None:
        for row in self.rows[len(variants) :]:
            self._take_out(row)
        for _ in variants[len(self.rows) :]:
            self._new_row()
        for row, variant in zip(self.rows, variants, strict=True):
            row.show_variant(variant)
        self._say_empty()

    def variants(self) -> list[Variant]:
        """As they are to be sent. Raises DraftProblem."""
        return [row.variant() for row in self.rows]

    def add(self) -> None:
        row = self._new_row()
        row.key.setFocus()
        self._say_empty()
        self.keys_changed.emit()
        self.changed.emit()

    def remove(self, row: _Row) -> None:
        self._take_out(row)
        self._say_empty()
        self.keys_changed.emit()
        self.changed.emit()

    def widget_at(self, steps: Path) -> QWidget:
        match steps:
            case (int(index), *rest) if index < len(self.rows):
                row = self.rows[index]
                if rest[:1] == ["value"]:
                    return row.free if row.free.isVisibleTo(row) else row.typed.field
                return row.key
        return self

    def _new_row(self) -> _Row:
        row = _Row(self._theme, self)
        row.set_type(self._type)
        self.rows.append(row)
        self.content.addWidget(row)
        return row

    def _take_out(self, row: _Row) -> None:
        self.rows.remove(row)
        take_out(self.content, row)

    def _say_empty(self) -> None:
        needed = self._type == "multivariate"
        self._empty.setText(
            "A flag of variants needs some: each has a key, and a value of any kind."
            if needed
            else "None. Rules give values themselves; variants let a rule split players between named values."
        )
        self._empty.setVisible(not self.rows)
