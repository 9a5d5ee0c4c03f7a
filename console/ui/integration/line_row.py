"""One checked thing: its verdict, what was found, why, and what to do about it."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.integration_report import VERDICT_WORDS
from console.messages.integration import IntegrationLine, Verdict
from console.ui.dialogs import plain_label
from console.ui.hover import plain_hover
from console.ui.icons import pixmap
from console.ui.integration.words import ICONS, color_of
from console.ui.theme import ROW_HEIGHT, SPACING, Theme
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import visible_lines

_TITLE_WIDTH: Final = 136
_FOUND_WIDTH: Final = 200
_ANY_WIDTH: Final = 16_777_215  # Qt's QWIDGETSIZE_MAX
_ICON: Final = 16
_CALM: Final[tuple[Verdict, ...]] = ("good", "unknown")


class LineRow(QWidget):
    """What is in order takes one line, with the reason cut to the room there is; all else is written out.

    Changes its texts in place, so that what a person reads or focuses stays. `request_wanted(request_id)`.
    """

    request_wanted = Signal(int)

    def __init__(self, theme: Theme, line: IntegrationLine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._line: IntegrationLine | None = None
        self._icon = QLabel()
        self._icon.setFixedSize(_ICON, ROW_HEIGHT)
        self.title = plain_label("")
        self.title.setFixedWidth(_TITLE_WIDTH)
        self.found = plain_label("")
        self.brief = ElidedLabel()
        self.brief.setProperty("role", "dim")
        self.brief.setFixedHeight(ROW_HEIGHT)
        self.reason = plain_label("", "dim")
        self.mend = plain_label("")
        self.request = QPushButton()
        self.request.setProperty("role", "link")
        self.request.clicked.connect(self._open)
        for label in (self.title, self.found):
            label.setMinimumHeight(ROW_HEIGHT)
        for label in (self.found, self.reason, self.mend):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        theme.changed.connect(self._recolour)
        self.show_line(line)

    def show_line(self, line: IntegrationLine) -> None:
        """Say what is known now."""
        if line == self._line:
            return
        self._line = line
        calm = line.verdict in _CALM
        reason, mend = visible_lines(line.reason), f"→ {visible_lines(line.mend)}" if line.mend else ""
        self.title.setText(line.title)
        self.found.setText(visible_lines(line.found))
        self.found.setMinimumWidth(_FOUND_WIDTH if calm else 0)
        self.found.setMaximumWidth(_FOUND_WIDTH if calm else _ANY_WIDTH)
        self.brief.setText(reason)
        self.brief.setToolTip(plain_hover(f"{line.reason}\n{mend}".rstrip()))
        self.brief.setVisible(calm)
        self.reason.setText(reason)
        self.mend.setText(mend)
        self.mend.setVisible(bool(mend))
        self._more.setVisible(not calm)
        self.request.setVisible(line.request_id is not None)
        self.request.setText(f"Request {line.request_id}")
        self.request.setAccessibleName(f"Show request {line.request_id}, which shows this: {line.title}")
        self.setAccessibleName(f"{line.title}: {VERDICT_WORDS[line.verdict]}, {line.found}")
        self.setAccessibleDescription(f"{line.reason} {line.mend}".strip())
        self._recolour()

    def _lay_out(self) -> None:
        top = Qt.AlignmentFlag.AlignTop
        row = QHBoxLayout()
        row.setSpacing(SPACING[1])
        row.addWidget(self._icon, 0, top)
        row.addWidget(self.title, 0, top)
        row.addWidget(self.found, 1, top)
        row.addWidget(self.brief, 1, top)
        row.addWidget(self.request, 0, Qt.AlignmentFlag.AlignVCenter)
        self._more = QWidget()
        more = QVBoxLayout(self._more)
        more.setContentsMargins(_ICON + _TITLE_WIDTH + 2 * SPACING[1], 0, 0, SPACING[1])
        more.setSpacing(SPACING[0] // 2)
        more.addWidget(self.reason)
        more.addWidget(self.mend)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING[2], 0, SPACING[2], 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._more)

    def _open(self) -> None:
        if self._line is not None and self._line.request_id is not None:
            self.request_wanted.emit(self._line.request_id)

    def _recolour(self) -> None:
        if self._line is None:
            return
        color = color_of(self._line.verdict, self._theme.tokens)
        self._icon.setPixmap(pixmap(ICONS[self._line.verdict], color, _ICON, self.devicePixelRatioF()))
        self._icon.setToolTip(VERDICT_WORDS[self._line.verdict])
