"""The line of controls over the timeline: follow, play, speed, the moment that is looked at, the range."""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from console.ui.clock import SPEEDS, Clock
from console.ui.hover import plain_hover
from console.ui.icons import icon
from console.ui.theme import SPACING, Theme
from console.ui.timeline.level_key import LevelKey
from console.ui.timeline.moment_popup import MomentPopup
from console.ui.timeline.span import length_words
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import dated_time, day_and_time, exact_time, time_span

HEIGHT_PX: Final = 36
_ICON_PX: Final = 16


class TimelineBar(QFrame):
    """Shows the clock's state and has it do what is clicked; `play_wanted`, `fit_wanted` are the timeline's to do."""

    play_wanted = Signal()
    fit_wanted = Signal()

    def __init__(self, clock: Clock, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._theme = theme
        self.setProperty("role", "panel")
        self.setFixedHeight(HEIGHT_PX)
        self.follow = QPushButton("Follow")
        self.follow.setCheckable(True)
        self.follow.setToolTip("Stay at the present (End)")
        self.follow.clicked.connect(self._follow_clicked)
        self.play = self._button("", "Play the recording (Space)")
        self.play.clicked.connect(self.play_wanted)
        self.speed = QToolButton()
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.speed.setToolTip("How fast to play: seconds of the recording in a second")
        self.speed.setMenu(self._speeds())
        self.time = QPushButton()
        self.time.setProperty("role", "quiet-mono")
        self.time.setAccessibleName("Moment that is looked at")
        self.time.clicked.connect(self.ask_when)
        self.range = QPushButton()
        self.range.setProperty("role", "state")
        self.range.setProperty("tone", "accent")
        self.range.setIconSize(QSize(12, 12))
        self.range.clicked.connect(lambda: clock.set_range(None))
        self.skip = self._button("Skip gaps", "While playing, jump over time in which nobody in scope played")
        self.skip.setCheckable(True)
        self.skip.toggled.connect(clock.set_skipping_gaps)
        self.loop = self._button("Loop", "At the end of the range, or of the recording, play from its start again")
        self.loop.setCheckable(True)
        self.loop.toggled.connect(clock.set_looping)
        self.fit = self._button("Fit", "Show the whole recording, or the whole range (0)")
        self.fit.clicked.connect(self.fit_wanted)
        self.levels = LevelKey(theme)
        self.hint = ElidedLabel()
        self.hint.setProperty("role", "dim")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING[2], 4, SPACING[2], 4)
        row.setSpacing(SPACING[1])
        for widget in (self.follow, self.play, self.speed, self.time, self.range, self.skip, self.loop, self.fit):
            row.addWidget(widget)
        row.addWidget(self.levels)
        row.addWidget(self.hint, 1)
        clock.state_changed.connect(self._show_state)
        clock.moved.connect(self._show_time)
        clock.range_changed.connect(self._show_range)
        theme.changed.connect(self._paint_icons)
        self._paint_icons()
        self._show_time()
        self._show_range()

    def show_hint(self, words: str, hover: str) -> None:
        """What stands at the right end."""
        self.hint.setText(words)
        self.hint.setToolTip(hover)

    def ask_when(self) -> None:
        """Have a person type a moment or a range."""
        if self._clock.cursor_us is not None:
            MomentPopup(self._clock, self._theme, self).open_above(self.time)

    def _button(self, words: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        button.setToolTip(tip)
        if words:
            button.setText(words)
            button.setAccessibleName(words)
        return button

    def _speeds(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        self._speed_actions: dict[float, QAction] = {}
        for speed in SPEEDS:
            action = menu.addAction(speed_words(speed))
            action.setCheckable(True)
            action.triggered.connect(lambda _checked=False, speed=speed: self._clock.set_speed(speed))
            group.addAction(action)
            self._speed_actions[speed] = action
        return menu

    def _follow_clicked(self) -> None:
        if self._clock.following:
            self._clock.pause()
        else:
            self._clock.follow()
        self._show_state()

    def _show_state(self) -> None:
        clock, tokens = self._clock, self._theme.tokens
        self.follow.setChecked(clock.following)
        self.follow.setIcon(
            icon("dot" if clock.following else "dot-idle", tokens.accent if clock.following else tokens.dim)
        )
        name, words = ("pause", "Pause (Space)") if clock.playing else ("play", "Play the recording (Space)")
        self.play.setIcon(icon(name, tokens.text, disabled=tokens.faint))
        self.play.setToolTip(words)
        self.play.setAccessibleName(words)
        self.speed.setText(speed_words(clock.speed))
        self.speed.setAccessibleName(f"Speed: {speed_words(clock.speed)}")
        self._speed_actions[clock.speed].setChecked(True)
        self.skip.setChecked(clock.skipping_gaps)
        self.loop.setChecked(clock.looping)

    def _show_time(self) -> None:
        at = self._clock.cursor_us
        self.play.setEnabled(at is not None)
        self.fit.setEnabled(at is not None)
        self.time.setText("--:--:--.---" if at is None else dated_time(at))
        self.time.setEnabled(at is not None)
        self.time.setToolTip(
            "Nothing is recorded yet"
            if at is None
            else f"{exact_time(at)}\n\nClick to go to a moment, or to mark a range, by typing when it was (Ctrl+G)"
        )

    def _show_range(self) -> None:
        chosen = self._clock.range
        self.range.setHidden(chosen is None)
        if chosen is not None:
            words = length_words(chosen.end_us - chosen.start_us)
            self.range.setText(f"{time_span(chosen.start_us, chosen.end_us)} · {words}")
            start, end = exact_time(chosen.start_us), exact_time(chosen.end_us)
            self.range.setToolTip(plain_hover(f"Every view shows only\n{start}\nto\n{end}\n\nClick for all (Esc)"))
            self.range.setAccessibleName(f"Range of {words} from {day_and_time(chosen.start_us)}: show all again")

    def _paint_icons(self) -> None:
        tokens = self._theme.tokens
        self.range.setIcon(icon("close", tokens.accent))
        for button, name in ((self.skip, "skip"), (self.loop, "loop"), (self.fit, "fit")):
            button.setIcon(icon(name, tokens.dim, disabled=tokens.faint))
            button.setToolButtonStyle(
                Qt.ToolButtonStyle.ToolButtonTextBesideIcon
                if button is self.skip
                else Qt.ToolButtonStyle.ToolButtonIconOnly
            )
        self._show_state()


def speed_words(speed: float) -> str:
    """`¼×`, `½×`, `1×`, `16×`."""
    return {0.25: "¼×", 0.5: "½×"}.get(speed, f"{speed:g}×")
