"""Two events beside each other: what differs, and how it was on the wire."""

from PySide6.QtWidgets import QFrame, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from console.ui.dialogs import Dialog, plain_label
from console.ui.hover import plain_hover
from console.ui.style import mono_font
from console.ui.widgets.formatting import plural
from console.ui.widgets.payload_diff import MAX_VALUES, Comparison

_ABSENT = "—"


class DiffDialog(Dialog):
    """`left` and `right` say which events these are."""

    def __init__(self, parent: QWidget | None, comparison: Comparison, left: str, right: str) -> None:
        found = comparison.differences
        counted = (
            f"{plural(len(found), 'value')} {'differs' if len(found) == 1 else 'differ'}"
            if found
            else "No value differs"
        )
        super().__init__(parent, "Compare two events", f"{counted}, {comparison.equal:,} are equal.", width=860)
        self.table = QTreeWidget()
        self.table.setColumnCount(4)
        self.table.setHeaderLabels(["", "Field", left, right])
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setFont(mono_font())
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setAccessibleName("Values that differ")
        self.table.setMinimumHeight(320)
        header = self.table.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for difference in found:
            texts = (difference.left, difference.right)
            shown = [_ABSENT if text is None else text for text in texts]
            item = QTreeWidgetItem([difference.word, difference.path, *shown])
            for column in (1, 2, 3):
                item.setToolTip(column, plain_hover(item.text(column)))
            self.table.addTopLevelItem(item)
        for column, width in enumerate((84, 220, 260)):
            header.resizeSection(column, width)
        self.content.addWidget(self.table)
        if not comparison.is_whole:
            self.content.addWidget(plain_label(f"Only the first {MAX_VALUES:,} values of each were compared.", "dim"))
        self.add_button("Close")

    @property
    def lines(self) -> list[list[str]]:
        """What the table says, a row a difference."""
        items = [self.table.topLevelItem(row) for row in range(self.table.topLevelItemCount())]
        return [[item.text(column) for column in range(4)] for item in items if item is not None]
