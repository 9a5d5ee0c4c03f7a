"""Why a player gets the value of a flag: every rule, and everything that was compared."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from console.messages.players import PlayerRow
from console.players.definitions import Check, Explanation, Flag, RuleTrace
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.flags.words import BECAUSE
from console.ui.hover import plain_hover
from console.ui.icons import icon
from console.ui.style import mono_font
from console.ui.widgets.formatting import visible
from console.ui.widgets.player_picker import PlayerPicker
from console.ui.widgets.player_words import name_of
from console.ui.widgets.value_text import value_text

_GROUPED = "conditions["
_OF_SEGMENT = "segment "
_GROUP = Qt.ItemDataRole.UserRole


class TracePanel(QWidget):
    """`override_wanted(player_id)` and `player_wanted(player_id)` for what is done elsewhere."""

    override_wanted = Signal(str)
    player_wanted = Signal(str)

    def __init__(self, context: ViewContext) -> None:
        super().__init__()
        self._context = context
        self._app_id = self._key = self._player_id = ""
        self._flag: Flag | None = None
        self._now_us: int | None = None
        self._request = 0
        self._explanation: Explanation | None = None
        self.picker = PlayerPicker(context)
        self.picker.chosen.connect(self._picked)
        self.answer = plain_label("")
        self.answer.setProperty("role", "title")
        self.because = plain_label("", "dim")
        self.override_button = QPushButton("Override …")
        self.override_button.setToolTip("Give this player a value of your choice, before anything else is looked at")
        self.override_button.clicked.connect(lambda: self.override_wanted.emit(self._player_id))
        self.player_button = QPushButton("Open player")
        self.player_button.clicked.connect(lambda: self.player_wanted.emit(self._player_id))
        self.now_button = QPushButton("Look at the present")
        self.now_button.clicked.connect(self._look_at_present)
        self.tree = QTreeWidget()
        self._set_up_tree()
        self._lay_out()
        context.theme.changed.connect(self._fill)

    def set_flag(self, app_id: str, flag: Flag | None) -> None:
        """The flag to explain, as it is saved."""
        if (app_id, flag) == (self._app_id, self._flag):
            return
        if app_id != self._app_id:
            self._player_id, self._now_us = "", None
        self._app_id, self._flag, self._key = app_id, flag, flag.key if flag is not None else ""
        self.picker.set_application(app_id)
        self._clear()
        if self.isVisible():
            self.refresh()

    def show_player(self, player_id: str, now_us: int | None = None) -> None:
        """Explain it for this player, at this time."""
        self._player_id, self._now_us = player_id, now_us
        self.picker.setText(player_id)
        self.refresh()
        # Without an answer the id stays.
        self._context.tasks.start(self._show_name(player_id), "Looking up the player", on_error=lambda _error: None)

    def refresh(self) -> None:
        """Ask again; the newest player when none was chosen yet."""
        if not self._key:
            return
        if self._player_id:
            self._context.tasks.start(self.load(), "Explaining the flag", on_error=self._failed)
        else:
            self.picker.offer_newest()

    async def load(self) -> None:
        """Explain it for the chosen player, when there is one."""
        if not (self._key and self._player_id):
            return
        self._request += 1
        request = self._request
        explanation = await self._context.client.explain_flag(
            self._app_id, self._key, self._player_id, now_us=self._now_us
        )
        if request == self._request:
            self._explanation = explanation
            self._fill()

    async def _show_name(self, player_id: str) -> None:
        """Who was asked for by id goes by the name that people know."""
        profile = (await self._context.client.player(player_id)).profile
        if self.picker.text() == player_id:
            self.picker.setText(name_of(profile))

    # ----------------------------------------------------------------------------------------------------------------

    def _picked(self, row: PlayerRow) -> None:
        self._player_id = row.player_id
        self.refresh()

    def _look_at_present(self) -> None:
        self._now_us = None
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self._clear()
        self.because.setText(str(error))

    def _clear(self) -> None:
        self._explanation = None
        self.tree.clear()
        self.answer.setText("")
        self.because.setText("Choose a player to see what this flag gives them, and why.")
        for button in (self.override_button, self.player_button, self.now_button):
            button.hide()

    def _fill(self) -> None:
        explanation = self._explanation
        if explanation is None:
            return
        found = explanation.evaluation
        named = self._flag is not None and any(one.key == found.variant_key for one in self._flag.variants)
        variant = f"  {visible(found.variant_key, 40)}" if named and found.variant_key else ""
        self.answer.setText(visible(value_text(found.value), 120) + variant)
        at = "" if self._now_us is None else f", at {_instant(self._now_us)}"
        self.because.setText(f"because {BECAUSE[found.reason]}{at}")
        self.override_button.setVisible(True)
        self.player_button.setVisible(True)
        self.now_button.setVisible(self._now_us is not None)
        self.tree.clear()
        for check in explanation.checks:
            self.tree.addTopLevelItem(self._check_item(check))
        for trace in explanation.rules:
            self.tree.addTopLevelItem(self._rule_item(trace))
        self.tree.expandAll()

    def _rule_item(self, trace: RuleTrace) -> QTreeWidgetItem:
        rules = self._flag.rules if self._flag is not None else []
        description = rules[trace.index].description if trace.index < len(rules) else ""
        fate = (
            "decides"
            if trace.passed and trace.reached
            else "does not pass"
            if not trace.passed
            else "would pass, and is not reached"
        )
        name = f"Rule {trace.index + 1}" + (f", {visible(description, 80)}" if description else "")
        item = QTreeWidgetItem([f"{name}: {fate}"])
        self._mark(item, passed=trace.passed, dim=not trace.reached)
        parents: dict[int, QTreeWidgetItem] = {-1: item}
        for check, depth in zip(trace.checks, depths(trace.checks), strict=True):
            child = self._check_item(check, dim=not trace.reached)
            parents = {level: one for level, one in parents.items() if level < depth}
            parents[max(parents)].addChild(child)
            parents[depth] = child
        _prune(item)
        if not trace.checks:
            child = QTreeWidgetItem(["every player"])
            self._mark(child, passed=True, dim=not trace.reached)
            item.addChild(child)
        return item

    def _check_item(self, check: Check, *, dim: bool = False) -> QTreeWidgetItem:
        if check.what == "condition":
            cells = [visible(check.field, 80), _short(check.actual), f"{check.operator} {_short(check.expected)}"]
        else:
            cells = [visible(check.text, 240)]
        item = QTreeWidgetItem(cells)
        for column in (1, 2):
            item.setFont(column, mono_font())
        item.setData(0, _GROUP, check.what == "group")
        self._mark(item, passed=check.passed, dim=dim)
        for column in range(3):
            item.setToolTip(column, plain_hover(f"{check.text}\n{check.path}"))
        return item

    def _mark(self, item: QTreeWidgetItem, *, passed: bool, dim: bool) -> None:
        tokens = self._context.theme.tokens
        color = tokens.dim if dim else tokens.good if passed else tokens.bad
        item.setIcon(0, icon("check" if passed else "close", color))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{item.text(0)}, {'holds' if passed else 'fails'}")
        if dim:
            for column in range(3):
                item.setForeground(column, QColor(tokens.dim))

    def _set_up_tree(self) -> None:
        self.tree.setHeaderLabels(["What was looked at", "The player has", "Asked for"])
        self.tree.setAccessibleName("Explanation")
        self.tree.setUniformRowHeights(True)
        header = self.tree.header()
        header.setStretchLastSection(True)
        header.resizeSection(0, 420)
        header.resizeSection(1, 216)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.picker, 1)
        for button in (self.now_button, self.player_button, self.override_button):
            line.addWidget(button)
        head = QVBoxLayout()
        head.setContentsMargins(24, 16, 24, 12)
        head.setSpacing(8)
        head.addLayout(line)
        head.addWidget(self.answer)
        head.addWidget(self.because)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.tree, 1)
        self._clear()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._explanation is None:
            self.refresh()


def _prune(item: QTreeWidgetItem) -> None:
    """A group of one condition says no more than the condition."""
    children = item.takeChildren()
    for child in children:
        _prune(child)
    for child in children:
        lone = child.data(0, _GROUP) and child.childCount() == 1
        item.addChildren(child.takeChildren() if lone else [child])


def depths(checks: Sequence[Check]) -> list[int]:
    """How deep each check lies below the ones before it: conditions in groups, and both in a segment."""
    found: list[int] = []
    for check in checks:
        of_segment = 1 if check.path.startswith(_OF_SEGMENT) else 0
        found.append(of_segment + check.path.count(_GROUPED))
    return found


def _short(value: Any) -> str:
    return "–" if value is None else visible(value_text(value), 80)


def _instant(us: int) -> str:
    return f"{datetime.fromtimestamp(us / 1e6, UTC):%Y-%m-%d %H:%M} UTC"
