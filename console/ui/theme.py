"""Colours, sizes and fonts: the only place where they are written down."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from console.telemetry.events import EventKind

Scheme = Literal["dark", "light"]


@dataclass(frozen=True)
class Tokens:
    """One scheme's colours, as `#rrggbb`.

    `hover` lies between panel and selection; `faint` is for marks that carry no text (an idle dot, a grid);
    `on_accent` is text on the accent; `bad_surface` is the ground of a box that tells of an error.
    """

    scheme: Scheme
    window: str
    panel: str
    raised: str
    line: str
    selection: str
    text: str
    dim: str
    accent: str
    good: str
    warning: str
    bad: str
    hover: str
    faint: str
    on_accent: str
    bad_surface: str
    kinds: dict[EventKind, str]
    kind_text: dict[EventKind, str]
    frame_rate: tuple[str, str, str] = ("#D55E00", "#F0E442", "#0072B2")
    # From low to high where neither is bad: viridis without its dark end, which would drown in the ground.
    sequence: tuple[str, ...] = ("#3E6FA3", "#26908E", "#4CB976", "#A5D83B", "#FDE725")
    # Differences, less ← equal → more: two of Okabe and Ito's hues around a pale middle.
    difference: tuple[str, ...] = ("#0072B2", "#56B4E9", "#f2efe6", "#E69F00", "#D55E00")
    # Okabe and Ito's palette, for players and sessions; black and yellow are left out against dark and light.
    series: tuple[str, ...] = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#0072B2")


_KINDS = {
    EventKind.IDENTITY: "#CC79A7",
    EventKind.FUNNEL: "#E69F00",
    EventKind.GAMEPLAY: "#56B4E9",
    EventKind.TRAJECTORY: "#009E73",
    EventKind.PLAYER_API: "#F0E442",
}

DARK = Tokens(
    scheme="dark",
    window="#0f1216",
    panel="#151a20",
    raised="#1c232b",
    line="#29323c",
    selection="#1d3a4f",
    text="#d7dee6",
    dim="#8694a1",
    accent="#4cc2ff",
    good="#3fb98b",
    warning="#e0a93b",
    bad="#f0616d",
    hover="#202931",
    faint="#434e59",
    on_accent="#06141d",
    bad_surface="#2a171b",
    kinds=_KINDS,
    kind_text=_KINDS | {EventKind.TRAJECTORY: "#2fbf95"},
)

LIGHT = Tokens(
    scheme="light",
    window="#f6f7f9",
    panel="#ffffff",
    raised="#eef1f4",
    line="#d8dee5",
    selection="#d6ebf8",
    text="#1d2630",
    dim="#5b6875",
    accent="#0971b3",
    good="#1b7b58",
    warning="#8f6200",
    bad="#c43544",
    hover="#e7ecf1",
    faint="#b4bec8",
    on_accent="#ffffff",
    bad_surface="#fdeef0",
    kinds=_KINDS,
    kind_text={
        EventKind.IDENTITY: "#96447a",
        EventKind.FUNNEL: "#8a5f00",
        EventKind.GAMEPLAY: "#1f6f9f",
        EventKind.TRAJECTORY: "#00704f",
        EventKind.PLAYER_API: "#6f6a00",
    },
)

ROW_HEIGHT = 24
SPACING = (4, 8, 12, 16)
RADIUS = 6
TEXT_PX = 13
HEADING_PX = 11
MONO_PX = 12
UI_FONT = "Console Sans"  # Inter, see resources/fonts
MONO_FONT = "JetBrains Mono"


class Theme(QObject):
    """The scheme in force. `changed` is sent after it changed; whoever paints reads `tokens` again."""

    changed = Signal()

    def __init__(self, scheme: Scheme = "dark", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tokens = DARK if scheme == "dark" else LIGHT

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    def set_scheme(self, scheme: Scheme) -> None:
        tokens = DARK if scheme == "dark" else LIGHT
        if tokens is not self._tokens:
            self._tokens = tokens
            self.changed.emit()
