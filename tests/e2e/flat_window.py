"""The window where there is no OpenGL, as a program: looks at everything once, and prints what was seen as JSON."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from console.ui.level.canvas import MarkerHit
from console.ui.level.tools import TOOLS
from console.ui.options import VIEW_NAMES
from tests.e2e.desk import Desk


def look_around(desk: Desk, level: str) -> dict[str, Any]:
    """Open every view and every tool of the level, and pick a death on it."""
    seen: dict[str, Any] = {"views": [], "tools": []}
    for name in VIEW_NAMES:
        if desk.view(name) is not None:
            seen["views"].append(name)
        desk.pause()
    view = desk.view("level")
    view._source.turn_to(level, chosen=True)
    desk.until(lambda: view.scene.tracks.samples and view._source.geometry is not None, "the level is loaded")
    for spec in TOOLS:
        view._drawer.open_tool(spec.name)
        if view._drawer.tool(spec.name).isVisible():
            seen["tools"].append(spec.name)
        desk.pause()
        if spec.name == "heatmap":
            desk.until(lambda: view._drawer.tool("heatmap").field, "the heatmap is counted")
    view._drawer.open_tool("")
    hit = desk.until(lambda: _first_marker(view), "a marker is drawn")
    view.canvas.hit.emit(hit)
    picked = desk.context.selection.picked
    page: Any = desk.view("live").page
    row = desk.until(lambda: page.table.current_row(), "the event that is picked is selected in the table")
    seen["picked"] = row.name if picked is not None and row.seq == picked.seq else ""
    desk.view("level")
    view._tell()
    seen["notice"] = view._stage._notice_text.text()
    image = view.canvas.grab().toImage()
    places = [(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)]
    seen["colours"] = len({image.pixel(x, y) for x, y in places})
    seen["said"] = desk.said
    return seen


def _first_marker(view: Any) -> MarkerHit | None:
    """What is under the first marker's place on the flat picture."""
    canvas = view.canvas
    marker = view.scene.markers[0]
    place = canvas.getViewBox().mapViewToScene(QPointF(marker.x, marker.y))
    hit = canvas.hit_at(QPointF(canvas.mapFromScene(place)))
    return hit if isinstance(hit, MarkerHit) else None


def main(workspace: Path, level: str) -> None:
    """Sit at a desk without OpenGL."""
    application = QApplication(["playtest-console"])
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(application, workspace, Path(folder) / "window.ini")
        seen = look_around(desk, level)
        desk.close()
    print(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
