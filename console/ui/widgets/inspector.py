"""The right dock: everything about the picked event or request."""

import asyncio
import logging
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedLayout,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.client import ConsoleRefused, ConsoleUnavailable
from console.messages import FeedHello, RequestDetail
from console.telemetry.plausibility import doubts
from console.ui.context import ViewContext
from console.ui.hover import plain_hover
from console.ui.navigation import Destination
from console.ui.selection import Picked
from console.ui.style import heading_font, mono_font
from console.ui.theme import SPACING
from console.ui.widgets.copy_as import CODE, CopyAs, only
from console.ui.widgets.diff_dialog import DiffDialog
from console.ui.widgets.formatting import visible
from console.ui.widgets.hex_layout import Span
from console.ui.widgets.hex_view import HexView
from console.ui.widgets.inspection import Inspection, event_title, inspect_request, summary_lines
from console.ui.widgets.json_view import JsonView
from console.ui.widgets.payload import Payload
from console.ui.widgets.payload_diff import compare
from console.ui.widgets.payload_tree import PayloadTree
from console.ui.widgets.player_inspection import is_player_request
from console.ui.widgets.player_named import Named, player_of_inspection
from console.ui.widgets.problems_panel import ProblemsPanel, wrapped_label
from console.ui.widgets.request_panel import RequestPanel
from console.ui.widgets.resend_panel import ResendPanel
from console.ui.widgets.resend_text import route_of
from console.ui.widgets.surroundings import SurroundingsSource

log = logging.getLogger(__name__)

# Smaller bodies are taken apart at once: sooner than a thread would start.
_INLINE_BYTES = 64 * 1024
_KEPT_DETAILS = 32


