"""What is wrong with a rejected request: the first problem in full, its bytes, and all the others."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from console.ui.hover import plain_hover
from console.ui.style import heading_font, mono_font
from console.ui.theme import SPACING, Theme
from console.ui.widgets.hex_layout import Span
from console.ui.widgets.hex_view import HexView
from console.ui.widgets.inspection import Inspection
from console.ui.widgets.problem_lines import ProblemLine

_LIST_ROW = 24
_LIST_MOST_ROWS = 10


def wrapped_label(name: str = "") -> QLabel:
    """A label of several lines of plain text that can be selected."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    if name:
        label.setAccessibleName(name)
    return label


class ProblemsPanel(QWidget):
    """`problem_picked` carries the bytes of the problem the person went to."""

    problem_picked = Signal(object)

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems: list[ProblemLine] = []
        self._card = QFrame()
        self._card.setProperty("role", "error")
        self._headline = wrapped_label("What became of the request")
        self._headline.setProperty("tone", "bad")
        self._headline.setStyleSheet("font-weight: 600;")
        self._sentence = wrapped_label("The problem")
        self._hint = wrapped_label("How to mend it")
        self._hint.setProperty("role", "dim")
        card = QVBoxLayout(self._card)
        card.setContentsMargins(SPACING[2], SPACING[1], SPACING[2], SPACING[1])
        card.setSpacing(SPACING[0])
        for label in (self._headline, self._sentence, self._hint):
            card.addWidget(label)
        self.hex = HexView(colors)
        self._others_head = QLabel()
        self._others_head.setFont(heading_font())
        self._others_head.setProperty("role", "heading")
        self._others = QTreeWidget()
        self._others.setColumnCount(3)
        self._others.setHeaderHidden(True)
        self._others.setRootIsDecorated(False)
        self._others.setUniformRowHeights(True)
        self._others.setFont(mono_font())
        self._others.setFrameShape(QFrame.Shape.NoFrame)
        self._others.setProperty("ground", "panel")
        self._others.setAccessibleName("All problems of the request")
        self._others.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self._others.header().setStretchLastSection(True)
        self._others.currentItemChanged.connect(self._picked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING[2], SPACING[2], SPACING[2], SPACING[1])
        layout.setSpacing(SPACING[2])
        layout.addWidget(self._card)
        layout.addWidget(self.hex, 1)
        layout.addWidget(self._others_head)
        layout.addWidget(self._others)
        layout.addStretch(0)  # takes what is left when there are no bytes to show: the card keeps its size

    @property
    def lines(self) -> list[str]:
        """What the list says, a line a problem."""
        items = [self._others.topLevelItem(i) for i in range(self._others.topLevelItemCount())]
        return ["  ".join(item.text(column) for column in range(3)) for item in items if item is not None]

    def show_inspection(self, inspection: Inspection) -> None:
        """Show what is wrong with a request, its first problem's bytes in sight."""
        self._problems = inspection.problems
        self._headline.setText(inspection.headline)
        taken = inspection.detail.row.status < 400  # a batch of which a part was recorded
        self._set_role("warning" if taken else "error", "warning" if taken else "bad")
        self.hex.set_body(inspection.detail.body, inspection.marks)
        self.hex.setVisible(bool(inspection.detail.body))
        self._others.blockSignals(True)
        self._others.clear()
        for problem in self._problems:
            item = QTreeWidgetItem([problem.where.lower(), problem.path, problem.message])
            item.setToolTip(2, plain_hover(f"{problem.sentence}\n{problem.hint}"))
            self._others.addTopLevelItem(item)
        count = len(self._problems)
        self._others_head.setText(f"{count} problems in this request")
        self._others_head.setVisible(count > 1)
        self._others.setVisible(count > 1)
        self._others.setFixedHeight(min(count, _LIST_MOST_ROWS) * _LIST_ROW + 2)
        if count > 1:
            self.go_to(0)
        self._others.blockSignals(False)
        self._show_problem(self._problems[0])

    def _set_role(self, card: str, tone: str) -> None:
        for widget, name, value in ((self._card, "role", card), (self._headline, "tone", tone)):
            if widget.property(name) != value:
                widget.setProperty(name, value)
                widget.style().unpolish(widget)
                widget.style().polish(widget)

    def go_to(self, number: int) -> None:
        """Pick a problem as a click on its line does."""
        self._others.setCurrentIndex(self._others.model().index(number, 0))

    def _picked(self, item: QTreeWidgetItem | None, _previous: QTreeWidgetItem | None = None) -> None:
        if item is None:
            return
        problem = self._problems[self._others.indexOfTopLevelItem(item)]
        self._show_problem(problem)
        if problem.span is not None:
            self.problem_picked.emit(problem.span)

    def _show_problem(self, problem: ProblemLine) -> None:
        self._sentence.setText(problem.sentence)
        self._hint.setText(problem.hint)
        self._hint.setVisible(bool(problem.hint))
        if problem.span is not None:
            self.hex.select(Span(problem.span.start, problem.span.start))
