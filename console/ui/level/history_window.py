"""Which part of a long recording is loaded: its newest, or the time that a person looks at, when that is older."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from console.ui.clock import Clock
from console.ui.level.model import LevelScene
from console.ui.level.source import LevelSource

# From when to when, None is open.
Window = tuple[int | None, int | None]
EVERYTHING: Window = (None, None)

# Loaded beyond a moment that is looked at, so that playing on does not load again at once.
AHEAD_US = 600_000_000
# A range is dragged, a cursor is moved: what is asked for is where they come to rest.
_REST_MS = 400


@dataclass(frozen=True)
class Loaded:
    """What is loaded: asked for in `window`; `from_us` is the oldest sample, where older ones were left out."""

    window: Window
    from_us: int | None

    def holds(self, start_us: int | None, end_us: int) -> bool:
        """Whether nothing is missing from start to end; None: from the beginning of what is known of a moment."""
        low, high = self.window
        oldest = max((bound for bound in (low, self.from_us) if bound is not None), default=None)
        begins = end_us if start_us is None else start_us
        return (oldest is None or oldest <= begins) and (high is None or high >= end_us)


def wanted(loaded: Loaded, chosen: tuple[int, int] | None, cursor_us: int | None) -> Window:
    """What is to be loaded for a range, or for a moment; the present when both are None."""
    if chosen is not None:
        return loaded.window if loaded.holds(*chosen) else chosen
    if cursor_us is None:
        return EVERYTHING
    if loaded.holds(None, cursor_us):
        return loaded.window
    return None, cursor_us + AHEAD_US


class HistoryWindow(QObject):
    """Has the source load what the clock shows, as soon as the clock stays there; while somebody looks."""

    def __init__(self, clock: Clock, scene: LevelScene, source: LevelSource, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = clock
        self._scene = scene
        self._source = source
        self._active = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.load)
        for changed in (clock.moved, clock.range_changed, clock.state_changed, source.stores_changed):
            changed.connect(self._look)

    def set_active(self, active: bool) -> None:
        """Whether somebody looks."""
        self._active = active
        if active:
            self.load()
        else:
            self._rest.stop()

    def load(self) -> None:
        """Load what is wanted now, unless it is there."""
        window = self._wanted()
        if window != self._scene.window:
            self._source.load_window(window)

    def _look(self) -> None:
        if self._active and not self._rest.isActive() and self._wanted() != self._scene.window:
            self._rest.start()

    def _wanted(self) -> Window:
        clock, scene = self._clock, self._scene
        chosen = None if clock.range is None else (clock.range.start_us, clock.range.end_us)
        cursor_us = None if clock.following else clock.cursor_us
        loaded = Loaded(scene.window, scene.tracks.base_us if scene.truncated else None)
        return wanted(loaded, chosen, cursor_us)
