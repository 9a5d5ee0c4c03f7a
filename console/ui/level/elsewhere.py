"""Says that the picked event was on another level than the one that is shown, and offers to go there."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from console.ui.level.marker_view import MarkerView
from console.ui.level.workbench import Workbench
from console.ui.navigation import LevelMomentSubject
from console.ui.selection import Picked
from console.ui.widgets.formatting import visible

_NAME_CHARS = 40


class Elsewhere(QObject):
    """Of an event whose level is known. `go` turns the view to a moment of another level."""

    def __init__(
        self,
        workbench: Workbench,
        markers: MarkerView,
        go: Callable[[LevelMomentSubject], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bench = workbench
        self._markers = markers
        self._go = go
        workbench.stage.elsewhere_clicked.connect(self._go_there)
        workbench.scene_changed.connect(self._tell)
        workbench.context.selection.picked_changed.connect(self._tell)

    def _tell(self) -> None:
        picked = self._picked()
        self._bench.stage.set_elsewhere("" if picked is None else visible(picked.level_id, _NAME_CHARS))

    def _picked(self) -> Picked | None:
        """What is picked, if it was on another level; None, too, for what this level holds whatever its name."""
        picked, level = self._bench.context.selection.picked, self._bench.scene.level
        if picked is None or not picked.level_id or level is None or picked.level_id == level:
            return None
        return picked if self._markers.picked_place() is None else None

    def _go_there(self) -> None:
        picked = self._picked()
        if picked is not None:
            self._go(
                LevelMomentSubject(
                    picked.level_id, picked.time_us or 0, picked.app_id, picked.session_id, place=picked.place
                )
            )
