"""From the upload of a level model to its first picture, and how long the window's thread was busy in one piece.

Target: a model of a million triangles is seen within 3 s, and the window answers throughout. The model is a terrain of
steps, an edge at every step. Needs a screen with OpenGL; the window paints when its own loop gets to it, as in the
program. Where the card is software a frame is mostly the rasteriser's time: `frame_ms` tells a frame before and after
there was a model, and `frame_cpu_ms` the processor time of all threads in it.
"""

import argparse
import asyncio
import json
import math
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.processes import MeasuredServer, serving

if TYPE_CHECKING:
    from console.ui.level.canvas_3d import Canvas3D

_BEAT_S = 0.005
_FRAMES = 5


class Pulse:
    """Beats every 5 ms; what is missing between two beats, the thread was busy with something else."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._last = 0.0

    async def beat(self) -> None:
        """Until cancelled."""
        self._last = time.perf_counter()
        while True:
            await asyncio.sleep(_BEAT_S)
            now = time.perf_counter()
            self.longest_s = max(self.longest_s, now - self._last - _BEAT_S)
            self._last = now

    def taken(self) -> float:
        """The longest pause in milliseconds since this was last asked."""
        longest, self.longest_s = self.longest_s, 0.0
        return round(longest * 1000, 1)


def measure(triangles: int) -> dict[str, Any]:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    with tempfile.TemporaryDirectory(prefix="playtest-console-bench-") as folder, serving() as server:
        file = Path(folder) / "terrain.stl"
        file.write_bytes(terrain(triangles))
        QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
        application = QApplication([])
        with QEventLoop(application) as loop:
            shown: dict[str, Any] = loop.run_until_complete(_show(server, file))
        return {"benchmark": "level_model", "file_mb": round(file.stat().st_size / 1e6, 1)} | shown


async def _show(server: MeasuredServer, file: Path) -> dict[str, Any]:
    from console.client import ConsoleClient
    from console.ui.level.canvas_3d import Canvas3D, opengl_problem
    from console.ui.level.framing import EMPTY_BOUNDS, bounds_of
    from console.ui.level.loading import load_mesh
    from console.ui.theme import DARK

    if problem := opengl_problem():
        raise SystemExit(problem)
    canvas = Canvas3D(DARK)
    canvas.resize(1200, 800)
    canvas.show()
    await asyncio.sleep(0.5)
    before = _frame(canvas)
    pulse = Pulse()
    beats = asyncio.create_task(pulse.beat())
    client, _ = ConsoleClient.for_workspace(server.workspace)
    async with client:
        began = time.perf_counter()
        model = await client.upload_level_model(server.app_id, "Terrain", file)
        uploaded, uploading_ms = time.perf_counter(), pulse.taken()
        geometry = await load_mesh(client, model.model_id)
        loaded, loading_ms = time.perf_counter(), pulse.taken()
        canvas.set_mesh(geometry)
        canvas.fit(bounds_of(geometry.vertices) or EMPTY_BOUNDS)
        painted = asyncio.Event()
        canvas.frameSwapped.connect(lambda: painted.set() if canvas.mesh.complete else None)
        await painted.wait()
        seen = time.perf_counter()
        await asyncio.sleep(20 * _BEAT_S)
        showing_ms = pulse.taken()
        after = _frame(canvas)
    beats.cancel()
    canvas.release()
    canvas.close()
    return {
        "triangles": len(geometry.faces),
        "edges": len(geometry.outline) // 2,
        "upload_s": round(uploaded - began, 2),
        "load_s": round(loaded - uploaded, 2),
        "show_s": round(seen - loaded, 2),
        "total_s": round(seen - began, 2),
        "longest_pause_ms": {"uploading": uploading_ms, "loading": loading_ms, "showing": showing_ms},
        "frame_ms": {"empty": before[0], "with_model": after[0]},
        "frame_cpu_ms": {"empty": before[1], "with_model": after[1]},
    }


def _frame(canvas: "Canvas3D") -> tuple[float, float]:
    """Milliseconds of a frame that is painted and read back, by the clock and of processor time: the median of five."""
    took = []
    for _ in range(_FRAMES):
        began, began_cpu = time.perf_counter(), time.process_time()
        canvas.grabFramebuffer()
        took.append((time.perf_counter() - began, time.process_time() - began_cpu))
    wall, processor = (round(statistics.median(values) * 1000, 1) for values in zip(*took, strict=True))
    return wall, processor


def terrain(triangles: int) -> bytes:
    """About so many triangles as a binary STL: an 80-byte head, a count, then 50 bytes a triangle."""
    side = math.isqrt(triangles // 2) + 1
    across = np.arange(side, dtype=np.float32) / 4
    heights = np.floor(np.random.default_rng(1).random((side, side)) * 4).astype(np.float32) / 4
    x, y = np.meshgrid(across, across)
    points = np.stack([x, y, heights], axis=2)
    a, b, c, d = points[:-1, :-1], points[:-1, 1:], points[1:, :-1], points[1:, 1:]
    corners = np.concatenate([np.stack([a, b, c], axis=2), np.stack([b, d, c], axis=2)]).reshape(-1, 3, 3)
    records = np.zeros(len(corners), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    records["corners"] = corners
    return bytes(80) + len(corners).to_bytes(4, "little") + records.tobytes()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triangles", type=int, default=1_000_000)
    args = parser.parse_args(arguments)
    print(json.dumps(measure(args.triangles)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
