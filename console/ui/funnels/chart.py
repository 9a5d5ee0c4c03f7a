"""A funnel as bars, a step below the other: who reached it, and who was lost on the way to it."""

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from console.telemetry.events import EventKind
from console.ui import theme
from console.ui.funnels.chart_layout import HEAD, STEP, Layout, Line, laid_out
from console.ui.funnels.model import Bar, Report
from console.ui.hover import plain_hover
from console.ui.style import heading_font, mono_font, ui_font
from console.ui.theme import Theme
from console.ui.widgets.formatting import visible

_MARGIN = 12
_RADIUS = 3
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_KEYS = {
    Qt.Key.Key_Up: (-1, False),
    Qt.Key.Key_Down: (1, False),
    Qt.Key.Key_Left: (0, False),
    Qt.Key.Key_Right: (0, True),
}


class FunnelChart(QWidget):
    """`bar_chosen(Bar)`: who is behind a bar. Arrow keys go from bar to bar, to the right for those lost."""

    bar_chosen = Signal(object)

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = colors
        self._report: Report | None = None
        self._layout: Layout | None = None
        self._chosen: Bar | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Funnel")
        colors.changed.connect(self.update)

    @property
    def chosen(self) -> Bar | None:
        return self._chosen

    def show_report(self, report: Report) -> None:
        """Paint other numbers. The chosen bar stays chosen where it still is."""
        self._report = report
        self.setAccessibleDescription(report.summary())
        self._lay_out()

    def choose(self, bar: Bar | None) -> None:
        """Mark a bar."""
        self._chosen = bar
        self.update()

    def lost_rect(self, line: Line) -> QRectF:
        """Where those are that were lost on the way to a step."""
        whole = self._bars()
        left = whole.left() + whole.width() * line.share
        return QRectF(
            left, self._bar_top(line), whole.width() * line.share_before + whole.left() - left, self._thick(line)
        )

    def sizeHint(self) -> QSize:
        return QSize(640, self._layout.height if self._layout else HEAD)

    # ----------------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        if self._report is not None:
            self._layout = laid_out(self._report, self.width())
            self.setFixedHeight(self._layout.height)
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _bars(self) -> QRectF:
        """From where to where bars may reach; the height means nothing."""
        layout = self._layout
        if layout is None:
            return QRectF()
        left = _MARGIN + layout.name_width
        right = self.width() - _MARGIN - sum(width for _, width in layout.heads) - 8
        return QRectF(left, 0, max(24.0, right - left), 1)

    @staticmethod
    def _thick(line: Line) -> float:
        return 20.0 if line.height == STEP else 12.0

    def _bar_top(self, line: Line) -> float:
        return line.top + (line.height - self._thick(line)) / 2

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._layout is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_heads(painter, self._layout)
            for line in self._layout.lines:
                if line.top + line.height >= event.rect().top() and line.top <= event.rect().bottom():
                    self._paint_line(painter, self._layout, line)

    def _paint_heads(self, painter: QPainter, layout: Layout) -> None:
        tokens = self._theme.tokens
        painter.setFont(heading_font())
        painter.setPen(QColor(tokens.dim))
        painter.drawText(QRectF(_MARGIN, 0, layout.name_width, HEAD), _LEFT, "Step")
        right = float(self.width() - _MARGIN)
        for title, width in reversed(layout.heads):
            painter.drawText(QRectF(right - width, 0, width, HEAD), _RIGHT, title)
            right -= width

    def _paint_line(self, painter: QPainter, layout: Layout, line: Line) -> None:
        tokens = self._theme.tokens
        whole, thick, top = self._bars(), self._thick(line), self._bar_top(line)
        is_step = line.bar.group is None
        if self._chosen is not None and layout.line_of(self._chosen) is line:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection))
            painter.drawRoundedRect(QRectF(4, line.top, self.width() - 8, line.height), 4, 4)
        self._paint_name(painter, layout, line)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(QRectF(whole.left(), top, whole.width(), thick), _RADIUS, _RADIUS)
        lost = self.lost_rect(line)
        if lost.width() >= 1:
            painter.setBrush(QBrush(QColor(tokens.bad if is_step else tokens.faint), Qt.BrushStyle.BDiagPattern))
            painter.drawRect(lost)
            if self._chosen == Bar(line.bar.step - 1, lost=True, group=line.bar.group):
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(tokens.accent), 1))
                painter.drawRect(lost.adjusted(0.5, 0.5, -0.5, -0.5))
        if line.share > 0:
            painter.setPen(QPen(QColor(tokens.accent), 1) if self._chosen == line.bar else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.kinds[EventKind.FUNNEL] if is_step else tokens.series[0]))
            painter.drawRoundedRect(
                QRectF(whole.left(), top, max(2.0, whole.width() * line.share), thick), _RADIUS, _RADIUS
            )
        right = float(self.width() - _MARGIN)
        painter.setFont(mono_font())
        for (title, width), text in zip(reversed(layout.heads), reversed(line.cells), strict=True):
            color = tokens.text if title in ("Reached", "Of first") and is_step else tokens.dim
            if title == "Difference" and line.likely:
                color = tokens.text
            if title == "Difference" and text:
                text += " *" if line.likely else "  "
            painter.setPen(QColor(color))
            painter.drawText(QRectF(right - width, line.top, width, line.height), _RIGHT, text)
            right -= width

    def _paint_name(self, painter: QPainter, layout: Layout, line: Line) -> None:
        tokens, left = self._theme.tokens, float(_MARGIN)
        room = layout.name_width - 12.0
        if line.bar.group is None:
            painter.setFont(mono_font())
            painter.setPen(QColor(tokens.dim))
            painter.drawText(QRectF(left, line.top, 20, line.height), _RIGHT, str(line.bar.step + 1))
            font = ui_font()
            painter.setPen(QColor(tokens.text))
        else:
            font = ui_font(theme.MONO_PX)
            painter.setPen(QColor(tokens.dim))
        left, room = left + 28, room - 28
        painter.setFont(font)
        text = QFontMetrics(font).elidedText(visible(line.title), Qt.TextElideMode.ElideMiddle, int(room))
        painter.drawText(QRectF(left, line.top, room, line.height), _LEFT, text)

    # a person's side

    def _bar_at(self, point: QPoint) -> tuple[Bar, str] | None:
        line = self._layout.at(point.y()) if self._layout else None
        if line is None:
            return None
        lost = self.lost_rect(line)
        if line.bar.step and lost.left() <= point.x() <= lost.right():
            return Bar(line.bar.step - 1, lost=True, group=line.bar.group), line.lost_hover
        title = f"{line.title}\n" if line.bar.group is None else ""
        return line.bar, title + line.hover

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._bar_at(event.position().toPoint())
        if found is not None and event.button() is Qt.MouseButton.LeftButton:
            self._take(found[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._bar_at(event.position().toPoint())
        self.setCursor(Qt.CursorShape.PointingHandCursor if found else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = _KEYS.get(Qt.Key(event.key()))
        if move is None or self._layout is None or not self._layout.lines:
            super().keyPressEvent(event)
            return
        lines = self._layout.lines
        line = self._layout.line_of(self._chosen) if self._chosen else None
        if line is None:
            self._take(lines[0].bar)
            return
        step, lost = move
        line = lines[min(max(lines.index(line) + step, 0), len(lines) - 1)]
        lost = lost or (step != 0 and self._chosen is not None and self._chosen.lost)
        bar = line.bar
        self._take(Bar(bar.step - 1, lost=True, group=bar.group) if lost and bar.step else bar)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            found = self._bar_at(event.pos())
            if found is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), plain_hover(found[1]), self)
            return True
        return super().event(event)

    def _take(self, bar: Bar) -> None:
        self.choose(bar)
        self.bar_chosen.emit(bar)
