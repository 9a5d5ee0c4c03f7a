"""What the level view lends its tools: the scene, its source, the picture, and the news of all three."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.ui.context import ViewContext
from console.ui.level.canvas import LevelCanvas
from console.ui.level.framing import WHOLE_HEIGHT
from console.ui.level.model import LevelScene
from console.ui.level.source import LevelSource

if TYPE_CHECKING:
    from console.ui.level.stage import Stage


class Workbench(QObject):
    """One for a level view.

    - `scene_changed()`: another level, scope, model or transform, or the history was loaded anew
    - `rows_shown()`: tracks or markers grew
    - `canvas_changed()`: the picture is drawn by another canvas: whatever a tool drew is to be drawn again
    - `section_changed(Section)`: only this band of heights is shown
    - `section_wanted(Section)`: a tool would have only this band of heights shown
    - `tool_wanted(str)`: the tool of that name is to be opened
    """

    scene_changed = Signal()
    rows_shown = Signal()
    canvas_changed = Signal()
    section_changed = Signal(object)
    section_wanted = Signal(object)
    tool_wanted = Signal(str)

    def __init__(
        self,
        context: ViewContext,
        scene: LevelScene,
        source: LevelSource,
        stage: "Stage",
        canvas: Callable[[], LevelCanvas],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.scene = scene
        self.source = source
        self.stage = stage
        self.section = WHOLE_HEIGHT
        self._canvas = canvas
        self._end_asking: Callable[[], None] | None = None

    def ask_point(self, end: Callable[[], None] | None) -> None:
        """Have the next click on the picture tell a point; `end` is called when the person would rather not (Esc).

        None: nobody asks any more.
        """
        self._end_asking = end
        self.canvas.ask_point(end is not None)

    def end_asking(self) -> bool:
        """Ask for a point no longer; whether somebody did."""
        end = self._end_asking
        if end is not None:
            end()
        return end is not None

    @property
    def canvas(self) -> LevelCanvas:
        """The picture as it is drawn now: another object after OpenGL failed, so never keep it."""
        return self._canvas()
