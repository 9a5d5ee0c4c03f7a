"""Which flags were switched on or off lately, by the history of definitions. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from console.messages.players import DefinitionChange

LATELY_US = 3_600_000_000


@dataclass(frozen=True)
class Flip:
    """The last time a flag was switched."""

    at_us: int
    on: bool
    by: str


def flips_in(changes: Iterable[DefinitionChange]) -> dict[str, Flip]:
    """The last flip of each flag, by its key, of changes that come newest first."""
    found: dict[str, Flip] = {}
    for change in changes:
        if change.kind == "flag" and change.action == "changed" and change.key not in found:
            before, after = _enabled(change.before), _enabled(change.after)
            if after is not None and before is not None and before != after:
                found[change.key] = Flip(change.at_us, after, change.by)
    return found


def _enabled(definition: str) -> bool | None:
    """Whether a flag was on; None where the history does not say."""
    try:
        enabled = json.loads(definition).get("enabled")
    except (ValueError, AttributeError, RecursionError):
        return None
    return enabled if isinstance(enabled, bool) else None
