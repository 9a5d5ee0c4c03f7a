"""The level view: where players went, what happened there, and how well the game ran."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent, Qt
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from console.messages import Axes, FeedHello, FeedRows, LevelModelChanges, ServerStatus
from console.telemetry.events import UNASSIGNED_LEVEL
from console.ui.context import ViewContext
from console.ui.level.canvas import COLOUR_BY, LevelCanvas, Worlds
from console.ui.level.controls import AXES_WORDS, BottomControls, TopControls
from console.ui.level.framing import EMPTY_BOUNDS, Bounds, outgrows
from console.ui.level.loading import load_history, load_mesh
from console.ui.level.model import LevelScene, transformed
from console.ui.level.overlay import MAX_DOTS, Label
from console.ui.level.palette import player_colour
from console.ui.level.stage import MODEL_SUFFIXES, Stage
from console.ui.level.tracks import LOW_1, PLAYER
from console.ui.selection import Picked, Scope
from console.ui.widgets.formatting import visible

if TYPE_CHECKING:
    from console.ui.level.geometry import MeshGeometry

_SLOW_TICK_MS = 500
_INSIDE_IS_WELL = 0.9
_LEGEND_PLAYERS = 8


class LevelView(QWidget):
    """`upload_wanted(list[Path])`: model files that a person chose or dropped."""

    title = "Level"
    upload_wanted = Signal(list)
    badge_changed = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._scene = LevelScene(self._saved_axes())
        self._scene.scope = context.selection.scope
        self._mesh_of: str | None = None
        self._geometry: MeshGeometry | None = None
        self._request = 0
        self._bounds: Bounds | None = None  # what the picture was fitted to
        self._behind = False
        self._frozen = False
        self._section: float | None = None
        tokens = context.theme.tokens
        self._top = TopControls()
        self._bottom = BottomControls()
        self._stage = Stage(tokens)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top)
        column.addWidget(self._stage, 1)
        column.addWidget(self._bottom)
        self._canvas = self._make_canvas()
        self._slow = QTimer(self)
        self._slow.setInterval(_SLOW_TICK_MS)
        self._slow.timeout.connect(self._tell)
        self._connect()
        self._restore()
        self._use_tokens()
        self._sync_level()
        context.tasks.start(self._reload(), "The levels could not be loaded")

    # what menus call

    @property
    def scene(self) -> LevelScene:
        """What is shown, for tests and for whoever draws it elsewhere."""
        return self._scene

    def set_frozen(self, frozen: bool) -> None:
        """Keep the picture still; what comes meanwhile is added when it thaws."""
        self._frozen = frozen
        if not frozen:
            self._refresh()

    def clear(self) -> None:
        """Empty the view; what is stored stays stored."""
        self._scene.clear()
        self._use_stores()

    def focus_filter(self) -> None:
        """The nearest thing to a filter here is the choice of the level."""
        self._top.setFocus()

    def frame_selection(self) -> None:
        """See the chosen sessions, or all of the level."""
        chosen = None
        if self._scene.scope.session_ids is not None:
            chosen = self._scene.sample_bounds()
        self._canvas.fit(chosen or self._scene.bounds() or EMPTY_BOUNDS)

    def set_time_range(self, start_us: int | None, end_us: int | None) -> None:
        """Show only samples of this time; None is open."""
        self._canvas.set_time_range(start_us, end_us)

    # set-up

    def _connect(self) -> None:
        context, top = self._context, self._top
        context.feed.connected.connect(self._connected)
        context.feed.rows_arrived.connect(self._take_rows)
        context.feed.status_changed.connect(self._take_status)
        context.feed.changed.connect(self._topic_changed)
        context.selection.scope_changed.connect(self._scope_changed)
        context.theme.changed.connect(self._use_tokens)
        top.level_chosen.connect(self._choose)
        top.colour_chosen.connect(self._colour_by)
        top.tracks_toggled.connect(self._show_parts)
        top.markers_toggled.connect(self._show_parts)
        top.xray_toggled.connect(self._set_xray)
        top.top_wanted.connect(self._from_top)
        top.fit_wanted.connect(self.frame_selection)
        top.upload_clicked.connect(self.choose_files)
        self._stage.upload_clicked.connect(self.choose_files)
        self._stage.dropped.connect(self.upload_wanted)
        self._stage.legend.kind_toggled.connect(self._toggle_kind)
        self._bottom.section_changed.connect(self._set_section)
        self._bottom.axes_chosen.connect(self._choose_axes)

    def _restore(self) -> None:
        settings = self._context.settings
        field = settings.value("level/colour_by", LOW_1, int)
        fields = [known for _, known in COLOUR_BY]
        index = fields.index(field) if field in fields else fields.index(LOW_1)
        self._top.colour.setCurrentIndex(index)
        # All are read before one is set: every switch saves the state of its neighbours too.
        switches = [self._top.tracks, self._top.markers, self._top.xray]
        states = [settings.value(f"level/{name}", name != "xray", bool) for name in ("tracks", "markers", "xray")]
        for switch, state in zip(switches, states, strict=True):
            switch.setChecked(bool(state))
        self._colour_by(fields[index])
        self._show_parts()

    def _saved_axes(self) -> tuple[Axes, Axes]:
        def saved(name: str, default: Axes) -> Axes:
            value = self._context.settings.value(f"level/{name}", default)
            return value if value in AXES_WORDS else default

        return saved("mesh_axes", "gltf"), saved("telemetry_axes", "unity")

    def _make_canvas(self) -> LevelCanvas:
        # Here and not above: importing OpenGL takes a while, and may fail where there is none.
        try:
            from console.ui.level.canvas_3d import Canvas3D, opengl_problem

            problem = opengl_problem()
        except ImportError as error:
            problem = f"OpenGL could not be loaded: {error}."
        if problem:
            return self._flat_canvas(problem)
        canvas = Canvas3D(self._context.theme.tokens)
        canvas.failed.connect(self._fall_back)
        return self._adopt(canvas)

    def _flat_canvas(self, problem: str) -> LevelCanvas:
        from console.ui.level.canvas_2d import Canvas2D

        self._stage.set_notice(f"{problem} The level is shown from above instead.")
        return self._adopt(Canvas2D(self._context.theme.tokens))

    def _adopt(self, canvas: QWidget) -> LevelCanvas:
        self._stage.set_canvas(canvas)
        adopted = cast("LevelCanvas", canvas)
        adopted.marker_hit.connect(self._pick)
        return adopted

    def _fall_back(self, problem: str) -> None:
        self._canvas = self._flat_canvas(f"{problem}.")
        self._canvas.set_mesh(self._geometry)
        self._sync_level()
        self._colour_by(self._top.colour.currentData())
        self._show_parts()
        self.frame_selection()

    # the server's side

    async def _reload(self) -> None:
        """Models and levels first, then the level that is to be followed."""
        self._scene.take_models(await self._context.client.level_models())
        self._scene.take_levels(await self._context.client.query("levels"))
        if not self._scene.chosen or self._scene.level is None:
            suggested = self._scene.suggested()
            if suggested != self._scene.level:
                self._scene.show(suggested)
                self._bounds = None
        self._sync_level()
        await self._load_mesh()
        await self._load_history()

    async def _load_history(self) -> None:
        scene = self._scene
        self._request += 1
        request = self._request
        if scene.level is None:
            return
        scene.loading = True
        self._tell()
        try:
            history = await load_history(self._context.client, scene)
            if request != self._request:
                return  # another level or scope was chosen meanwhile
            scene.loaded(history)
        finally:
            if request == self._request:
                scene.loading = False
        self._use_stores()
        self._frame_once()

    async def _load_mesh(self) -> None:
        model = self._scene.active_model()
        wanted = None if model is None else model.model_id
        if wanted == self._mesh_of:
            return
        self._mesh_of = wanted
        self._geometry = None
        if model is not None:
            try:
                geometry = await load_mesh(self._context.client, model.model_id)
            except BaseException:
                if self._mesh_of == wanted:
                    self._mesh_of = None
                raise
            if self._mesh_of != wanted:
                return
            self._geometry = geometry
        self._canvas.set_mesh(self._geometry)
        self._bounds = None
        self._sync_level()
        self._frame_once()

    def _connected(self, hello: FeedHello) -> None:
        # Events that the journal has and the event store does not come neither by query nor by feed: ask once more.
        self._behind = hello.status.events_behind > 0
        self._context.tasks.start(self._reload(), "The levels could not be loaded")

    def _take_status(self, status: ServerStatus) -> None:
        if self._behind and status.events_behind == 0:
            self._behind = False
            self._context.tasks.start(self._reload(), "The levels could not be loaded")

    def _topic_changed(self, topic: str) -> None:
        if topic == "level_models":
            self._context.tasks.start(self._reload_models(), "The level models could not be loaded")

    async def _reload_models(self) -> None:
        self._scene.take_models(await self._context.client.level_models())
        if self._scene.level is None or not (self._scene.chosen or self._scene.tracks.samples):
            await self._reload()
            return
        self._sync_level()
        await self._load_mesh()
        if self._scene.joins_need_reload():
            await self._load_history()

    def _take_rows(self, rows: FeedRows) -> None:
        known = len(self._scene.levels)
        changed = self._scene.take_rows(rows)
        if self._follow() or len(self._scene.levels) != known:
            self._top.set_levels(self._scene.level_ids(), self._scene.level)
        if changed and not self._frozen:
            self._refresh()

    def _follow(self) -> bool:
        """Turn to where somebody plays, as long as nobody plays here and no level was chosen."""
        scene = self._scene
        if scene.chosen or scene.loading or scene.tracks.samples:
            return False
        suggested = scene.suggested()
        if suggested is None or suggested == scene.level:
            return False
        self._turn_to(suggested, chosen=False)
        return True

    # a person's side

    def _choose(self, level: str) -> None:
        self._turn_to(level, chosen=True)

    def _turn_to(self, level: str, *, chosen: bool) -> None:
        self._scene.show(level, chosen=chosen)
        self._bounds = None
        self._sync_level()
        self._context.tasks.start(self._load_level(), f"The level {visible(level)} could not be loaded")

    async def _load_level(self) -> None:
        await self._load_mesh()
        await self._load_history()

    def _scope_changed(self, scope: Scope) -> None:
        self._scene.set_scope(scope)
        self._sync_level()
        self._context.tasks.start(self._load_level(), "The level could not be loaded")

    def _choose_axes(self, mesh: str, telemetry: str) -> None:
        mesh_axes, telemetry_axes = cast("Axes", mesh), cast("Axes", telemetry)
        model = self._scene.active_model()
        if model is None:
            self._context.settings.setValue("level/mesh_axes", mesh)
            self._context.settings.setValue("level/telemetry_axes", telemetry)
            self._scene.set_default_axes((mesh_axes, telemetry_axes))
            self._sync_level()
            self.frame_selection()
            if self._scene.joins_need_reload():
                self._context.tasks.start(self._load_history(), "The level could not be loaded")
            return
        changes = LevelModelChanges(mesh_axes=mesh_axes, telemetry_axes=telemetry_axes)
        self._context.tasks.start(self._change_axes(model.model_id, changes), "The axes could not be saved")

    async def _change_axes(self, model_id: str, changes: LevelModelChanges) -> None:
        changed = await self._context.client.change_level_model(model_id, changes)
        models = [changed if model.model_id == model_id else model for model in self._scene.models]
        self._scene.take_models(models)
        self._sync_level()
        self.frame_selection()
        if self._scene.joins_need_reload():
            await self._load_history()

    def choose_files(self) -> None:
        """Ask for model files; `upload_wanted` tells of them."""
        patterns = " ".join(f"*{suffix}" for suffix in MODEL_SUFFIXES)
        dialog = QFileDialog(self, "Upload a level model", "", f"Level models ({patterns})")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.upload_wanted.emit([Path(name) for name in names]))
        dialog.open()

    def _pick(self, index: int) -> None:
        marker = self._scene.markers[index]
        self._context.selection.pick(Picked(marker.request_id, marker.seq, marker.index))

    def _colour_by(self, field: int) -> None:
        self._context.settings.setValue("level/colour_by", field)
        self._canvas.set_colour_by(field)
        self._tell()

    def _show_parts(self) -> None:
        tracks, markers = self._top.tracks.isChecked(), self._top.markers.isChecked()
        self._context.settings.setValue("level/tracks", tracks)
        self._context.settings.setValue("level/markers", markers)
        self._canvas.set_shown(tracks=tracks, markers=markers)

    def _set_xray(self, on: bool) -> None:
        self._context.settings.setValue("level/xray", on)
        self._canvas.set_xray(on)

    def _toggle_kind(self, kind: str, shown: bool) -> None:
        self._scene.markers.set_hidden(kind, not shown)
        self._canvas.refresh()

    def _from_top(self) -> None:
        self._canvas.from_top(self._scene.bounds() or EMPTY_BOUNDS)

    def _set_section(self, share: float | None) -> None:
        self._section = share
        low, high = self._scene.bounds() or EMPTY_BOUNDS
        height = None if share is None else low[2] + (high[2] - low[2]) * share
        self._bottom.set_height(height)
        self._canvas.set_section(height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        actions = {
            Qt.Key.Key_F: self.frame_selection,
            Qt.Key.Key_T: self._from_top,
            Qt.Key.Key_X: self._top.xray.toggle,
        }
        action = actions.get(Qt.Key(event.key()))
        if action is None or event.modifiers():
            super().keyPressEvent(event)
        else:
            action()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._slow.start()
        self._refresh()
        self._frame_once()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._slow.stop()

    # from the scene to the canvas

    def _use_tokens(self) -> None:
        tokens = self._context.theme.tokens
        self._top.set_tokens(tokens)
        self._stage.legend.set_tokens(tokens)
        self._canvas.set_tokens(tokens)
        self._refresh()
        self._tell()

    def _sync_level(self) -> None:
        """After the level, its model or its axes changed."""
        scene = self._scene
        transforms = scene.transforms
        self._top.set_levels(scene.level_ids(), scene.level)
        self._bottom.set_axes(transforms.mesh_axes, transforms.telemetry_axes)
        self._canvas.set_worlds(Worlds(transforms.mesh, transforms.telemetry))
        self._set_section(self._section)
        self._use_stores()

    def _use_stores(self) -> None:
        self._canvas.set_stores(self._scene.tracks, self._scene.markers)
        self._refresh()
        self._tell()

    def _refresh(self) -> None:
        self._canvas.set_labels(self._labels())
        self._canvas.refresh()

    def _labels(self) -> list[Label]:
        """The last place of each player; who plays in two sessions at once stands at the newer one."""
        scene, tokens = self._scene, self._context.theme.tokens
        heads = {head.player_id: head for head in scene.tracks.heads(MAX_DOTS)}
        if not heads:
            return []
        places = transformed(scene.transforms.telemetry, np.array([head.vertex[:3] for head in heads.values()]))
        return [
            Label(player, x, y, z, player_colour(tokens, scene.players.number(player)))
            for player, (x, y, z) in zip(heads, places.tolist(), strict=True)
        ]

    def _frame_once(self) -> None:
        """Show all of a level when it is first known how large it is."""
        bounds = self._scene.bounds()
        if self._bounds is None and bounds is not None and self.isVisible():
            self._frame(bounds)

    def _frame(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._canvas.set_bounds(bounds)
        self._canvas.fit(bounds)
        self._set_section(self._section)

    def _tell(self) -> None:
        """What is read more slowly than it changes: the chip, the legend, hints."""
        scene = self._scene
        share = scene.share_inside()
        tone = "" if share is None or share >= _INSIDE_IS_WELL else "warning"
        self._stage.set_status(scene.status(share), tone)
        field = self._top.colour.currentData()
        legend = self._stage.legend
        if field == PLAYER:
            heads = {head.player_id: scene.players.number(head.player_id) for head in scene.tracks.heads(MAX_DOTS)}
            players = sorted(heads.items())[:_LEGEND_PLAYERS]
            legend.show_players(players, more=len(heads) - len(players))
        else:
            legend.show_ramp(self._top.colour.currentText().removeprefix("Frame rate, "))
        legend.show_markers(scene.markers.counts(), scene.markers.hidden)
        self._hint()
        self._stage.arrange()
        self._grow()

    def _hint(self) -> None:
        scene, stage = self._scene, self._stage
        formats = "GLB, glTF, OBJ, STL, PLY or OFF"
        if scene.level is None and not scene.loading:
            stage.set_hint(
                "No level yet",
                "Tracks appear here as soon as a game sends trajectories. Upload the level's mesh to see them in "
                f"place: {formats}, or drop the file here.",
                upload=True,
            )
        elif scene.level is not None and not scene.tracks.samples and not len(scene.markers) and not scene.loading:
            stage.set_hint(
                f"Nobody has played {visible(scene.level, 40)} here",
                "Tracks appear as soon as a game sends trajectories with this level, or the left side selects "
                "a session that did.",
                upload=scene.active_model() is None and scene.level != UNASSIGNED_LEVEL,
            )
        else:
            stage.set_hint("", "", upload=False)

    def _grow(self) -> None:
        """Without a mesh, the picture grows with the tracks until a person moves the camera."""
        if self._scene.active_model() is not None or self._bounds is None or self._canvas.touched or self._frozen:
            return
        bounds = self._scene.bounds()
        if bounds is not None and outgrows(bounds, self._bounds):
            self._frame(bounds)
