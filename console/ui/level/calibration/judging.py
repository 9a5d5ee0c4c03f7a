"""Tries every pair of axes in a thread, once a person who changes the placement paused."""

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from console.telemetry.coordinates import Transforms
from console.telemetry.level_fit import Surface, surface_of
from console.ui.level.calibration.verdict import judge
from console.ui.level.geometry import MeshGeometry
from console.ui.level.tracks import SPEED, Floats
from console.ui.level.workbench import Workbench

_SAMPLES = 8_000
# A change of the placement is judged once a person paused.
_JUDGE_AFTER_MS = 300


class Judging(QObject):
    """`judged(Verdict | None, Transforms)`: how well the samples lie on the level so. Only the newest question's."""

    judged = Signal(object, object)

    def __init__(self, workbench: Workbench, wanted: Callable[[], Transforms | None], parent: QObject) -> None:
        """`wanted` is the placement to judge; None when nobody looks."""
        super().__init__(parent)
        self._bench = workbench
        self._wanted = wanted
        self._turn = 0
        self._surface: tuple[MeshGeometry | None, Surface | None] = (None, None)  # of the mesh that is shown
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_JUDGE_AFTER_MS)
        self._pause.timeout.connect(self.judge)

    def judge_soon(self) -> None:
        """Once nothing was changed for a moment."""
        self._pause.start()

    def give_up(self) -> None:
        """Another level is shown: what is under way is of no use."""
        self._turn += 1

    def judge(self) -> None:
        """Judge what is wanted now."""
        wanted, geometry = self._wanted(), self._bench.source.geometry
        if wanted is None or geometry is None:
            return
        self._turn += 1
        samples = self._bench.scene.tracks.sampled(_SAMPLES)
        self._bench.context.tasks.start(self._judge(self._turn, geometry, samples, wanted), "Compare axes")

    async def _judge(self, turn: int, geometry: MeshGeometry, samples: Floats, transforms: Transforms) -> None:
        sent, speeds = samples[:, :3], samples[:, SPEED]
        known, surface = self._surface
        if known is not geometry or surface is None:
            surface = await asyncio.to_thread(surface_of, geometry.vertices, geometry.faces)
            self._surface = (geometry, surface)
        verdict = await asyncio.to_thread(judge, surface, sent, speeds[speeds > 0], transforms)
        if turn == self._turn:
            self.judged.emit(verdict, transforms)
