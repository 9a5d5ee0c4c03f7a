"""Playing a recording of 300 sessions at 16 times its speed: how fluent the level is, and how long the window waits.

    python -m benchmarks level_playing
    python -m benchmarks.level_playing [--sessions N] [--markers N] [--seconds S]

A clock plays; at every step the tracks' trails, the players' places with their names, and the markers follow, as in the
level view. A beat every 5 ms tells how long the window's thread was busy in one piece. Where OpenGL is done in software
most of that is drawing: `step_ms` is what playing itself costs, from the clock to the request for a frame, `signs_ms`
choosing the markers. `cpu_ms_a_frame` is the processor time of all threads, all included. Target: a step takes at most
10 ms of the thread's processor time.
"""

import argparse
import json
import os
import statistics
import sys
import time
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from PySide6.QtCore import QCoreApplication, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.processes import screen_environment

_START_US = 1_771_000_000_000_000
_LENGTH_S = 600
_RATE = 10
_BEAT_S = 0.005
_BOUNDS = ((-50.0, -50.0, 0.0), (50.0, 50.0, 10.0))


def measure(*, sessions: int, markers: int, seconds: float) -> dict[str, Any]:
    """Frames, steps and pauses while `seconds` are played."""
    from console.ui.clock import Clock, TimeRange
    from console.ui.level.canvas import Worlds
    from console.ui.level.canvas_3d import Canvas3D
    from console.ui.level.legend import Legend
    from console.ui.level.model import LevelScene
    from console.ui.level.opengl import opengl_problem
    from console.ui.level.track_view import TrackView
    from console.ui.theme import DARK

    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    application = QApplication([])
    if problem := opengl_problem():
        raise SystemExit(f"Nothing was measured: {problem}")
    scene = LevelScene()
    scene.level = "level"
    _fill(scene, sessions, markers)
    canvas = Canvas3D(DARK)
    canvas.resize(1200, 750)
    canvas.set_worlds(Worlds(np.eye(4), np.eye(4)))
    canvas.set_stores(scene.tracks, scene.markers)
    canvas.set_bounds(_BOUNDS)
    canvas.fit(_BOUNDS)
    canvas.show()
    clock = Clock()
    clock.set_extent(TimeRange(_START_US, _START_US + _LENGTH_S * 1_000_000))
    context = SimpleNamespace(
        clock=clock, settings=QSettings("", QSettings.Format.IniFormat), theme=SimpleNamespace(tokens=DARK)
    )
    view = TrackView(cast("Any", context), scene, Legend(DARK, canvas), lambda: canvas, canvas)
    view.adopt_canvas()
    view.set_trail(15.0)
    steps: list[float] = []
    worked: list[float] = []
    frames: list[float] = []
    signs: list[float] = []
    pauses: list[float] = []

    def step() -> None:
        began, began_cpu = time.perf_counter(), time.thread_time()
        view.use_clock()
        canvas.set_labels(view.labels())
        canvas.refresh()
        steps.append((time.perf_counter() - began) * 1000)
        worked.append((time.thread_time() - began_cpu) * 1000)

    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        pauses.append(max(0.0, now - last - _BEAT_S) * 1000)
        last = now

    def painted() -> None:
        frames.append(canvas.frame_seconds * 1000)
        began = time.perf_counter()
        canvas.layer.set_time_range(None, cast("int", clock.cursor_us) + 1)
        canvas.layer.clusters(canvas.metres_per_pixel())
        signs.append((time.perf_counter() - began) * 1000)

    clock.moved.connect(step)
    clock.set_speed(16.0)
    clock.seek(_START_US + 60_000_000)
    for _ in range(20):  # the first frames, in which the driver gets ready
        application.processEvents()
        time.sleep(0.02)
    for values in (steps, worked, frames, signs, pauses):
        values.clear()
    canvas.frameSwapped.connect(painted)
    pulse = QTimer()
    pulse.setTimerType(Qt.TimerType.PreciseTimer)
    pulse.timeout.connect(beat)
    last = time.perf_counter()
    pulse.start(round(_BEAT_S * 1000))
    clock.play()
    busy = time.process_time()
    QTimer.singleShot(round(seconds * 1000), application.quit)
    application.exec()
    busy = time.process_time() - busy
    clock.pause()
    pulse.stop()
    names = len(view.labels())
    canvas.release()
    canvas.close()
    return {
        "benchmark": "level_playing",
        "sessions": sessions,
        "samples": scene.tracks.samples,
        "markers": markers,
        "players_seen": names,
        "frames_per_second": round(len(frames) / seconds, 1),
        "step_ms": _quantiles(steps),
        "step_cpu_ms": _quantiles(worked),
        "frame_ms": _quantiles(frames),
        "signs_ms": _quantiles(signs),
        "pause_ms": _quantiles(pauses) | {"longest": round(max(pauses), 1)},
        "cpu_ms_a_frame": round(busy * 1000 / max(len(frames), 1), 1),
    }


def _fill(scene: Any, sessions: int, markers: int) -> None:
    """Walks of ten minutes, ten samples a second, a live trajectory of five seconds at a time; and signs on them."""
    from console.ui.level.markers import Marker

    rng = np.random.default_rng(2)
    scene.tracks.base_us = _START_US
    for session in range(sessions):
        number = scene.session_number("app", f"s{session}", f"player {session}", "build")
        turns = np.cumsum(rng.normal(0, 0.3, _LENGTH_S * _RATE))
        way = np.cumsum(np.column_stack([np.cos(turns), np.sin(turns)]) * 0.5, axis=0)
        places = np.zeros((len(way), 3), dtype=np.float32)
        places[:, :2] = np.abs((way + 50) % 200 - 100) - 50
        scene.sessions.entered(number, _START_US)
        for second in range(0, _LENGTH_S, 5):
            start_us = _START_US + second * 1_000_000
            part = places[second * _RATE : (second + 5) * _RATE]
            rates = (60.0, 50.0, 40.0)
            scene.tracks.add(number, f"player {session}", start_us, start_us + 4_900_000, part, rates)
    where = rng.uniform((-50, -50, 0), (50, 50, 3), (markers, 3)).tolist()
    names = ("Player_Died", "Jump", "Fire", "Pickup_Key", "Door_Opened")
    scene.markers.add(
        [
            Marker(index, 1, index, _START_US + index * _LENGTH_S * 1_000_000 // markers, names[index % 5], "p", *place)
            for index, place in enumerate(where)
        ]
    )


def _quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    return {"p50": round(statistics.median(ordered), 2), "p95": round(ordered[(len(ordered) - 1) * 95 // 100], 2)}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--markers", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    args = parser.parse_args(arguments)
    os.environ.update(screen_environment())
    print(json.dumps(measure(sessions=args.sessions, markers=args.markers, seconds=args.seconds)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
