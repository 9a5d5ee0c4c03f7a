"""One fault rule: what happens, to whom, how often, and when."""

import time
from collections.abc import Callable, Sequence
from typing import get_args

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from console.client import ConsoleRefused
from console.faults.names import FaultAction
from console.faults.words import what_happens
from console.messages import Application
from console.messages.faults import AddFaults, Fault, FaultRule, FaultStatus
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog, plain_label
from console.ui.faults.targets import application_choice, fill_keys
from console.ui.widgets.form_fields import FIELD_HEIGHT, Choice, NumberField

_SECOND_US = 1_000_000
_ACTION_TITLES: dict[FaultAction, str] = {
    "answer": "Answer an error; nothing is stored",
    "delay": "Delay the request",
    "drop": "Drop the connection; nothing is stored",
    "cut_body": "Close in the middle of the body; nothing is stored",
    "slow": "Answer slowly; events are kept",
    "cut_answer": "Close in the middle of the answer; events are kept",
    "lose_answer": "Close instead of the answer; events are kept",
}
_STATUS_TITLES: dict[FaultStatus, str] = {
    429: "429 too many requests",
    500: "500 server error",
    503: "503 unavailable",
}
_MOST_SECS = 86_400.0


class RuleDialog(Dialog):
    """Nothing typed is lost when the server refuses. `on_added` gets all rules there are then."""

    def __init__(
        self,
        parent: QWidget,
        context: ViewContext,
        applications: Sequence[Application],
        app_id: str,
        on_added: Callable[[Sequence[FaultRule]], object],
    ) -> None:
        super().__init__(parent, "Add a fault rule", width=560)
        self._context = context
        self._applications = applications
        self._on_added = on_added
        self.form = self.add_form()
        self._add_what()
        self._add_whom(app_id)
        self._add_when()
        self.problem = plain_label("")
        self.problem.setProperty("tone", "bad")
        self.problem.hide()
        self.content.addWidget(self.problem)
        self.add_button("Cancel")
        self.ok_button = self.add_button("Add", self.submit, role="primary")
        self._show_parameters()

    def fault(self) -> Fault:
        """The rule as it stands in the form."""
        action: FaultAction = self.action.currentData()
        now_us = time.time_ns() // 1000
        cycles = self.on_secs.value() > 0 or self.off_secs.value() > 0
        starts, ends = self.starts.value(), self.ends.value()
        return Fault(
            action=action,
            status=self.status.currentData(),
            retry_after_secs=round(self.retry_after.value())
            if action == "answer" and self.retry_after.value() > 0
            else None,
            delay_secs=self.delay.value() if action == "delay" else 0.0,
            bytes_per_second=self.speed.value() if action == "slow" else 0.0,
            app_ids=_filled(self.application.currentData()),
            key_ids=_filled(self.key.currentData()),
            peers=_listed(self.peers.text()),
            routes=_listed(self.routes.text()),
            probability=self.share.value() / 100,
            count=round(self.count.value()) or None,
            from_us=now_us + int(starts * _SECOND_US) if starts else None,
            until_us=now_us + int((starts + ends) * _SECOND_US) if ends else None,
            on_secs=self.on_secs.value() if cycles else None,
            off_secs=self.off_secs.value() if cycles else None,
        )

    def submit(self) -> None:
        """Ask the server."""
        self.ok_button.setEnabled(False)
        request = AddFaults(faults=[self.fault()])
        self.start(self._context.tasks, lambda: self._add(request), "Adding the fault rule", on_error=self._failed)

    async def _add(self, request: AddFaults) -> None:
        rules = await self._context.client.add_faults(request)
        self._context.messages.say(f"Fault injection is on: {what_happens(request.faults[0])}.", kind="warning")
        self._on_added(rules)
        self.accept()

    def _failed(self, error: Exception) -> None:
        self.ok_button.setEnabled(True)
        self.problem.setText(str(error))
        self.problem.show()
        if isinstance(error, ConsoleRefused):
            self._focus_on(error.error.path)

    def _focus_on(self, path: str) -> None:
        """To the field of what was refused: the last name in `$.faults[0].delay_secs`."""
        name = path.rpartition(".")[2].partition("[")[0]
        fields: dict[str, QWidget] = {
            "delay_secs": self.delay,
            "bytes_per_second": self.speed,
            "retry_after_secs": self.retry_after,
            "peers": self.peers,
            "routes": self.routes,
            "probability": self.share,
            "count": self.count,
            "on_secs": self.on_secs,
            "off_secs": self.off_secs,
        }
        if name in fields:
            fields[name].setFocus()

    # the form

    def _add_what(self) -> None:
        self.action = _choice("What happens")
        for action in get_args(FaultAction):
            self.action.addItem(_ACTION_TITLES[action], action)
        self.status = _choice("Status")
        for status, title in _STATUS_TITLES.items():
            self.status.addItem(title, status)
        self.status.setCurrentIndex(self.status.findData(503))
        self.retry_after = _number("Retry-After in seconds, 0 for none", 3600, 2, decimals=0)
        self.delay = _number("Delay in seconds", 120, 2)
        self.speed = _number("Bytes a second", 1_000_000, 40)
        self.form.addRow("What happens", self.action)
        self.form.addRow("Status", self.status)
        self.form.addRow("Retry-After", _with_unit(self.retry_after, "s, 0 for none"))
        self.form.addRow("Delay", _with_unit(self.delay, "s"))
        self.form.addRow("Speed", _with_unit(self.speed, "bytes a second"))
        self.action.currentIndexChanged.connect(self._show_parameters)

    def _add_whom(self, app_id: str) -> None:
        self.application = application_choice(self._applications, app_id)
        self.key = _choice("Key")
        self.peers = _line("Addresses", "all; or 192.168.1.7, 10.0.0.0/8")
        self.routes = _line("Routes", "all; or /api/events, /v1/players/*")
        self.form.addRow("For", self.application)
        self.form.addRow("Key", self.key)
        self.form.addRow("Addresses", self.peers)
        self.form.addRow("Routes", self.routes)
        self.application.currentIndexChanged.connect(self._show_keys)
        self._show_keys()

    def _add_when(self) -> None:
        self.share = _number("Share of requests in per cent", 100, 100)
        self.count = _number("At most so many times, 0 for no end", 1_000_000, 0, decimals=0)
        self.starts = _number("Starts in seconds", _MOST_SECS, 0)
        self.ends = _number("Ends after seconds, 0 for no end", _MOST_SECS, 0)
        self.on_secs = _number("Seconds on in each cycle, 0 for always", _MOST_SECS, 0)
        self.off_secs = _number("Seconds off in each cycle", _MOST_SECS, 0)
        self.form.addRow("How often", _with_unit(self.share, "% of the requests"))
        self.form.addRow("At most", _with_unit(self.count, "times, 0 for no end"))
        self.form.addRow("Starts", _with_unit(self.starts, "s from now"))
        self.form.addRow("Ends", _with_unit(self.ends, "s later, 0 for no end"))
        cycle = QHBoxLayout()
        cycle.setSpacing(8)
        for part in (self.on_secs, _unit("s on, then"), self.off_secs, _unit("s off, again and again")):
            cycle.addWidget(part)
        cycle.addStretch(1)
        self.form.addRow("Cycle", cycle)

    def _show_parameters(self) -> None:
        action = self.action.currentData()
        for field, shown in (
            (self.status, action == "answer"),
            (self.retry_after, action == "answer"),
            (self.delay, action == "delay"),
            (self.speed, action == "slow"),
        ):
            _set_row_visible(self.form, field, shown)
        self.adjustSize()

    def _show_keys(self) -> None:
        fill_keys(self.key, self._applications, self.application.currentData())


def _choice(name: str) -> Choice:
    choice = Choice()
    choice.setAccessibleName(name)
    choice.setFixedHeight(FIELD_HEIGHT)
    return choice


def _line(name: str, placeholder: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    line.setPlaceholderText(placeholder)
    return line


def _number(name: str, most: float, value: float, *, decimals: int = 2) -> NumberField:
    field = NumberField(name, most)
    field.setDecimals(decimals)
    field.setValue(value)
    return field


def _with_unit(field: NumberField, unit: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(field)
    row.addWidget(_unit(unit), 1)
    return row


def _unit(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "dim")
    return label


def _set_row_visible(form: QFormLayout, field: QWidget, shown: bool) -> None:
    """The row that holds a field, alone or with its unit."""
    for row in range(form.rowCount()):
        item = form.itemAt(row, QFormLayout.ItemRole.FieldRole)
        if item is None:
            continue
        inner = item.layout()
        if item.widget() is field or (inner is not None and inner.indexOf(field) >= 0):
            form.setRowVisible(row, shown)


def _filled(value: str) -> list[str]:
    return [value] if value else []


def _listed(text: str) -> list[str]:
    return [part for part in text.replace(",", " ").split() if part]
