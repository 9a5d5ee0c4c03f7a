"""The view of flags and segments: lists at the left, the chosen one at the right; overrides and history of all."""

import time
from collections.abc import Callable, Mapping

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from console.players.definitions import Flag
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.flags.definition_list import DefinitionList, Line
from console.ui.flags.definition_page import NEW
from console.ui.flags.definition_store import DefinitionStore
from console.ui.flags.flag_page import FlagPage
from console.ui.flags.flips import LATELY_US, Flip
from console.ui.flags.history_panel import HistoryPanel
from console.ui.flags.overrides_panel import OverridesPanel
from console.ui.flags.segment_page import SegmentPage
from console.ui.flags.words import TYPE_WORDS, condition_words, flag_words
from console.ui.icons import icon
from console.ui.navigation import Destination, FlagSubject, PlayerSubject, SegmentSubject, Subject, TraceSubject
from console.ui.widgets.formatting import ago, exact_time, plural, visible

FLAGS, SEGMENTS, OVERRIDES, HISTORY = range(4)
_EMPTY_PAGE, _EDIT_PAGE = 0, 1
_AGEING_MS = 30_000
_EMPTY_WIDTH = 560


class FlagsView(QWidget):
    """Everything comes from the server again whenever it says that flags changed; drafts stay."""

    title = "Flags & segments"
    badge_changed = Signal(str)
    destination_wanted = Signal(object)

    def __init__(self, context: ViewContext) -> None:
        super().__init__()
        self._context = context
        self.store = DefinitionStore(context, self)
        self._wanted: Subject | None = None
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Flags, segments, overrides and history")
        for _ in range(4):
            self.tabs.addTab("")
        self.application = QComboBox()
        self.application.setAccessibleName("Application")
        self.application.setMinimumWidth(160)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Filter")
        self.search.setAccessibleName("Filter the list")
        self.search.setClearButtonEnabled(True)
        self.new_button = QPushButton()
        self.flag_list = DefinitionList(context.theme, "Flags")
        self.segment_list = DefinitionList(context.theme, "Segments")
        self.flag_page = FlagPage(context, self.store)
        self.segment_page = SegmentPage(context, self.store)
        self.overrides = OverridesPanel(context, self.store)
        self.history = HistoryPanel(context)
        self.pages = QStackedWidget()
        self._flag_pages = QStackedWidget()
        self._segment_pages = QStackedWidget()
        self._ageing = QTimer(self)
        self._ageing.setInterval(_AGEING_MS)
        self._ageing.timeout.connect(self._fill_lists)
        self._lay_out()
        self._connect()
        self._turn(FLAGS)
        self._fill()

    # what others ask for

    def show_subject(self, subject: Subject) -> None:
        """Go to a flag, a segment, or why a player gets the value of a flag."""
        if not isinstance(subject, FlagSubject | SegmentSubject | TraceSubject):
            return
        self._wanted = subject
        if subject.app_id != self.store.app_id:
            self.store.show_application(subject.app_id)
        self._go_to_wanted()

    def focus_filter(self) -> None:
        """Let the person type a filter."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def set_frozen(self, frozen: bool) -> None:
        """Hold counts still; definitions stay as the server has them."""
        for panel in (self.flag_page.rollout, self.segment_page.members):
            panel.recount.set_frozen(frozen)

    # what people do

    def show_flag(self, key: str) -> None:
        """Show one flag."""
        self.tabs.setCurrentIndex(FLAGS)
        self.flag_page.show_key(key)
        self.flag_list.mark(key)
        self._flag_pages.setCurrentIndex(_EMPTY_PAGE if self.flag_page.key is None else _EDIT_PAGE)

    def show_segment(self, segment_id: str) -> None:
        """Show one segment."""
        self.tabs.setCurrentIndex(SEGMENTS)
        self.segment_page.show_key(segment_id)
        self.segment_list.mark(segment_id)
        self._segment_pages.setCurrentIndex(_EMPTY_PAGE if self.segment_page.key is None else _EDIT_PAGE)

    def new(self) -> None:
        """A new flag, or a new segment, as the list that is shown."""
        if self.tabs.currentIndex() == SEGMENTS:
            self._segment_pages.setCurrentIndex(_EDIT_PAGE)
            self.segment_page.new_segment()
            self.segment_list.mark(NEW)
        else:
            self.tabs.setCurrentIndex(FLAGS)
            self._flag_pages.setCurrentIndex(_EDIT_PAGE)
            self.flag_page.new_flag()
            self.flag_list.mark(NEW)

    # ----------------------------------------------------------------------------------------------------------------

    def _turn(self, index: int) -> None:
        self.pages.setCurrentIndex(index)
        lists = index in (FLAGS, SEGMENTS)
        self.search.setVisible(lists)
        self.new_button.setVisible(lists and bool(self.store.app_id))
        self.new_button.setText("New segment" if index == SEGMENTS else "New flag")

    def _choose_application(self) -> None:
        self.store.show_application(self.application.currentData())

    def _fill(self) -> None:
        store = self.store
        with QSignalBlocker(self.application):
            self.application.clear()
            for one in store.applications:
                self.application.addItem(visible(one.name, 60), one.app_id)
            self.application.setCurrentIndex(self.application.findData(store.app_id))
        self.application.setVisible(len(store.applications) > 1)
        for index, (title, count) in enumerate(
            (("Flags", len(store.flags)), ("Segments", len(store.segments)), ("Overrides", len(store.overrides)))
        ):
            self.tabs.setTabText(index, f"{title}  {count}" if count else title)
        self.tabs.setTabText(HISTORY, "History")
        self._fill_lists()
        self.history.set_subject(store.app_id)
        self.history.refresh()
        self._turn(self.tabs.currentIndex())
        if store.loaded:
            self._go_to_wanted()
            self._show_something()

    def _fill_lists(self) -> None:
        names = self.store.segment_names
        now_us = time.time_ns() // 1000
        edited = self.flag_page.edited
        lines = [
            _flag_line(flag, names, self.store.flips.get(flag.key), now_us, edited=flag.key in edited)
            for flag in self.store.flags
        ]
        if NEW in edited:
            lines.append(Line(NEW, "New flag", "not saved", "", "", edited=True))
        self.flag_list.show_lines(lines)
        edited = self.segment_page.edited
        lines = [
            Line(
                one.segment_id,
                visible(one.name or one.segment_id, 100),
                "not saved" if one.segment_id in edited else _used(len(self.store.users_of(one.segment_id))),
                condition_words(one.conditions),
                ago(one.updated_at_us, now_us),
                edited=one.segment_id in edited,
                hover=f"Changed {exact_time(one.updated_at_us)}",
            )
            for one in self.store.segments
        ]
        if NEW in edited:
            lines.append(Line(NEW, "New segment", "not saved", "", "", edited=True))
        self.segment_list.show_lines(lines)

    def _show_something(self) -> None:
        """The first of a list while none is chosen."""
        if self.flag_page.key is None and self.store.flags:
            self._show(self.flag_page, self.store.flags[0].key)
        if self.segment_page.key is None and self.store.segments:
            self._show(self.segment_page, self.store.segments[0].segment_id)
        self._flag_pages.setCurrentIndex(_EMPTY_PAGE if self.flag_page.key is None else _EDIT_PAGE)
        self._segment_pages.setCurrentIndex(_EMPTY_PAGE if self.segment_page.key is None else _EDIT_PAGE)

    def _show(self, page: "FlagPage | SegmentPage", key: str) -> None:
        page.show_key(key)
        (self.flag_list if page is self.flag_page else self.segment_list).mark(key)

    def _gone_to(self, page: "FlagPage | SegmentPage", key: str) -> None:
        """A page went to a definition that was just made; with NEW from one that is gone to any other."""
        if key == NEW:
            page.show_nothing()
            self._show_something()
            self._fill_lists()
        elif page is self.flag_page:
            self.show_flag(key)
        else:
            self.show_segment(key)

    def _go_to_wanted(self) -> None:
        wanted = self._wanted
        if wanted is None or not self.store.loaded or getattr(wanted, "app_id", "") != self.store.app_id:
            return
        self._wanted = None
        match wanted:
            case SegmentSubject():
                self.show_segment(wanted.segment_id)
            case FlagSubject():
                self.show_flag(wanted.flag_key)
                self.flag_page.show_tab(0)
            case TraceSubject():
                self.show_flag(wanted.flag_key)
                if self.flag_page.key == wanted.flag_key:
                    self.flag_page.explain(wanted.player_id, wanted.now_us)

    def _player_wanted(self, player_id: str) -> None:
        self.destination_wanted.emit(Destination(view="players", subject=PlayerSubject(self.store.app_id, player_id)))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.store.set_active(True)
        self._fill_lists()  # "just now" is long ago by now
        self._ageing.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.store.set_active(False)
        self._ageing.stop()

    # parts

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._turn)
        self.application.activated.connect(lambda _index: self._choose_application())
        self.search.textChanged.connect(self.flag_list.set_filter)
        self.search.textChanged.connect(self.segment_list.set_filter)
        self.new_button.clicked.connect(lambda _checked=False: self.new())
        self.flag_list.chosen.connect(self.show_flag)
        self.flag_list.flipped.connect(self.flag_page.flip)
        self.segment_list.chosen.connect(self.show_segment)
        self.segment_page.flag_wanted.connect(self.show_flag)
        for page in (self.flag_page, self.segment_page):
            page.edited_changed.connect(self._fill_lists)
            page.gone_to.connect(lambda key, page=page: self._gone_to(page, key))
        for part in (self.flag_page, self.segment_page, self.overrides):
            part.player_wanted.connect(self._player_wanted)
        self.store.changed.connect(self._fill)
        self._context.theme.changed.connect(self._recolour)
        self._recolour()

    def _recolour(self) -> None:
        self.new_button.setIcon(icon("plus", self._context.theme.tokens.dim))

    def _lay_out(self) -> None:
        bar = QFrame()
        bar.setProperty("role", "tabrow")
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 4, 8, 5)
        row.setSpacing(8)
        row.addWidget(self.tabs)
        row.addStretch(1)
        self.search.setMaximumWidth(240)
        for widget in (self.application, self.search, self.new_button):
            row.addWidget(widget)
        self._flag_pages.addWidget(
            _empty_page(
                "No flags yet",
                "A flag is a switch that the game asks for: on or off, a text, a number, or one of several variants. "
                "Its rules decide which players get what, while the game runs.",
                "New flag",
                self.new,
            )
        )
        self._flag_pages.addWidget(self._beside(self.flag_list, self.flag_page))
        self._segment_pages.addWidget(
            _empty_page(
                "No segments yet",
                "A segment is a name for players who meet conditions, such as those who came back after a long time. "
                "Rules of flags refer to it, and games can ask who is in it.",
                "New segment",
                self.new,
            )
        )
        self._segment_pages.addWidget(self._beside(self.segment_list, self.segment_page))
        for page in (self._flag_pages, self._segment_pages, self.overrides, self.history):
            self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(self.pages, 1)

    def _beside(self, left: QWidget, right: QWidget) -> QSplitter:
        splitter = QSplitter()
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        left.setMinimumWidth(200)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setSizes([288, 900])
        splitter.setStretchFactor(1, 1)
        return splitter


def _flag_line(flag: Flag, names: Mapping[str, str], flip: Flip | None, now_us: int, *, edited: bool) -> Line:
    """What was flipped lately says so instead of how long ago it was changed."""
    recent = flip is not None and now_us - flip.at_us < LATELY_US
    age, hover = ago(flag.updated_at_us, now_us), f"Changed {exact_time(flag.updated_at_us)}"
    if flip is not None:
        word = "on" if flip.on else "off"
        age = f"{word} {ago(flip.at_us, now_us)}" if recent else age
        hover += f"\n\nSwitched {word} by {visible(flip.by, 60)}, {exact_time(flip.at_us)}"
    return Line(
        flag.key,
        visible(flag.key, 100),
        "not saved" if edited else TYPE_WORDS[flag.type],
        flag_words(flag, names),
        age,
        on=flag.enabled,
        edited=edited,
        recent=recent,
        hover=hover,
    )


def _used(count: int) -> str:
    return f"in {plural(count, 'flag')}" if count else "not used"


def _empty_page(title: str, text: str, label: str, act: Callable[[], object]) -> QWidget:
    card = QWidget()
    card.setFixedWidth(_EMPTY_WIDTH)
    column = QVBoxLayout(card)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(12)
    for words, role in ((title, "title"), (text, "dim")):
        line = plain_label(words, role)
        line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(line)  # not aligned by the layout: it would forget how high wrapped text is
    button = QPushButton(label)
    button.setProperty("role", "primary")
    button.clicked.connect(lambda _checked=False: act())
    column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
    page = QWidget()
    across = QHBoxLayout(page)
    down = QVBoxLayout()
    across.addStretch(1)
    across.addLayout(down)
    across.addStretch(1)
    down.addStretch(1)
    down.addWidget(card)
    down.addStretch(2)
    return page
