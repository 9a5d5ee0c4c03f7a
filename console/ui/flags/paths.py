"""Paths to values in a definition, as the server names them: `$.rules[0].conditions.conditions[1].value`. Pure."""

import json
import re

Path = tuple[str | int, ...]

_STEP = re.compile(r'\.([^.\[\]]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]')


def steps_of(path: str) -> Path:
    """The steps behind `$`; what follows something unreadable is left out."""
    rest = path.removeprefix("$")
    steps: list[str | int] = []
    while (match := _STEP.match(rest)) is not None:
        name, index, quoted = match.groups()
        steps.append(int(index) if index is not None else name if name is not None else json.loads(quoted))
        rest = rest[match.end() :]
    return tuple(steps)
