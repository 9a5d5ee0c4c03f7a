"""Asks the server for a funnel's numbers: at once when the question changes, now and then while events come."""

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from console.messages import Columns, FeedRows
from console.telemetry.events import EventKind
from console.telemetry.funnel_definition import FunnelDefinition, Step
from console.telemetry.funnels import NameFound
from console.ui.context import ViewContext
from console.ui.funnels.model import (
    MAX_FOUND_STEPS,
    Bar,
    Behind,
    By,
    Report,
    Where,
    behind_bar,
    in_usual_order,
    names_found,
    report,
    report_params,
    step_params,
)

MAX_NAMES = 400
MAX_ORDERED = 40
MAX_BEHIND = 500
_LEAST_PAUSE_MS = 1_000
_PAUSE_OF_COST = 4  # so that the server is asked a fifth of the time at most


class FunnelSource(QObject):
    """What is asked is set by the view; nothing is asked while it is hidden or frozen.

    - `changed()`: `report` and `names` are others
    - `behind_changed()`: `behind` and `behind_total` are others
    - `failed(str)`: a question could not be answered
    """

    changed = Signal()
    behind_changed = Signal()
    failed = Signal(str)

    def __init__(
        self, context: ViewContext, parent: QObject | None = None, *, monotonic: Callable[[], float] = time.perf_counter
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._monotonic = monotonic
        self.where: Where | None = None
        self.definition: FunnelDefinition | None = None  # None: the steps that were found, in their usual order
        self.options = FunnelDefinition(steps=(Step("-"),))  # how steps that were found are counted
        self.by: By | None = None
        self.bar: Bar | None = None
        self.names: list[NameFound] = []
        self.report: Report | None = None
        self.behind: list[Behind] = []
        self.behind_total = 0
        self._active = False
        self._frozen = False
        self._running = False
        self._stale = True
        self._stop: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LEAST_PAUSE_MS)
        self._timer.timeout.connect(self._run)
        context.feed.rows_arrived.connect(self._take_rows)
        context.feed.caught_up.connect(self.ask_soon)

    @property
    def ordered(self) -> list[NameFound]:
        """The names that were found, without those that are steps already."""
        taken = {(step.kind, step.name) for step in self.report.steps} if self.report else set()
        return [name for name in self.names if (name.kind, name.name) not in taken]

    def set_active(self, active: bool) -> None:
        """Whether somebody looks."""
        self._active = active
        if active and self._stale:
            self._run()

    def set_frozen(self, frozen: bool) -> None:
        self._frozen = frozen
        if not frozen and self._stale:
            self._run()

    def ask(self) -> None:
        """The question changed: an answer under way is of no use any more."""
        self._stale = True
        if self._stop is not None:
            self._stop()
        self._running = False
        self._run()

    def ask_soon(self) -> None:
        """More was recorded, or the clock went on."""
        self._stale = True
        if self._active and not self._frozen and not self._running and not self._timer.isActive():
            self._timer.start()

    async def usual_order(self, steps: tuple[Step, ...]) -> list[Step]:
        """Steps in the order in which they usually come."""
        assert self.where is not None
        found = [NameFound(step.name, step.kind, len(steps) - n, 0) for n, step in enumerate(steps)]
        answer = await self._context.client.query("step_order", **self.where.params(), **step_params(steps))
        labels = {(step.kind, step.name): step for step in steps}
        return [labels[name.kind, name.name] for name in in_usual_order(found, answer)]

    # ----------------------------------------------------------------------------------------------------------------

    def _take_rows(self, rows: FeedRows) -> None:
        where = self.where
        if where is None or where.to_us is not None:
            return
        for row in rows.events:
            is_step = row.kind in (EventKind.FUNNEL, EventKind.GAMEPLAY)
            if is_step and row.app_id == where.app_id and where.scope.admits(row.app_id, row.build_id, row.session_id):
                self.ask_soon()
                return

    def _run(self) -> None:
        if self.where is None or not self._active or self._frozen or self._running:
            return
        self._timer.stop()
        self._running, self._stale = True, False
        self._stop = self._context.tasks.start(self._load(), "Count the funnel", on_error=self._fail)

    def _fail(self, error: Exception) -> None:
        self._running = False
        self.failed.emit(str(error))

    async def _load(self) -> None:
        began = self._monotonic()
        where, client = self.where, self._context.client
        assert where is not None
        given = where.params()
        self.names = names_found(await client.query("step_names", **given, limit=MAX_NAMES))
        definition = self.definition or await self._found(given)
        if definition is None:
            self.report = None
        else:
            answer = await client.query("funnel", **given, **report_params(definition, self.by))
            self.report = report(definition, answer)
        await self._load_behind(given)
        took_ms = (self._monotonic() - began) * 1e3
        self._timer.setInterval(round(max(_LEAST_PAUSE_MS, took_ms * _PAUSE_OF_COST)))
        self._running = False
        self.changed.emit()
        if self._stale:
            self.ask_soon()

    async def _found(self, given: dict[str, Any]) -> FunnelDefinition | None:
        """The funnel steps of the recording, in their usual order; None when there are none."""
        names = [name for name in self.names if name.kind == "funnel"][:MAX_ORDERED]
        if not names:
            return None
        steps = tuple(Step(name.name) for name in names[:MAX_FOUND_STEPS])
        answer = await self._context.client.query("step_order", **given, **step_params(steps))
        ordered = in_usual_order(names[:MAX_FOUND_STEPS], answer)
        options = self.options
        return FunnelDefinition(
            steps=tuple(Step(name.name) for name in ordered),
            per=options.per,
            within_secs=options.within_secs,
            strict=options.strict,
        )

    async def _load_behind(self, given: dict[str, Any]) -> None:
        bar, told = self.bar, self.report
        if bar is None or told is None or bar.step >= len(told.steps):
            self.behind, self.behind_total = [], 0
        else:
            client = self._context.client
            asked = report_params(told.definition, self.by) | {"behind": bar.step, "lost": int(bar.lost)}
            if bar.group is not None:
                asked["group"] = bar.group
            answer = await client.query("funnel", **given, **asked, limit=MAX_BEHIND)
            sessions = sorted({row.session_id for row in behind_bar(answer, Columns(rows=0, columns={}))[0]})
            ends = {"to_us": given["to_us"]} if "to_us" in given else {}
            last = await client.query("last_events", app_id=given["app_id"], session_ids=sessions, **ends)
            self.behind, self.behind_total = behind_bar(answer, last)
        self.behind_changed.emit()

    def look_behind(self, bar: Bar | None) -> None:
        """Say who is behind a bar."""
        self.bar = bar
        if self.where is not None:
            given = self.where.params()
            self._context.tasks.start(self._load_behind(given), "Look who is behind a bar", on_error=self._fail)
