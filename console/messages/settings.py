"""Values that cross the console API about the server itself: its settings and its health."""

from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """What a person may change while the server runs. `rate_limit` is requests/s per source address, 0 is off."""

    lan: bool = False
    rate_limit: float = 10.0
    allowed_origins: list[str] = []
    allowed_hosts: list[str] = []


class SettingsChanges(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to change; None leaves a thing as it is."""

    lan: bool | None = None
    rate_limit: float | None = None
    allowed_origins: list[str] | None = None
    allowed_hosts: list[str] | None = None


class Check(Struct, frozen=True, kw_only=True):
    """One line of a health report."""

    name: str
    ok: bool
    text: str
    hint: str = ""
