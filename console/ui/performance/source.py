"""Keeps the performance model in step with the server: frame rates of the past, and rows as they come."""

import asyncio

from PySide6.QtCore import QObject, Signal

from console.messages import FeedRows
from console.ui.asking import Asking
from console.ui.context import ViewContext
from console.ui.performance.model import PerformanceModel, sessions_of

MAX_HISTORY_ROWS = 200_000
_AGAIN_MS = 10_000  # between two loads of what the feed skipped


class PerformanceSource(QObject):
    """The model's only writer. Signals are sent after it changed. While nobody looks nothing is loaded.

    - `loaded(bool)`: another history; whether the model was empty before
    - `grew()`: more was recorded
    """

    loaded = Signal(bool)
    grew = Signal()

    def __init__(self, context: ViewContext, model: PerformanceModel, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._model = model
        self._active = False
        self._narrowed = False  # the history is of the marked range alone
        self._request = 0
        self.asking = Asking(context, self._load, "Load the frame rates", self, least_pause_ms=_AGAIN_MS)
        context.feed.connected.connect(lambda _hello: self.asking.ask())
        context.feed.rows_arrived.connect(self._take_rows)

    def set_active(self, active: bool) -> None:
        """Whether somebody looks: what came meanwhile is shown, or a history asked for.

        Before the server is there the first load fails, and its connection asks again.
        """
        self._active = active
        if active:
            changed = self._model.catch_up()
            if changed is None:
                self.asking.ask()
            if changed is not False:
                self.grew.emit()
        self.asking.set_active(active)

    def scope_changed(self) -> None:
        """The model is of another scope."""
        self._narrowed = False
        self.asking.ask()

    def span_changed(self) -> None:
        """The model is of another span: it is loaded where not everything fits."""
        if self._narrowed or (self._model.span is not None and self._model.truncated):
            self.asking.ask()

    async def _load(self) -> None:
        model = self._model
        self._request += 1
        request = self._request
        model.loading = True
        try:
            self._narrowed = model.span is not None and (model.truncated or self._narrowed)
            params = model.query_params(span=model.span if self._narrowed else None)
            answer = await self._context.client.query("frame_rate", limit=MAX_HISTORY_ROWS, **params)
            sessions = await asyncio.to_thread(sessions_of, answer)
            if request != self._request:
                return  # another scope was chosen meanwhile
            first = not model.sessions
            model.loaded(answer, sessions)
        except Exception:
            if request == self._request:
                model.loading = False
                if model.catch_up():
                    self.grew.emit()
            raise
        finally:
            if request == self._request:
                model.loading = False
        self.loaded.emit(first)

    def _take_rows(self, rows: FeedRows) -> None:
        if rows.skipped_events:
            self.asking.ask_soon()
        if self._model.take_rows(rows, seen=self._active):
            self.grew.emit()
