"""The tools of the level view: each a panel at the right of the level, built when it is first opened.

A tool is shown while its panel is; what it draws on the level it takes back in `hideEvent`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.ui.icons import icon
from console.ui.level.workbench import Workbench
from console.ui.theme import Tokens

PANEL_WIDTH = 300
# The tool that belongs to the picture, and is open when nothing else was chosen.
COMPANION = "selection"


@dataclass(frozen=True)
class ToolSpec:
    """One tool: its button's word, tip and icon, and where its panel is built, from a Workbench."""

    name: str
    title: str
    tip: str
    icon: str
    module: str
    factory: str
    draws: bool = False  # a picture on the level, which tracks and signs would bury

    def build(self, workbench: Workbench) -> QWidget:
        """Import the tool's module now."""
        build: Callable[[Workbench], QWidget] = getattr(import_module(self.module), self.factory)
        return build(workbench)


TOOLS: tuple[ToolSpec, ...] = (
    ToolSpec(
        "selection",
        "Selection",
        "Sum up the sessions in scope: time, worst places, deaths, coordinates",
        "selection",
        "console.ui.level.summary_panel",
        "SummaryPanel",
    ),
    ToolSpec(
        "heatmap",
        "Heatmap",
        "Where players were, what happened where, and how well the game ran there; or what differs between two builds",
        "heatmap",
        "console.ui.level.heatmap.panel",
        "HeatPanel",
        draws=True,
    ),
    ToolSpec(
        "coverage",
        "Coverage",
        "Which floors nobody visited, and who left the level",
        "coverage",
        "console.ui.level.coverage.panel",
        "CoveragePanel",
        draws=True,
    ),
    ToolSpec(
        "calibrate",
        "Calibrate",
        "Bring the telemetry in line with the level's model",
        "calibrate",
        "console.ui.level.calibration.panel",
        "CalibrationPanel",
    ),
    ToolSpec(
        "levels",
        "Levels",
        "Every level with its models and versions, and the sessions that are in none",
        "layers",
        "console.ui.level.levels.panel",
        "LevelsPanel",
    ),
)


class ToolDrawer(QFrame):
    """Shows at most one tool's panel; closed, it takes no room. `tool_changed(str)`: which is open, "" for none."""

    tool_changed = Signal(str)

    def __init__(
        self, workbench: Workbench, tools: tuple[ToolSpec, ...] = TOOLS, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._specs = {spec.name: spec for spec in tools}
        self._panels: dict[str, QWidget] = {}
        self._current = ""
        self._gave_way = False
        self.setProperty("role", "drawer")
        self.setFixedWidth(PANEL_WIDTH)
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self._close = QToolButton()
        self._close.setProperty("role", "quiet")
        self._close.setAccessibleName("Close the tool")
        self._close.setToolTip("Close the tool (Esc)")
        self._close.clicked.connect(lambda: self.open_tool(""))
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 4)
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        workbench.tool_wanted.connect(self.open_tool)
        self.hide()

    @property
    def current(self) -> str:
        """The open tool's name, "" for none."""
        return self._current

    def tool(self, name: str) -> QWidget | None:
        """A tool's panel, if it was opened before."""
        return self._panels.get(name)

    def set_tokens(self, tokens: Tokens) -> None:
        self._close.setIcon(icon("close", tokens.dim))

    def open_tool(self, name: str) -> None:
        """Open a tool in place of the one that is open; "" closes it."""
        self._gave_way = False
        self._turn_to(name)

    @property
    def draws(self) -> bool:
        """Whether the open tool draws a picture on the level."""
        return bool(self._current) and self._specs[self._current].draws

    @property
    def wanted(self) -> str:
        """The tool that a person has open, even while it gives way."""
        return COMPANION if self._gave_way else self._current

    def give_way(self, on: bool) -> None:
        """Close the companion while what was picked is shown beside the level, and open it again after."""
        if on and self._current == COMPANION:
            self._gave_way = True
            self._turn_to("")
        elif not on and self._gave_way:
            self.open_tool(COMPANION)

    def _turn_to(self, name: str) -> None:
        if name == self._current:
            return
        self._current = name
        if name:
            self._show(self._specs[name])
        self.setVisible(bool(name))
        self.tool_changed.emit(name)

    def _show(self, spec: ToolSpec) -> None:
        if spec.name not in self._panels:
            panel = self._panels[spec.name] = spec.build(self._workbench)
            scroll = QScrollArea()
            scroll.setWidgetResizable(True)
            scroll.setFrameShape(QFrame.Shape.NoFrame)
            scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            scroll.setWidget(panel)
            panel.setAutoFillBackground(False)  # the drawer's own ground, not the window's
            scroll.viewport().setProperty("role", "panel")
            self._stack.addWidget(scroll)
        for index in range(self._stack.count()):
            page = self._stack.widget(index)
            if isinstance(page, QScrollArea) and page.widget() is self._panels[spec.name]:
                self._stack.setCurrentIndex(index)
        self._title.setText(spec.title.upper())
