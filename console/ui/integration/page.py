"""One SDK's page: who it is, and every line that was checked."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from console.integration_report import by_part, summary_of
from console.messages.integration import Integration
from console.ui.dialogs import plain_label
from console.ui.hover import plain_hover
from console.ui.icons import pixmap
from console.ui.integration.line_row import LineRow
from console.ui.integration.words import ICONS, SdkKey, application_of, color_of, key_of
from console.ui.style import heading_font
from console.ui.theme import SPACING, Theme
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import ago, exact_time, plural, visible

_ICON = 20
_MAX_WIDTH = 900


class SdkPage(QScrollArea):
    """`head` names the SDK; it stands above the page, where it does not scroll away.

    `request_wanted(request_id)`: a request that shows what a line says.
    """

    request_wanted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: Integration | None = None
        self._key: SdkKey | None = None
        self._rows: dict[str, LineRow] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._icon = QLabel()
        self._icon.setFixedSize(_ICON, _ICON)
        self.title = plain_label("", "title")
        self.summary = plain_label("", "dim")
        self.user_agent = ElidedLabel()
        self.user_agent.setProperty("role", "mono-dim")
        self.user_agent.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.head = QWidget()
        head = QHBoxLayout(self.head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(SPACING[1])
        head.addWidget(self._icon)
        head.addWidget(self.title, 1)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(SPACING[2])
        body = QWidget()
        body.setMaximumWidth(_MAX_WIDTH)
        column = QVBoxLayout(body)
        column.setContentsMargins(SPACING[3], SPACING[1], SPACING[3], SPACING[3])
        column.setSpacing(SPACING[0])
        column.addWidget(self.summary)
        column.addWidget(self.user_agent)
        column.addSpacing(SPACING[1])
        column.addLayout(self._cards)
        column.addStretch(1)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(body, 100)
        row.addStretch(1)
        self.setWidget(page)
        theme.changed.connect(self._recolour)

    def row(self, topic: str) -> LineRow:
        """The row of one checked thing."""
        return self._rows[topic]

    def show_sdk(self, found: Integration, now_us: int) -> None:
        """Show an SDK, or what is new about the one that is shown."""
        another = key_of(found) != self._key or [*self._rows] != [
            line.topic for _, lines in by_part(found.lines) for line in lines
        ]
        self._shown, self._key = found, key_of(found)
        self.title.setText(f"{visible(found.client, 60)} from {visible(found.peer, 60)}")
        rejected = f", {found.rejected:,} rejected" if found.rejected else ""
        self.summary.setText(
            f"{application_of(found)} · {summary_of(found.lines)} · {plural(found.requests, 'request')}{rejected} · "
            f"{plural(found.events, 'event')} · last {ago(found.last_us, now_us)}"
        )
        self.summary.setToolTip(
            plain_hover(f"First looked at: {exact_time(found.first_us)}\nNewest: {exact_time(found.last_us)}")
        )
        self.user_agent.setText(visible(found.user_agent))
        self.user_agent.setToolTip(plain_hover(found.user_agent))
        self.user_agent.setVisible(bool(found.user_agent))
        if another:
            self._build(found)
            self.verticalScrollBar().setValue(0)
        for line in found.lines:
            self._rows[line.topic].show_line(line)
        self._recolour()

    def _build(self, found: Integration) -> None:
        while (item := self._cards.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._rows.clear()
        for title, lines in by_part(found.lines):
            card = QFrame()
            card.setProperty("role", "card")
            column = QVBoxLayout(card)
            column.setContentsMargins(0, SPACING[1], 0, SPACING[1])
            column.setSpacing(0)
            heading = plain_label(title, "heading")
            heading.setFont(heading_font())
            heading.setContentsMargins(SPACING[2], 0, SPACING[2], SPACING[0])
            column.addWidget(heading)
            for line in lines:
                row = LineRow(self._theme, line)
                row.request_wanted.connect(self.request_wanted)
                self._rows[line.topic] = row
                column.addWidget(row)
            self._cards.addWidget(card)

    def _recolour(self) -> None:
        if self._shown is not None:
            color = color_of(self._shown.verdict, self._theme.tokens)
            self._icon.setPixmap(pixmap(ICONS[self._shown.verdict], color, _ICON, self.devicePixelRatioF()))
