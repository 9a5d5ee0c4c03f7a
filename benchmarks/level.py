"""Frame time of tracks on a level beside pyqtgraph's GLLinePlotItem, and what live samples cost the window's thread.

Both draw the same random walks into widgets of the same size, in turn, while the camera turns; each frame is painted
and read back. `ratio` is ours over theirs. Targets: at most 1.0 with 100,000 samples and 0.1 with 10,000,000; a tick of
10,000 samples a second at most 5 ms. Where OpenGL is done in software (Xvfb), all of it is processor time; the ratios
are what to trust.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph.opengl as gl
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QSurfaceFormat
from PySide6.QtWidgets import QApplication, QWidget

from console.ui.level.canvas import Worlds
from console.ui.level.canvas_3d import Canvas3D
from console.ui.level.framing import WHOLE_HEIGHT, Bounds
from console.ui.level.markers import MarkerStore
from console.ui.level.opengl import opengl_problem, with_samples
from console.ui.level.track_pick import track_at
from console.ui.level.tracks import FIELDS, MEAN, SESSION, SPEED, TIME, PackedTracks, TrackStore
from console.ui.theme import DARK

_SIZES = (100_000, 1_000_000, 10_000_000)
_SESSION_SAMPLES = 5_000
_WIDTH, _HEIGHT = 1200, 750
_LEVEL_M = 100.0
_BOUNDS: Bounds = ((-50.0, -50.0, 0.0), (50.0, 50.0, 10.0))
_FRAMES = 12
_TICKS, _TICK_S = 40, 1 / 30
_RATE = 10_000
_BATCH = 50
_CLICKS = 30
_EXPOSED_S = 5.0


def measure(samples: int) -> dict[str, Any]:
    """Frames of one number of samples, and picking among them."""
    walks, begins = _walks(samples)
    ours = _ours(walks, begins)
    theirs = _theirs(walks, begins)
    return {
        "benchmark": "level",
        "samples": samples,
        "frame_ms": ours,
        "line_plot_frame_ms": theirs,
        "ratio": round(ours["p50"] / theirs["p50"], 3),
    }


def _ours(walks: NDArray[np.float32], begins: NDArray[np.int64]) -> dict[str, Any]:
    store = _store(walks, begins)
    canvas = _canvas(store)

    def turn() -> None:
        canvas.camera.orbit(2.0, 0.0)
        canvas._moved()  # as a person's hands do
        canvas.grabFramebuffer()

    frames = _timed(turn, _FRAMES, warm=8)  # the budget settles
    drawn = canvas.tracks.plan
    picks = _picks(canvas, store)
    canvas.release()
    canvas.deleteLater()
    thinned = {"vertices": drawn.vertices, "stride": drawn.stride, "thinning": drawn.thinning}
    return _shares(frames) | thinned | {"pick_p95_ms": _shares(picks)["p95"]}


def _theirs(walks: NDArray[np.float32], begins: NDArray[np.int64]) -> dict[str, float]:
    view = gl.GLViewWidget()
    view.setFormat(with_samples(QSurfaceFormat.defaultFormat()))  # smooth edges, as ours
    view.resize(_WIDTH, _HEIGHT)
    colours = np.ones((len(walks), 4), dtype=np.float32)
    colours[:, 0] = np.linspace(0, 1, len(walks))
    # One item for all, its best case: a line for a session would cost an item each.
    item = gl.GLLinePlotItem(pos=walks, color=colours, width=2.0, mode="line_strip", antialias=False)
    view.addItem(item)
    view.setCameraPosition(distance=130.0)
    _show(view)

    def turn() -> None:
        view.orbit(2.0, 0.0)
        view.grabFramebuffer()

    frames = _timed(turn, _FRAMES if len(walks) <= 1_000_000 else 3, warm=1)
    view.hide()
    view.deleteLater()
    return _shares(frames)


def measure_append() -> dict[str, Any]:
    """What a tick of live samples costs: storing them, and painting the frame that shows them."""
    walks, begins = _walks(500_000)
    store = _store(walks, begins)
    canvas = _canvas(store)
    sessions = 20
    per_tick = round(_RATE * _TICK_S / _BATCH)
    positions = walks[:_BATCH]
    clock = 0
    added: list[float] = []

    def tick() -> None:
        nonlocal clock
        began = time.perf_counter()
        for _ in range(per_tick):
            clock += 1
            session = clock % sessions
            start_us = 600_000_000 + clock // sessions * 5_000_000
            store.add(session, f"p{session}", start_us, start_us + 5_000_000, positions, (60.0, 50.0, 40.0))
        canvas.tracks._make_plan()  # what a frame needs of the thread before the driver draws it
        added.append((time.perf_counter() - began) * 1000)
        canvas.grabFramebuffer()

    before = canvas.tracks.bytes_sent
    frames = _timed(tick, _TICKS, warm=3)
    sent = canvas.tracks.bytes_sent - before
    canvas.release()
    canvas.deleteLater()
    return {
        "benchmark": "level_append",
        "samples_per_second": _RATE,
        "tick_ms": _shares(added[3:]),
        "tick_and_paint_ms": _shares(frames),
        "bytes_per_sample": round(sent / ((_TICKS + 3) * per_tick * _BATCH), 1),
    }


def _walks(samples: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Sessions that walk about at 5 m/s, ten samples a second, on three floors; and where each begins."""
    rng = np.random.default_rng(4)
    turns = np.cumsum(rng.normal(0, 0.3, samples))
    walks = np.empty((samples, 3), dtype=np.float32)
    walks[:, 0], walks[:, 1] = np.cumsum(np.cos(turns) * 0.5), np.cumsum(np.sin(turns) * 0.5)
    half = _LEVEL_M / 2
    walks[:, :2] = np.abs((walks[:, :2] + half) % (2 * _LEVEL_M) - _LEVEL_M) - half  # off the walls and back
    begins = np.arange(0, samples, _SESSION_SAMPLES)
    walks[:, 2] = np.repeat(rng.integers(0, 3, len(begins)) * 4.0, _SESSION_SAMPLES)[:samples]
    return walks, begins


