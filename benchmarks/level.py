"""Frame time of tracks on a level beside pyqtgraph's GLLinePlotItem, and what live samples cost the window's thread.

    python -m benchmarks level
    python -m benchmarks.level [--samples N …]

Both draw the same random walks into widgets of the same size with the same antialiasing and width of lines, a frame of
one and a frame of the other in turn, while the camera turns; each frame is painted and read back. `ratio` is ours over
theirs: a level that moves, with the detail that there is time for, and without smooth edges where that is little.
`full_detail` is a frame of ours without a budget: every vertex, with smooth edges, as theirs draws them. Targets:
`ratio` at most 1.0 with 100,000 samples, in full detail too, and 0.1 with 10,000,000; picking at most 20 ms; a tick of
10,000 samples a second at most 5 ms, with what the next frame sends and chooses for it. Where OpenGL is done in
software (Xvfb), all of it is processor time:
`cpu_p50` (of all threads) is what other work on the machine lengthens least.
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

from console.messages import FeedRows, TrajectoryRow
from console.ui.level.canvas import Worlds
from console.ui.level.canvas_3d import Canvas3D
from console.ui.level.frame_target import SAMPLES
from console.ui.level.framing import WHOLE_HEIGHT, Bounds
from console.ui.level.markers import MarkerStore
from console.ui.level.model import LevelScene
from console.ui.level.opengl import opengl_problem, with_depth
from console.ui.level.track_pick import track_at
from console.ui.level.tracks import FIELDS, MEAN, SESSION, SPEED, TIME, PackedTracks, TrackStore
from console.ui.theme import DARK

_SIZES = (100_000, 1_000_000, 10_000_000)
_SESSION_SAMPLES = 5_000
_WIDTH, _HEIGHT = 1200, 750
_LEVEL_M = 100.0
_BOUNDS: Bounds = ((-50.0, -50.0, 0.0), (50.0, 50.0, 10.0))
_FRAMES, _LONG_ENOUGH_S = 12, 10.0
_FULL_UP_TO = 1_000_000
_TICKS, _WARM_TICKS, _TICK_S = 60, 3, 1 / 30
_RATE = 10_000
_BATCH = 50
_CLICKS = 30
_EXPOSED_S = 5.0

# Milliseconds by the clock, and of processor time in all threads.
Frame = tuple[float, float]


def measure(samples: int) -> dict[str, Any]:
    """Frames of one number of samples, picking among them, and the memory they take."""
    walks, begins = _walks(samples)
    store = _store(walks, begins)
    canvas = _canvas(store)
    view = _line_plot(walks)

    def ours() -> None:
        canvas.camera.orbit(2.0, 0.0)
        canvas._moved()  # as a person's hands do
        canvas.grabFramebuffer()

    def theirs() -> None:
        view.orbit(2.0, 0.0)
        view.grabFramebuffer()

    frames = _in_turn({ours: 10, theirs: 0})  # the budget settles; both were painted when they were shown
    drawn = canvas.tracks.plan
    result = {
        "benchmark": "level",
        "samples": samples,
        "frame_ms": _shares(frames[ours]) | {"vertices": drawn.vertices, "words": drawn.words},
        "line_plot_frame_ms": _shares(frames[theirs]),
        "ratio": _ratio(frames[ours], frames[theirs]),
        "pick_ms": _shares(_picks(canvas, store)),
        "vertices_mb": round(sum(chunk.nbytes for chunk in store.chunks) / 1e6, 1),
    }
    if samples <= _FULL_UP_TO:

        def full() -> None:
            canvas.camera.orbit(2.0, 0.0)
            canvas._pace.stand_still()  # with smooth edges, as theirs
            canvas.tracks.budget = samples * 5 // 4  # all, without the rim that is drawn where there is time for it
            canvas.grabFramebuffer()

        frames = _in_turn({full: 1, theirs: 0})
        assert not canvas.tracks.plan.limited
        result |= {"full_detail_ms": _shares(frames[full]), "full_detail_ratio": _ratio(frames[full], frames[theirs])}
    view.hide()
    view.deleteLater()
    canvas.release()
    canvas.deleteLater()
    return result


def _in_turn(works: dict[Callable[[], None], int]) -> dict[Callable[[], None], list[Frame]]:
    """Each so many times unmeasured, then one after the other until enough is known or it has taken long enough."""
    for work, warm in works.items():
        for _ in range(warm):
            work()
    found: dict[Callable[[], None], list[Frame]] = {work: [] for work in works}
    began = time.perf_counter()
    for number in range(_FRAMES):
        if number and time.perf_counter() - began > _LONG_ENOUGH_S:
            break
        for work in works:
            found[work].append(_frame(work))
    return found


def _line_plot(walks: NDArray[np.float32]) -> gl.GLViewWidget:
    view = gl.GLViewWidget()
    surface = with_depth(QSurfaceFormat.defaultFormat())
    surface.setSamples(SAMPLES)  # smooth edges, as ours
    view.setFormat(surface)
    view.resize(_WIDTH, _HEIGHT)
    colours = np.ones((len(walks), 4), dtype=np.float32)
    colours[:, 0] = np.linspace(0, 1, len(walks))
    # One item for all, its best case: a line for a session would cost an item each.
    view.addItem(gl.GLLinePlotItem(pos=walks, color=colours, width=2.0, mode="line_strip", antialias=False))
    view.setCameraPosition(distance=130.0)
    _show(view)
    return view


def measure_append() -> dict[str, Any]:
    """What a tick of live rows costs: storing them, sending them, and choosing what the next frame draws.

    The drawing itself, `drawing_ms`, is apart: it is not more than without them.
    """
    walks, begins = _walks(500_000)
    scene = LevelScene()
    scene.tracks = _store(walks, begins)
    scene.level = "level"
    canvas = _canvas(scene.tracks)
    sessions = 20
    per_tick = round(_RATE * _TICK_S / _BATCH)
    positions = walks[:_BATCH].tobytes()
    clock = 0

    def rows() -> FeedRows:
        nonlocal clock
        made = []
        for _ in range(per_tick):
            clock += 1
            who = clock % sessions
            start_us = 600_000_000 + clock // sessions * 5_000_000
            names = ("app", "build", f"p{who}", f"s{who}", "level")
            made.append(TrajectoryRow(clock, *names, start_us, start_us + 5_000_000, 60.0, 50.0, 40.0, positions))
        return FeedRows(events=[], requests=[], trajectories=made)

    ticks, drawing = [], []
    sent = 0
    for number in range(_TICKS + _WARM_TICKS):
        batch = rows()
        if number == _WARM_TICKS:
            sent = canvas.tracks.bytes_sent
        began = time.perf_counter()
        scene.take_rows(batch)
        added_s = time.perf_counter() - began
        canvas.grabFramebuffer()
        if number >= _WARM_TICKS:
            ticks.append((added_s + canvas.tracks.preparing_seconds) * 1000)
            drawing.append((canvas.frame_seconds - canvas.tracks.preparing_seconds) * 1000)
    sent = canvas.tracks.bytes_sent - sent
    canvas.release()
    canvas.deleteLater()
    return {
        "benchmark": "level_append",
        "samples_per_second": _RATE,
        "tick_ms": _quantiles(ticks),
        "drawing_ms": _quantiles(drawing),
        "bytes_per_sample": round(sent / (_TICKS * per_tick * _BATCH), 1),
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
        store.sessions.number("app", f"s{number}", f"p{number}", "build")
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


def _picks(canvas: Canvas3D, store: TrackStore) -> list[Frame]:
    places = np.random.default_rng(5).uniform((0.2, 0.2), (0.8, 0.8), (_CLICKS, 2)) * (_WIDTH, _HEIGHT)
    clip = canvas.camera.clip_matrix(_WIDTH, _HEIGHT)
    times = iter(places.tolist())

    def pick() -> None:
        x, y = next(times)
        size, ever = (_WIDTH, _HEIGHT), (-np.inf, np.inf)
        track_at(store, (x, y), size, clip, world=np.eye(4), section=WHOLE_HEIGHT, time_range_s=ever)

    pick()
    return [_frame(pick) for _ in range(_CLICKS - 1)]


def _frame(work: Callable[[], object]) -> Frame:
    began, began_cpu = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - began) * 1000, (time.process_time() - began_cpu) * 1000


def _shares(frames: list[Frame]) -> dict[str, float]:
    wall, processor = zip(*frames, strict=True)
    return _quantiles(list(wall)) | {"cpu_p50": round(statistics.median(processor), 2)}


def _quantiles(values_ms: list[float]) -> dict[str, float]:
    ordered = sorted(values_ms)
    return {"p50": round(statistics.median(ordered), 2), "p95": round(ordered[(len(ordered) - 1) * 95 // 100], 2)}


def _ratio(ours: list[Frame], theirs: list[Frame]) -> dict[str, float]:
    """By the clock, and of processor time."""
    of = (
        statistics.median(one[kind] for one in ours) / statistics.median(one[kind] for one in theirs) for kind in (0, 1)
    )
    return dict(zip(("wall", "cpu"), (round(ratio, 3) for ratio in of), strict=True))


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
