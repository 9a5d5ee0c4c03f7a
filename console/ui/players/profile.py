"""One player's profile: who it is, how it stands, what it did, and which flags it sees."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from console.messages.players import PlayerDetail
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.icons import icon
from console.ui.players.flags_page import FlagsPage
from console.ui.players.model import span
from console.ui.players.overview import Overview
from console.ui.players.stages import StageChip
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import day_and_time, exact_time, local_time, plural, visible
from console.ui.widgets.player_words import money, name_of
from console.ui.widgets.small_table import Column, Line, SmallTable
from console.ui.widgets.table_columns import Tone

LISTED_ROWS = 500
_SESSIONS = (
    Column("Started", 138, mono=True),
    Column("Length", 104, mono=True, right=True),
    Column("Session", 0, mono=True, tone=Tone.DIM),
)
_PURCHASES = (
    Column("Time", 138, mono=True),
    Column("Amount", 104, mono=True, right=True),
    Column("Transaction", 0, mono=True, tone=Tone.DIM),
)
_EVENTS = (
    Column("Time", 188, mono=True, tone=Tone.DIM),
    Column("Event", 0),
    Column("Session", 130, mono=True, tone=Tone.DIM),
)
_PAGES = ("Overview", "Flags", "Sessions", "Purchases", "Events")
_FACTS = ("Player id", "External id", "Device id", "E-mail", "First seen", "Last seen", "Sessions", "Revenue")
_COPIED = _FACTS[:4]
_WAITING = "–"
_CAPTION_WIDTH = 76


@dataclass(frozen=True)
class EventLine:
    """One event of the player, newest first."""

    seq: int
    request_id: int
    index: int
    time_us: int
    name: str
    session_id: str


class ProfilePage(QFrame):
    """Shows what it is given; what a person wants is told by signals.

    - `closed`; `live_wanted`; `level_wanted`; `identity_edit_wanted`
    - `event_picked(EventLine)`: one of the events was chosen
    - `page_shown(str)`: Overview, Flags, Sessions, Purchases or Events
    """

    closed = Signal()
    live_wanted = Signal()
    level_wanted = Signal()
    identity_edit_wanted = Signal()
    event_picked = Signal(object)
    page_shown = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._detail: PlayerDetail | None = None
        self._events: list[EventLine] = []
        self.setProperty("role", "panel")
        self.setAccessibleName("Player")
        self.name = ElidedLabel()
        self.name.setProperty("role", "title")
        self.chip = StageChip(context.theme)
        self.live = QPushButton("Live")
        self.live.setToolTip("Show this player's events in the live view")
        self.level = QPushButton("Level")
        self.level.setToolTip("Show where this player went in the level view")
        self._close = QPushButton()
        self._close.setProperty("role", "quiet")
        self._close.setFixedWidth(30)
        self._close.setToolTip("Close the profile (Esc)")
        self._close.setAccessibleName("Close the profile")
        self.edit = QPushButton("Edit …")
        self.edit.setToolTip("Change device id and e-mail address")
        self._facts: dict[str, ElidedLabel] = {}
        self._copies: dict[str, QPushButton] = {}
        self.tabs = QTabBar()
        self.overview = Overview(context.theme)
        self.flags = FlagsPage(context.theme)
        self.sessions = SmallTable(context.theme, "Sessions", _SESSIONS)
        self.purchases = SmallTable(context.theme, "Purchases", _PURCHASES)
        self.events = SmallTable(context.theme, "Events", _EVENTS)
        self._stack = QStackedWidget()
        for page in (self.overview, self.flags, self.sessions, self.purchases, self.events):
            self._stack.addWidget(page)
        self._lay_out()
        self._close.clicked.connect(self.closed)
        self.live.clicked.connect(self.live_wanted)
        self.level.clicked.connect(self.level_wanted)
        self.edit.clicked.connect(self.identity_edit_wanted)
        self.tabs.currentChanged.connect(self._turn)
        self.events.itemSelectionChanged.connect(self._pick_event)
        context.theme.changed.connect(self._paint_icons)
        self._paint_icons()

    @property
    def detail(self) -> PlayerDetail | None:
        """What is shown."""
        return self._detail

    @property
    def page(self) -> str:
        """The page in front."""
        return _PAGES[max(self.tabs.currentIndex(), 0)]

    def show_detail(self, detail: PlayerDetail) -> None:
        """Bring everything to this; places and selections stay when it is the same player."""
        before = self._detail
        other = before is None or before.profile.player_id != detail.profile.player_id
        self._detail = detail
        profile = detail.profile
        self.name.setText(name_of(profile))
        self.name.setToolTip("")
        self.chip.set_stage(detail.lifecycle.stage)
        self._set("Player id", profile.player_id)
        self._set("External id", visible(profile.external_id or ""))
        self._set("Device id", visible(profile.device_id or ""))
        self._set("E-mail", visible(profile.email or ""))
        self._set("First seen", day_and_time(profile.first_seen_us), exact_time(profile.first_seen_us))
        self._set("Last seen", day_and_time(profile.last_seen_us), exact_time(profile.last_seen_us))
        self._set("Sessions", f"{profile.session_count:,}")
        bought = money(profile.revenue_minor) if profile.is_payer else ""
        self._set("Revenue", bought, f"In {plural(profile.purchases, 'purchase')}" if bought else "")
        self.level.setEnabled(profile.external_id is not None)  # telemetry knows players by it
        self.overview.show_detail(detail)
        self.flags.show_flags(detail.flags, detail.overrides)
        self.sessions.show_lines(session_lines(detail))
        self.purchases.show_lines(purchase_lines(detail))
        self._count("Flags", len(detail.flags))
        self._count("Sessions", len(detail.sessions))
        self._count("Purchases", len(detail.purchases))
        if other:
            self.show_events([])
            self.overview.verticalScrollBar().setValue(0)

    def show_events(self, events: list[EventLine]) -> None:
        """The player's newest events."""
        self._events = events
        self.events.show_lines(
            [
                Line(
                    event.seq,
                    (
                        f"{day_and_time(event.time_us)[:10]} {local_time(event.time_us)}"[:23],
                        visible(event.name),
                        visible(event.session_id),
                    ),
                    (exact_time(event.time_us),),
                )
                for event in events
            ]
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)

    # ----------------------------------------------------------------------------------------------------------------

    def _set(self, name: str, text: str, hover: str = "") -> None:
        self._facts[name].setText(text or _WAITING)
        self._facts[name].setToolTip(hover or (text if name in _COPIED else ""))
        if name in self._copies:
            self._copies[name].setVisible(bool(text))

    def _count(self, page: str, count: int) -> None:
        self.tabs.setTabText(_PAGES.index(page), f"{page} {count:,}" if count else page)

    def _turn(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        self.page_shown.emit(_PAGES[index])

    def _pick_event(self) -> None:
        key = self.events.current_key
        line = next((event for event in self._events if event.seq == key), None)
        if line is not None:
            self.event_picked.emit(line)

    def _copy(self, name: str) -> None:
        profile = self._detail.profile if self._detail is not None else None
        values: dict[str, Any] = {}
        if profile is not None:
            values = dict(
                zip(_COPIED, (profile.player_id, profile.external_id, profile.device_id, profile.email), strict=True)
            )
        if values.get(name):
            QGuiApplication.clipboard().setText(values[name])
            self._context.messages.say(f"{name} copied.", kind="good")

    def _paint_icons(self) -> None:
        tokens = self._context.theme.tokens
        self._close.setIcon(icon("close", tokens.dim))
        self.live.setIcon(icon("live", tokens.text, disabled=tokens.faint))
        self.level.setIcon(icon("level", tokens.text, disabled=tokens.faint))
        for button in self._copies.values():
            button.setIcon(icon("copy", tokens.dim))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.name, 1)
        for widget in (self.chip, self.live, self.level, self.edit, self._close):
            head.addWidget(widget)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        for number, name in enumerate(_FACTS):
            self._add_fact(grid, number, name)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(4, 2)
        top = QVBoxLayout()
        top.setContentsMargins(16, 12, 12, 8)
        top.setSpacing(10)
        top.addLayout(head)
        top.addLayout(grid)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Pages of the profile")
        for page in _PAGES:
            self.tabs.addTab(page)
        row = QFrame()
        row.setProperty("role", "tabrow")
        tabs = QHBoxLayout(row)
        tabs.setContentsMargins(4, 0, 0, 1)
        tabs.addWidget(self.tabs)
        tabs.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(row)
        layout.addWidget(self._stack, 1)

    def _add_fact(self, grid: QGridLayout, number: int, name: str) -> None:
        column, line = (0, number) if number < 4 else (3, number - 4)
        caption, value = plain_label(name, "dim"), ElidedLabel()
        caption.setFixedWidth(_CAPTION_WIDTH)
        value.setProperty("role", "mono")
        value.setAccessibleName(name)
        self._facts[name] = value
        grid.setRowMinimumHeight(line, 22)
        grid.addWidget(caption, line, column)
        grid.addWidget(value, line, column + 1)
        if name in _COPIED:
            copy = QPushButton()
            copy.setProperty("role", "quiet")
            copy.setFixedSize(24, 20)
            copy.setStyleSheet("padding: 0; min-height: 0;")
            copy.setToolTip(f"Copy: {name}")
            copy.setAccessibleName(f"Copy: {name}")
            copy.clicked.connect(lambda _checked=False, name=name: self._copy(name))
            self._copies[name] = copy
            grid.addWidget(copy, line, column + 2)


def session_lines(detail: PlayerDetail) -> list[Line]:
    """The newest sessions, each once."""
    return [
        Line(
            session.session_id,
            (day_and_time(session.started_us), span(session.duration_secs), visible(session.session_id)),
            (exact_time(session.started_us), f"{session.duration_secs:,.3f} s"),
        )
        for session in detail.sessions[:LISTED_ROWS]
    ]


def purchase_lines(detail: PlayerDetail) -> list[Line]:
    """The newest purchases."""
    return [
        Line(
            (purchase.at_us, number),
            (day_and_time(purchase.at_us), money(purchase.amount_minor), visible(purchase.transaction_id or "")),
            (exact_time(purchase.at_us),),
        )
        for number, purchase in enumerate(detail.purchases[:LISTED_ROWS])
    ]
