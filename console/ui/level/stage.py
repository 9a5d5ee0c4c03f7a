"""The picture of the level with what lies over it: status, legend, hints, and a place to drop a model."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.ui.level.fit_beside import Card
from console.ui.level.legend import Legend
from console.ui.options import MODEL_SUFFIXES
from console.ui.theme import Tokens
from console.ui.widgets.dropping import accept_copy

_MARGIN = 12
_LEAST_TEXT_PX = 160
_ENDLESS_PX = (1 << 24) - 1  # Qt's own


class Stage(QWidget):
    """Holds one canvas, which may be exchanged.

    - `dropped(list[Path])`: model files
    - `elsewhere_clicked()`: the other level that `set_elsewhere` names is wanted
    - `cards_moved()`: the picture has another size, or more or less of it lies under large cards
    """

    dropped = Signal(list)
    upload_clicked = Signal()
    calibrate_clicked = Signal()
    elsewhere_clicked = Signal()
    cards_moved = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._canvas: QWidget | None = None
        self._lying: object = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.legend = Legend(tokens, self)
        self.legend.resized.connect(self.arrange)
        self._status = _Card(self)
        self._status_text = _text(role="dim")
        self._status.add(self._status_text)
        self._calibrate = QPushButton("Calibrate…")
        self._calibrate.setProperty("role", "link")
        self._calibrate.setToolTip("Find the axes and the place that bring the samples into the level")
        self._calibrate.clicked.connect(self.calibrate_clicked)
        self._calibrate.hide()
        self._status.add(self._calibrate)
        self._notice = _Card(self)
        self._notice_text = _text()
        self._notice_text.setWordWrap(True)
        self._notice.add(self._notice_text)
        self._notice.hide()
        self._elsewhere = _Card(self)
        self._elsewhere_text = _text(role="dim")
        self._elsewhere.add(self._elsewhere_text)
        self._elsewhere_go = QPushButton("Go there")
        self._elsewhere_go.setProperty("role", "link")
        self._elsewhere_go.setToolTip("Turn to that level, and to the place of the event")
        self._elsewhere_go.clicked.connect(self.elsewhere_clicked)
        self._elsewhere.add(self._elsewhere_go)
        self._elsewhere.hide()
        self._hint = _Hint(self)
        self._hint.upload.clicked.connect(self.upload_clicked)
        self._corner: QWidget | None = None
        self._drop = _Card(self)
        self._drop_text = _text(role="title")
        self._drop_text.setText("Drop the model to upload it")
        self._drop.add(self._drop_text)
        self._drop.hide()

    @property
    def overlays(self) -> tuple[QWidget, ...]:
        corner = () if self._corner is None else (self._corner,)
        return self.legend, self._status, self._notice, self._elsewhere, *corner, self._hint, self._drop

    def set_canvas(self, canvas: QWidget) -> None:
        """Show another canvas in place of the one that is there."""
        if self._canvas is not None:
            self._layout.removeWidget(self._canvas)
            self._canvas.hide()
            self._canvas.deleteLater()
        self._canvas = canvas
        self._layout.addWidget(canvas)
        for overlay in self.overlays:
            overlay.raise_()

    def set_status(self, text: str, tone: str, *, calibrate: bool = False) -> None:
        """The chip at the bottom left. `tone` is "", good or warning; `calibrate` offers to mend what it warns of."""
        self._calibrate.setVisible(calibrate)
        if text != self._status_text.text() or tone != self._status_text.property("tone"):
            self._status_text.setText(text)
            self._status_text.setProperty("tone", tone)
            self._status_text.style().polish(self._status_text)
            self.arrange()

    def set_notice(self, text: str) -> None:
        """A line at the top left that stays, such as why there is no 3D; "" for none."""
        if text != self._notice_text.text():
            self._notice_text.setText(text)
            self._notice.setVisible(bool(text))
            self.arrange()

    def set_elsewhere(self, level: str) -> None:
        """Offer to go to the level that the picked event was on; "" for nothing to offer."""
        self._elsewhere.setVisible(bool(level))
        self._elsewhere_text.setText(f"The picked event was on {level}." if level else "")
        self.arrange()

    def set_corner(self, card: QWidget | None) -> None:
        """What the open tool has to say, at the bottom right; None for nothing. The card stays the tool's."""
        if self._corner is not None and self._corner is not card:
            self._corner.hide()
        self._corner = card
        if card is not None:
            card.setParent(self)
            card.show()
            card.raise_()
        self.arrange()

    def show_hint(self, shown: bool) -> None:
        """What to do when there is nothing to see at all."""
        self._hint.setVisible(shown)

    def arrange(self) -> None:
        """Put every card where it belongs."""
        left, bottom = getattr(self._canvas, "rim", (0, 0))  # axes, where the canvas has some
        width, height = self.width(), self.height() - bottom
        corner = (0, 0) if self._corner is None else (self._corner.sizeHint().width(), self._corner.sizeHint().height())
        beside = _MARGIN if self._corner is not None else 0
        self._fit_status(width - left - corner[0] - beside - 2 * _MARGIN)
        chip = self._status.sizeHint()
        beneath = max(
            corner[1], chip.height() if chip.width() > width - left - self.legend.width() - 3 * _MARGIN else 0
        )
        self.legend.set_room(height - beneath - (_MARGIN if beneath else 0) - 2 * _MARGIN)
        for overlay in self.overlays:
            overlay.adjustSize()
        self.legend.move(width - self.legend.width() - _MARGIN, _MARGIN)
        self._status.move(left + _MARGIN, height - self._status.height() - _MARGIN)
        if self._corner is not None:
            self._corner.move(width - self._corner.width() - _MARGIN, height - self._corner.height() - _MARGIN)
        room = max(160, width - left - self.legend.width() - 3 * _MARGIN)
        self._notice_text.setFixedWidth(min(460, room - 24))
        self._notice.adjustSize()
        self._notice.move(left + _MARGIN, _MARGIN)
        below = _MARGIN if self._notice.isHidden() else self._notice.geometry().bottom() + 1 + _MARGIN
        self._elsewhere.move(left + _MARGIN, below)
        for card in (self._hint, self._drop):
            card.move((width - card.width()) // 2, (height - card.height()) // 2)
        # Not the chip: its words change while somebody plays, and the picture is to keep still.
        large = [card.geometry().getRect() for card in (self.legend, self._corner) if card and not card.isHidden()]
        lying = (self.width(), self.height(), *large)
        if lying != self._lying:
            self._lying = lying
            self.cards_moved.emit()

    def cards(self) -> list[Card]:
        """Where cards lie over the picture that stay there."""
        corner = () if self._corner is None else (self._corner,)
        shown = [card for card in (self.legend, self._status, self._notice, *corner) if not card.isHidden()]
        places = [card.geometry() for card in shown]
        return [(place.left(), place.top(), place.right() + 1, place.bottom() + 1) for place in places]

    def _fit_status(self, room: int) -> None:
        """In one line, else in as many as its words need."""
        text = self._status_text
        text.setWordWrap(False)
        text.setMinimumWidth(0)
        text.setMaximumWidth(_ENDLESS_PX)
        excess = self._status.sizeHint().width() - room
        if excess > 0:
            text.setFixedWidth(max(_LEAST_TEXT_PX, text.sizeHint().width() - excess))
            text.setWordWrap(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if models_in(event):
            accept_copy(event)
            self._drop.show()
            self._drop.raise_()
            self.arrange()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop.hide()
        if found := models_in(event):
            accept_copy(event)
            self.dropped.emit(found)


def models_in(event: QDropEvent) -> list[Path]:
    """The dragged files that can be level models."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in MODEL_SUFFIXES]


class _Card(QFrame):
    """A small raised surface over the picture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 12, 6)

    def add(self, widget: QWidget) -> None:
        self._row.addWidget(widget)


class _Hint(QFrame):
    """What the first visit shows: what would be here, and how to get it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        title = _text(role="title")
        title.setText("No level yet")
        text = _text(role="dim")
        text.setWordWrap(True)
        text.setFixedWidth(380)
        text.setText(
            "Tracks appear here as soon as a game sends trajectories. Upload the level's mesh to see them in place: "
            "GLB, glTF, OBJ, STL, PLY, OFF or COLLADA, or drop the file here."
        )
        self.upload = QPushButton("Upload model…")
        self.upload.setProperty("role", "primary")
        column.addWidget(title)
        column.addWidget(text)
        column.addSpacing(4)
        column.addWidget(self.upload, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()


def _text(role: str = "") -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    return label
