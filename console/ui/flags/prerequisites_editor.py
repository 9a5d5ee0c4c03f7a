"""The flags that must have a value for a player before this one is looked at."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from console.players.definitions import Flag, Prerequisite
from console.ui.dialogs import plain_label
from console.ui.flags.parts import IconButton, Section, take_out
from console.ui.flags.paths import Path
from console.ui.theme import Theme
from console.ui.widgets.form_fields import Choice
from console.ui.widgets.value_field import ValueField


class _Row(QWidget):
    def __init__(self, theme: Theme, editor: "PrerequisitesEditor") -> None:
        super().__init__()
        self._editor = editor
        self.flag = Choice()
        self.flag.setAccessibleName("Flag that is needed")
        self.flag.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.value = ValueField("Value that is needed")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.flag, 1)
        layout.addWidget(QLabel("is"))
        layout.addWidget(self.value, 1)
        layout.addWidget(IconButton(theme, "close", "Remove the prerequisite", lambda: editor.remove(self)))
        self.flag.activated.connect(lambda _index: self._chosen())
        self.value.changed.connect(editor.changed)

    def offer(self, flags: list[Flag]) -> None:
        """Other flags to need; the chosen one stays, also when it is gone."""
        chosen = self.flag.currentText()
        with QSignalBlocker(self.flag):
            self.flag.clear()
            self.flag.addItems([flag.key for flag in flags])
            if chosen and self.flag.findText(chosen) < 0:
                self.flag.addItem(chosen)
            self.flag.setCurrentText(chosen)
        self._fit()

    def show_prerequisite(self, needed: Prerequisite) -> None:
        with QSignalBlocker(self.flag):
            if self.flag.findText(needed.flag_key) < 0:
                self.flag.addItem(needed.flag_key)
            self.flag.setCurrentText(needed.flag_key)
        self._fit()
        self.value.show_value(needed.value)

    def prerequisite(self) -> Prerequisite:
        return Prerequisite(flag_key=self.flag.currentText(), value=self.value.value())

    def _fit(self) -> None:
        flag = self._editor.flag(self.flag.currentText())
        if flag is not None:
            self.value.set_flag(flag)

    def _chosen(self) -> None:
        self._fit()
        self._editor.changed.emit()


class PrerequisitesEditor(Section):
    """Each row: a flag, and the value it must have."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__("Prerequisites")
        self._theme = theme
        self._flags: list[Flag] = []
        self.rows: list[_Row] = []
        self.add_button = QPushButton("+ Prerequisite")
        self.add_button.setProperty("role", "quiet")
        self.add_button.clicked.connect(lambda _checked=False: self.add())
        self.head.addWidget(self.add_button)
        self._empty = plain_label("None. A prerequisite is another flag that must have a value first.", "dim")
        self.content.addWidget(self._empty)

    def flag(self, key: str) -> Flag | None:
        return next((flag for flag in self._flags if flag.key == key), None)

    def set_flags(self, flags: list[Flag]) -> None:
        """The other flags there are."""
        self._flags = flags
        self.add_button.setEnabled(bool(flags))
        for row in self.rows:
            row.offer(flags)

    def show_prerequisites(self, needed: list[Prerequisite]) -> None:
        for row in list(self.rows):
            self._take_out(row)
        for one in needed:
            self._new_row().show_prerequisite(one)
        self._empty.setVisible(not self.rows)

    def prerequisites(self) -> list[Prerequisite]:
        """As they are to be sent. Raises DraftProblem."""
        return [row.prerequisite() for row in self.rows]

    def add(self) -> None:
        row = self._new_row()
        row.show_prerequisite(Prerequisite(flag_key=self._flags[0].key))
        row.flag.setFocus()
        self._empty.hide()
        self.changed.emit()

    def remove(self, row: _Row) -> None:
        self._take_out(row)
        self._empty.setVisible(not self.rows)
        self.changed.emit()

    def widget_at(self, steps: Path) -> QWidget:
        match steps:
            case (int(index), *rest) if index < len(self.rows):
                return self.rows[index].value.field if rest[:1] == ["value"] else self.rows[index].flag
        return self

    def _new_row(self) -> _Row:
        row = _Row(self._theme, self)
        row.offer(self._flags)
        self.rows.append(row)
        self.content.addWidget(row)
        return row

    def _take_out(self, row: _Row) -> None:
        self.rows.remove(row)
        take_out(self.content, row)
