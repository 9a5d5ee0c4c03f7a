"""When the inspector takes room beside a view: for what is picked, and as a person chose."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QDockWidget

from console.ui.views import ViewSpec


class InspectorRoom(QObject):
    """Shows and hides one dock. `shown(bool)`: it did, or another view is to be told."""

    shown = Signal(bool)

    def __init__(self, dock: QDockWidget, spec: ViewSpec, parent: QObject) -> None:
        super().__init__(parent)
        self._dock = dock
        self._spec = spec
        self._picked = False
        # Whether it is wanted in views that have something to inspect, and in the others.
        self._wanted = {True: True, False: False}
        # The second click of a double click shall find under the pointer what the first one picked.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(QApplication.doubleClickInterval())
        self._soon.timeout.connect(self._use)
        dock.toggleViewAction().triggered.connect(self._toggled)

    def restored(self) -> None:
        """The dock is as it was when the program ended."""
        self._wanted[True] = not self._dock.isHidden()
        self._use()

    def prepare_saving(self) -> None:
        """Have the dock as it is to be found in the views that use it."""
        self._show(self._wanted[True])

    def turn_to(self, spec: ViewSpec) -> None:
        """Another view is shown."""
        self._spec = spec
        self._use()

    def set_picked(self, picked: object) -> None:
        """Something is picked, or nothing (None)."""
        self._picked = picked is not None
        if self._picked and self._spec.double_clicks:
            self._soon.start()
        else:
            self._use()

    def _use(self) -> None:
        self._soon.stop()
        self._show(self._wanted[self._spec.inspects] and (self._picked or not self._spec.inspects))

    def _show(self, shown: bool) -> None:
        self._dock.setVisible(shown)
        self._dock.toggleViewAction().setChecked(shown)  # Qt does so only while the window is seen
        self.shown.emit(shown)

    def _toggled(self, shown: bool) -> None:
        self._wanted[self._spec.inspects] = shown
        self.shown.emit(shown)
