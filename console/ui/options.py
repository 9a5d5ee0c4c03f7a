"""What the command line may ask of the window. Free of Qt, so that asking is cheap."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

ViewName = Literal[
    "overview", "live", "requests", "level", "performance", "funnels", "players", "flags", "integration", "applications"
]
# What a window opens on that remembers no other.
FIRST_VIEW: ViewName = "live"
VIEW_NAMES: tuple[ViewName, ...] = get_args(ViewName)

DEFAULT_PORT = 4000
DEFAULT_PLAYER_PORT = 18000


@dataclass(frozen=True, kw_only=True)
class WindowOptions:
    """How to open the window.

    `port` and `player_port` hold for a server that this window starts; 0 takes a free one, None leaves the player API
    out. `screenshot` saves a picture of `view` after `after` seconds and quits. `demo` starts a simulated playtest
    on the workspace. `settings_file` overrides where sizes and choices are remembered.
    `temporary` is true when the workspace is thrown away afterwards: its server always stops with the window.
    """

    workspace: Path
    port: int = DEFAULT_PORT
    player_port: int | None = DEFAULT_PLAYER_PORT
    view: ViewName | None = None
    screenshot: Path | None = None
    after: float = 3.0
    size: tuple[int, int] = (1600, 1000)
    demo: bool = False
    temporary: bool = False
    settings_file: Path | None = None

    @property
    def unattended(self) -> bool:
        """Nobody is there to answer a question."""
        return self.screenshot is not None


# Files that may be level models. FBX is among them to be told how to convert it, rather than to find nothing happens.
MODEL_SUFFIXES = (".glb", ".gltf", ".obj", ".stl", ".ply", ".off", ".dae", ".fbx")
