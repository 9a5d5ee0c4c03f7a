"""The real window in a process of its own, noting when rows arrive and how long the Live table paints.

`python -m benchmarks.live_window WORKSPACE OUT.json`: adopts the workspace's server, prints "ready" when connected,
and ends when its stdin is closed. Times are of the system-wide monotonic clock.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from benchmarks.processes import screen_environment


@dataclass(frozen=True)
class Seen:
    """`arrived` maps player ids to when their row was in the table's model.

    `paints_ms` is how long each paint of the Live table took by the clock, `paints_cpu_ms` the processor time in it.
    """

    arrived: dict[str, float]
    paints_ms: list[float]
    paints_cpu_ms: list[float]
    rows: int
    skipped: int


class LiveWindow:
    """Use as a context manager; `seen` is set afterwards."""

    def __init__(self, workspace: Path) -> None:
        self._folder = TemporaryDirectory(prefix="playtest-console-bench-", ignore_cleanup_errors=True)
        self._out = Path(self._folder.name, "seen.json")
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.live_window", str(workspace), str(self._out)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=screen_environment(),
        )
        self.seen: Seen | None = None

    def __enter__(self) -> Self:
        assert self._child.stdout is not None
        if self._child.stdout.readline().strip() != b"ready":
            self._child.wait()
            raise RuntimeError(f"the window ended with status {self._child.returncode}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            assert self._child.stdin is not None
            self._child.stdin.close()
            self._child.wait(30)
            if error is None:
                self.seen = Seen(**json.loads(self._out.read_text()))
        finally:
            self._child.kill()
            self._child.wait()
            assert self._child.stdout is not None
            self._child.stdout.close()
            self._folder.cleanup()


def main(arguments: list[str]) -> int:
    workspace, out = Path(arguments[0]), Path(arguments[1])

    import qasync
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    from console.ui.application import Look
    from console.ui.main_window import MainWindow
    from console.ui.options import WindowOptions
    from console.ui.settings import open_settings

    QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    application = QApplication(["benchmark"])
    application.setQuitOnLastWindowClosed(False)
    settings = open_settings(out.with_suffix(".ini"))
    look = Look(application, settings)
    window = MainWindow(look.theme, settings)
    options = WindowOptions(workspace=workspace)
    window.restore(options.size)
    window.show_view("live")
    window.show()
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    try:
        seen = loop.run_until_complete(_follow(window, look, settings, options))
        out.write_text(json.dumps(seen))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    return 0


async def _follow(window: Any, look: Any, settings: Any, options: Any) -> dict[str, Any]:
    from console.messages import FeedRows
    from console.ui.live.view import LiveView
    from console.ui.session import Session

    arrived: dict[str, float] = {}
    rows = skipped = 0

    def note(batch: FeedRows) -> None:
        nonlocal rows, skipped
        now = time.monotonic()
        rows += len(batch.events)
        skipped += batch.skipped_events
        for row in batch.events:
            arrived[row.player_id] = now

    session = Session(window, look, settings, options)
    view = window.findChild(LiveView)
    assert view is not None
    session.feed.rows_arrived.connect(note)  # after the view's own: the rows are in its model by now
    session.feed.connected.connect(lambda _hello: _start_measuring(view, window))
    await session.run()
    table = view.page.table
    return {
        "arrived": arrived,
        "paints_ms": [us / 1000 for us in table.paint_times_us],
        "paints_cpu_ms": [us / 1000 for us in table.paint_cpu_us],
        "rows": rows,
        "skipped": skipped,
    }


def _start_measuring(view: Any, window: Any) -> None:
    """Forget the paints of the start, and close the window when nobody wants it any more."""
    view.page.table.paint_times_us.clear()
    view.page.table.paint_cpu_us.clear()

    def close_with_stdin() -> None:
        sys.stdin.read()
        window.close_asked.emit()  # a signal crosses threads

    threading.Thread(target=close_with_stdin, daemon=True).start()
    print("ready", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
