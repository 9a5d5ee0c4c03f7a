"""The tool that brings telemetry and model together: axes, placement, pairs of places, and how well it fits."""

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QEvent
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from console.telemetry.coordinates import Transforms
from console.ui.dialogs import plain_label
from console.ui.level.calibration.draft import MAX_PAIRS, Draft
from console.ui.level.calibration.judging import Judging
from console.ui.level.calibration.pairs_form import PairsForm
from console.ui.level.calibration.parts import button, heading, in_a_row, say
from console.ui.level.calibration.placement_form import PlacementForm
from console.ui.level.calibration.verdict import inside_words
from console.ui.level.calibration.verdict_box import VerdictBox
from console.ui.level.canvas import LevelCanvas
from console.ui.level.framing import EMPTY_BOUNDS
from console.ui.level.surface import Place, Ray, first_hit, height_hit
from console.ui.level.workbench import Workbench
from console.ui.selection import Picked


class CalibrationPanel(QWidget):
    """Shows what is tried out at once on the level; it is kept for everybody when it is saved."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench
        self._context = workbench.context
        self._drafts: dict[str, Draft] = {}  # by model: turning to another level loses nothing
        self._shown: Draft | None = None
        self._picking = -1
        self._sending = -1  # the pair that the next marker belongs to
        self._joined: LevelCanvas | None = None
        self._judging = Judging(workbench, self._to_judge, self)
        self._build()
        self._judging.judged.connect(self._verdict.show_verdict)
        workbench.scene_changed.connect(self._refresh)
        workbench.canvas_changed.connect(self._join_canvas)
        self._context.selection.picked_changed.connect(self._take_picked)
        self._context.theme.changed.connect(lambda: self._pairs.set_tokens(self._context.theme.tokens))

    # set-up

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        self._nothing = plain_label("Upload the level's model to bring its telemetry in line with it.", "dim")
        column.addWidget(self._nothing)
        self._body = QWidget()
        column.addWidget(self._body)
        column.addStretch(1)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        self._inside = plain_label("")
        self._verdict = VerdictBox(self._context.theme)
        self._verdict.used.connect(lambda transforms: self._edit(transforms, ""))
        self._save = button("Save", "Keep this with the level, for everybody", "primary")
        self._undo = button("Undo", "Back to before the last change")
        self._discard = button("Discard", "Back to what is saved")
        self._save.clicked.connect(self._keep)
        self._undo.clicked.connect(lambda: self._do(Draft.undo))
        self._discard.clicked.connect(lambda: self._do(Draft.discard))
        body.addWidget(self._inside)
        body.addWidget(self._verdict.standing)
        body.addLayout(in_a_row(self._save, self._undo, self._discard))  # never below what has to be scrolled to
        body.addWidget(self._verdict)
        self._forms = []
        for part, title in (("telemetry", "Telemetry"), ("mesh", "Model")):
            form = PlacementForm(part)
            form.edited.connect(self._edit)
            self._forms.append(form)
            body.addSpacing(8)
            body.addWidget(heading(title))
            body.addWidget(form)
        body.addSpacing(8)
        body.addWidget(heading("Places that belong together"))
        body.addWidget(
            plain_label(
                "Give the same place twice: click it on the level, then give its position as the game sends it. "
                "Three pairs far apart, not on one line, tell everything.",
                "dim",
            )
        )
        self._pairs = PairsForm(self._context.theme.tokens)
        self._pairs.pick_wanted.connect(self._pick)
        self._pairs.sent_given.connect(self._take_sent)
        self._pairs.removed.connect(self._remove_pair)
        body.addWidget(self._pairs)
        self._add = button("Add a pair", "One more place")
        self._add.clicked.connect(self._add_pair)
        self._fit = button("Fit", "Move, turn and scale the telemetry so that the pairs come together")
        self._fit.clicked.connect(self._fit_pairs)
        body.addLayout(in_a_row(self._add, self._fit))
        self._result = plain_label("")
        body.addWidget(self._result)

    # showing

    @property
    def draft(self) -> Draft | None:
        """What is tried out on the level that is shown; None when it has no model."""
        model = self._bench.scene.active_model()
        if model is None:
            return None
        saved = self._bench.scene.saved_transforms()
        draft = self._drafts.setdefault(model.model_id, Draft(saved, saved))
        draft.take_saved(saved)
        return draft

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._join_canvas()
        self._show_draft()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._picking = self._sending = -1
        self._bench.ask_point(None)
        self._bench.canvas.set_pins(())
        self._bench.source.try_out(None)

    def _join_canvas(self) -> None:
        canvas = self._bench.canvas
        if canvas is not self._joined:
            self._joined = canvas
            canvas.pointed.connect(self._take_ray)
        if self.isVisible():
            self._bench.ask_point(self._stop_picking if self._picking >= 0 else None)
            self._show_pins()

    def _refresh(self) -> None:
        if self.isVisible():
            self._show_draft()

    def _show_draft(self) -> None:
        draft, scene = self.draft, self._bench.scene
        if draft is not self._shown:
            self._leave(draft)
        self._nothing.setVisible(draft is None)
        self._body.setVisible(draft is not None)
        if draft is None:
            self._bench.canvas.set_pins(())
            return
        wanted = draft.now if draft.changed else None
        if scene.preview != wanted:
            self._bench.source.try_out(wanted)  # which comes back here
            return
        for form in self._forms:
            form.show_transforms(draft.now)
        words, tone = inside_words(scene.share_inside())
        say(self._inside, words, tone)
        self._verdict.keep_room(scene.loading or scene.tracks.samples > 0)
        self._pairs.show_draft(draft, self._picking)
        self._fit.setEnabled(bool(draft.whole_pairs))
        say(self._result, *_result(draft))
        self._save.setEnabled(draft.changed)
        self._discard.setEnabled(draft.changed)
        self._undo.setEnabled(draft.can_undo)
        self._show_pins()
        self._judging.judge_soon()

    def _leave(self, draft: Draft | None) -> None:
        """Another level is shown: the last one's pairs and verdict are none of its."""
        self._shown = draft
        if self._picking >= 0:
            self._bench.ask_point(None)
        self._picking = self._sending = -1
        self._judging.give_up()
        self._verdict.show_verdict(None, self._bench.scene.transforms)

    def _show_pins(self) -> None:
        draft = self.draft
        self._bench.canvas.set_pins(() if draft is None else draft.pins())

    def _to_judge(self) -> Transforms | None:
        draft = self.draft
        return draft.now if draft is not None and self.isVisible() else None

    # changing

    def _edit(self, transforms: Transforms, what: str) -> None:
        draft = self.draft
        if draft is not None:
            draft.change(transforms, what)
            self._show_draft()

    def _do(self, action: Callable[[Draft], object]) -> None:
        draft = self.draft
        if draft is not None:
            action(draft)
            self._show_draft()

    def _keep(self) -> None:
        draft, model = self.draft, self._bench.scene.active_model()
        if draft is not None and model is not None:
            self._bench.source.change_axes(model.model_id, draft.to_save())

    # pairs of places

    def _add_pair(self) -> None:
        draft = self.draft
        index = None if draft is None else draft.add_pair()
        if index is None:
            self._context.messages.say(f"{MAX_PAIRS} pairs are enough: remove one that is doubtful first.")
            return
        self._pick(index)
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # the row has its place now, not later
        self._bring_into_sight(index)

    def _bring_into_sight(self, index: int) -> None:
        """The row of a new pair, and the buttons below it for the next one."""
        scroll, row = self._scroll_area(), self._pairs.row(index)
        if scroll is not None and row is not None:
            for widget in (self._add, row):
                scroll.ensureWidgetVisible(widget, 0, 12)

    def _scroll_area(self) -> QScrollArea | None:
        around = self.parentWidget()
        while around is not None and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        return around

    def _remove_pair(self, index: int) -> None:
        self._sending = -1
        self._picking = -1
        self._bench.ask_point(None)
        self._do(lambda draft: draft.remove_pair(index))

    def _fit_pairs(self) -> None:
        self._do(Draft.fit_pairs)

    def _pick(self, index: int) -> None:
        """Have the next click on the level tell this pair's place; −1: no longer."""
        self._picking, self._sending = index, index
        self._bench.ask_point(self._stop_picking if index >= 0 else None)
        self._refresh()

    def _stop_picking(self) -> None:
        self._pick(-1)

    def _take_ray(self, ray: Ray) -> None:
        index, geometry, scene = self._picking, self._bench.source.geometry, self._bench.scene
        if index < 0 or not self.isVisible():
            return
        world, section = scene.transforms.mesh, self._bench.section
        (_, _, floor), _ = scene.mesh_bounds() or EMPTY_BOUNDS

        async def met() -> None:
            place = None
            if geometry is not None:
                place = await asyncio.to_thread(first_hit, ray, geometry, world, section.low, section.high)
            self._put(index, place or height_hit(ray, floor))

        self._context.tasks.start(met(), "Find the place on the level")

    def _put(self, index: int, place: Place | None) -> None:
        draft = self.draft
        if place is None or draft is None or index != self._picking:
            return
        draft.put(index, place)
        self._picking = -1
        self._bench.ask_point(None)
        self._show_draft()

    def _take_picked(self, picked: Picked | None) -> None:
        """An event was picked, on the level or elsewhere: it is where the pair's place is."""
        draft, index = self.draft, self._sending
        if not self.isVisible() or draft is None or picked is None or picked.place is None or index < 0:
            return
        if index < len(draft.pairs) and self._picking < 0:
            self._sending = -1
            self._take_sent(index, picked.place)

    def _take_sent(self, index: int, place: Place | None) -> None:
        self._do(lambda draft: draft.send(index, place))


def _result(draft: Draft) -> tuple[str, str]:
    """What the fit says, and the tone to say it in."""
    if draft.problem:
        return draft.problem, "bad"
    if draft.fit is None:
        return "", ""
    lines = [f"{draft.fit.error_m:.2f} m off on the whole."]
    if draft.fit.mirrored:
        lines.append("The telemetry is the mirror image of what its axes said: its handedness was turned.")
    lines.extend(draft.fit.doubts)
    return "\n".join(lines), "warning" if draft.fit.doubts else "good"
