"""Keeps a level scene in step with the server: levels, models, histories, live rows."""

import asyncio
import enum

from PySide6.QtCore import QObject, QTimer, Signal

from console.client import ConsoleUnavailable
from console.messages import FeedRows, LevelModelChanges
from console.telemetry.coordinates import Transforms
from console.ui.context import ViewContext
from console.ui.level.geometry import MeshGeometry
from console.ui.level.loading import load_history, load_mesh
from console.ui.level.model import History, LevelScene
from console.ui.selection import Scope

_LOAD = "Load the levels"
_AGAIN_MS = 10_000  # between two loads of what the feed skipped


class _Need(enum.IntEnum):
    """What is to be loaded: each together with those before it."""

    NOTHING = 0
    HISTORY = 1
    LEVEL = 2  # its model too
    EVERYTHING = 3  # which levels there are, too


class LevelSource(QObject):
    """The scene's only writer. Signals are sent after the scene changed. While nobody looks nothing is loaded.

    - `turned()`: another level, or another scope: what the picture was fitted to is no longer shown
    - `level_changed()`: the level's model or axes, or the list of levels
    - `mesh_changed()`: `geometry` is another
    - `stores_changed()`: tracks and markers were replaced
    - `rows_shown()`: tracks or markers grew
    """

    turned = Signal()
    level_changed = Signal()
    mesh_changed = Signal()
    stores_changed = Signal()
    rows_shown = Signal()

    def __init__(self, context: ViewContext, scene: LevelScene, parent: QObject) -> None:
        super().__init__(parent)
        self.geometry: MeshGeometry | None = None
        self._context = context
        self._scene = scene
        self._mesh_of: str | None = None
        self._request = 0
        self._asking: asyncio.Task[History] | None = None
        self._window: tuple[int | None, int | None] = (None, None)
        self._active = False
        self._needed = _Need.EVERYTHING
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self._load_skipped)
        context.feed.connected.connect(lambda _hello: self._load_anew())
        context.feed.caught_up.connect(self._load_anew)
        context.feed.rows_arrived.connect(self._take_rows)
        context.feed.changed.connect(self._topic_changed)
        context.selection.scope_changed.connect(self._scope_changed)

    def set_active(self, active: bool) -> None:
        """Whether somebody looks: what is to be loaded waits until then, and so do rows of the feed.

        Before the server is there the first load fails, and its connection asks again.
        """
        if active == self._active:
            return
        self._active = active
        if not active:
            return
        needed, self._needed = self._needed, _Need.NOTHING
        if needed is _Need.NOTHING:
            changed = self._scene.catch_up()
            needed = _Need.HISTORY if changed is None else needed
            if changed:
                self.rows_shown.emit()
        self._load(needed)
        self._follow_players()

    def turn_to(self, level: str, *, chosen: bool) -> None:
        """Show another level; `chosen`: by a person, who is not to be led away from it."""
        self._window = (None, None)
        self._scene.show(level, chosen=chosen)
        self.turned.emit()
        self._load(_Need.LEVEL)

    def load_window(self, window: tuple[int | None, int | None]) -> None:
        """Load the newest samples of this time, in µs; None is open."""
        if window != self._window:
            self._window = window
            self._load(_Need.HISTORY)

    def change_axes(self, model_id: str, changes: LevelModelChanges) -> None:
        """Save a model's axes, and show the level in them."""
        self._context.tasks.start(self._change_axes(model_id, changes), "Save the axes")

    def try_out(self, transforms: Transforms | None) -> None:
        """Show the level so, without saving it; None: as it is saved."""
        if transforms != self._scene.preview:
            self._scene.try_out(transforms)
            self.level_changed.emit()

    def axes_changed(self) -> None:
        """Another unit of length: tracks are joined anew."""
        self.level_changed.emit()
        if self._scene.joins_need_reload():
            self._load(_Need.HISTORY)

    # asking

    def _load(self, need: _Need) -> None:
        if not self._active:
            self._needed = max(self._needed, need)
            self._break_off()
        elif need is _Need.EVERYTHING:
            self._context.tasks.start(self._reload(), _LOAD, on_error=self._reload_failed)
        elif need is _Need.LEVEL:
            self._context.tasks.start(self._load_level(), "Load the level")
        elif need is _Need.HISTORY:
            self._context.tasks.start(self._load_history(), "Load the level")

    async def _reload(self) -> None:
        scene, client = self._scene, self._context.client
        scene.take_facts(await client.level_facts())
        scene.take_models(await client.level_models())
        heard_of = tuple(scene.levels)
        scene.take_levels(await client.query("levels"), heard_of)
        suggested = scene.suggested()
        if scene.level is None or not (scene.chosen or suggested == scene.level):
            scene.show(suggested)
            self.turned.emit()
        self.level_changed.emit()
        await self._load_level()

    async def _reload_models(self) -> None:
        scene, client = self._scene, self._context.client
        scene.take_facts(await client.level_facts())
        scene.take_models(await client.level_models())
        if scene.level is None or not (scene.chosen or scene.tracks.samples):
            await self._reload()
            return
        self.level_changed.emit()
        await self._load_mesh()
        if scene.joins_need_reload():
            await self._load_history()

    async def _load_level(self) -> None:
        await self._load_mesh()
        await self._load_history()

    async def _load_history(self) -> None:
        scene = self._scene
        request = self._break_off()
        if scene.level is None:
            return
        scene.loading = True
        self.level_changed.emit()
        try:
            asking = asyncio.ensure_future(load_history(self._context.client, scene, *self._window))
            self._asking = asking
            try:
                history = await asking
            except asyncio.CancelledError:
                if request == self._request:
                    raise
                return
            if request != self._request:
                return  # another level or scope was chosen meanwhile
            scene.loaded(history)
        except Exception:
            if request == self._request:
                self._go_on_without()
            raise
        finally:
            if request == self._request:
                scene.loading = False
        self.stores_changed.emit()

    def _go_on_without(self) -> None:
        """Show what came while a history was loaded that never came itself."""
        self._scene.loading = False
        changed = self._scene.catch_up() if self._active else False
        if changed is None:
            self._needed = _Need.HISTORY  # once somebody looks again
        elif changed:
            self.rows_shown.emit()

    def _break_off(self) -> int:
        """Wait for no history that was asked for; the number of the next one."""
        self._request += 1
        if self._asking is not None:
            self._asking.cancel()  # a level's whole past is dear: the store need not go on for nobody
            self._asking = None
        self._scene.loading = False  # what is broken off leaves that to this
        return self._request

    async def _load_mesh(self) -> None:
        scene = self._scene
        model = scene.active_model()
        wanted = None if model is None else model.model_id
        if wanted == self._mesh_of:
            return
        self._mesh_of = wanted
        geometry = None
        if model is not None:
            try:
                geometry = await load_mesh(self._context.client, model.model_id)
            except BaseException:
                if self._mesh_of == wanted:
                    self._mesh_of = None
                raise
            if self._mesh_of != wanted:
                return  # another level was chosen meanwhile
        self.geometry = geometry
        self.mesh_changed.emit()

    async def _change_axes(self, model_id: str, changes: LevelModelChanges) -> None:
        changed = await self._context.client.change_level_model(model_id, changes)
        before = self._scene.transforms
        self._scene.try_out(None)
        models = [changed if model.model_id == model_id else model for model in self._scene.models]
        self._scene.take_models(models)
        if self._scene.transforms != before:  # else it was tried out, and a person looks at it
            self.turned.emit()
        self.axes_changed()

    # being told

    def _reload_failed(self, error: Exception) -> None:
        if not isinstance(error, ConsoleUnavailable):
            self._context.messages.say(f"{_LOAD}: {error}", kind="bad")

    def _load_anew(self) -> None:
        self._load(_Need.EVERYTHING)

    def _topic_changed(self, topic: str) -> None:
        if topic == "level_models" and self._active:
            self._context.tasks.start(self._reload_models(), "Load the level models")
        elif topic in ("levels", "level_models"):
            self._load(_Need.EVERYTHING)

    def _scope_changed(self, scope: Scope) -> None:
        self._window = (None, None)
        self._scene.set_scope(scope)
        self.stores_changed.emit()
        self._load(_Need.LEVEL)

    def _load_skipped(self) -> None:
        if self._scene.loading:
            self._again.start()  # to break off a load that takes long would be to have none at all
        else:
            self._load(_Need.HISTORY)

    def _take_rows(self, rows: FeedRows) -> None:
        scene = self._scene
        if rows.skipped_events and not self._again.isActive():
            self._again.start()
        known = len(scene.levels)
        shown = scene.take_rows(rows, seen=self._active)
        if not (self._active and self._follow_players()) and len(scene.levels) != known:
            self.level_changed.emit()
        if shown:
            self.rows_shown.emit()

    def _follow_players(self) -> bool:
        """Turn to where somebody plays, as long as nobody plays here and no level was chosen."""
        scene = self._scene
        suggested = scene.suggested()
        idle = not (scene.chosen or scene.loading or scene.tracks.samples)
        if idle and suggested is not None and suggested != scene.level:
            self.turn_to(suggested, chosen=False)
            return True
        return False
