"""The tool "Levels": every level with its models, and the sessions that are in none."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from console.messages import Application, LevelModel, LevelModelChanges
from console.ui.asking import Asking
from console.ui.dialogs import ask, plain_label
from console.ui.level.levels.details import LevelDetails
from console.ui.level.levels.model import LevelEntry, level_entries, model_names, owners
from console.ui.level.levels.unassigned import LooseSession, UnassignedSessions, loose_sessions
from console.ui.level.workbench import Workbench
from console.ui.upload_dialog import UploadDialog, ask_for_models
from console.ui.widgets.formatting import cut, plural, short_count, visible
from console.ui.widgets.small_table import Column, Line, SmallTable
from console.ui.widgets.table_columns import Tone

_ROWS_SHOWN = 6  # always: with every level that comes in, what is clicked below would move
_FRESH_MS = 5_000  # how old the numbers may be while somebody plays
_NAME_CHARS = 15  # more would be cut at its end, which tells levels of one folder apart
_OWNED_NAME_CHARS = 5  # at least, beside an application's
_TOPICS = ("levels", "level_models", "applications")
_COLUMNS = (
    Column("Level", 0),
    Column("Model", 60, mono=True, right=True),
    Column("Sessions", 72, mono=True, right=True),
)


class LevelsPanel(QWidget):
    """Asks the server while it is shown, and again when something of it changed."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._context = workbench.context
        self._applications: list[Application] = []
        self._models: list[LevelModel] = []
        self._entries: list[LevelEntry] = []
        self._loose: list[LooseSession] = []
        self._followed: str | None = None  # the shown level that was chosen by itself
        self._asking = Asking(self._context, self._load, "List the levels", self, least_pause_ms=_FRESH_MS)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(12)
        self._empty = plain_label(
            "No level yet: one appears when a game names it in level_id, or when you upload its model.", "dim"
        )
        self._empty.hide()
        self.table = SmallTable(self._context.theme, "Levels", _COLUMNS)
        self.table.hide()
        self.table.itemSelectionChanged.connect(self._show_details)
        self.table.opened.connect(lambda key: self._turn_to(self._entry(key)))
        self.details = LevelDetails()
        self.unassigned = UnassignedSessions(self._context.theme)
        self._upload = QPushButton("Upload a model…")
        self._upload.setToolTip("GLB, glTF, OBJ, STL, PLY, OFF or COLLADA; or drop a file on the level")
        self._upload.clicked.connect(workbench.stage.upload_clicked)
        # The levels come from the server, when a person may be about to click: nothing comes in above the button.
        for widget in (self._upload, self._empty, self.table, self.details, self.unassigned):
            column.addWidget(widget)
        column.addStretch(1)
        details = self.details
        details.show_wanted.connect(self._turn_to)
        details.upload_wanted.connect(self._choose_file)
        details.name_chosen.connect(self._map)
        details.version_chosen.connect(lambda model: self._change(model, LevelModelChanges(active=True)))
        details.archive_wanted.connect(
            lambda model: self._change(model, LevelModelChanges(archived=model.archived_at_us is None))
        )
        details.delete_wanted.connect(self._ask_to_delete)
        details.take_out_wanted.connect(self._take_out)
        self.unassigned.assign_wanted.connect(self._assign)
        asking = self._asking
        self._context.feed.changed.connect(lambda topic: asking.ask() if topic in _TOPICS else None)
        workbench.scene_changed.connect(self._choose_shown)
        self._context.feed.rows_arrived.connect(lambda _rows: asking.ask_soon())  # of whatever level, or of none
        self._context.selection.scope_changed.connect(lambda _scope: asking.ask())
        self._context.feed.connected.connect(lambda _hello: asking.ask())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._asking.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._asking.set_active(False)

    # asking

    async def _load(self) -> None:
        client, scope = self._context.client, self._context.selection.scope.app_id
        applications, models, facts, levels, loose = await asyncio.gather(
            client.applications(),
            client.level_models(),
            client.level_facts(),
            client.query("levels"),
            client.query("unassigned_sessions", **({"app_id": scope} if scope else {})),
        )
        self._applications, self._models = applications, models
        self._loose = loose_sessions(loose)
        self._entries = level_entries(levels, models, facts, applications)
        self._show()

    # showing

    def _show(self) -> None:
        lines = [self._line(entry, owner) for entry, owner in zip(self._entries, owners(self._entries), strict=True)]
        self.table.show_lines(lines)
        self.table.setFixedHeight(self.table.height_of(_ROWS_SHOWN))
        self.table.setVisible(bool(lines))
        self._empty.setVisible(not lines)
        self._choose_shown()
        self._show_details()
        levels = list(dict.fromkeys(entry.level_id for entry in self._entries))
        self.unassigned.show_sessions(self._loose, levels)

    def _choose_shown(self) -> None:
        """The level that the view shows, once when it turns there, and where nothing is chosen."""
        level = self._workbench.scene.level
        shown = next((entry for entry in self._entries if entry.level_id == level), None)
        if shown is not None and (self.table.current_key is None or level != self._followed):
            self._followed = level
            self.table.select(shown.key)

    def _line(self, entry: LevelEntry, owner: str) -> Line:
        active = entry.active
        if active is not None:
            model, hover = short_count(active.triangles), f"{active.level_name}: {plural(active.triangles, 'triangle')}"
        elif entry.versions:
            model, hover = "aside", "Every version of its model is put aside"
        else:
            model, hover = "–" if entry.suggestion is None else "?", "No model yet"
            if entry.suggestion is not None:
                hover = f"No model yet; that of “{visible(entry.suggestion)}” is probably it"
        return Line(
            entry.key,
            (_name(entry.level_id, owner), model, short_count(entry.sessions)),
            (f"{visible(entry.level_id)}\n{visible(entry.app_name)}", hover, entry.played),
            (Tone.DIM if entry.is_unassigned else None, None if active else Tone.DIM, None),
        )

    def _entry(self, key: object) -> LevelEntry | None:
        return next((entry for entry in self._entries if entry.key == key), None)

    def _show_details(self) -> None:
        entry = self._entry(self.table.current_key)
        names = [] if entry is None else model_names(self._models, entry.app_id)
        self.details.show_entry(entry, names, with_application=len({e.app_id for e in self._entries}) > 1)

    # acting

    def _turn_to(self, entry: LevelEntry | None) -> None:
        if entry is not None:
            self._workbench.source.turn_to(entry.level_id, chosen=True)

    def _choose_file(self, entry: LevelEntry) -> None:
        title = f"Upload a model of {visible(entry.level_id, 40)}"
        ask_for_models(self, title, lambda files: self.upload(entry, files[0]), several=False)

    def upload(self, entry: LevelEntry, file: Path) -> UploadDialog:
        """Ask what the file is, the level's models already filled in, and upload it."""
        dialog = UploadDialog(
            self.window(),
            self._context,
            file,
            self._applications,
            app_id=entry.app_id,
            level=entry.model_name,
            show=lambda _name: self._turn_to(entry),
        )
        dialog.open()
        return dialog

    def _map(self, entry: LevelEntry, name: str) -> None:
        self._start(self._context.client.map_level(entry.app_id, entry.level_id, name), "Choose the level's model")

    def _change(self, model: LevelModel, changes: LevelModelChanges) -> None:
        self._start(self._context.client.change_level_model(model.model_id, changes), "Change the level's model")

    def _ask_to_delete(self, model: LevelModel) -> None:
        work = self._context.client.delete_level_model
        of_level = [each for each in self._models if (each.app_id, each.level_name) == (model.app_id, model.level_name)]
        also = "" if len(of_level) > 1 else " It is the last one: the level's axes and calibration go with it."
        milder = " Archive it instead to put it aside." if model.archived_at_us is None else ""
        ask(
            self.window(),
            f"Delete version {model.version} of {visible(model.level_name, 40)}?",
            f"The model with {plural(model.triangles, 'triangle')} is removed for good; upload "
            f"{visible(model.file_name, 60)} to have it again. Nothing that was recorded is touched.{also}{milder}",
            [("Delete", lambda: self._start(work(model.model_id), "Delete the level's model"), "danger")],
        )

    def _assign(self, sessions: list[LooseSession] | None, level: str) -> None:
        self._context.tasks.start(self._place(sessions, level), "Assign the sessions")

    async def _place(self, sessions: list[LooseSession] | None, level: str) -> None:
        client = self._context.client
        by_app: dict[str, list[str] | None]
        if sessions is None:
            by_app = {session.app_id: None for session in self._loose}
        else:
            by_app = {app: [s.session_id for s in sessions if s.app_id == app] for app in {s.app_id for s in sessions}}
        moved = {app_id: await client.assign_sessions(app_id, ids, level) for app_id, ids in by_app.items()}
        count = sum(map(len, moved.values()))
        self._context.messages.say(
            f"{plural(count, 'session')} assigned to {visible(level, 60)}.",
            kind="good",
            actions=[("Undo", lambda: self._context.tasks.start(self._undo(moved), "Take the sessions out again"))],
        )

    async def _undo(self, moved: dict[str, list[str]]) -> None:
        for app_id, sessions in moved.items():
            await self._context.client.assign_sessions(app_id, sessions, "")

    def _take_out(self, entry: LevelEntry) -> None:
        work = self._context.client.assign_sessions(entry.app_id, None, "", from_level=entry.level_id)
        self._start(work, "Take the sessions out")

    def _start(self, work: Coroutine[Any, Any, object], what: str) -> None:
        """Change something; that it changed comes back over the feed."""
        self._context.tasks.start(work, what)


def _name(level_id: str, owner: str) -> str:
    """`Courtyard`, or `My Game · Co…rd`; what has no room is left out in the middle."""
    name, owner = visible(level_id), visible(owner)
    if not owner:
        return cut(name, _NAME_CHARS, middle=True)
    room = _NAME_CHARS - len(" · ")
    name = cut(name, max(_OWNED_NAME_CHARS, room - len(owner)), middle=True)
    return f"{cut(owner, room - len(name), middle=True)} · {name}"
