"""What a table says when it has rows but shows none."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from console.ui.theme import SPACING


class NothingFound(QWidget):
    """Lies over the table's viewport and grows with it."""

    cleared = Signal()

    def __init__(self, what: str, over: QWidget) -> None:
        super().__init__(over)
        self._what = what
        self._over = over
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setProperty("role", "dim")
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = QPushButton("Clear the filter")
        self._button.clicked.connect(self.cleared)
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACING[2])
        layout.addStretch(1)
        layout.addWidget(self._text)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(2)
        over.installEventFilter(self)
        self.hide()

    def tell(self, *, shown: int, kept: int, looking: bool, filtered: bool, cleared: bool) -> None:
        """Say why no row is shown, or hide."""
        if shown or looking:
            self.hide()
            return
        if cleared:
            self._text.setText(f"Cleared. New {self._what}s appear here; those recorded are kept.")
        elif filtered:
            of_rows = (
                f"None of the {kept:,} {self._what}s in the table matches." if kept else f"No {self._what} matches."
            )
            self._text.setText(of_rows)
        else:
            self._text.setText(f"The chosen sessions have no {self._what}s in the table.")
        self._button.setVisible(filtered and not cleared)
        self.resize(self._over.size())
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self.resize(self._over.size())
        return super().eventFilter(watched, event)
