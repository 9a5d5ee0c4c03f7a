"""The switches over the level: what is drawn of it, remembered by name, and apart beside tools that draw a picture."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QSettings, QSignalBlocker, Signal

from console.ui.level.canvas import LevelCanvas
from console.ui.level.controls import TopControls

# Whether each is on before a person chose; and beside a picture, which tracks and signs would bury.
_FIRST = {"tracks": (True, False), "markers": (True, False), "xray": (False, False)}

_FLAT = "Without OpenGL the level is a plan: it is seen from above, through roofs and walls, as it is"


class Switches(QObject):
    """Tells the canvas, and the settings. `changed()`: something else is drawn."""

    changed = Signal()

    def __init__(
        self, controls: TopControls, settings: QSettings, canvas: Callable[[], LevelCanvas], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._canvas = canvas
        self._beside = False
        self._buttons = {"tracks": controls.tracks, "markers": controls.markers, "xray": controls.xray}
        self._top = controls.top
        self._tips = {button: button.toolTip() for button in (controls.xray, controls.top)}  # need three dimensions
        self._recall()
        for button in self._buttons.values():
            button.toggled.connect(self._toggled)
        self._top.toggled.connect(self._turned)

    def set_beside(self, on: bool) -> None:
        """A tool's picture is drawn on the level, or no more."""
        if on != self._beside:
            self._beside = on
            self._recall()
            self.use()

    def use(self) -> None:
        """Have the canvas draw so."""
        canvas, on = self._canvas(), {name: button.isChecked() for name, button in self._buttons.items()}
        canvas.set_shown(tracks=on["tracks"], markers=on["markers"])
        canvas.set_xray(on["xray"])
        canvas.set_top(self._top.isChecked())
        for button, tip in self._tips.items():
            button.setEnabled(canvas.has_depth)
            button.setToolTip(tip if canvas.has_depth else _FLAT)
        self.changed.emit()

    def _turned(self) -> None:
        self._recall()
        self.use()

    def _toggled(self) -> None:
        for name, button in self._buttons.items():
            self._settings.setValue(self._key(name), button.isChecked())
        self.use()

    def _recall(self) -> None:
        for name, button in self._buttons.items():
            with QSignalBlocker(button):
                button.setChecked(bool(self._settings.value(self._key(name), self._first(name), bool)))

    def _first(self, name: str) -> bool:
        """From above a roof hides all that was played under it, so there it is seen through."""
        return self._through_roofs(name) or _FIRST[name][self._beside]

    def _through_roofs(self, name: str) -> bool:
        return name == "xray" and self._top.isChecked() and not self._beside

    def _key(self, name: str) -> str:
        if self._through_roofs(name):
            return "level/top/xray"
        return f"level/beside/{name}" if self._beside and name != "xray" else f"level/{name}"
