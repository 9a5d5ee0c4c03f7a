"""The plots of the performance view: a plot a session, sessions in one plot, or bands; one x axis and one scale."""

import math

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.messages import Columns
from console.ui.clock import Clock, TimeRange
from console.ui.colours import Colours
from console.ui.performance.bands import Bands
from console.ui.performance.bands_plot import MAX_BESIDE, BandsPlot
from console.ui.performance.choices import Choices, Picture
from console.ui.performance.model import PerformanceModel
from console.ui.performance.near_bands import NearBands
from console.ui.performance.overlay_plot import OverlayPlot
from console.ui.performance.pens import Pens
from console.ui.performance.plot import FrameRatePlot
from console.ui.performance.plot_column import ColumnScroll, PlotColumn
from console.ui.performance.readout import Readout, session_lines
from console.ui.performance.session_rates import SessionKey, SessionRates
from console.ui.performance.time_plot import TimePlot
from console.ui.theme import Theme

# How much is seen while following, and the least, so that a first point does not fill the screen.
_FOLLOW_S = 600.0
_NEAR_PX = 8  # from the end of a line: still the session's
_LEAST_S = 30.0


class Pictures(QWidget):
    """`moved()`: a person panned or zoomed; `looked()`: another part of the bands by clock is in sight.

    `range_wanted(from, to)`, `range_given_up()`, `moment_wanted(at)`: what a person marked, in seconds since 1970.
    `all_wanted()`: all of what is drawn is to be in sight.
    `room_changed(int)`: so many plots that can be read fit under one another.
    """

    moved = Signal()
    looked = Signal()
    range_wanted = Signal(float, float)
    range_given_up = Signal()
    moment_wanted = Signal(float)
    all_wanted = Signal()
    room_changed = Signal(int)

    def __init__(
        self,
        theme: Theme,
        colours: Colours,
        model: PerformanceModel,
        choices: Choices,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pens = Pens(colours)
        self._model = model
        self.choices = choices
        self.each: list[FrameRatePlot] = []
        # Built when they are first looked at: a plot costs as much as the rest of the view.
        self._overlay: OverlayPlot | None = None
        self._bands: dict[Picture, BandsPlot] = {}
        self._marks: tuple[float | None, float | None, tuple[float, float] | None] = (None, None, None)
        self._picked_unseen = False
        self._column = PlotColumn()
        scroll = ColumnScroll(self._column)
        scroll.room_changed.connect(self.room_changed)
        self._stack = QStackedWidget()
        self._stack.addWidget(scroll)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.readout = Readout(self)

    @property
    def plots(self) -> list[TimePlot]:
        """Those that are in sight."""
        picture = self.choices.picture
        if picture == "each":
            return [plot for plot, _ in zip(self.each, self._model.shown(), strict=False)]
        return [self.overlay if picture == "overlay" else self._band(picture)]

    @property
    def unseen(self) -> bool:
        """Whether bands are to be drawn, and none were yet."""
        return self.choices.spread and self._band(self.choices.picture).bands is None

    @property
    def overlay(self) -> OverlayPlot:
        """The plot of many sessions."""
        if self._overlay is None:
            self._overlay = OverlayPlot(self._theme.tokens, self.choices)
            self._add(self._overlay)
        return self._overlay

    @property
    def sessions(self) -> list[SessionRates]:
        """Those whose lines are drawn."""
        return self._model.drawn(self.choices)

    @property
    def pens(self) -> dict[SessionKey, int]:
        """The numbers of the lines of sessions that share a plot."""
        if self.choices.picture == "each":
            return {}
        return self._pens.take(self.sessions[: MAX_BESIDE if self.choices.spread else None])

    def show_choices(self, choices: Choices) -> None:
        """Turn to another picture, or draw it otherwise."""
        self.choices = choices
        for plot in self._built:
            plot.set_choices(choices)
        if choices.picture == "each":
            self._stack.setCurrentIndex(0)
        else:
            self._stack.setCurrentWidget(self.plots[0])
        self.readout.hide()

    def set_tokens(self) -> None:
        """Paint in the theme's colours."""
        for plot in self._built:
            plot.set_tokens(self._theme.tokens)

    def near_bands(self) -> NearBands | None:
        """Of what bands are wanted beside those of the whole recording."""
        whole = self._ends() if self.choices.picture == "clock" else None
        return None if whole is None else NearBands.around(self._seen(), whole)

    def draw(self, bands: Columns | None, near: tuple[NearBands, Columns] | None = None) -> None:
        """Bring the picture in sight to the model, and to the bands that the store told: of all, and of a part."""
        sessions = self.sessions
        if self.choices.picture == "each":
            self._draw_each(sessions)
        elif self.choices.picture == "overlay":
            self.overlay.show_sessions(sessions, self.pens)
        else:
            plot, whole = self._band(self.choices.picture), None if bands is None else Bands.of(bands)
            closer = near is not None and self.near_bands() is not None and near[0].holds(self._seen())
            plot.show_bands(whole, sessions, self.pens, Bands.of(near[1]) if near is not None and closer else None)
        # One scale for all: sessions are there to be compared.
        top = max((plot.top for plot in self.plots), default=0.0)
        for plot in self.plots:
            plot.show_up_to(top)

    def show_range(self, *, whole: bool, present_us: int | None = None) -> None:
        """See everything, or the newest ten minutes: those up to the present, whoever's clock is hours ahead of it."""
        if not self.plots:
            return
        ends = self._ends()
        if ends is None:
            return
        first, last = ends
        if not (whole or self.choices.spread) and present_us is not None and present_us / 1e6 > first:
            last = min(last, present_us / 1e6)
        start = first if whole or self.choices.spread else max(first, last - _FOLLOW_S)
        start = min(start, last - (_LEAST_S if not self.choices.spread else 0))
        self.plots[0].getViewBox().setXRange(start, last + (last - start) * 0.02, padding=0)

    def show_clock(self, clock: Clock) -> None:
        """The cursor and the range; while playing, the cursor stays in sight."""
        cursor = None if clock.following or clock.cursor_us is None else clock.cursor_us / 1e6
        span = None if clock.range is None else (clock.range.start_us / 1e6, clock.range.end_us / 1e6)
        self._marks = cursor, self._marks[1], span
        self._show_marks()
        if clock.playing and cursor is not None and self.plots and self.choices.picture != "session":
            low, high = self.plots[0].getViewBox().viewRange()[0]
            if not low <= cursor <= high:
                width = high - low
                self.plots[0].getViewBox().setXRange(cursor - width * 0.1, cursor + width * 0.9, padding=0)

    def show_picked(self, time_us: int | None) -> None:
        """The moment of the event that is picked."""
        self._marks = self._marks[0], None if time_us is None else time_us / 1e6, self._marks[2]
        self._picked_unseen = time_us is not None
        self._show_marks()

    def turn_to_picked(self, extent: TimeRange | None) -> bool:
        """Bring the picked event's moment into sight, once. Whether it was out of it; one of a wrong clock stays so."""
        picked = self._marks[1]
        if picked is None or extent is None or not self._picked_unseen or self._ends() is None:
            return False
        self._picked_unseen = False
        known = extent.start_us <= round(picked * 1e6) <= extent.end_us
        return known and self.bring_into_sight(picked, picked)

    def bring_into_sight(self, start: float, end: float) -> bool:
        """Show a span, in seconds since 1970, unless all of it is in sight. Whether it was not."""
        if not self.plots or self.choices.picture == "session":
            return False
        low, high = self.plots[0].getViewBox().viewRange()[0]
        if start < low or end > high:
            margin = max((end - start) * 0.2, _LEAST_S / 2)
            self.plots[0].getViewBox().setXRange(start - margin, end + margin, padding=0)
            return True
        return False

    def _seen(self) -> tuple[float, float]:
        low, high = self.plots[0].getViewBox().viewRange()[0]
        return float(low), float(high)

    def _ends(self) -> tuple[float, float] | None:
        if self.choices.spread:
            return self._band(self.choices.picture).x_range()
        tables = [session.table() for session in self.sessions if len(session)]
        if not tables:
            return None
        return min(float(t[0, 0]) for t in tables) / 1e6, max(float(t[-1, 1]) for t in tables) / 1e6

    def _draw_each(self, sessions: list[SessionRates]) -> None:
        while len(self.each) < len(sessions):
            plot = FrameRatePlot(self._theme.tokens, self.choices, self._column)
            self._connect(plot)
            plot.all_wanted.connect(self.all_wanted)
            if self.each:
                plot.setXLink(self.each[0])
            self.each.append(plot)
            self._show_marks()
        for number, plot in enumerate(self.each):
            # The plots share one axis: its times stand under the lowest one.
            plot.getPlotItem().showAxis("bottom", number == len(sessions) - 1)
        self._column.show_plots(self.each[: len(sessions)])
        for plot, session in zip(self.each, sessions, strict=False):
            plot.show_session(session)

    @property
    def _built(self) -> list[TimePlot]:
        overlay = [] if self._overlay is None else [self._overlay]
        return [*self.each, *overlay, *self._bands.values()]

    def _band(self, picture: Picture) -> BandsPlot:
        if picture not in self._bands:
            self._bands[picture] = BandsPlot(self._theme.tokens, self.choices, clock=picture == "clock")
            self._add(self._bands[picture])
            self._bands[picture].getViewBox().sigXRangeChanged.connect(lambda *_: self.looked.emit())
        return self._bands[picture]

    def _add(self, plot: TimePlot) -> None:
        self._stack.addWidget(plot)
        self._connect(plot)
        self._show_marks()

    def _connect(self, plot: TimePlot) -> None:
        plot.hovered.connect(self._hovered)
        plot.moved.connect(self.moved)
        plot.range_wanted.connect(self.range_wanted)
        plot.range_given_up.connect(self.range_given_up)
        plot.moment_wanted.connect(self.moment_wanted)

    def _show_marks(self) -> None:
        cursor, picked, span = self._marks
        for plot in self._built:
            if plot is self._bands.get("session"):
                continue  # its times are no times of day
            plot.show_cursor(cursor)
            plot.show_picked(picked)
            plot.show_region(span)

    def _hovered(self, seconds: float) -> None:
        for plot in self.plots:
            plot.show_cross(seconds)
        # Without sessions, as while those of another scope are awaited, the plots last drawn are still in sight.
        if math.isnan(seconds) or not self.plots:
            self.readout.hide()
            return
        if self.choices.spread:
            bands = self._band(self.choices.picture).drawn
            self.readout.show_lines([] if bands is None else bands.words_at(seconds, self.choices.unit))
        else:
            within = _NEAR_PX * self.plots[0].getPlotItem().getViewBox().viewPixelSize()[0]
            self.readout.show_lines(session_lines(self.sessions, seconds, within, self.choices))
