"""The overview: the whole playtest, or what scope and clock narrow it to, on one page."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from console.messages import FeedHello
from console.messages.requests import FailureKind
from console.telemetry.events import EventKind
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.navigation import Destination, FailureSubject, FilterSubject, LevelSubject, RejectedSubject, Subject
from console.ui.options import ViewName
from console.ui.overview.charts import RateRows, Row, scale_of
from console.ui.overview.model import MAX_RATES, OTHER, bin_words, played
from console.ui.overview.source import MAX_REJECTED, Overview, OverviewSource
from console.ui.overview.tile import Tile
from console.ui.overview.time_rows import TimeRows
from console.ui.selection import Scope
from console.ui.style import heading_font
from console.ui.widgets.empty_state import EmptyState
from console.ui.widgets.filter_terms import term
from console.ui.widgets.formatting import ago, exact_time, percent, plural, short_count, visible
from console.ui.widgets.small_table import Column, Line, SmallTable
from console.ui.widgets.table_columns import Tone

_MAX_FAILURES = 6
_NOBODY = "Nobody played in what is chosen."
_ROWS_OF_EVENTS = 4
_STEPS_AND_GAMEPLAY = "kind:gameplay OR kind:funnel"
_FAILURES = (
    Column("Requests", 64, mono=True, right=True),
    Column("Status", 56, mono=True),
    Column("What was wrong", 0),
)


class OverviewView(QWidget):
    """Every number leads to the view that has more of it: `destination_wanted(Destination)`.

    The clock's range narrows the numbers; its cursor is a line in the charts, which do not change as it moves.
    """

    title = "Overview"
    destination_wanted = Signal(object)
    test_event_wanted = Signal()
    demo_wanted = Signal()
    badge_changed = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.source = OverviewSource(context, self)
        self.sessions = Tile("Sessions", "Click for their events")
        self.players = Tile("Players", "Players that sent events. Click for their profiles")
        self.playtime = Tile("Playtime", "From a session's first event to its last; half of the sessions were longer")
        self.events = Tile(
            "Named events",
            "Funnel steps and gameplay events; the status bar counts trajectories and players' data too."
            " Click for them",
        )
        self.rejected = Tile("Rejected", "Share of the requests that were refused. Click for them")
        self.rate = Tile("Frame rate", "Of the newest build that told frame rates. Click for them over time")
        theme = context.theme
        self.under_way = TimeRows(theme, "Sessions under way", row_height=96, name_width=0)
        self.names = TimeRows(theme, "Events by name")
        self.builds, self.levels = RateRows(theme, "Builds"), RateRows(theme, "Levels")
        self.refused = TimeRows(theme, "Rejected share", row_height=48, name_width=0)
        self.failures = SmallTable(theme, "Most frequent failures", _FAILURES)
        self.failures.setProperty("ground", "panel")
        self.failures.horizontalHeader().hide()
        self.empty = EmptyState(context, "event")
        self._over_time = (self.under_way, self.names, self.refused)
        self._nothing = plain_label(_NOBODY, "dim")
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()

    def set_frozen(self, frozen: bool) -> None:
        """Keep the numbers as they are; recording goes on."""
        self.source.asking.set_frozen(frozen)

    # set-up

    def _lay_out(self) -> None:
        tiles = QHBoxLayout()
        tiles.setSpacing(8)
        for tile in (self.sessions, self.players, self.playtime, self.events, self.rejected, self.rate):
            tile.setMinimumWidth(120)
            tiles.addWidget(tile, 1)
        page = QWidget()
        grid = QGridLayout()
        grid.setSpacing(8)
        grid.addWidget(_card("Sessions under way", self.under_way), 0, 0)
        grid.addWidget(_card("Events by name", self.names), 0, 1, 2, 1)
        grid.addWidget(_card("Rejected share of requests", self.refused, self.failures), 1, 0)
        grid.addWidget(_card("Frame rate by build, newest first", self.builds), 2, 0)
        grid.addWidget(_card("Frame rate by level, most played first", self.levels), 2, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(tiles)
        column.addLayout(grid)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for part in (self.empty, self._nothing, scroll):
            self._pages.addWidget(part)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    def _connect(self) -> None:
        context, source = self._context, self.source
        context.feed.connected.connect(self._connected)
        context.feed.changed.connect(lambda _topic: source.asking.ask_soon())
        context.selection.scope_changed.connect(lambda _scope: source.asking.ask())
        context.clock.range_changed.connect(source.asking.ask)
        context.clock.moved.connect(self._show_cursor)
        for chart in self._over_time:
            chart.moment_wanted.connect(self._seek)
            chart.range_wanted.connect(context.clock.set_range)
        source.changed.connect(self._show)
        ways: tuple[tuple[Tile, ViewName], ...] = (
            (self.sessions, "live"),
            (self.players, "players"),
            (self.playtime, "level"),
            (self.rate, "performance"),
        )
        for tile, view in ways:
            tile.clicked.connect(lambda view=view: self._go(view))
        self.events.clicked.connect(lambda: self._go("live", subject=FilterSubject(_STEPS_AND_GAMEPLAY)))
        self.rejected.clicked.connect(lambda: self._go("requests", subject=RejectedSubject()))
        self.under_way.chosen.connect(lambda _key: self._go("live"))
        self.refused.chosen.connect(lambda _key: self._go("requests", subject=RejectedSubject()))
        self.names.chosen.connect(self._show_name)
        self.builds.chosen.connect(self._show_build)
        self.levels.chosen.connect(self._show_level)
        self.failures.opened.connect(lambda kind: self._go("requests", subject=FailureSubject(kind)))
        self.failures.cellClicked.connect(lambda _row, _column: self._show_failure())
        self.empty.test_event_wanted.connect(self.test_event_wanted)
        self.empty.demo_wanted.connect(self.demo_wanted)

    def _connected(self, hello: FeedHello) -> None:
        if self.source.overview is None and hello.last_seq > 0:  # there is something: nobody waits for a first event
            self._nothing.setText("Summing up the recording …")
            self._pages.setCurrentIndex(1)
        self.source.asking.ask()

    # a person's side

    def _seek(self, time_us: int) -> None:
        chosen = self._context.clock.range
        if chosen is not None:  # bars begin at round times, maybe a little before the range
            time_us = min(max(time_us, chosen.start_us), chosen.end_us)
        self._context.clock.seek(time_us)

    def _show_cursor(self) -> None:
        clock = self._context.clock
        for chart in self._over_time:
            chart.show_cursor(None if clock.following else clock.cursor_us)

    def _go(self, view: ViewName, *, scope: Scope | None = None, subject: Subject | None = None) -> None:
        self.destination_wanted.emit(Destination(view=view, scope=scope, subject=subject))

    def _show_name(self, name: str) -> None:
        found = "" if name == OTHER else term("event", name)
        self._go("live", subject=FilterSubject(found) if found else None)

    def _show_build(self, key: tuple[str, str]) -> None:
        self._go("performance", scope=Scope(app_id=key[0], build_id=key[1]))

    def _show_level(self, key: tuple[str, str]) -> None:
        told = self.source.overview
        shared = told is not None and any(
            line.owner for line in told.rates if (line.by, line.app_id, line.name) == ("level", *key)
        )
        self._go("level", scope=Scope(app_id=key[0]) if shared else None, subject=LevelSubject(key[1]))

    def _show_failure(self) -> None:
        kind = self.failures.current_key
        if isinstance(kind, FailureKind):
            self._go("requests", subject=FailureSubject(kind))

    # shown

    def _show(self) -> None:
        overview = self.source.overview
        if overview is None:
            self._nothing.setText(_NOBODY)
            narrowed = self._context.selection.scope != Scope() or self._context.clock.range is not None
            self._pages.setCurrentIndex(1 if narrowed else 0)
            return
        self._pages.setCurrentIndex(2)
        self._show_tiles(overview)
        self._show_charts(overview)
        self._show_failures(overview)

    def _show_tiles(self, told: Overview) -> None:
        totals, refused = told.totals, told.rejections
        most = f"{totals.most_at_once:,} at once at most"
        self.sessions.show_value(short_count(totals.sessions), most, f"{totals.sessions:,}")
        self.players.show_value(short_count(totals.players), plural(totals.builds, "build"), f"{totals.players:,}")
        self.playtime.show_value(played(totals.total_secs), f"median {played(totals.median_secs)}")
        events, names = sum(line.total for line in told.events), len([line for line in told.events if line.kind])
        self.events.show_value(
            short_count(events),
            plural(names, "name") + (" and more" if names < len(told.events) else ""),
            f"{events:,}",
        )
        share, count = refused.whole_share, refused.rejected_in_all
        self.rejected.show_value(
            percent(share),
            plural(count, "request") + (" or more" if count >= MAX_REJECTED else ""),
        )
        newest = next((line for line in told.rates if line.by == "build" and line.median == line.median), None)
        if newest is None:
            self.rate.show_value("–", "not sent yet")
        else:
            exact = f"{visible(newest.words)}: median {newest.median:.2f} fps"
            self.rate.show_value(f"{newest.median:.0f} fps", visible(newest.name, 40), exact)

    def _show_charts(self, told: Overview) -> None:
        bins, tokens = told.bins, self._context.theme.tokens
        each = f"each bar {bin_words(bins)}"
        most = f"max {int(told.under_way.max(initial=0)):,}"
        self.under_way.show_rows(
            [
                Row(
                    "",
                    "",
                    most,
                    f"How many sessions were under way at any time in a bar; {each}",
                    heights=told.under_way,
                )
            ],
            bins,
        )
        rows = []
        for line in told.events:
            color = tokens.kinds[EventKind(line.kind)] if line.kind else tokens.faint
            kind = {0: "all others", 1: "funnel step", 2: "gameplay event"}[line.kind]
            hover = f"{line.name}\n{kind}, {line.total:,} in all; {each}, on a scale of its own"
            rows.append(Row(line.name, line.name, short_count(line.total), hover, color, line.counts))
        self.names.show_rows(rows, bins, least=_ROWS_OF_EVENTS)
        share = told.rejections.share
        value = f"max {share.max(initial=0.0) * 100:.0f} %"
        self.refused.show_rows([Row("", "", value, f"Rejected share, {each}", "bad", np.asarray(share))], bins)
        shown = {by: [line for line in told.rates if line.by == by][:MAX_RATES] for by in ("build", "level")}
        top_fps = scale_of([*shown["build"], *shown["level"]])
        self.builds.show_lines(shown["build"], top_fps)
        self.levels.show_lines(shown["level"], top_fps)

    def _show_failures(self, told: Overview) -> None:
        groups = sorted(told.failures, key=lambda group: -group.requests)[:_MAX_FAILURES]
        now_us = max((group.last_us for group in groups), default=0)
        lines = []
        for group in groups:
            what = visible(group.example or group.kind.error, 160)
            tip = f"{group.example}\nlast {exact_time(group.last_us)}\n{ago(group.last_us, now_us)} before the newest"
            cells = (f"{group.requests:,}", str(group.kind.status), what)
            lines.append(Line(group.kind, cells, ("", "", tip), (None, Tone.BAD, None)))
        self.failures.show_lines(lines)
        self.failures.setVisible(bool(lines))
        self.failures.setFixedHeight(len(lines) * 24 + 2)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.source.asking.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.source.asking.set_active(False)


def _card(heading: str, *parts: QWidget) -> QFrame:
    card = QFrame()
    card.setProperty("role", "card")
    head = plain_label(heading, "heading")
    head.setFont(heading_font())
    column = QVBoxLayout(card)
    column.setContentsMargins(12, 12, 12, 8)
    column.setSpacing(8)
    column.addWidget(head)
    for part in parts:
        column.addWidget(part)
    column.addStretch(1)
    return card
