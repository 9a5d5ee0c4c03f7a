"""Server ▸ Fault injection: ready-made troubles, the rules in force, and the way to switch them off."""

import time
from collections.abc import Coroutine, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from console.faults.presets import PRESETS, FaultPreset
from console.faults.words import how_often, to_whom, what_happens
from console.messages import Application
from console.messages.faults import AddFaults, Fault, FaultRule
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog, plain_label
from console.ui.faults.rule_dialog import RuleDialog
from console.ui.faults.targets import application_choice, for_application, names_of
from console.ui.live_feed import Connection
from console.ui.widgets.small_table import Column, Line, SmallTable
from console.ui.widgets.table_columns import Tone

_SHOWN_ROWS = 8
_TEXT = (
    "Makes requests fail on purpose, so that you see what a client does about it. Nothing injected counts as a "
    "rejection, the console itself is never touched, and every rule ends with the server."
)
_COLUMNS = (
    Column("State", 72),
    Column("What happens", 244),
    Column("For", 150),
    Column("How often, and when", 0),
    Column("Injected", 120, mono=True, right=True),
)
_STATE_TONES = {"on": Tone.BAD, "waiting": Tone.WARNING, "over": Tone.DIM}


class FaultsDialog(Dialog):
    """Stays beside the window while one watches what happens: it blocks nothing."""

    def __init__(self, parent: QWidget, context: ViewContext, applications: Sequence[Application]) -> None:
        super().__init__(parent, "Fault injection", _TEXT, width=860)
        self.setWindowModality(Qt.WindowModality.NonModal)
        self._context = context
        self._applications = list(applications)
        self._names = names_of(applications)
        self._asking = False
        self.target = application_choice(self._applications, context.selection.scope.app_id)
        self.presets: dict[str, QPushButton] = {}
        self.content.addLayout(self._preset_grid())
        self.table = SmallTable(context.theme, "Fault rules", _COLUMNS)
        self.table.setProperty("ground", "panel")
        self.empty = plain_label("No rules: every request is answered as usual.", "dim")
        self.content.addWidget(self.table)
        self.content.addWidget(self.empty)
        self.problem = plain_label("")
        self.problem.setProperty("tone", "bad")
        self.problem.hide()
        self.content.addWidget(self.problem)
        self.content.addStretch(1)
        self.add_rule_button = self.add_button("Add a rule …", self.add_rule)
        self.remove_button = self.add_button("Remove", self.remove)
        self.off_button = self.add_button("Switch off", self.clear, role="danger")
        self.add_button("Close")
        self.table.itemSelectionChanged.connect(self._show_buttons)
        context.feed.status_changed.connect(self.refresh)
        context.feed.connection_changed.connect(self.refresh)
        self._show([])
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Ask for the rules, unless an answer is still awaited."""
        if not self._asking and self._context.feed.connection is Connection.CONNECTED:
            self._asking = True
            what = "Listing the fault rules"
            self.start(self._context.tasks, self._ask, what, on_error=self._not_listed, only_asks=True)

    def add_preset(self, preset: FaultPreset) -> None:
        """Put a set of rules in place of those there are."""
        faults = [
            for_application(fault, self.target.currentData()) for fault in preset.starting(time.time_ns() // 1000)
        ]
        self._change(self._context.client.add_faults(AddFaults(faults=faults, replace=True)))

    def add_rule(self) -> None:
        """Ask for one rule, and add it to the others."""
        RuleDialog(self, self._context, self._applications, self.target.currentData(), self._show).open()

    def remove(self) -> None:
        """Take the selected rule away."""
        rule_id = self.table.current_key
        if isinstance(rule_id, int):
            self._change(self._removed(rule_id))

    def clear(self) -> None:
        """Switch fault injection off."""
        self._change(self._cleared())

    def _change(self, work: Coroutine[Any, Any, list[FaultRule]]) -> None:
        async def change() -> None:
            self._show(await work)

        self.start(self._context.tasks, change, "Changing the fault rules", on_error=self._failed)

    async def _removed(self, rule_id: int) -> list[FaultRule]:
        await self._context.client.remove_fault(rule_id)
        return await self._context.client.faults()

    async def _cleared(self) -> list[FaultRule]:
        await self._context.client.clear_faults()
        return []

    async def _ask(self) -> None:
        try:
            self._show(await self._context.client.faults())
        finally:
            self._asking = False

    def _not_listed(self, _error: Exception) -> None:
        """The next status asks again; the window says itself when the server is gone."""

    def _failed(self, error: Exception) -> None:
        self.problem.setText(str(error))
        self.problem.show()
        self.refresh()

    def _show(self, rules: Sequence[FaultRule]) -> None:
        self.problem.hide()
        self.table.show_lines([self._line(rule) for rule in rules])
        self.table.setVisible(bool(rules))
        self.empty.setVisible(not rules)
        self.table.setFixedHeight(self.table.fitting_height(_SHOWN_ROWS))
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.remove_button.setEnabled(self.table.current_key is not None)
        self.off_button.setVisible(bool(self.table.lines))

    def _line(self, rule: FaultRule) -> Line:
        fault: Fault = rule.fault
        cells = (
            rule.state,
            what_happens(fault),
            to_whom(fault, self._names),
            how_often(fault),
            f"{rule.injected:,} of {rule.matched:,}",
        )
        hovers = ("", "", "", "", f"{rule.matched:,} requests were concerned while the rule held")
        return Line(rule.rule_id, cells, hovers, (_STATE_TONES[rule.state],))

    def _preset_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        row = QHBoxLayout()
        row.addWidget(self.target)
        row.addStretch(1)
        grid.addWidget(plain_label("For", "dim"), 0, 0)
        grid.addLayout(row, 0, 1)
        for number, preset in enumerate(PRESETS, 1):
            button = QPushButton(preset.title)
            button.setAutoDefault(False)
            button.setToolTip("Put these rules in place of those there are")
            button.setAccessibleName(f"{preset.title}: {preset.text}")
            button.clicked.connect(lambda _checked=False, preset=preset: self.add_preset(preset))
            self.presets[preset.name] = button
            grid.addWidget(button, number, 0)
            grid.addWidget(plain_label(preset.text, "dim"), number, 1)
        return grid
