"""Which sign stands for which gameplay event: known words have their picture, other names a shape by number. Pure."""

import re
from dataclasses import dataclass

from console.ui.theme import Tokens

# Signs that mean something, in order of precedence, with the beginnings of the words that ask for them.
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("skull", ("die", "died", "death", "dead", "killed", "fell", "suicide", "drown")),
    ("warning", ("stuck", "bug", "error", "crash", "exception")),
    ("burst", ("hit", "damage", "hurt", "injur", "explo", "kill")),  # who kills lives; who is killed does not
    ("target", ("fire", "firing", "shot", "shoot", "attack", "weapon", "aim", "throw")),
    ("arrow_up", ("jump", "leap", "climb", "hop")),
    ("arrow_down", ("land", "fall", "drop", "crouch")),
    ("gem", ("pickup", "pick", "collect", "loot", "item", "ammo", "coin", "gather", "acquir")),
    ("plus", ("heal", "health", "medkit", "revive", "repair")),
    ("exit", ("quit", "exit", "leave", "left", "abandon", "disconnect", "logout")),
    ("flag", ("finish", "complet", "goal", "win", "won", "victor", "checkpoint", "captur", "objective")),
    ("door", ("door", "gate", "portal", "open", "close", "lift", "elevator", "teleport")),
    ("star", ("spawn", "respawn", "start", "begin", "join")),
    ("bubble", ("chat", "say", "said", "talk", "dialog", "speak", "quest")),
    ("bolt", ("use", "interact", "press", "switch", "lever", "button", "trigger", "activat")),
)
# How much longer than its beginning a word may be: “fired” and “jumping” are meant, “firewall” is not.
_ENDING = 3
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

SHAPES = ("circle", "square", "triangle", "diamond", "ring", "down", "hexagon")
SIGNS = (*(sign for sign, _ in _WORDS), *SHAPES)


@dataclass(frozen=True)
class MarkerStyle:
    """How events of one name are marked: never by colour alone."""

    sign: str
    colour: str


def sign_for(name: str) -> str | None:
    """The picture for an event's name, by its words: `PlayerFired`, `player_fired` and `Fire` are one thing."""
    words = [word.lower() for word in _WORD.findall(name)]
    for sign, beginnings in _WORDS:
        for word in words:
            if any(word.startswith(start) and len(word) - len(start) <= _ENDING for start in beginnings):
                return sign
    return None


def is_deadly(name: str) -> bool:
    """Whether an event's name tells of a death: those are marked in the colour of bad news."""
    return sign_for(name) == "skull"


def marker_style(tokens: Tokens, name: str, number: int) -> MarkerStyle:
    """The style of the n-th event name."""
    sign = sign_for(name)
    if sign == "skull":
        return MarkerStyle(sign, tokens.bad)
    return MarkerStyle(sign or SHAPES[number % len(SHAPES)], tokens.series[number % len(tokens.series)])
