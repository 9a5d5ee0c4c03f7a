"""What is known of one level, and what can be done with its models."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.messages import LevelModel
from console.ui.dialogs import plain_label
from console.ui.level.levels.model import LevelEntry, facts_words, version_words
from console.ui.widgets.formatting import day_and_time, plural, visible

_NAME_CHARS = 40
_FACTS = 3  # lines: sessions, samples and events, when it was last


class LevelDetails(QWidget):
    """One level. It changes nothing itself.

    - `show_wanted(LevelEntry)`: turn the view to the level
    - `upload_wanted(LevelEntry)`: a model for it, or another version
    - `name_chosen(LevelEntry, str)`: show it with the models of this name, "" for its own
    - `version_chosen(LevelModel)`: use this version
    - `archive_wanted(LevelModel)`, `delete_wanted(LevelModel)`: the version that the list shows
    - `take_out_wanted(LevelEntry)`: no session shall be assigned to it any more
    """

    show_wanted = Signal(object)
    upload_wanted = Signal(object)
    name_chosen = Signal(object, str)
    version_chosen = Signal(object)
    archive_wanted = Signal(object)
    delete_wanted = Signal(object)
    take_out_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry: LevelEntry | None = None
        self._told: tuple[object, ...] | None = None  # what the lists hold
        self._chosen = ""  # the version that a person looks at, by its model
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._name = _wrapped("title")
        self._facts = _wrapped("dim")
        column.addWidget(self._name)
        column.addWidget(self._facts)
        self._form = QFormLayout()
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._form.setHorizontalSpacing(8)
        self._form.setVerticalSpacing(8)
        self.models = _combo("Shown with", "Whose models show this level: its own, or those of another name")
        self.version = _combo("Version", "Which version of the model is shown")
        self.models.activated.connect(self._choose_name)
        self.version.activated.connect(self._choose_version)
        self._form.addRow("Shown with", self.models)
        self._form.addRow("Version", self.version)
        column.addLayout(self._form)
        self._model = _wrapped("dim")
        column.addWidget(self._model)
        self.suggestion = QPushButton()
        self.suggestion.setToolTip("Show this level with those models: the names mean the same level")
        self.suggestion.clicked.connect(self._use_suggestion)
        column.addWidget(self.suggestion)
        self.show_button = _button("Show", "Turn the view to this level")
        self.upload = _button("Upload…", "Upload a model of this level: its newest version")
        self.archive = _button("Archive", "Put this version aside: it is kept, and not shown")
        self.delete = _button("Delete…", "Remove this version's model for good; nothing that was recorded")
        self.delete.setProperty("role", "danger")
        self.show_button.clicked.connect(lambda: self.show_wanted.emit(self.entry))
        self.upload.clicked.connect(lambda: self.upload_wanted.emit(self.entry))
        self.archive.clicked.connect(lambda: self.archive_wanted.emit(self.chosen_version))
        self.delete.clicked.connect(lambda: self.delete_wanted.emit(self.chosen_version))
        for pair in ((self.show_button, self.upload), (self.archive, self.delete)):
            row = QHBoxLayout()
            row.setSpacing(8)
            for button in pair:
                row.addWidget(button, 1)
            column.addLayout(row)
        self.take_out = _button("", "Put these sessions back among those without a level")
        self.take_out.clicked.connect(lambda: self.take_out_wanted.emit(self.entry))
        column.addWidget(self.take_out)
        self.hide()

    @property
    def chosen_version(self) -> LevelModel | None:
        """The version that the list of versions shows."""
        index = self.version.currentIndex()
        return self.entry.versions[index] if self.entry is not None and index >= 0 else None

    def show_entry(self, entry: LevelEntry | None, names: list[str], *, with_application: bool) -> None:
        """Show a level, None for nothing. `names` are those of all models of its application."""
        self.entry = entry
        self.setVisible(entry is not None)
        if entry is None:
            return
        self._name.setText(visible(entry.level_id, _NAME_CHARS))
        facts = [visible(entry.app_name, _NAME_CHARS)] if with_application else []
        facts.append(entry.played)
        if entry.last_us is not None:
            facts.append(f"last played {day_and_time(entry.last_us)}")
        lines = "\n".join(facts).split("\n")
        # As many while nobody played: the first session moves no button from under the pointer.
        self._facts.setText("\n".join(lines + [" "] * (_FACTS + with_application - len(lines))))
        placed = not entry.is_unassigned
        self._show_models(entry, names if placed else [])
        versions = bool(entry.versions)
        for row, field, shown in ((0, self.models, placed and bool(names)), (1, self.version, versions)):
            self._form.setRowVisible(row, shown)
            field.setEnabled(shown)
        self._tell_model()
        self.suggestion.setVisible(entry.suggestion is not None)
        self.suggestion.setText(f"Show with “{visible(entry.suggestion or '', 24)}”")
        self.upload.setVisible(placed)
        self.upload.setText("Replace…" if versions else "Upload…")
        self.archive.setVisible(versions)
        self.delete.setVisible(versions)
        self.take_out.setVisible(entry.assigned > 0)
        self.take_out.setText(f"Take out {plural(entry.assigned, 'assigned session')}")

    def _show_models(self, entry: LevelEntry, names: list[str]) -> None:
        told = (entry.key, entry.model_name, entry.versions, tuple(names))
        if told == self._told:
            return  # fresh numbers take no list out of a person's hands
        same = self._chosen if self._told is not None and self._told[:2] == told[:2] else None
        self._told = told
        with QSignalBlocker(self.models), QSignalBlocker(self.version):
            self.models.clear()
            own = "its own model" if entry.level_id in names else "no model"
            self.models.addItem(own, "")
            for name in names:
                if name != entry.level_id:
                    self.models.addItem(visible(name, _NAME_CHARS), name)
            current = "" if entry.model_name == entry.level_id else entry.model_name
            self.models.setCurrentIndex(max(0, self.models.findData(current)))
            self.version.clear()
            for model in entry.versions:
                self.version.addItem(_short(model))
                self.version.setItemData(self.version.count() - 1, version_words(model), Qt.ItemDataRole.ToolTipRole)
            # Who put a version aside can take it back: the list stays at it. Else it follows what is shown.
            shown = next((i for i, model in enumerate(entry.versions) if model.active), 0 if entry.versions else -1)
            kept = (
                i
                for i, model in enumerate(entry.versions)
                if model.model_id == same and model.archived_at_us is not None
            )
            self.version.setCurrentIndex(next(kept, shown))

    def _tell_model(self) -> None:
        model = self.chosen_version
        self._model.setVisible(model is not None)
        if model is None:
            return
        self._chosen = model.model_id
        active = None if self.entry is None else self.entry.active
        other = "" if active is None or model.active else f"\nversion {active.version} is shown"
        self._model.setText(f"{visible(model.file_name, 60)}\n{facts_words(model)}{other}")
        archived = model.archived_at_us is not None
        self.archive.setText("Restore" if archived else "Archive")

    def _choose_name(self, index: int) -> None:
        self.name_chosen.emit(self.entry, self.models.itemData(index))

    def _use_suggestion(self) -> None:
        if self.entry is not None and self.entry.suggestion is not None:
            self.name_chosen.emit(self.entry, self.entry.suggestion)

    def _choose_version(self) -> None:
        model = self.chosen_version
        self._tell_model()
        # An archived one is only looked at: to be shown it is restored first.
        if model is not None and not model.active and model.archived_at_us is None:
            self.version_chosen.emit(model)


def _short(model: LevelModel) -> str:
    # No more has room in a narrow panel, and its end would be cut: the lines below tell the day.
    return (
        f"{model.version} · {day_and_time(model.uploaded_at_us)[:10] if model.archived_at_us is None else 'archived'}"
    )


def _wrapped(role: str) -> QLabel:
    return plain_label("", role)


def _combo(name: str, tip: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(12)
    return combo


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
