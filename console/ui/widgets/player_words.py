"""What players, their stages and the reasons of their flags are called, wherever they are shown. Pure."""

from console.messages.players import PlayerRow
from console.players.definitions import Reason, Stage
from console.players.profiles import Profile
from console.ui.widgets.formatting import visible

STAGE_WORDS: dict[Stage, str] = {
    "new": "New",
    "active": "Active",
    "at_risk": "At risk",
    "dormant": "Dormant",
    "churned": "Churned",
    "resurrected": "Resurrected",
}
# Why a player gets the value of a flag, in short.
REASON_WORDS: dict[Reason, str] = {
    "override": "override",
    "disabled": "flag is off",
    "segment_match": "rule for a segment",
    "rule_match": "rule",
    "rollout": "roll-out",
    "split": "split",
    "prerequisite_failed": "prerequisite fails",
    "default": "no rule passes",
    "error": "cannot be evaluated",
}
_ID_CHARS = 8


def name_of(player: PlayerRow | Profile) -> str:
    """What a person calls the player: the game's own id, else the device, else the head of the player id."""
    if player.external_id:
        return visible(player.external_id)
    if player.device_id:
        return f"device {visible(player.device_id)}"
    return f"{player.player_id[:_ID_CHARS]}…"


def money(minor: int) -> str:
    """`1,204.50`: hundredths as units. The API knows no currency."""
    return f"{minor / 100:,.2f}"
