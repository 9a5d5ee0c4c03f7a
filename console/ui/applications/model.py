"""Applications and keys as lines of text. Pure: no Qt."""

from dataclasses import dataclass

from console.messages import Application, Key
from console.ui.widgets.formatting import ago, plural, visible

COLUMNS = ("Kind", "Label", "Key", "Created", "Last used", "State")


@dataclass(frozen=True)
class KeyLine:
    """One row of the key table. `shown` is the whole public key, or the hint of a secret one."""

    key: Key
    kind: str
    label: str
    shown: str
    created: str
    last_used: str
    state: str

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.kind, self.label, self.shown, self.created, self.last_used, self.state)

    @property
    def usable(self) -> bool:
        return self.key.revoked_at_us is None


def key_lines(application: Application, now_us: int) -> list[KeyLine]:
    """The keys that work first, each part in order of creation."""
    keys = sorted(application.keys, key=lambda key: (key.revoked_at_us is not None, key.created_at_us))
    return [_line(key, now_us) for key in keys]


def _line(key: Key, now_us: int) -> KeyLine:
    return KeyLine(
        key=key,
        kind=key.kind,
        label=key.label or "–",
        shown=key.token or key.hint,
        created=ago(key.created_at_us, now_us),
        last_used="never" if key.last_used_at_us is None else ago(key.last_used_at_us, now_us),
        state="in use" if key.revoked_at_us is None else f"revoked {ago(key.revoked_at_us, now_us)}",
    )


def summary(application: Application) -> str:
    """`2 keys, 1 revoked`."""
    revoked = sum(1 for key in application.keys if key.revoked_at_us is not None)
    text = plural(len(application.keys) - revoked, "key")
    return f"{text}, {revoked} revoked" if revoked else text


def in_list(application: Application) -> tuple[str, str]:
    """Which application it is, and its two lines in the list."""
    return application.app_id, f"{visible(application.name)}\n{application.environment} · {summary(application)}"
