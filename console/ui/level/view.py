"""The level view: where players went, what happened there, and how well the game ran."""

from typing import cast

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.messages import Axes
from console.ui.context import ViewContext
from console.ui.level.axes_words import AXES_WORDS, placed
from console.ui.level.calibration.draft import axes_changes
from console.ui.level.canvas import ClusterHit, LevelCanvas, MarkerHit, TrackHit, Worlds
from console.ui.level.canvas_choice import best_canvas, flat_canvas
from console.ui.level.controls import BottomControls, TopControls
from console.ui.level.elsewhere import Elsewhere
from console.ui.level.framer import Framer
from console.ui.level.framing import EMPTY_BOUNDS, ENDLESS, Section
from console.ui.level.history_window import HistoryWindow
from console.ui.level.marker_view import MarkerView
from console.ui.level.model import LevelScene
from console.ui.level.source import LevelSource
from console.ui.level.stage import Stage
from console.ui.level.switches import Switches
from console.ui.level.tool_rail import ToolRail
from console.ui.level.tools import COMPANION, ToolDrawer
from console.ui.level.track_view import TrackView
from console.ui.level.workbench import Workbench
from console.ui.navigation import LevelMomentSubject, LevelSubject, Subject
from console.ui.upload_dialog import ask_for_models

_SLOW_TICK_MS = 500
_INSIDE_IS_WELL = 0.9


