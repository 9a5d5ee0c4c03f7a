"""The performance view: how well the game ran for each session, over time."""

import math

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.client import ConsoleUnavailable
from console.columns import numbers
from console.messages import FeedHello, FeedRows, ServerStatus
from console.telemetry.events import UNASSIGNED_LEVEL
from console.ui.context import ViewContext
from console.ui.hover import plain_hover
from console.ui.performance.model import MAX_CHOSEN, PerformanceModel, SessionKey, Summary, Worst, summarise
from console.ui.performance.plot import TOP_FPS, FrameRatePlot
from console.ui.performance.readout import LineKey, Readout
from console.ui.performance.session_list import SessionList
from console.ui.performance.tiles import Tiles
from console.ui.selection import Scope
from console.ui.style import heading_font
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import plural

MAX_HISTORY_ROWS = 200_000
_REDRAW_MS = 100
# How much is seen while following, and the least, so that a first point does not fill the screen.
_FOLLOW_S = 600.0
_LEAST_S = 30.0


class PerformanceView(QWidget):
    """Sessions at the left, one plot for each chosen one, all on one clock."""

    title = "Performance"
    badge_changed = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._model = PerformanceModel()
        self._model.scope = context.selection.scope
        self._plots: list[FrameRatePlot] = []
        self._following = True
        self._frozen = False
        self._behind = False
        self._request = 0
        self._worst: Worst | None = None
        self._worst_place: tuple[float, float, float] | None = None
        self._redraw_timer = QTimer(self)
        self._redraw_timer.setSingleShot(True)
        self._redraw_timer.setInterval(_REDRAW_MS)
        self._redraw_timer.timeout.connect(self._redraw)
        self._build()
        context.feed.connected.connect(self._connected)
        context.feed.rows_arrived.connect(self._take_rows)
        context.feed.status_changed.connect(self._take_status)
        context.selection.scope_changed.connect(self._scope_changed)
        context.theme.changed.connect(self._use_tokens)
        # Before the server is there this fails, and `connected` asks again.
        context.tasks.start(self._load_history(), "Load the frame rates", on_error=self._first_load_failed)

    # what menus call

    @property
    def model(self) -> PerformanceModel:
        """What is shown, for tests."""
        return self._model

    def set_frozen(self, frozen: bool) -> None:
        """Keep the picture still; what comes meanwhile is drawn when it thaws."""
        self._frozen = frozen
        if not frozen:
            self._redraw()

    def clear(self) -> None:
        """Empty the view; what is stored stays stored."""
        self._model.clear()
        self._redraw()

    def focus_filter(self) -> None:
        self._list.setFocus()

    def frame_selection(self) -> None:
        """See all of the chosen sessions."""
        self._set_following(False)
        self._show_range(whole=True)

    # building

    def _build(self) -> None:
        heading = QLabel("Sessions")
        heading.setProperty("role", "heading")
        heading.setFont(heading_font())
        self._list = SessionList(self._context.theme)
        self._list.chosen.connect(self._choose)
        self._count = ElidedLabel()
        self._count.setProperty("role", "dim")
        left = QWidget()
        left.setMinimumWidth(180)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(8)
        for label in (heading, self._count):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setContentsMargins(12, 0, 12, 0)
        heading.setContentsMargins(12, 12, 12, 0)
        column.addWidget(heading)
        column.addWidget(self._list, 1)
        column.addWidget(self._count)

        self._tiles = Tiles()
        self._follow = QPushButton("Follow")
        self._follow.setCheckable(True)
        self._follow.setChecked(True)
        self._follow.setToolTip("Keep the newest in sight (End)")
        self._follow.toggled.connect(self._set_following)
        whole = QPushButton("All")
        whole.setToolTip("See the whole session (F)")
        whole.clicked.connect(self.frame_selection)
        self._key = LineKey(self._context.theme)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self._key)
        bar.addStretch(1)
        bar.addWidget(whole)
        bar.addWidget(self._follow)
        self._plot_column = QVBoxLayout()
        self._plot_column.setSpacing(8)
        self._right = right = QWidget()
        area = QVBoxLayout(right)
        area.setContentsMargins(12, 12, 12, 12)
        area.setSpacing(12)
        area.addWidget(self._tiles)
        area.addLayout(bar)
        area.addLayout(self._plot_column, 1)
        self._readout = Readout(right)

        content = QSplitter()
        content.setChildrenCollapsible(False)
        content.addWidget(left)
        content.addWidget(right)
        content.setStretchFactor(1, 1)
        content.setSizes([220, 900])
        self._pages = QStackedWidget()
        self._pages.addWidget(_empty_page())
        self._pages.addWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    # the server's side

    def _load(self) -> None:
        self._context.tasks.start(self._load_history(), "Load the frame rates")

    def _first_load_failed(self, error: Exception) -> None:
        if not isinstance(error, ConsoleUnavailable):
            self._context.messages.say(f"Load the frame rates: {error}", kind="bad")

    async def _load_history(self) -> None:
        self._request += 1
        request = self._request
        self._model.loading = True
        try:
            answer = await self._context.client.query(
                "frame_rate", limit=MAX_HISTORY_ROWS, **self._model.query_params()
            )
            if request != self._request:
                return  # another scope was chosen meanwhile
            self._model.loaded(answer)
        finally:
            if request == self._request:
                self._model.loading = False
        self._redraw()

    def _connected(self, hello: FeedHello) -> None:
        # Events that the journal has and the event store does not come neither by query nor by feed: ask once more.
        self._behind = hello.status.events_behind > 0
        self._load()

    def _take_status(self, status: ServerStatus) -> None:
        if self._behind and status.events_behind == 0:
            self._behind = False
            self._load()

    def _take_rows(self, rows: FeedRows) -> None:
        if self._model.take_rows(rows) and self.isVisible() and not self._redraw_timer.isActive():
            self._redraw_timer.start()

    def _scope_changed(self, scope: Scope) -> None:
        self._model.set_scope(scope)
        self._load()

    def _ask_place(self, worst: Worst) -> None:
        """Where the worst moment was: the event store knows the samples of that time."""
        self._worst, self._worst_place = worst, None

        async def ask() -> None:
            answer = await self._context.client.query(
                "samples",
                level_id=worst.level_id or UNASSIGNED_LEVEL,
                app_id=worst.key[0],
                session_ids=[worst.key[1]],
                from_us=worst.start_us,
                to_us=worst.end_us,
                limit=1,
            )
            if answer.rows and self._worst == worst:
                x, y, z = (float(numbers(answer, name)[0]) for name in "xyz")
                self._worst_place = (x, y, z)
                self._show_tiles(summarise(self._model.shown()))

        # Without the place the tile still says when and on which level.
        self._context.tasks.start(ask(), "Look up the place", on_error=lambda error: None)

    # a person's side

    def _choose(self, keys: list[SessionKey]) -> None:
        self._model.choose(keys)
        self._redraw()

    def _set_following(self, following: bool) -> None:
        self._following = following
        with QSignalBlocker(self._follow):
            self._follow.setChecked(following)
        if following:
            self._show_range(whole=False)

    def _was_moved(self) -> None:
        self._set_following(False)

    def _hovered(self, seconds: float) -> None:
        shown = self._model.shown()
        for plot in self._plots:
            plot.show_cross(seconds)
        if math.isnan(seconds) or not self._readout.show_values(shown, seconds):
            self._readout.hide()
            return
        parent = self._right
        at = parent.mapFromGlobal(QCursor.pos()) + QPoint(16, 16)
        limit = QPoint(parent.width() - self._readout.width() - 8, parent.height() - self._readout.height() - 8)
        self._readout.move(min(at.x(), limit.x()), min(at.y(), limit.y()))
        self._readout.show()
        self._readout.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_End:
            self._set_following(True)
        elif event.key() == Qt.Key.Key_F and not event.modifiers():
            self.frame_selection()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._redraw()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._readout.hide()

    # from the model to the screen

    def _use_tokens(self) -> None:
        for plot in self._plots:
            plot.set_tokens(self._context.theme.tokens)
        self._key.update()

    def _redraw(self) -> None:
        if self._frozen:
            return
        model = self._model
        self._pages.setCurrentIndex(1 if model.sessions else 0)
        if not model.sessions:
            return
        shown = model.shown()
        self._list.show_sessions(model.listed(), shown)
        words = self._words()
        self._count.setText(words)
        self._count.setToolTip(plain_hover(words))
        while len(self._plots) < len(shown):
            self._plots.append(self._new_plot())
        for number, plot in enumerate(self._plots):
            plot.setVisible(number < len(shown))
        for plot, session in zip(self._plots, shown, strict=False):
            plot.show_session(session)
        # One scale for all: sessions are there to be compared.
        top_fps = max((plot.top_fps for plot in self._plots[: len(shown)]), default=0.0) or TOP_FPS
        for plot in self._plots:
            plot.show_up_to(top_fps)
        if self._following:
            self._show_range(whole=False)
        summary = summarise(shown)
        if summary is not None and summary.worst is not None and summary.worst != self._worst:
            self._ask_place(summary.worst)
        self._show_tiles(summary)

    def _show_tiles(self, summary: Summary | None) -> None:
        known = summary is not None and summary.worst == self._worst
        self._tiles.show_summary(summary, self._worst_place if known else None)

    def _words(self) -> str:
        model = self._model
        wanted, shown = model.wanted(), model.shown()
        words = [plural(len(model.sessions), "session")]
        if model.follows_newest:
            words.append("newest shown")
        elif len(wanted) > len(shown):
            words.append(f"{MAX_CHOSEN} of {len(wanted)} chosen are shown")
        dropped = sum(session.dropped for session in model.sessions.values())
        if dropped or model.truncated:
            words.append("older values not shown")
        return " · ".join(words)

    def _new_plot(self) -> FrameRatePlot:
        plot = FrameRatePlot(self._context.theme.tokens)
        plot.hovered.connect(self._hovered)
        plot.moved.connect(self._was_moved)
        if self._plots:
            plot.setXLink(self._plots[0])
        self._plot_column.addWidget(plot, 1)
        return plot

    def _show_range(self, *, whole: bool) -> None:
        tables = [session.table() for session in self._model.shown() if len(session)]
        if not tables or not self._plots:
            return
        first = min(float(table[0, 0]) for table in tables) / 1e6
        last = max(float(table[-1, 1]) for table in tables) / 1e6
        start = first if whole else max(first, last - _FOLLOW_S)
        start = min(start, last - _LEAST_S)
        self._plots[0].getViewBox().setXRange(start, last + (last - start) * 0.02, padding=0)


def _empty_page() -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setSpacing(8)
    column.addStretch(1)
    for role, words in (
        ("title", "No frame rates yet"),
        (
            "dim",
            "They come with the trajectories a game sends: give each one its fps, and lines are drawn as people play.",
        ),
        ("mono-dim", '{"positions": […], "fps": {"mean": 58.2, "low_5": 44.0, "low_1": 31.5}, …}'),
    ):
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", role)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        label.setWordWrap(role == "dim")
        column.addWidget(label)
    column.addStretch(2)
    return page
