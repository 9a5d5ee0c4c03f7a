"""Who of the known players meets a condition: counted again while it is edited."""

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QProgressBar

from console.client import ConsoleRefused
from console.messages.players import PlayerRow, PreviewSegment, SegmentPreview
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.flags.parts import Section
from console.ui.flags.recount import Recount
from console.ui.widgets.formatting import ago, exact_time
from console.ui.widgets.player_words import STAGE_WORDS, money, name_of
from console.ui.widgets.small_table import Column, Line, SmallTable
from console.ui.widgets.table_columns import Tone

_PAUSE_MS = 350
_SCALE = 10_000
_MOST_ROWS = 12
_COLUMNS = (
    Column("Player", 0),
    Column("Stage", 104),
    Column("Sessions", 72, mono=True, right=True),
    Column("Revenue", 80, mono=True, right=True),
    Column("Last seen", 112, tone=Tone.DIM),
)


class MembersPanel(Section):
    """`refused(path, text)` when the server takes no such condition; `player_wanted(player_id)` on Enter."""

    refused = Signal(str, str)
    player_wanted = Signal(str)

    def __init__(self, context: ViewContext) -> None:
        super().__init__("Members")
        self._context = context
        self._app_id = ""
        self._conditions: dict[str, object] | None = None
        self._request = 0
        self._give_up: Callable[[], object] = lambda: None
        self.count = plain_label("")
        self.count.setProperty("role", "title")
        self.note = plain_label("", "dim")
        self.bar = QProgressBar()
        self.bar.setRange(0, _SCALE)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Share of the known players")
        self.table = SmallTable(context.theme, "Some of the members", _COLUMNS)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.opened.connect(lambda key: self.player_wanted.emit(str(key)))
        for widget in (self.count, self.bar, self.note, self.table):
            self.content.addWidget(widget)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.ask)
        self.recount = Recount(context.feed, self)
        self.recount.due.connect(self._ask_again)
        self._show_nothing("")

    def set_conditions(self, app_id: str, conditions: dict[str, object] | None) -> None:
        """Count for these; None while what is typed is no condition."""
        if (app_id, conditions) == (self._app_id, self._conditions):
            return
        self._app_id, self._conditions = app_id, conditions
        self._request += 1  # an answer that is under way is of the former ones
        self._give_up()
        if not conditions or not conditions.get("conditions", True):
            self._pause.stop()
            self._show_nothing("Complete the conditions to see who meets them.")
        else:
            self._pause.start()

    def ask(self) -> None:
        """Count now."""
        self._pause.stop()
        if self._conditions is not None:
            self.note.setText("Counting …")
            self._start(self._conditions)

    def _ask_again(self) -> None:
        """Players changed: count once more, without a word."""
        if self._conditions and not self._pause.isActive() and not self.count.isHidden():
            self._start(self._conditions)

    def _start(self, conditions: dict[str, object]) -> None:
        self.recount.began()
        self._give_up()
        self._give_up = self._context.tasks.start(
            self._load(self._app_id, conditions), "Counting the members", on_error=self._failed
        )

    async def _load(self, app_id: str, conditions: dict[str, object]) -> None:
        self._request += 1
        request = self._request
        try:
            preview = await self._context.client.preview_segment(app_id, PreviewSegment(conditions=conditions))
        except ConsoleRefused as error:
            self.recount.ended()
            if request == self._request:
                self._show_nothing("")
                self.refused.emit(error.error.path, str(error))
            return
        self.recount.ended()
        if request == self._request:
            self._show(preview)

    def _show(self, preview: SegmentPreview) -> None:
        part = preview.members / preview.total if preview.total else 0.0
        self.count.setText(f"{preview.members:,} of {preview.total:,} known players")
        self.bar.setValue(round(part * _SCALE))
        shown = preview.sample[:_MOST_ROWS]
        self.note.setText(f"{part:.1%}" + (f", the newest {len(shown)}:" if preview.members > len(shown) else ""))
        now_us = time.time_ns() // 1000
        self.table.show_lines([_line(row, now_us) for row in shown])
        self.table.setFixedHeight(self.table.fitting_height(_MOST_ROWS))
        for widget in (self.count, self.bar):
            widget.show()
        self.table.setVisible(bool(shown))

    def _failed(self, error: Exception) -> None:
        self.recount.ended()
        self._show_nothing(str(error))

    def _show_nothing(self, why: str) -> None:
        self.note.setText(why)
        for widget in (self.count, self.bar, self.table):
            widget.hide()


def _line(row: PlayerRow, now_us: int) -> Line:
    return Line(
        row.player_id,
        (
            name_of(row),
            STAGE_WORDS[row.stage],
            f"{row.session_count:,}",
            money(row.revenue_minor) if row.revenue_minor else "",
            ago(row.last_seen_us, now_us),
        ),
        (row.player_id, "", "", "", exact_time(row.last_seen_us)),
    )
