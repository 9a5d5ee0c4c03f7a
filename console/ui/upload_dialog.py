"""File ▸ Upload level model, and a mesh file dropped on the window."""

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QProgressBar, QWidget

from console.columns import text
from console.messages import Application, Axes
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog, plain_label
from console.ui.widgets.formatting import byte_size, plural

_AXES: tuple[tuple[Axes | None, str], ...] = (
    (None, "From the file type"),
    ("gltf", "glTF (Y-up, metres)"),
    ("unity", "Unity (Y-up, left-handed)"),
    ("unreal", "Unreal (Z-up, centimetres)"),
    ("godot", "Godot (Y-up, metres)"),
    ("blender", "Blender (Z-up, metres)"),
    ("quake", "Quake, Source (Z-up, units)"),
)


class UploadDialog(Dialog):
    """Asks which level the mesh is of; the level ids that games sent are offered."""

    def __init__(self, parent: QWidget, context: ViewContext, file: Path, applications: list[Application]) -> None:
        super().__init__(parent, "Upload level model", f"{file.name} · {byte_size(_size(file))}", width=520)
        self._context = context
        self._file = file
        self.application = QComboBox()
        for application in applications:
            self.application.addItem(application.name, application.app_id)
        scope = context.selection.scope.app_id
        if scope is not None:
            self.application.setCurrentIndex(max(0, self.application.findData(scope)))
        self.level = QComboBox()
        self.level.setEditable(True)
        self.level.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._line = QLineEdit()
        self.level.setLineEdit(self._line)
        self.level.setCurrentText(file.stem)
        self.axes = QComboBox()
        for value, label in _AXES:
            self.axes.addItem(label, value)
        form = self.add_form()
        for label, field in (("Application", self.application), ("Level", self.level), ("Axes of the mesh", self.axes)):
            field.setAccessibleName(label)
            form.addRow(label, field)
        self.content.addWidget(
            plain_label("The name must be the level_id your game sends. A level keeps its older models.", "dim")
        )
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.content.addWidget(self.bar)
        self.problem = plain_label("")
        self.problem.setProperty("tone", "bad")
        self.problem.hide()
        self.content.addWidget(self.problem)
        self.add_button("Cancel")
        self.upload_button = self.add_button("Upload", self.upload, role="primary")
        self._line.setMaxLength(256)
        self._line.selectAll()
        self.level.setFocus(Qt.FocusReason.OtherFocusReason)
        self.application.currentIndexChanged.connect(self._ask_levels)

    def open(self) -> None:
        super().open()
        self._ask_levels()

    def upload(self) -> None:
        """Send the file; the dialog stays until the server has read the mesh."""
        level_name = self.level.currentText().strip()
        if not level_name:
            self._tell("Give the level a name.")
            return
        self.upload_button.setEnabled(False)
        self.problem.hide()
        self.bar.show()
        self._context.tasks.start(self._upload(level_name), "Uploading the level model", on_error=self._failed)

    async def _upload(self, level_name: str) -> None:
        model = await self._context.client.upload_level_model(
            self.application.currentData(), level_name, self._file, mesh_axes=self.axes.currentData()
        )
        self._context.messages.say(
            f"{model.level_name}: version {model.version} with {plural(model.triangles, 'triangle')} is in use.",
            kind="good",
        )
        self.accept()

    def _ask_levels(self) -> None:
        work = self._offer_levels(self.application.currentData())
        self._context.tasks.start(work, "Listing the levels", on_error=lambda _error: None)

    async def _offer_levels(self, app_id: str) -> None:
        answer = await asyncio.wait_for(self._context.client.query("levels", app_id=app_id), 5)
        if not answer.rows:
            return
        typed = self.level.currentText()
        names = sorted({name for name in text(answer, "level_id") if name and not name.startswith("(")})
        self.level.clear()
        self.level.addItems(names)
        close = next((name for name in names if _alike(name, self._file.stem)), None)
        self.level.setCurrentText(close if close is not None and typed == self._file.stem else typed)
        self._line.selectAll()

    def _failed(self, error: Exception) -> None:
        self.bar.hide()
        self.upload_button.setEnabled(True)
        self._tell(str(error))

    def _tell(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.show()


def _alike(one: str, other: str) -> bool:
    """Whether two names differ only in case, spaces, dashes and underscores."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