def _store(walks: NDArray[np.float32], begins: NDArray[np.int64]) -> TrackStore:
    store = TrackStore(max_samples=len(walks) + 500_000)
    vertices = np.empty((len(walks), FIELDS), dtype=np.float32)
    vertices[:, :3] = walks
    session = np.arange(len(walks)) // _SESSION_SAMPLES
    vertices[:, TIME] = np.arange(len(walks)) % _SESSION_SAMPLES * 0.1
    vertices[:, SESSION] = session
    vertices[:, MEAN:SPEED] = 30.0 + session[:, None] % 40
    vertices[:, SPEED] = 5.0
    for number in range(len(begins)):
        store.sessions.number("app", f"s{number}", f"p{number}", number, "build")
    store.add_packed(PackedTracks(vertices, begins, []))
    store.bounds()
    return store


def _canvas(store: TrackStore) -> Canvas3D:
    canvas = Canvas3D(DARK)
    canvas.resize(_WIDTH, _HEIGHT)
    canvas.set_worlds(Worlds(np.eye(4), np.eye(4)))
    canvas.set_stores(store, MarkerStore())
    canvas.set_bounds(_BOUNDS)
    canvas.fit(_BOUNDS)
    _show(canvas)
    return canvas


def _show(widget: QWidget) -> None:
    """Until the screen has it: before that nothing is painted."""
    widget.show()
    until = time.perf_counter() + _EXPOSED_S
    while not widget.windowHandle().isExposed() and time.perf_counter() < until:
        QCoreApplication.processEvents()
    widget.repaint()


def _picks(canvas: Canvas3D, store: TrackStore) -> list[float]:
    places = np.random.default_rng(5).uniform((0.2, 0.2), (0.8, 0.8), (_CLICKS, 2)) * (_WIDTH, _HEIGHT)
    clip = canvas.camera.clip_matrix(_WIDTH, _HEIGHT)
    times = iter(places.tolist())

    def pick() -> None:
        x, y = next(times)
        size, ever = (_WIDTH, _HEIGHT), (-np.inf, np.inf)
        track_at(store, (x, y), size, clip, world=np.eye(4), section=WHOLE_HEIGHT, time_range_s=ever)

    return _timed(pick, _CLICKS - 1, warm=1)


def _timed(work: Callable[[], object], times: int, *, warm: int) -> list[float]:
    for _ in range(warm):
        work()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return found


def _shares(values_ms: list[float]) -> dict[str, float]:
    ordered = sorted(values_ms)
    return {"p50": round(statistics.median(ordered), 2), "p95": round(ordered[(len(ordered) - 1) * 95 // 100], 2)}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, nargs="+", default=list(_SIZES))
    args = parser.parse_args(arguments)
    # pyqtgraph keeps its shader program for every widget there will be.
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    app = QApplication.instance() or QApplication(["level"])
    if problem := opengl_problem():
        print(f"Nothing was measured: {problem}", file=sys.stderr)
        return 1
    for samples in args.samples:
        print(json.dumps(measure(samples)), flush=True)
    print(json.dumps(measure_append()), flush=True)
    app.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
