"""The performance view: how well the game ran, for each session and over all of them."""

import time
from collections.abc import Callable

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.hover import plain_hover
from console.ui.navigation import Destination, LevelMomentSubject
from console.ui.performance.choices import Choices
from console.ui.performance.controls import Controls
from console.ui.performance.details import Details
from console.ui.performance.empty import empty_page
from console.ui.performance.model import PerformanceModel
from console.ui.performance.pictures import Pictures
from console.ui.performance.questions import Questions
from console.ui.performance.session_panel import SessionPanel
from console.ui.performance.session_rates import SessionKey, Span
from console.ui.performance.source import PerformanceSource
from console.ui.performance.standing import StandingQuestions
from console.ui.performance.summary import Summaries, Summary
from console.ui.performance.tiles import Tiles
from console.ui.performance.worst_moment import WorstMomentPlace
from console.ui.performance.worst_table import WorstPlace
from console.ui.selection import Picked, Scope

_REDRAW_MS = 33
_REST_OF_REDRAW = 4  # so long after one, measured by what it took: painting and input come in between
_LOOK_MS = 150


class PerformanceView(QWidget):
    """Sessions at the left; tiles, plots and details of them at the right.

    `destination_wanted(Destination)`: a place on the level.
    """

    title = "Performance"
    badge_changed = Signal(str)
    destination_wanted = Signal(object)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._model = PerformanceModel()
        self._model.scope = context.selection.scope
        self._model.span = self._span
        self._summaries = Summaries()
        self._standing = StandingQuestions(context, self)
        self._choices = Choices.from_text(str(context.settings.value("performance/choices", "")))
        self._following = context.clock.following
        self._frozen = False
        self._seen = False
        self._missed = False  # more was recorded while the picture was kept still
        self._look_timer = _timer(self, _LOOK_MS, self._want)
        self._place = WorstMomentPlace(context, lambda: self._show_tiles(self._summary()))
        self._redraw_timer = _timer(self, _REDRAW_MS, self._redraw_live)
        self._source = PerformanceSource(context, self._model, self)
        self._build()
        self._questions = Questions(self._standing, self._model, self._pictures, self._details)
        self._connect()
        self._picked(context.selection.picked)

    # what menus call

    @property
    def model(self) -> PerformanceModel:
        """What is shown, for tests."""
        return self._model

    def set_frozen(self, frozen: bool) -> None:
        """Keep the picture still; what comes meanwhile is drawn when it thaws."""
        self._frozen = frozen
        if not frozen:
            if self._missed:
                self._missed = False
                self._standing.outdated()
            self._redraw()

    def clear(self) -> None:
        """Empty the view; what is stored stays stored."""
        self._model.clear()
        self._redraw()

    def focus_filter(self) -> None:
        self._list.setFocus()

    def frame_selection(self) -> None:
        """See all of what is drawn."""
        self._set_following(False)
        self._pictures.show_range(whole=True)

    def follow(self) -> None:
        """Back to the newest ten minutes."""
        self._set_following(True)

    # building

    def _build(self) -> None:
        left = SessionPanel(self._context.theme)
        self._list, self._count = left.list, left.count
        self._tiles = Tiles()
        self._controls = Controls(self._context.theme, self._choices)
        self._controls.show_following(self._following)
        self._pictures = Pictures(self._context.theme, self._context.colours, self._model, self._choices)
        self._pictures.show_choices(self._choices)
        self._details = Details(self._context.theme)
        self._parts = QSplitter(Qt.Orientation.Vertical)
        self._parts.setAccessibleName("Plots and details")
        self._parts.addWidget(self._pictures)
        self._parts.addWidget(self._details)
        self._parts.setStretchFactor(0, 3)
        self._parts.setStretchFactor(1, 2)
        self._parts.setCollapsible(0, False)
        self._parts.setSizes([600, 360])
        state = self._context.settings.value("performance/parts")
        if isinstance(state, QByteArray):
            self._parts.restoreState(state)
        right = QWidget()
        area = QVBoxLayout(right)
        area.setContentsMargins(12, 12, 12, 12)
        area.setSpacing(12)
        area.addWidget(self._tiles)
        area.addWidget(self._controls)
        area.addWidget(self._parts, 1)

        content = QSplitter()
        content.setChildrenCollapsible(False)
        content.addWidget(left)
        content.addWidget(right)
        content.setStretchFactor(1, 1)
        content.setSizes([220, 900])
        self._pages = QStackedWidget()
        self._pages.addWidget(empty_page())
        self._pages.addWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    def _connect(self) -> None:
        context, pictures = self._context, self._pictures
        context.feed.connected.connect(lambda _hello: self._standing.ask_anew())
        self._source.loaded.connect(self._loaded)
        self._source.grew.connect(self._grew)
        context.selection.scope_changed.connect(self._scope_changed)
        context.selection.picked_changed.connect(self._picked)
        context.theme.changed.connect(self._use_tokens)
        context.clock.moved.connect(self._clock_moved)
        context.clock.range_changed.connect(self._range_changed)
        context.clock.state_changed.connect(self._clock_state_changed)
        self._list.chosen.connect(self._choose)
        self._controls.changed.connect(self._use_choices)
        self._controls.followed.connect(self._set_following)
        self._controls.all_wanted.connect(self.frame_selection)
        pictures.looked.connect(self._looked)
        pictures.room_changed.connect(self._room_changed)
        pictures.moved.connect(lambda: self._set_following(False))
        pictures.all_wanted.connect(self.frame_selection)
        pictures.range_wanted.connect(self._mark_range)
        pictures.range_given_up.connect(lambda: context.clock.set_range(None))
        pictures.moment_wanted.connect(lambda seconds: context.clock.seek(round(seconds * 1e6)))
        self._standing.answered.connect(self._answered)
        self._details.turned.connect(self._want)
        self._details.turned.connect(self._show_details)
        self._details.worst.marked.connect(self._mark_worst)
        self._details.worst.wanted.connect(self._go_to_worst)
        self._parts.splitterMoved.connect(
            lambda: context.settings.setValue("performance/parts", self._parts.saveState())
        )

    # the server's side

    @property
    def _span(self) -> Span | None:
        marked = self._context.clock.range
        return None if marked is None else (marked.start_us, marked.end_us)

    def _loaded(self, first: bool) -> None:
        self._redraw()
        if first and not self._following:
            self._pictures.show_range(whole=True)
            if self._span is not None:  # marked before this view was first seen
                self._pictures.bring_into_sight(self._span[0] / 1e6, self._span[1] / 1e6)
        self._turn_to_picked()

    def _want(self) -> None:
        """Ask the store what is in sight, and nothing else."""
        if self._seen:
            self._questions.want(self._choices)
        else:
            self._questions.want_nothing()

    def _grew(self) -> None:
        if self._frozen:
            self._missed = True
            return
        self._standing.outdated()
        if not self._redraw_timer.isActive():
            self._redraw_timer.start()

    def _scope_changed(self, scope: Scope) -> None:
        self._model.set_scope(scope)
        self._questions.forget()
        self._source.scope_changed()
        self._want()

    # a person's side

    def _use_choices(self, choices: Choices) -> None:
        turned = choices.picture != self._choices.picture
        self._choices = choices
        self._context.settings.setValue("performance/choices", choices.as_text())
        self._pictures.show_choices(choices)
        self._want()
        self._redraw()
        if turned:
            if self._following:
                self._show_present()
            else:
                self._pictures.show_range(whole=True)

    def _choose(self, keys: list[SessionKey]) -> None:
        self._model.choose(keys)
        self._redraw()

    def _room_changed(self, plots: int) -> None:
        before, self._model.room = len(self._model.shown()), plots
        if len(self._model.shown()) != before:
            self._redraw()

    def _set_following(self, following: bool) -> None:
        self._following = following
        self._controls.show_following(following)
        if following:
            self._show_present()

    def _show_present(self) -> None:
        extent = self._context.clock.extent
        self._pictures.show_range(whole=False, present_us=None if extent is None else extent.end_us)

    def _mark_range(self, start: float, end: float) -> None:
        self._set_following(False)
        self._context.clock.set_range(TimeRange(round(start * 1e6), round(end * 1e6)))

    def _mark_worst(self, place: WorstPlace | None) -> None:
        if place is not None:
            self._context.clock.seek(place.time_us)
            self._set_following(False)
            self._pictures.bring_into_sight(place.start_us / 1e6, place.end_us / 1e6)

    def _go_to_worst(self, place: WorstPlace | None) -> None:
        if place is None:
            return
        self._context.clock.seek(place.time_us)
        subject = LevelMomentSubject(place.level_id, place.time_us, place.app_id, place.session_id, place.place)
        self.destination_wanted.emit(Destination(view="level", subject=subject))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_End:
            self._set_following(True)
            event.ignore()  # every other view comes back to the present, too
        elif event.key() == Qt.Key.Key_F and not event.modifiers():
            self.frame_selection()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._seen = True
        self._source.set_active(True)
        self._want()
        self._redraw()
        self._turn_to_picked()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._seen = False
        self._pictures.readout.hide()
        self._source.set_active(False)
        self._want()

    # the clock and the picked event

    def _clock_moved(self) -> None:
        if self._seen:
            self._pictures.show_clock(self._context.clock)

    def _clock_state_changed(self) -> None:
        if self._context.clock.following:
            self._set_following(True)
        elif self._context.clock.playing:
            self._set_following(False)
        self._clock_moved()

    def _range_changed(self) -> None:
        span = self._model.span = self._span
        if span is not None:
            self._set_following(False)
            self._pictures.bring_into_sight(span[0] / 1e6, span[1] / 1e6)
        self._source.span_changed()
        self._want()
        self._redraw()

    def _picked(self, picked: Picked | None) -> None:
        self._model.picked = None if picked is None else (picked.app_id, picked.session_id)
        self._pictures.show_picked(None if picked is None else picked.time_us)
        self._redraw()
        self._turn_to_picked()

    def _turn_to_picked(self) -> None:
        """The clock stays where it is: only this view looks there."""
        clock = self._context.clock
        if self._seen and not clock.playing and self._pictures.turn_to_picked(clock.extent):
            self._set_following(False)

    # from the model to the screen

    def _use_tokens(self) -> None:
        self._pictures.set_tokens()
        self._controls.set_tokens()
        self._details.set_tokens()

    def _answered(self, slot: str) -> None:
        self._questions.answered(slot)
        if self._frozen:
            return
        if slot == "near":
            self._redraw()
        elif slot == "bands":
            first = self._pictures.unseen
            self._redraw()
            if first or self._following:
                self._pictures.show_range(whole=True)
        else:
            self._show_details()

    def _looked(self) -> None:
        if self._questions.has_near and not self._redraw_timer.isActive():
            self._redraw_timer.start()
        self._look_timer.start()

    def _redraw_live(self) -> None:
        began = time.perf_counter()
        self._redraw()
        took_ms = (time.perf_counter() - began) * 1e3
        self._redraw_timer.setInterval(round(max(_REDRAW_MS, took_ms * _REST_OF_REDRAW)))

    def _redraw(self) -> None:
        if self._frozen or not self._seen:
            return
        self._redraw_timer.stop()
        model, pictures = self._model, self._pictures
        page = 1 if model.sessions else 0
        if page != self._pages.currentIndex():
            self._pages.setCurrentIndex(page)
            self._want()
        if not model.sessions:
            return
        pictures.draw(self._standing.answer("bands"), self._questions.near)
        pictures.show_clock(self._context.clock)
        self._list.show_sessions(model.offered(), pictures.sessions, pictures.pens)
        words = model.words(self._choices)
        self._count.setText(words)
        self._count.setToolTip(plain_hover(words))
        if self._following:
            self._show_present()
        summary = self._summary()
        self._show_tiles(summary)
        self._details.show_answers(self._standing, summary, self._choices)

    def _summary(self) -> Summary | None:
        sessions = self._pictures.sessions or self._model.listed()
        return self._summaries.of(sessions, self._span)

    def _show_details(self) -> None:
        self._details.show_answers(self._standing, self._summary(), self._choices)

    def _show_tiles(self, summary: Summary | None) -> None:
        worst = None if summary is None else summary.worst
        self._tiles.show_summary(summary, self._place.of(worst), self._choices)


def _timer(parent: QWidget, ms: int, act: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(ms)
    timer.timeout.connect(act)
    return timer