class Inspector(QWidget):
    """Tree, JSON, hex and request, and the problems of a rejected one first.

    It follows `selection.picked_changed`; the tree and the hex view point at each other.
    `destination_wanted(Destination)`: the player's profile.
    """

    title = "Inspector"
    destination_wanted = Signal(object)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._url = "http://127.0.0.1:4000"
        self._player_url = "http://127.0.0.1:18000"
        self._inspection: Inspection | None = None
        self._behind = False  # what is picked is to be loaded once somebody looks
        self._details: dict[int, RequestDetail] = {}
        self._player: Named | None = None
        self._compared: Inspection | None = None
        self._surroundings = SurroundingsSource(context.client)
        self.problems = ProblemsPanel(context.theme)
        self.tree = PayloadTree(context.theme)
        self.json = JsonView(context.theme)
        self.hex = HexView(context.theme)
        self.request = RequestPanel()
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.setUsesScrollButtons(False)
        self._tabs.setStyleSheet("QTabBar::tab { padding-left: 8px; padding-right: 8px; }")  # five fit a narrow dock
        self._tabs.setAccessibleName("Inspector")
        self._tabs.addTab(self._tree_page(), "Tree")
        self._tabs.addTab(self.json, "JSON")
        self._tabs.addTab(self.hex, "Hex")
        self._tabs.addTab(self.request, "Request")
        self._tabs.setCornerWidget(self._copy_button(), Qt.Corner.TopRightCorner)
        self._hint = wrapped_label("Inspector")
        self._hint.setProperty("role", "dim")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setContentsMargins(SPACING[3], SPACING[3], SPACING[3], SPACING[3])
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._hint)
        self._detail = self._with_footer()
        self._pages.addWidget(self._detail)
        self.resend = ResendPanel(context)
        self.resend.closed.connect(self._end_editing)
        self._pages.addWidget(self.resend)
        self.tree.span_picked.connect(self._tree_picked)
        self.hex.selection_changed.connect(self._hex_picked)
        self.problems.hex.selection_changed.connect(self._hex_picked)
        self.problems.problem_picked.connect(self._problem_picked)
        context.selection.picked_changed.connect(self.show_picked)
        context.feed.connected.connect(self._connected)
        context.feed.changed.connect(self._topic_changed)
        self.show_picked(context.selection.picked)

    @property
    def inspection(self) -> Inspection | None:
        """What is shown."""
        return self._inspection

    def tab_names(self) -> list[str]:
        return [self._tabs.tabText(i) for i in range(self._tabs.count())]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._behind:
            self.show_picked(self._context.selection.picked)

    def show_picked(self, picked: Picked | None) -> None:
        """Load and show a request, maybe one event of it; as soon as somebody looks."""
        self._behind = picked is not None and not self.isVisible()
        if picked is None or self._behind:
            self._inspection = None  # nothing of another one is to be copied
        if picked is None:
            self._say("Pick an event or a request to see its fields, its bytes and its answer.")
            return
        if self._inspection is None:
            self._say("Loading…")
        if not self._behind:
            self._context.tasks.start(self._load(picked), "Load the request", self._failed)

    async def _load(self, picked: Picked) -> None:
        detail = self._details.get(picked.request_id)
        if detail is None:
            detail = await self._context.client.request_detail(picked.request_id)
            while len(self._details) >= _KEPT_DETAILS or sum(len(d.body) for d in self._details.values()) > 2**25:
                del self._details[next(iter(self._details))]
            self._details[picked.request_id] = detail
        if len(detail.body) > _INLINE_BYTES:
            inspection = await asyncio.to_thread(inspect_request, detail, picked.index)
        else:
            inspection = inspect_request(detail, picked.index)
        if self._context.selection.picked == picked:
            self._show(inspection)
            await self._doubt(picked, inspection)

    async def _doubt(self, picked: Picked, inspection: Inspection) -> None:
        """Show also what does not fit the event's session or level, once that is known."""
        detail, index = inspection.detail, inspection.index
        if index is None or detail.row.status >= 400 or is_player_request(detail.row.route):
            return
        try:
            found = doubts(detail.body, index, await self._surroundings.around(detail, index))
        except (ConsoleRefused, ConsoleUnavailable) as error:
            log.info("what was recorded around the event is not known: %s", error)
            return
        if found and self._context.selection.picked == picked:
            current = self.tree.current_offset()
            inspection = await asyncio.to_thread(inspect_request, detail, index, found)
            if self._context.selection.picked == picked:
                self._show(inspection)
                if current is not None:
                    self.tree.select_offset(current)

    def _failed(self, error: Exception) -> None:
        self._inspection = None
        self._say(f"The request cannot be shown: {visible(str(error), 400)}")

    def _show(self, inspection: Inspection) -> None:
        self._inspection = inspection
        self._show_problems_tab(bool(inspection.problems), first=inspection.index is None)
        if inspection.problems:
            self.problems.show_inspection(inspection)
        self.tree.show_tree(inspection.root)
        player = player_of_inspection(inspection)
        self.player.setVisible(player is not None)
        self._player = player
        self._summary.setText("\n".join(visible(line) for line in summary_lines(inspection.detail)))
        self.json.show_json(inspection.json, inspection.json_note)
        self.hex.set_body(inspection.detail.body, inspection.marks)
        if inspection.focus:
            self.hex.set_context(inspection.focus)
            self.hex.show_offset(inspection.focus.start)
        elif inspection.marks:
            self.hex.show_offset(inspection.marks[0].start)
        self.request.show_detail(inspection.detail)
        self._offer_comparison(inspection)
        self.edit_button.setVisible(route_of(inspection.detail.row.route) is not None)
        if self._pages.currentWidget() is not self.resend:
            self._pages.setCurrentWidget(self._detail)

    def _show_problems_tab(self, on: bool, *, first: bool) -> None:
        there = self._tabs.indexOf(self.problems) >= 0
        if on and not there:
            self._tabs.insertTab(0, self.problems, "Problems")
            if first:
                self._tabs.setCurrentWidget(self.problems)
        elif there and not on:
            self._tabs.removeTab(self._tabs.indexOf(self.problems))

    def _say(self, text: str) -> None:
        self._hint.setText(text)
        if self._pages.currentWidget() is not self.resend:  # what a person types stays until it is closed
            self._pages.setCurrentWidget(self._hint)

    # tree, bytes and problems point at each other

    def _tree_picked(self, start: int, end: int) -> None:
        self.hex.select(Span(start, end))
        self.problems.hex.select(Span(start, end))

    def _hex_picked(self, start: int, _end: int) -> None:
        self._go_to_offset(start)

    def _problem_picked(self, span: Span) -> None:
        self.hex.select(span)
        self._go_to_offset(span.start)

    def _go_to_offset(self, offset: int) -> None:
        inspection = self._inspection
        if inspection is None:
            return
        root = inspection.root
        if inspection.index is not None and not root.span.start <= offset < root.span.end:
            return  # another event of the batch: the tree stays with the picked one
        self.tree.select_offset(offset)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._inspection is not None:
            self._context.selection.pick(None)
        else:
            super().keyPressEvent(event)

    def _open_player(self) -> None:
        if self._player is not None:
            self.destination_wanted.emit(Destination(view="players", subject=self._player))

    # editing

    def edit_and_resend(self) -> None:
        """Edit the shown payload in place, and send it again."""
        if self._inspection is not None and self.resend.edit(self._inspection):
            self._pages.setCurrentWidget(self.resend)

    def _end_editing(self) -> None:
        self._pages.setCurrentWidget(self._hint if self._inspection is None else self._detail)

    # comparing

    def compare(self) -> None:
        """Remember the shown event, or compare it with the one remembered before, which is then forgotten."""
        shown, other = self._inspection, self._compared
        if shown is None or shown.index is None:
            return
        if other is None or other.index is None or _is_same(other, shown):
            self._compared = shown
        else:
            self._compared = None
            comparison = compare(other.detail.body, other.index, shown.detail.body, shown.index)
            DiffDialog(self.window(), comparison, event_title(other), event_title(shown)).open()
        self._offer_comparison(shown)

    def _offer_comparison(self, shown: Inspection) -> None:
        other = self._compared
        self.compare_button.setVisible(shown.index is not None and isinstance(shown.payload, Payload))
        if other is None:
            self.compare_button.setText("Compare …")
            self.compare_button.setToolTip("Then pick another event to compare this one with")
        elif _is_same(other, shown):
            self.compare_button.setText("Now pick another")
            self.compare_button.setToolTip("The event that is picked next can be compared with this one")
        else:
            self.compare_button.setText("Compare with the first")
            self.compare_button.setToolTip(plain_hover(event_title(other)))

    # copying

    def copy_json(self) -> None:
        """The payload as JSON; as much of it as is shown."""
        self._copy(lambda shown: shown.json, "JSON")

    def copy_hex(self) -> None:
        """All bytes of the body as hex."""
        self._copy(lambda shown: shown.detail.body.hex(" "), "the bytes as hex")

    def copy_code(self, way: CopyAs) -> None:
        """The request as code; of a batch only the picked event, where the language is about one."""
        shown = self._inspection
        if shown is None:
            return
        detail = shown.detail
        if way.of_event and shown.focus and isinstance(shown.payload, Payload):
            detail = only(detail, shown.focus.start, shown.focus.end)
        self._copy(lambda shown: way.write(detail, self._base_url(shown)), way.said)

    def _base_url(self, shown: Inspection) -> str:
        return self._player_url if is_player_request(shown.detail.row.route) else self._url

    def _copy(self, text_of: Callable[[Inspection], str], what: str) -> None:
        if self._inspection is not None:
            QGuiApplication.clipboard().setText(text_of(self._inspection))
            self._context.messages.say(f"Copied {what}", kind="good")

    # ----------------------------------------------------------------------------------------------------------------

    def _tree_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(SPACING[1], SPACING[1], 0, SPACING[1])
        layout.setSpacing(SPACING[1])
        layout.addWidget(self.tree, 1)
        self.player = QPushButton("Open the player's profile")
        self.player.setProperty("role", "link")
        self.player.clicked.connect(self._open_player)
        self.player.hide()
        link = QHBoxLayout()
        link.setContentsMargins(SPACING[0], 0, 0, 0)
        link.addWidget(self.player)
        link.addStretch(1)
        layout.addLayout(link)
        head = QLabel("Request")
        head.setFont(heading_font())
        head.setProperty("role", "heading")
        head.setContentsMargins(SPACING[0], 0, 0, 0)
        layout.addWidget(head)
        self._summary = wrapped_label("The request of this payload")
        self._summary.setFont(mono_font())
        self._summary.setProperty("role", "dim")
        self._summary.setContentsMargins(SPACING[0], 0, SPACING[1], 0)
        layout.addWidget(self._summary)
        return page

    def _with_footer(self) -> QWidget:
        """The tabs, and under each of them what can be done with the request."""
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tabs, 1)
        self.edit_button = QPushButton("Edit and resend …")
        self.edit_button.setProperty("role", "link")
        self.edit_button.setToolTip("Change the payload as JSON, and send it as MessagePack")
        self.edit_button.clicked.connect(self.edit_and_resend)
        self.compare_button = QPushButton()
        self.compare_button.setProperty("role", "link")
        self.compare_button.clicked.connect(self.compare)
        footer = QHBoxLayout()
        footer.setContentsMargins(SPACING[2], 0, SPACING[2], SPACING[0])
        footer.addWidget(self.edit_button)
        footer.addStretch(1)
        footer.addWidget(self.compare_button)
        layout.addLayout(footer)
        return page

    def _copy_button(self) -> QToolButton:
        menu = QMenu(self)
        menu.addAction("JSON").triggered.connect(self.copy_json)
        menu.addAction("MessagePack hex").triggered.connect(self.copy_hex)
        menu.addSeparator()
        for way in CODE:
            menu.addAction(way.title).triggered.connect(lambda _checked=False, way=way: self.copy_code(way))
        button = QToolButton()
        button.setText("Copy as")
        button.setProperty("role", "quiet")
        button.setAccessibleName("Copy the payload or the request as code")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(menu)
        return button

    def _topic_changed(self, topic: str) -> None:
        if topic in ("level_models", "levels"):
            self._surroundings.forget_models()

    def _connected(self, hello: FeedHello) -> None:
        self._url = next(iter(hello.status.telemetry_urls), self._url)
        self._player_url = next(iter(hello.status.player_urls), self._url)  # every port answers for both APIs


def _is_same(one: Inspection, other: Inspection) -> bool:
    return (one.detail.row.request_id, one.index) == (other.detail.row.request_id, other.index)
