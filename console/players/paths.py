"""JSON paths in messages: `$.attributes["a b"][0]`."""

import msgspec

# Built only for what is reported, so the steps are kept as a chain: (the steps before, the last one). The first step
# of a chain is the path's text so far.
Path = tuple["Path | None", str | int]

_MAX_KEY_CHARS = 60


def path_text(path: Path) -> str:
    """The path in words. Long keys are shortened."""
    steps: list[str] = []
    before, step = path
    while before is not None:
        steps.append(step_text(step))
        before, step = before
    return str(step) + "".join(reversed(steps))


def step_text(step: str | int) -> str:
    """One step: a key or an index."""
    if isinstance(step, int):
        return f"[{step}]"
    if len(step) > _MAX_KEY_CHARS:
        step = step[:_MAX_KEY_CHARS] + "…"
    if step.isascii() and step.isidentifier():
        return f".{step}"
    return f"[{msgspec.json.encode(step.encode('utf-8', 'replace').decode()).decode()}]"
