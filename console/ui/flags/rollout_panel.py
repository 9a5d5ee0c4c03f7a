"""What every known player would get of a flag as it is edited now: how many get which value, and for which reason."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from console.messages.players import FlagCount, FlagPreview, PreviewFlag
from console.players.definitions import Flag
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.flags.recount import Recount
from console.ui.flags.split_field import series_color
from console.ui.style import mono_font, ui_font
from console.ui.theme import Theme
from console.ui.widgets.formatting import plural, visible
from console.ui.widgets.player_words import REASON_WORDS
from console.ui.widgets.value_text import value_text

_PAUSE_MS = 400
_BAR_ROW = 40
_BAR = 8
_MOST_BARS = 100


class Bars(QWidget):
    """One line and one bar for each value and reason, the most frequent first."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._counts: list[FlagCount] = []
        self._total = 0
        self._colors: dict[str, int] = {}
        self._variants: Sequence[str] = ()
        theme.changed.connect(self.update)

    @property
    def words(self) -> list[str]:
        """What the lines say."""
        return [" · ".join((self._name(one), self._share(one))) for one in self._counts]

    def show_preview(self, preview: FlagPreview, variants: Sequence[str]) -> None:
        """Show the counts. A variant has the colour it has in a split."""
        self._counts = sorted(preview.counts, key=lambda one: -one.players)[:_MOST_BARS]
        self._total, self._variants = preview.total, variants
        names = {_color_name(one): None for one in self._counts}
        known = [name for name in variants if name in names] and list(variants)
        self._colors = {
            name: number for number, name in enumerate([*known, *(name for name in names if name not in known)])
        }
        self.setMinimumHeight(len(self._counts) * _BAR_ROW)
        self.setAccessibleName("; ".join(self.words))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, len(self._counts) * _BAR_ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
            for row, one in enumerate(self._counts):
                line = QRect(0, row * _BAR_ROW, self.width(), _BAR_ROW - _BAR - 8)
                painter.setFont(ui_font(12))
                painter.setPen(QColor(tokens.dim))
                share = self._share(one)
                painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, share)
                room = line.width() - painter.fontMetrics().horizontalAdvance(share) - 12
                painter.setFont(mono_font())
                painter.setPen(QColor(tokens.text))
                painter.drawText(
                    line, middle, painter.fontMetrics().elidedText(self._name(one), Qt.TextElideMode.ElideRight, room)
                )
                track = QRectF(0, line.bottom() + 3, self.width(), _BAR)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(tokens.raised))
                painter.drawRoundedRect(track, 3, 3)
                part = one.players / self._total if self._total else 0.0
                if one.players:
                    painter.setBrush(QColor(series_color(self._theme, self._colors[_color_name(one)])))
                    painter.drawRoundedRect(QRectF(0, track.top(), max(track.width() * part, 3.0), _BAR), 3, 3)

    def _name(self, one: FlagCount) -> str:
        value = visible(value_text(one.value), 120)
        named = one.variant_key and one.variant_key in self._variants
        return f"{visible(one.variant_key or '', 60)}  {value}" if named else value

    def _share(self, one: FlagCount) -> str:
        reason = next((words for name, words in REASON_WORDS.items() if name == one.reason), one.reason)
        part = one.players / self._total if self._total else 0.0
        return f"{reason} · {plural(one.players, 'player')} · {part:.1%}"


def _color_name(one: FlagCount) -> str:
    """What has one colour, whatever the reason: a variant, or a value."""
    return one.variant_key or value_text(one.value)


class RolloutPanel(QWidget):
    """Asks when it is seen and the flag changed; a later question supersedes an earlier one."""

    def __init__(self, context: ViewContext) -> None:
        super().__init__()
        self._context = context
        self._app_id = ""
        self._flag: Flag | None = None
        self._stale = False
        self._request = 0
        self._give_up: Callable[[], object] = lambda: None
        self.headline = plain_label("")
        self.note = plain_label(
            "Counted over all known players, with the flag as it stands in the editor, saved or not.", "dim"
        )
        self.problem = plain_label("")
        self.problem.setProperty("tone", "bad")
        self.problem.hide()
        self.bars = Bars(context.theme)
        again = QPushButton("Count again")
        again.clicked.connect(lambda _checked=False: self._ask())
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self.recount = Recount(context.feed, self)
        self.recount.due.connect(self._ask_again)
        head = QHBoxLayout()
        head.addWidget(self.headline, 1)
        head.addWidget(again)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(24, 16, 24, 24)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.note)
        layout.addWidget(self.problem)
        layout.addSpacing(8)
        layout.addWidget(self.bars)
        layout.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setAccessibleName("Who gets what")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def set_flag(self, app_id: str, flag: Flag | None) -> None:
        """The flag to count for; None while what is typed is none."""
        if (app_id, flag) == (self._app_id, self._flag):
            return
        self._app_id, self._flag, self._stale = app_id, flag, True
        self._give_up()
        if self.isVisible():
            self._pause.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._ask()

    def _ask(self) -> None:
        self._pause.stop()
        self._request += 1  # an answer that is under way is of another flag
        if self._flag is None:
            self._say("", "Complete what is marked in the definition first.")
            return
        self._stale = False
        self.headline.setText("Counting …")
        self._start(self._flag)

    def _ask_again(self) -> None:
        """Players changed: count once more, without a word."""
        if self._flag is not None and not self._pause.isActive():
            self._start(self._flag)

    def _start(self, flag: Flag) -> None:
        self.recount.began()
        self._give_up()
        self._give_up = self._context.tasks.start(self._load(flag), "Previewing the flag", on_error=self._failed)

    async def _load(self, flag: Flag) -> None:
        request = self._request
        preview = await self._context.client.preview_flag(self._app_id, PreviewFlag(flag=flag))
        self.recount.ended()
        if request != self._request:
            return
        self._say(plural(preview.total, "known player"), "")
        self.bars.show_preview(preview, [one.key for one in flag.variants])

    def _failed(self, error: Exception) -> None:
        self.recount.ended()
        self._say("", str(error))

    def _say(self, headline: str, problem: str) -> None:
        self.headline.setText(headline)
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.bars.setVisible(not problem)
