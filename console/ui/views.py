"""The views of the window: their names, and where each is built. Importing this imports none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from operator import attrgetter
from typing import cast

from PySide6.QtWidgets import QWidget

from console.ui.context import ViewContext
from console.ui.options import ViewName


@dataclass(frozen=True)
class ViewSpec:
    """One view. `early` ones are built right after the first paint, the others when they are first shown.

    `tools` names the view's own line of tools, which the window shows in its top bar; `follow` what goes to the
    newest row. `inspects`: something can be picked in it, for the inspector to show, which takes no room before;
    `double_clicks`: it comes only once a second click would have been made, which shall find what the first one did.
    `tab` is its title where room is dear.
    """

    name: ViewName
    title: str
    module: str
    factory: str
    early: bool = False
    tools: str = ""
    follow: str = ""
    inspects: bool = True
    double_clicks: bool = False
    tab: str = ""

    def build(self, context: ViewContext) -> QWidget:
        """Import the view's module now: plots and OpenGL would delay the first window by half a second."""
        view = getattr(import_module(self.module), self.factory)(context)
        assert isinstance(view, QWidget)
        return view

    def tools_of(self, view: QWidget) -> QWidget | None:
        """What belongs into the top bar while the view is shown."""
        return cast("QWidget | None", _attribute(view, self.tools))

    def command_of(self, view: QWidget | None, name: str) -> Callable[[], object] | None:
        """What a menu command calls: a method of that name, when the view has one."""
        if name == "follow" and self.follow:
            name = self.follow
        return cast("Callable[[], object] | None", _attribute(view, name))


def _attribute(view: QWidget | None, path: str) -> object:
    """`view.a.b` for the path `a.b`; None where there is no such thing."""
    try:
        return attrgetter(path)(view) if path else None
    except AttributeError:
        return None


VIEWS: tuple[ViewSpec, ...] = (
    ViewSpec("overview", "Overview", "console.ui.overview.view", "OverviewView", inspects=False),
    ViewSpec(
        "live", "Live", "console.ui.live.view", "LiveView", early=True, tools="page.bar", follow="page.table.follow"
    ),
    ViewSpec(
        "requests",
        "Requests",
        "console.ui.requests.view",
        "RequestsView",
        early=True,
        tools="page.bar",
        follow="page.table.follow",
    ),
    ViewSpec("level", "Level", "console.ui.level.view", "LevelView", double_clicks=True),
    ViewSpec("performance", "Performance", "console.ui.performance.view", "PerformanceView", inspects=False),
    ViewSpec("funnels", "Funnels", "console.ui.funnels.view", "FunnelsView", inspects=False),
    ViewSpec("players", "Players", "console.ui.players.view", "PlayersView", tools="bar", inspects=False),
    ViewSpec("flags", "Flags & segments", "console.ui.flags.view", "FlagsView", inspects=False, tab="Flags"),
    ViewSpec("integration", "Integration", "console.ui.integration.view", "IntegrationView", inspects=False),
    ViewSpec(
        "applications",
        "Applications & keys",
        "console.ui.applications.view",
        "ApplicationsView",
        inspects=False,
        tab="Applications",
    ),
)
