"""Attributes of a player as lines and as edits. Pure."""

from typing import Any

from console.ui.widgets.formatting import visible
from console.ui.widgets.json_text import pretty
from console.ui.widgets.value_text import value_text

_CELL_CHARS = 120


def cell_text(value: Any) -> str:
    """A value on one line."""
    return visible(value_text(value), _CELL_CHARS)


def value_hover(value: Any) -> str:
    """A value in full."""
    return value if isinstance(value, str) else pretty(value)[0]


def merge_patch(old: Any, new: Any) -> Any:
    """The JSON merge patch (RFC 7396) that makes `new` of `old`: what is gone becomes null."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    patch: dict[str, Any] = dict.fromkeys(old.keys() - new.keys())
    for key, value in new.items():
        if key not in old:
            patch[key] = value
        elif old[key] != value or type(old[key]) is not type(value):
            patch[key] = merge_patch(old[key], value)
    return patch
