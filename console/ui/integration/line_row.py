"""One checked thing: its verdict, what was found, why, and what to do about it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from console.integration_messages import IntegrationLine
from console.integration_report import VERDICT_WORDS
from console.ui.dialogs import plain_label
from console.ui.icons import pixmap
from console.ui.integration.words import ICONS, color_of
from console.ui.theme import ROW_HEIGHT, SPACING, Theme
from console.ui.widgets.formatting import visible_lines

_TITLE_WIDTH = 136
_ICON = 16


class LineRow(QWidget):
    """Changes its texts in place, so that what a person reads or focuses stays. `request_wanted(request_id)`."""

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
        self.reason = plain_label("", "dim")
        self.mend = plain_label("")
        self.request = QPushButton()
        self.request.setProperty("role", "link")
        self.request.clicked.connect(self._open)
        for label in (self.title, self.found):
            label.setMinimumHeight(ROW_HEIGHT)
        for label in (self.found, self.reason, self.mend):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid = QGridLayout(self)
        grid.setContentsMargins(SPACING[2], SPACING[0], SPACING[2], SPACING[0])
        grid.setHorizontalSpacing(SPACING[1])
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(2, 1)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self._icon, 0, 0, top)
        grid.addWidget(self.title, 0, 1, top)
        grid.addWidget(self.found, 0, 2)
        grid.addWidget(self.request, 0, 3, top)
        grid.addWidget(self.reason, 1, 2, 1, 2)
        grid.addWidget(self.mend, 2, 2, 1, 2)
        theme.changed.connect(self._recolour)
        self.show_line(line)

    def show_line(self, line: IntegrationLine) -> None:
        """Say what is known now."""
        if line == self._line:
            return
        self._line = line
        self.title.setText(line.title)
        self.found.setText(visible_lines(line.found))
        self.reason.setText(visible_lines(line.reason))
        self.mend.setText(f"→ {visible_lines(line.mend)}" if line.mend else "")
        self.mend.setVisible(bool(line.mend))
        self.request.setVisible(line.request_id is not None)
        self.request.setText(f"Request {line.request_id}")
        self.request.setAccessibleName(f"Show request {line.request_id}, which shows this: {line.title}")
        self.setAccessibleName(f"{line.title}: {VERDICT_WORDS[line.verdict]}, {line.found}")
        self.setAccessibleDescription(f"{line.reason} {line.mend}".strip())
        self._recolour()

    def _open(self) -> None:
        if self._line is not None and self._line.request_id is not None:
            self.request_wanted.emit(self._line.request_id)

    def _recolour(self) -> None:
        if self._line is None:
            return
        color = color_of(self._line.verdict, self._theme.tokens)
        self._icon.setPixmap(pixmap(ICONS[self._line.verdict], color, _ICON, self.devicePixelRatioF()))
        self._icon.setToolTip(VERDICT_WORDS[self._line.verdict])
