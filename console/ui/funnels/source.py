"""A funnel's numbers and the names that were found, and who is behind a bar, from the server."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from console.messages import Columns, FeedRows
from console.telemetry.events import EventKind
from console.telemetry.funnel_definition import MAX_STEPS, FunnelDefinition, Step
from console.telemetry.funnels import NameFound
from console.ui.asking import Asking
from console.ui.context import ViewContext
from console.ui.funnels.model import (
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
MAX_BEHIND = 500
_LEAST_PAUSE_MS = 1_000


class FunnelSource(QObject):
    """What is asked is set by the view, which then has `asking` ask.

    - `changed()`: `report` and `names` are others
    - `behind_changed()`: `behind` and `behind_total` are others
    """

    changed = Signal()
    behind_changed = Signal()

    def __init__(self, context: ViewContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.where: Where | None = None
        self.definition: FunnelDefinition | None = None  # None: the steps that were found, in their usual order
        self.options = FunnelDefinition(steps=(Step("-"),))  # how steps that were found are counted
        self.by: By | None = None
        self.bar: Bar | None = None
        self.names: list[NameFound] = []
        self.left_out = 0  # steps that were found and are not in the funnel: more than one may have
        self.report: Report | None = None
        self.behind: list[Behind] = []
        self.behind_total = 0
        self._look: Callable[[], object] | None = None  # breaks off looking behind a bar
        self.asking = Asking(context, self._load, "Count the funnel", self, least_pause_ms=_LEAST_PAUSE_MS)
        context.feed.rows_arrived.connect(self._take_rows)

    def turn_to(self, where: Where) -> None:
        """Count there from now on. Of another application nothing is known yet, and nothing of the last one holds."""
        if self.where is None or where.app_id != self.where.app_id:
            self.definition, self.bar, self.report, self.names = None, None, None, []
        self.where = where
        self._leave()
        self.asking.ask()

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
                self.asking.ask_soon()
                return

    async def _load(self) -> None:
        where, client = self.where, self._context.client
        if where is None:
            return
        given, bar, told = where.params(), self.bar, None
        names = names_found(await client.query("step_names", **given, limit=MAX_NAMES))
        definition = self.definition or await self._found(given, names)
        if definition is not None:
            told = report(definition, await client.query("funnel", **given, **report_params(definition, self.by)))
        behind = await self._who(given, bar, told)
        self.names, self.report = names, told
        if bar == self.bar:  # else those behind another are on their way
            self._take_behind(behind)
        self.changed.emit()

    async def _found(self, given: dict[str, Any], names: list[NameFound]) -> FunnelDefinition | None:
        """The funnel steps of the recording, in their usual order; None when there are none."""
        names = [name for name in names if name.kind == "funnel"]
        self.left_out, names = max(len(names) - MAX_STEPS, 0), names[:MAX_STEPS]
        if not names:
            return None
        steps = tuple(Step(name.name) for name in names)
        answer = await self._context.client.query("step_order", **given, **step_params(steps))
        ordered = in_usual_order(names, answer)
        options = self.options
        return FunnelDefinition(
            steps=tuple(Step(name.name) for name in ordered),
            per=options.per,
            within_secs=options.within_secs,
            strict=options.strict,
        )

    def look_behind(self, bar: Bar | None) -> None:
        """Say who is behind a bar."""
        self.bar = bar
        self._leave()
        where, told = self.where, self.report
        if bar is None or where is None or told is None:
            self._take_behind(([], 0))
            return

        async def look() -> None:
            self._take_behind(await self._who(where.params(), bar, told))

        self._look = self._context.tasks.start(look(), "Look who is behind a bar")

    def _leave(self) -> None:
        """Look no further behind a bar: it is another one, or of another question."""
        if self._look is not None:
            self._look()
            self._look = None

    def _take_behind(self, behind: tuple[list[Behind], int]) -> None:
        self.behind, self.behind_total = behind
        self.behind_changed.emit()

    async def _who(self, given: dict[str, Any], bar: Bar | None, told: Report | None) -> tuple[list[Behind], int]:
        """Those behind a bar of a report, and how many they are in all."""
        if bar is None or told is None or bar.step >= len(told.steps):
            return [], 0
        client = self._context.client
        asked = report_params(told.definition, self.by) | {"behind": bar.step, "lost": int(bar.lost)}
        if bar.group is not None:
            asked["group"] = bar.group
        answer = await client.query("funnel", **given, **asked, limit=MAX_BEHIND)
        sessions = sorted({row.session_id for row in behind_bar(answer, Columns(rows=0, columns={}))[0]})
        ends = {"to_us": given["to_us"]} if "to_us" in given else {}
        last = await client.query("last_events", app_id=given["app_id"], session_ids=sessions, **ends)
        return behind_bar(answer, last)
