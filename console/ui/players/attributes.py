"""Attributes of a player as lines and as edits. Pure."""

import json
from typing import Any

from console.ui.widgets.formatting import visible
from console.ui.widgets.json_text import pretty

_CELL_CHARS = 120


def value_text(value: Any) -> str:
    """A value on one line: strings as they are, the rest as JSON."""
    if isinstance(value, str):
        return visible(value)
    return visible(json.dumps(value, ensure_ascii=False), _CELL_CHARS)


def value_hover(value: Any) -> str:
    """A value in full."""
    return value if isinstance(value, str) else pretty(value)[0]


def type_word(value: Any) -> str:
    """What a value is, for people."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "yes/no"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list | tuple) else "object"


def edit_text(value: Any) -> str:
    """A value as a person edits it: a string without quotes, unless it would then be read as something else."""
    if isinstance(value, str) and parse_value(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def parse_value(text: str) -> Any:
    """What typed text means: JSON where it is JSON (`45`, `true`, `"45"`, `[1, 2]`), else the text itself.

    Raises ValueError where it looks like JSON that went wrong: a bracket or quote without its end.
    """
    stripped = text.strip()
    try:
        return json.loads(stripped, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        if stripped[:1] in ("{", "[", '"'):
            raise ValueError(f"This is not JSON: {error}.") from error
        return stripped


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


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")
