"""File ▸ Upload level model, a mesh file dropped on the window, and a model for one of the levels listed."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QProgressBar, QWidget

from console.columns import text
from console.messages import Application, Axes, LevelModel
from console.telemetry.level_names import same_level
from console.telemetry.placement import AS_AXES_SAY
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog, plain_label
from console.ui.options import MODEL_SUFFIXES
from console.ui.widgets.formatting import byte_size, plural, visible

_AXES: tuple[tuple[Axes | None, str], ...] = (
    (None, "From the file type"),
    ("gltf", "glTF (Y-up, metres)"),
    ("unity", "Unity (Y-up, left-handed)"),
    ("unreal", "Unreal (Z-up, centimetres)"),
    ("godot", "Godot (Y-up, metres)"),
    ("blender", "Blender (Z-up, metres)"),
    ("quake", "Quake, Source (Z-up, units)"),
)
_AXES_WORDS = dict(_AXES)

_LOOK_MS = 100


def ask_for_models(parent: QWidget, title: str, chosen: Callable[[list[Path]], object], *, several: bool) -> None:
    """Have a person choose files of models; `chosen` hears which."""
    patterns = " ".join(f"*{suffix}" for suffix in MODEL_SUFFIXES)
    dialog = QFileDialog(parent, title, "", f"Level models ({patterns})")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles if several else QFileDialog.FileMode.ExistingFile)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
    dialog.open()


class UploadDialog(Dialog):
    """Asks which level the mesh is of; the level ids that games sent are offered."""

    def __init__(
        self,
        parent: QWidget,
        context: ViewContext,
        file: Path,
        applications: list[Application],
        *,
        app_id: str | None = None,
        level: str = "",
        show: Callable[[str], object] | None = None,
    ) -> None:
        """`app_id` and `level` are what is filled in; without them the scope's application and the file's name.

        `show` turns to a level: it is offered once its model was uploaded.
        """
        super().__init__(parent, "Upload level model", f"{file.name} · {byte_size(_size(file))}", width=520)
        self._context = context
        self._show_level = show
        self._file = file
        self._guess = level or file.stem
        self._models: list[LevelModel] = []
        self._ask_what(applications, app_id or context.selection.scope.app_id)
        self._leave_room_for_progress()
        self._stop: Callable[[], object] = lambda: None
        self._uploading = False
        self._sent = 0
        self._watch = QTimer(self)
        self._watch.setInterval(_LOOK_MS)
        self._watch.timeout.connect(self._show_progress)
        self.rejected.connect(self._give_up)
        self.add_button("Cancel")
        self.upload_button = self.add_button("Upload", self.upload, role="primary")
        self._line.setMaxLength(256)
        self._line.selectAll()
        self.level.setFocus(Qt.FocusReason.OtherFocusReason)
        self.application.currentIndexChanged.connect(self._ask_levels)
        self.application.currentIndexChanged.connect(lambda _: self._tell_axes())
        self.level.currentTextChanged.connect(lambda _: self._tell_axes())

    def _ask_what(self, applications: list[Application], app_id: str | None) -> None:
        """Of which application the level is, its name, and the axes of the file."""
        self.application = QComboBox()
        for application in applications:
            self.application.addItem(application.name, application.app_id)
        if app_id is not None:
            self.application.setCurrentIndex(max(0, self.application.findData(app_id)))
        self.level = QComboBox()
        self.level.setEditable(True)
        self.level.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._line = QLineEdit()
        self.level.setLineEdit(self._line)
        self.level.setCurrentText(self._guess)
        self.axes = QComboBox()
        for value, label in _AXES:
            self.axes.addItem(label, value)
        form = self.add_form()
        for label, field in (
            ("Application", self.application),
            ("Level", self.level),
            ("Axes of the model", self.axes),
        ):
            field.setAccessibleName(label)
            form.addRow(label, field)
        self.content.addWidget(
            plain_label("Name the level as your game does in level_id. Its older models are kept as versions.", "dim")
        )

    def _leave_room_for_progress(self) -> None:
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.content.addWidget(self.bar)
        self.progress = plain_label("", "dim")
        self.progress.hide()
        self.content.addWidget(self.progress)
        self.problem = plain_label("")
        self.problem.setProperty("tone", "bad")
        self.problem.hide()
        self.content.addWidget(self.problem)

    def open(self) -> None:
        super().open()
        self._ask_levels()

    def upload(self) -> None:
        """Send the file; the dialog stays until the server has read the mesh."""
        level_name = self.level.currentText().strip()
        if not level_name:
            self._tell("Give the level a name.")
            return
        self._allow_changes(False)
        self.problem.hide()
        self._sent = 0
        self.bar.show()
        self.progress.show()
        self._show_progress()
        self._watch.start()
        self._uploading = True
        self._stop = self._context.tasks.start(
            self._upload(level_name), "Uploading the level model", on_error=self._failed
        )

    async def _upload(self, level_name: str) -> None:
        model = await self._context.client.upload_level_model(
            self.application.currentData(),
            level_name,
            self._file,
            mesh_axes=self.axes.currentData(),
            on_sent=self._note_sent,
        )
        self._watch.stop()
        self._uploading = False
        self._context.messages.say(
            f"{visible(model.level_name, 60)}: version {model.version} with "
            f"{plural(model.triangles, 'triangle')} is in use{_carried(model)}.",
            kind="good",
            actions=[("Show it", partial(self._show_level, model.level_name))] if self._show_level else (),
        )
        self.accept()

    def _note_sent(self, sent: int) -> None:
        self._sent = sent  # on the thread that reads the file: the window looks by itself

    def _show_progress(self) -> None:
        size = _size(self._file)
        if self._sent < size:
            self.bar.setRange(0, 1000)
            self.bar.setValue(self._sent * 1000 // size)
            self.progress.setText(f"{byte_size(self._sent)} of {byte_size(size)} sent")
        else:
            self.bar.setRange(0, 0)
            self.progress.setText("The server reads the model…")

    def _give_up(self) -> None:
        """Closed while it uploads: the server keeps nothing of it."""
        self._watch.stop()
        if self._uploading:
            self._stop()
            self._context.messages.say(f"The upload of {visible(self._file.name, 60)} was given up.")

    def _ask_levels(self) -> None:
        app_id = self.application.currentData()
        self.start(
            self._context.tasks,
            lambda: self._offer_levels(app_id),
            "Listing the levels",
            on_error=lambda _error: None,
            only_asks=True,
        )

    async def _offer_levels(self, app_id: str) -> None:
        client = self._context.client
        self._models = await asyncio.wait_for(client.level_models(), 5)
        self._tell_axes()
        answer = await asyncio.wait_for(client.query("levels", app_id=app_id), 5)
        if not answer.rows:
            return
        typed = self.level.currentText()
        names = sorted({name for name in text(answer, "level_id") if name and not name.startswith("(")})
        self.level.clear()
        self.level.addItems(names)
        close = None if self._guess in names else same_level(self._guess, names)
        self.level.setCurrentText(close if close is not None and typed == self._guess else typed)
        self._line.selectAll()

    def _tell_axes(self) -> None:
        """What is done where nothing is chosen: a level that has a model keeps the axes of its newest version."""
        wanted = self.application.currentData(), self.level.currentText().strip()
        versions = [model for model in self._models if (model.app_id, model.level_name) == wanted]
        newest = max(versions, key=lambda model: model.version, default=None)
        words = _AXES_WORDS[None] if newest is None else f"As version {newest.version}: {_AXES_WORDS[newest.mesh_axes]}"
        self.axes.setItemText(0, words)

    def _failed(self, error: Exception) -> None:
        self._uploading = False
        self._watch.stop()
        self.bar.hide()
        self.progress.hide()
        self._allow_changes(True)
        self._tell(str(error))

    def _allow_changes(self, allowed: bool) -> None:
        """What is under way goes to the level that it was sent for."""
        for widget in (self.application, self.level, self.axes, self.upload_button):
            widget.setEnabled(allowed)

    def _tell(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.show()


def _carried(model: LevelModel) -> str:
    return "" if model.version == 1 or model.calibration == AS_AXES_SAY else ", calibrated as the version before"


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