class LevelView(QWidget):
    """`upload_wanted(list[Path])`: model files that a person chose or dropped."""

    title = "Level"
    upload_wanted = Signal(list)
    badge_changed = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._scene = LevelScene(self._saved_axes(), context.colours)
        self._scene.scope = context.selection.scope
        self._source = LevelSource(context, self._scene, self)
        self._frozen = False
        self._section = (0.0, 1.0)  # shares of the level's height
        self._top = TopControls()
        self._bottom = BottomControls()
        self._stage = Stage(context.theme.tokens)
        self._rail = ToolRail()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        column = QVBoxLayout()
        column.setSpacing(0)
        self._workbench = Workbench(context, self._scene, self._source, self._stage, lambda: self._canvas, self)
        self._drawer = ToolDrawer(self._workbench)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._stage, 1)
        middle.addWidget(self._drawer)
        column.addWidget(self._top)
        column.addLayout(middle, 1)
        column.addWidget(self._bottom)
        row.addLayout(column, 1)
        row.addWidget(self._rail)
        self._track_view = TrackView(context, self._scene, self._stage.legend, lambda: self._canvas, self)
        self._marker_view = MarkerView(context, self._scene, lambda: self._canvas, self)
        self._elsewhere = Elsewhere(self._workbench, self._marker_view, self.show_subject, self)
        self._window = HistoryWindow(context.clock, self._scene, self._source, self)
        self._switches = Switches(self._top, context.settings, lambda: self._canvas, self)
        self._framer = Framer(self._scene, self._marker_view, lambda: self._canvas, self._stage.cards, self)
        self._framer.framed.connect(lambda: self._set_section(*self._section))
        self._canvas = self._adopt(*best_canvas(context.theme.tokens, self._fall_back))
        self._slow = QTimer(self)
        self._slow.setInterval(_SLOW_TICK_MS)
        self._slow.timeout.connect(self._tell)
        self._restore()
        self._connect()
        self._use_tokens()
        self._show_level()

    # what menus call

    @property
    def scene(self) -> LevelScene:
        """What is shown."""
        return self._scene

    @property
    def level_app_id(self) -> str | None:
        """The application that the shown level is of: whose a model that is uploaded here would be."""
        return self._scene.app_id()

    @property
    def footer_height(self) -> int:
        """Pixels at the bottom that hold controls: what lies over the view for a moment leaves them free."""
        return self._bottom.height()

    @property
    def canvas(self) -> LevelCanvas:
        """Where it is shown: another one after OpenGL failed."""
        return self._canvas

    def show_subject(self, subject: Subject) -> None:
        """Turn to a level."""
        if isinstance(subject, LevelSubject):
            self._source.turn_to(subject.level_id, chosen=True)
        elif isinstance(subject, LevelMomentSubject):
            if subject.level_id != self._scene.level:
                self._source.turn_to(subject.level_id, chosen=True)
            self._track_view.show_moment(subject)
            self._marker_view.show_moment(subject)
            self._framer.go_to_moment()

    def set_frozen(self, frozen: bool) -> None:
        """Keep the picture still; what comes meanwhile is added when it thaws."""
        self._frozen = frozen
        if not frozen:
            self._refresh()

    def clear(self) -> None:
        """Empty the view; what is stored stays stored."""
        self._scene.clear()
        self._show_stores()

    def focus_filter(self) -> None:
        """The nearest thing to a filter here is the choice of the level."""
        self._top.focus_level()

    def frame_selection(self) -> None:
        """See the picked event, else the chosen sessions, else all of the level."""
        self._framer.frame_selection()

    def set_inspected(self, on: bool) -> None:
        """What was picked is shown beside the level, or is no more: the summary makes room for it."""
        self._drawer.give_way(on)

    # set-up

    def _connect(self) -> None:
        top, source = self._top, self._source
        self._context.theme.changed.connect(self._use_tokens)
        source.turned.connect(self._forget_fit)
        source.level_changed.connect(self._show_level)
        source.mesh_changed.connect(self._show_mesh)
        source.stores_changed.connect(self._show_stores)
        source.rows_shown.connect(self._refresh)
        self._context.colours.when_learnt(self._refresh)
        for changed in (source.turned, source.level_changed, source.mesh_changed, source.stores_changed):
            changed.connect(self._workbench.scene_changed)
        source.rows_shown.connect(self._workbench.rows_shown)
        self._switches.changed.connect(self._tell)
        self._rail.tool_chosen.connect(self._drawer.open_tool)
        self._drawer.tool_changed.connect(self._show_tool)
        self._context.clock.moved.connect(self._use_clock)
        self._context.clock.range_changed.connect(self._use_clock)
        top.level_chosen.connect(self._turn_to)
        top.colour_chosen.connect(self._track_view.colour_by)
        self._bottom.trail_chosen.connect(self._track_view.set_trail)
        top.fit_wanted.connect(self.frame_selection)
        self._stage.upload_clicked.connect(self.choose_files)
        self._stage.cards_moved.connect(self._framer.cards_moved)
        self._stage.dropped.connect(self.upload_wanted)
        self._stage.legend.kind_toggled.connect(self._toggle_kind)
        self._bottom.section_changed.connect(self._set_section)
        self._workbench.section_wanted.connect(self._show_section)
        self._bottom.axes_chosen.connect(self._choose_axes)
        self._bottom.calibrate_wanted.connect(lambda: self._drawer.open_tool("calibrate"))
        self._stage.calibrate_clicked.connect(lambda: self._drawer.open_tool("calibrate"))

    def _restore(self) -> None:
        settings = self._context.settings
        self._top.colour.setCurrentIndex(self._top.colour.findData(self._track_view.meaning.name))
        self._bottom.set_trail(self._track_view.trail_s)
        self._track_view.adopt_canvas()
        self._switches.use()
        tool = str(settings.value("level/tool", COMPANION))
        self._drawer.open_tool(tool if tool in self._rail.buttons else "")
        self._show_tool(self._drawer.current)

    def _saved_axes(self) -> tuple[Axes, Axes]:
        def saved(name: str, default: Axes) -> Axes:
            value = self._context.settings.value(f"level/{name}", default)
            return value if value in AXES_WORDS else default

        return saved("mesh_axes", "gltf"), saved("telemetry_axes", "unity")

    def _adopt(self, canvas: QWidget, problem: str) -> LevelCanvas:
        self._problem = problem
        self._stage.set_canvas(canvas)
        adopted = cast("LevelCanvas", canvas)
        adopted.hit.connect(self._pick)
        adopted.activated.connect(self._marker_view.activate)
        adopted.activated.connect(self._track_view.activate)
        return adopted

    def _fall_back(self, problem: str) -> None:
        self._canvas = self._adopt(*flat_canvas(self._context.theme.tokens, problem))
        self._canvas.set_mesh(self._source.geometry)
        self._track_view.adopt_canvas()
        self._switches.use()
        self._show_level()
        self._show_stores()
        self.frame_selection()
        self._workbench.canvas_changed.emit()

    # a person's side

    def _choose_axes(self, mesh: str, telemetry: str) -> None:
        mesh_axes, telemetry_axes = cast("Axes", mesh), cast("Axes", telemetry)
        model = self._scene.active_model()
        if model is not None:
            saved = self._scene.saved_transforms()
            changes = axes_changes(saved, mesh_axes, telemetry_axes)
            self._source.change_axes(model.model_id, changes)
            return
        self._context.settings.setValue("level/mesh_axes", mesh)
        self._context.settings.setValue("level/telemetry_axes", telemetry)
        self._scene.set_default_axes((mesh_axes, telemetry_axes))
        self._forget_fit()
        self._source.axes_changed()

    def choose_files(self) -> None:
        """Ask for model files; `upload_wanted` tells of them."""
        ask_for_models(self, "Upload a level model", self.upload_wanted.emit, several=True)

    def _pick(self, hit: MarkerHit | ClusterHit | TrackHit | None) -> None:
        self._track_view.take_hit(hit if isinstance(hit, TrackHit) else None)
        self._marker_view.take_hit(hit)

    def _turn_to(self, level: str) -> None:
        self._marker_view.forget_moment()
        self._source.turn_to(level, chosen=True)

    def _show_tool(self, name: str) -> None:
        self._rail.show_tool(name)
        self._switches.set_beside(self._drawer.draws)
        self._context.settings.setValue("level/tool", self._drawer.wanted)

    def _toggle_kind(self, kind: str, shown: bool) -> None:
        self._scene.markers.set_hidden(kind, not shown)
        self._canvas.refresh()
        self._tell()

    def _set_section(self, low: float, high: float) -> None:
        self._section = (low, high)
        (_, _, floor), (_, _, roof) = self._scene.bounds() or EMPTY_BOUNDS
        section = Section(
            floor + (roof - floor) * low if low > 0 else -ENDLESS,
            floor + (roof - floor) * high if high < 1 else ENDLESS,
        )
        self._bottom.set_section(section)
        self._canvas.set_section(section)
        if section != self._workbench.section:
            self._workbench.section = section
            self._workbench.section_changed.emit(section)

    def _show_section(self, section: Section) -> None:
        """Show the band of heights that a tool asks for, and move the slider along."""
        (_, _, floor), (_, _, roof) = self._scene.bounds() or EMPTY_BOUNDS
        low, high = ((end - floor) / ((roof - floor) or 1.0) for end in (section.low, section.high))
        self._bottom.move_section(max(low, 0.0), min(high, 1.0))
        self._set_section(max(low, 0.0), min(high, 1.0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        actions = {
            Qt.Key.Key_F: self.frame_selection,
            Qt.Key.Key_T: self._top.top.click,
            Qt.Key.Key_X: self._top.xray.click,
        }
        action = actions.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self._end_something():
            return
        if action is None or event.modifiers():
            super().keyPressEvent(event)
        else:
            action()

    def _end_something(self) -> bool:
        """What Esc ends here: asking for a point, else what stands out, else the tool that hides the level.

        What is picked, the window ends.
        """
        if self._workbench.end_asking():
            return True
        ended = [self._track_view.end_highlight(), self._marker_view.forget_moment()]
        if self._context.selection.picked is not None:
            return False
        if not any(ended):
            inside = self._drawer.isAncestorOf(self.focusWidget())
            if not self._drawer.current or (self._drawer.current == COMPANION and not inside):
                return False
            self._drawer.open_tool("")
        return True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._slow.start()
        self._window.set_active(True)  # ahead of the source, which then loads all there is to load at once
        self._source.set_active(True)
        self._use_clock()
        self._tell()
        # The size of the picture is known only after the layout was done.
        QTimer.singleShot(0, self, self._frame_once)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._slow.stop()
        self._window.set_active(False)
        self._source.set_active(False)

    # from the scene to the canvas

    def _use_clock(self) -> None:
        if self.isVisible():
            self._track_view.use_clock()
            self._refresh()

    def _use_tokens(self) -> None:
        tokens = self._context.theme.tokens
        self._rail.set_tokens(tokens)
        self._stage.legend.set_tokens(tokens)
        self._drawer.set_tokens(tokens)
        self._canvas.set_tokens(tokens)
        self._refresh()
        self._tell()

    def _show_level(self) -> None:
        scene = self._scene
        transforms = scene.transforms
        self._top.set_levels(scene.level_ids(), scene.level)
        self._bottom.set_axes(transforms.mesh_axes, transforms.telemetry_axes)
        what = None if scene.active_model() is None else " and the ".join(placed(transforms))
        self._bottom.set_calibrated(what, saved=scene.preview is None)
        self._canvas.set_worlds(Worlds(transforms.mesh, transforms.telemetry))
        self._set_section(*self._section)
        self._marker_view.show_picked()
        self._refresh()
        self._tell()
        self._frame_once()

    def _show_mesh(self) -> None:
        self._canvas.set_mesh(self._source.geometry)
        self._forget_fit()
        self._show_level()

    def _show_stores(self) -> None:
        self._canvas.set_stores(self._scene.tracks, self._scene.markers)
        self._use_clock()
        self._tell()
        self._frame_once()
        self._framer.tracks_came()

    def _refresh(self) -> None:
        if not self._frozen and self.isVisible():
            self._canvas.set_labels(self._track_view.labels())
            self._canvas.refresh()

    def _forget_fit(self) -> None:
        self._framer.forget()
        self._canvas.set_stores(self._scene.tracks, self._scene.markers)

    def _frame_once(self) -> None:
        if self.isVisible():
            self._framer.frame_once()

    def _tell(self) -> None:
        """What is read more slowly than it changes: the chip, the legend, hints."""
        scene = self._scene
        share = scene.share_inside()
        astray = share is not None and share < _INSIDE_IS_WELL
        tone = "warning" if astray else ""
        words = scene.status(share), self._canvas.drawn().words if self._top.tracks.isChecked() else ""
        self._stage.set_status(" · ".join(filter(None, words)), tone, calibrate=astray)
        legend = self._stage.legend
        self._track_view.refresh_colours()
        legend.set_parts(tracks=self._top.tracks.isChecked(), markers=self._top.markers.isChecked())
        legend.show_markers(scene.markers.counts(*self._context.clock.shown), scene.markers.hidden)
        advice = scene.advice()
        self._stage.set_notice(" ".join(filter(None, (self._problem, self._canvas.remark, advice))))
        self._stage.show_hint(scene.known and scene.level is None and not scene.loading)
        self._stage.arrange()
        if not self._frozen:
            self._framer.grow()
