"""Parts of the main window's frame: docks' headings and widths, the hint for dropped files, a page for a lost view."""

from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QMainWindow, QWidget

from console.ui.options import MODEL_SUFFIXES
from console.ui.views import ViewSpec

TAB_ROW_HEIGHT = 34
_LEAST_VIEW_PX = 728  # all tabs, with a badge


class DropHint(QLabel):
    """Says what becomes of a file that is held over the window. Hidden until `show_over`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Drop to upload as a level model", parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setProperty("role", "drop-hint")
        self.hide()

    def show_over(self, area: QRect) -> None:
        """Cover an area of the parent."""
        self.setGeometry(area)
        self.raise_()
        self.show()


def dock_heading(title: str) -> QWidget:
    """The line over a dock's content."""
    bar = QFrame()
    bar.setProperty("role", "panel")
    layout = QHBoxLayout(bar)
    layout.setContentsMargins(12, 0, 8, 0)
    label = QLabel(title.upper())
    label.setProperty("role", "heading")
    label.setFixedHeight(TAB_ROW_HEIGHT)  # a dock asks for the size hint only, which knows no fixed height
    layout.addWidget(label, 1)
    return bar


def dock_widths(window_px: int) -> tuple[int, int]:
    """Sessions and inspector: narrower in a narrow window, where the view between them needs the room more."""
    return min(248, max(208, window_px * 19 // 100)), min(392, max(300, window_px * 29 // 100 - 72))


def give_way(window: QMainWindow, centre: QWidget, sessions: QDockWidget, inspector: QDockWidget) -> None:
    """Narrow the docks to what a window so wide has for them, where the views between have too little room."""
    shown = [(dock, width) for dock, width in zip((sessions, inspector), dock_widths(window.width()), strict=True)]
    shown = [(dock, width) for dock, width in shown if not dock.isHidden() and dock.width() > width]
    if centre.width() < _LEAST_VIEW_PX and shown:
        window.resizeDocks([dock for dock, _ in shown], [width for _, width in shown], Qt.Orientation.Horizontal)


def unavailable(spec: ViewSpec, error: Exception) -> QWidget:
    """What stands where a view could not be built."""
    page = QLabel(f"{spec.title} cannot be shown here.\n\n{type(error).__name__}: {error}\n\nThe log has more.")
    page.setTextFormat(Qt.TextFormat.PlainText)
    page.setAlignment(Qt.AlignmentFlag.AlignCenter)
    page.setWordWrap(True)
    page.setProperty("role", "dim")
    return page


def meshes_of(event: QDropEvent) -> list[Path]:
    """The files among what is dragged that may be level models."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in MODEL_SUFFIXES and path.is_file()]
