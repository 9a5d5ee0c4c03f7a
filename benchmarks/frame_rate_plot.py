"""Time of a frame of the performance view's plot with a million points, against a plain pyqtgraph plot of the same.

    python -m benchmarks.frame_rate_plot [--points N] [--frames N]

Both stand in a window of 1,200 × 400 pixels and paint the same lines: twelve sessions with a twelfth of the points
each, in one plot. A frame moves the cursor of the clock or adds a row to one of the sessions, then paints. The plain
plot is given the same arrays with pyqtgraph's defaults. Target: ≤ 10 ms a frame at a million points. Prints one JSON
object; `cpu_median_ms` is processor time, which other work on the machine does not lengthen much.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from benchmarks.processes import screen_environment
from console.ui.performance.choices import Choices
from console.ui.performance.overlay_plot import OverlayPlot
from console.ui.performance.session_rates import LOW_1, SessionRates
from console.ui.theme import DARK

_SESSIONS = 12
_START_US = 1_771_000_000_000_000
_STEP_US = 5_000_000
_SIZE = (1200, 400)


def _session(number: int, points: int) -> SessionRates:
    random = np.random.default_rng(number)
    start = _START_US + np.arange(points) * float(_STEP_US)
    mean = 60 + 8 * np.sin(np.arange(points) / 300) + random.normal(0, 3, points)
    table = np.column_stack([start, start + _STEP_US, mean, mean * 0.8, mean * 0.6])
    session = SessionRates(("app", f"s{number}"), f"player {number}", "build")
    session.extend(table, ["level"] * points)
    return session


def _row(session: SessionRates) -> None:
    start = float(session.last_us)
    session.extend(np.array([[start, start + _STEP_US, 58.0, 50.0, 40.0]]), ["level"])


def _frames(widget: pg.PlotWidget, change: Callable[[int], None], frames: int) -> dict[str, float]:
    """Milliseconds of changing and painting, by the clock and of processor time."""
    took, worked = [], []
    for number in range(frames + 3):
        before, before_cpu = time.perf_counter(), time.process_time()
        change(number)
        QApplication.processEvents()  # paints what changed, as in the window
        took.append((time.perf_counter() - before) * 1000)
        worked.append((time.process_time() - before_cpu) * 1000)
    return {
        "median_ms": round(float(np.median(took[3:])), 2),
        "p95_ms": round(float(np.percentile(took[3:], 95)), 2),
        "cpu_median_ms": round(float(np.median(worked[3:])), 2),
    }


def measure(*, points: int, frames: int) -> dict[str, Any]:
    """Frame times of both plots, in this process."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    sessions = [_session(number, points // _SESSIONS) for number in range(_SESSIONS)]
    first, last = _START_US / 1e6, sessions[0].last_us / 1e6
    ours = OverlayPlot(DARK, Choices("overlay", LOW_1))
    plain = pg.PlotWidget()
    lines = [plain.plot(*session.line(LOW_1), pen=pg.mkPen("w", width=1)) for session in sessions]
    cursor = pg.InfiniteLine(angle=90)
    plain.addItem(cursor)
    for widget in (ours, plain):
        widget.resize(*_SIZE)
        widget.show()
    pens = {session.key: number for number, session in enumerate(sessions)}
    ours.show_sessions(sessions, pens)
    ours.show_up_to(ours.top)
    ours.getViewBox().setXRange(first, last, padding=0)
    application.processEvents()
    step = (last - first) / (frames + 4)

    def add_ours(number: int) -> None:
        _row(sessions[number % _SESSIONS])
        ours.show_sessions(sessions, pens)

    def add_plain(number: int) -> None:
        _row(sessions[number % _SESSIONS])
        lines[number % _SESSIONS].setData(*sessions[number % _SESSIONS].line(LOW_1))

    result = {
        "cursor": _frames(ours, lambda number: ours.show_cursor(first + number * step), frames),
        "live": _frames(ours, add_ours, frames),
        "plain_cursor": _frames(plain, lambda number: cursor.setPos(first + number * step), max(3, frames // 10)),
        "plain_live": _frames(plain, add_plain, max(3, frames // 10)),
    }
    for widget in (ours, plain):
        widget.close()
    return {"benchmark": "frame_rate_plot", "points": points, **result}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--frames", type=int, default=60)
    args = parser.parse_args(arguments)
    os.environ.update(screen_environment())
    print(json.dumps(measure(points=args.points, frames=args.frames)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
