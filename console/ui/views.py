"""The views of the window: their names, and where each is built. Importing this imports none of them."""

from dataclasses import dataclass
from importlib import import_module
from operator import attrgetter

from PySide6.QtWidgets import QWidget

from console.ui.context import ViewContext
from console.ui.options import ViewName


@dataclass(frozen=True)
class ViewSpec:
    """One view. `early` ones are built right after the first paint, the others when they are first shown.

    `tools` names the view's own line of tools, which the window shows in its top bar.
    """

    name: ViewName
    title: str
    module: str
    factory: str
    early: bool = False
    tools: str = ""

    def build(self, context: ViewContext) -> QWidget:
        """Import the view's module now: plots and OpenGL would delay the first window by half a second."""
        view = getattr(import_module(self.module), self.factory)(context)
        assert isinstance(view, QWidget)
        return view

    def tools_of(self, view: QWidget) -> QWidget | None:
        """What belongs into the top bar while the view is shown."""
        tools = attrgetter(self.tools)(view) if self.tools else None
        assert tools is None or isinstance(tools, QWidget)
        return tools


VIEWS: tuple[ViewSpec, ...] = (
    ViewSpec("live", "Live", "console.ui.live.view", "LiveView", early=True, tools="page.bar"),
    ViewSpec("requests", "Requests", "console.ui.requests.view", "RequestsView", early=True, tools="page.bar"),
    ViewSpec("level", "Level", "console.ui.level.view", "LevelView"),
    ViewSpec("performance", "Performance", "console.ui.performance.view", "PerformanceView"),
    ViewSpec("applications", "Applications & keys", "console.ui.applications.view", "ApplicationsView"),
)
