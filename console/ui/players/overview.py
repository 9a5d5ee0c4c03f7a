"""The first page of a profile: stage, churn risk, segments and attributes."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from console.messages.players import PlayerDetail, SegmentName
from console.players.definitions import ChurnRisk, Factor, Lifecycle, Stage
from console.ui.dialogs import plain_label
from console.ui.players.attributes import cell_text, value_hover
from console.ui.players.meters import AbsenceScale, ShareBar, zones
from console.ui.theme import Theme
from console.ui.widgets.formatting import exact_time, visible
from console.ui.widgets.player_words import STAGE_WORDS
from console.ui.widgets.small_table import Column, Line, SmallTable
from console.ui.widgets.value_text import kind_word

FACTOR_WORDS = {
    "inactivity": "Inactivity",
    "session_decline": "Fewer sessions",
    "playtime_decline": "Less playtime",
    "no_purchase_30d": "No purchase in 30 days",
}
_LEVEL_COLORS = {"low": "good", "medium": "warning", "high": "bad", "critical": "bad"}
_ATTRIBUTE_ROWS = 14
_ROUNDING_DAYS = 0.001
_ATTRIBUTE_COLUMNS = (Column("Name", 150), Column("Value", 0, mono=True), Column("Type", 64))


class Overview(QScrollArea):
    """Cards, the first ones for what people look for first.

    `segment_wanted(str)`; `edit_wanted(str)` and `remove_wanted(str)` carry an attribute's name, "" for a new one.
    """

    segment_wanted = Signal(str)
    edit_wanted = Signal(str)
    remove_wanted = Signal(str)

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setAccessibleName("Overview")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.lifecycle = LifecycleCard(colors)
        self.risk = RiskCard(colors)
        self._segments = SegmentsRow()
        self._segments.wanted.connect(self.segment_wanted)
        self.attributes = SmallTable(colors, "Attributes", _ATTRIBUTE_COLUMNS)
        self.attributes.opened.connect(lambda key: self.edit_wanted.emit(str(key)))
        self.attributes.itemSelectionChanged.connect(self._enable)
        self._no_attributes = plain_label("None yet. Games send them when they register a player.", "dim")
        self._add, self._edit, self._remove = QPushButton("Add …"), QPushButton("Edit …"), QPushButton("Remove")
        self._add.clicked.connect(lambda: self.edit_wanted.emit(""))
        self._edit.clicked.connect(lambda: self.edit_wanted.emit(str(self.attributes.current_key or "")))
        self._remove.clicked.connect(lambda: self.remove_wanted.emit(str(self.attributes.current_key or "")))
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.lifecycle)
        column.addWidget(self.risk)
        column.addWidget(self._segments)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(plain_label("ATTRIBUTES", "heading"), 1)
        for button in (self._add, self._edit, self._remove):
            head.addWidget(button)
        column.addLayout(head)
        column.addWidget(self._no_attributes)
        column.addWidget(self.attributes)
        column.addStretch(1)
        self.setWidget(page)
        self._enable()

    def show_detail(self, detail: PlayerDetail) -> None:
        """Bring every card to this."""
        self.lifecycle.show_lifecycle(detail.lifecycle, detail.churn_risk.prediction_date)
        self.risk.show_risk(detail.churn_risk)
        self._segments.show_segments(detail.segments)
        attributes = sorted(detail.profile.attributes.items())
        self.attributes.show_lines(
            [
                Line(
                    name,
                    (visible(name), cell_text(value), kind_word(value)),
                    (visible(name), value_hover(value)),
                )
                for name, value in attributes
            ]
        )
        self._no_attributes.setVisible(not attributes)
        self.attributes.setVisible(bool(attributes))
        self.attributes.setFixedHeight(self.attributes.fitting_height(_ATTRIBUTE_ROWS))
        self._enable()

    def _enable(self) -> None:
        chosen = self.attributes.current_key is not None
        self._edit.setEnabled(chosen)
        self._remove.setEnabled(chosen)


class LifecycleCard(QFrame):
    """Why the stage is what it is, and when it changes next."""

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.reason = plain_label("")
        self.scale = AbsenceScale(colors)
        self.next = plain_label("", "dim")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(plain_label("LIFECYCLE", "heading"))
        layout.addWidget(self.reason)
        layout.addWidget(self.scale)
        layout.addWidget(self.next)

    def show_lifecycle(self, lifecycle: Lifecycle, as_of: str) -> None:
        """`as_of` is the instant it holds for, ISO 8601."""
        self.reason.setText(visible(lifecycle.reason, 1_000))
        self.scale.show_lifecycle(lifecycle)
        self.next.setText(next_words(lifecycle, as_of))
        self.next.setToolTip(_exact(lifecycle.next_transition_at or ""))


class RiskCard(QFrame):
    """The churn risk and the factors it is the sum of."""

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = colors
        self.setProperty("role", "card")
        self.score = QLabel()
        self.score.setProperty("role", "mono")
        self.bar = ShareBar(colors, "Churn risk")
        self.confidence = plain_label("", "dim")
        self._factors = QGridLayout()
        self._factors.setHorizontalSpacing(12)
        self._factors.setVerticalSpacing(4)
        self._factors.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel, QLabel, ShareBar]] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(plain_label("CHURN RISK", "heading"), 1)
        head.addWidget(self.score)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addLayout(self._factors)
        layout.addWidget(self.confidence)

    def show_risk(self, risk: ChurnRisk) -> None:
        color = _LEVEL_COLORS[risk.risk_level]
        self.score.setText(f"{risk.risk_score:.2f}  {risk.risk_level}")
        self.score.setToolTip(f"{risk.risk_score:.6f}")
        self.score.setProperty("tone", color)
        self.score.style().polish(self.score)
        self.bar.set_share(risk.risk_score, color)
        for number, factor in enumerate(risk.factors):
            self._show_factor(number, factor, color)
        for number, row in enumerate(self._rows):
            for widget in row:
                widget.setVisible(number < len(risk.factors))
        self.confidence.setText(
            f"Confidence {risk.confidence:.0%}: it grows with the number of days played. "
            "A heuristic for testing, not a trained model."
        )

    def _show_factor(self, number: int, factor: Factor, color: str) -> None:
        if number == len(self._rows):
            self._add_row(number)
        name, share, about, bar = self._rows[number]
        name.setText(FACTOR_WORDS.get(factor.factor, factor.factor))
        share.setText(f"{factor.contribution:.2f}")
        share.setToolTip(f"{factor.contribution:.6f} of the score")
        about.setText(visible(factor.description, 500))
        bar.setAccessibleName(f"{name.text()}: {share.text()}")
        bar.set_share(factor.contribution, color)

    def _add_row(self, number: int) -> None:
        name, share, about = QLabel(), QLabel(), plain_label("", "dim")
        share.setProperty("role", "mono")
        bar = ShareBar(self._theme, "")
        self._rows.append((name, share, about, bar))
        self._factors.addWidget(name, 2 * number, 0)
        self._factors.addWidget(bar, 2 * number, 1)
        self._factors.addWidget(share, 2 * number, 2, Qt.AlignmentFlag.AlignRight)
        self._factors.addWidget(about, 2 * number + 1, 0, 1, 3)


class SegmentsRow(QWidget):
    """The segments a player is in, each a link."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: list[SegmentName] | None = None
        self._buttons: list[QPushButton] = []
        self._none = plain_label("In none.", "dim")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(plain_label("SEGMENTS", "heading"))
        layout.addWidget(self._none)
        self._layout = layout

    def show_segments(self, segments: list[SegmentName]) -> None:
        if segments == self._shown:
            return
        self._shown = segments
        for button in self._buttons:
            self._layout.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        self._none.setVisible(not segments)
        for segment in segments:
            button = QPushButton(visible(segment.name or segment.segment_id).replace("&", "&&"))
            button.setProperty("role", "link")
            button.setToolTip(f"Show the segment {segment.segment_id}")
            button.clicked.connect(lambda _checked=False, name=segment.segment_id: self.wanted.emit(name))
            self._layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            self._buttons.append(button)


def next_words(lifecycle: Lifecycle, as_of: str) -> str:
    """When the stage changes, and to which, if the player stays away from the instant `as_of` on."""
    try:
        at = datetime.fromisoformat(lifecycle.next_transition_at or "")
        asked = datetime.fromisoformat(as_of)
    except ValueError:
        return "Stays so until the player comes back."
    away = lifecycle.days_since_last_activity + (at - asked).total_seconds() / 86_400
    begun: list[Stage] = [stage for stage, start in zones(lifecycle) if start <= away + _ROUNDING_DAYS]
    becomes = STAGE_WORDS[begun[-1] if begun else "active"]
    return f"{becomes} from {at.astimezone():%Y-%m-%d %H:%M} on, if the player stays away."


def _exact(iso: str) -> str:
    try:
        return exact_time(int(datetime.fromisoformat(iso).timestamp() * 1e6))
    except (ValueError, OverflowError):
        return ""
