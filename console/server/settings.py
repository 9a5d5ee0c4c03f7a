"""Settings that a person changes while the server runs."""

import asyncio
import math
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec

from console.messages import Settings, SettingsChanges
from console.server.runtime import Runtime
from console.storage.catalog import Catalog, CatalogError

MAX_RATE_LIMIT = 1_000_000.0
MAX_ENTRIES = 100
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")


class SettingsInvalid(Exception):
    """A value that cannot be used. `str()` is one sentence for people, `hint` says what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SettingsService:
    """The settings in force: what the workspace keeps, under what the command line asked for.

    A command-line value holds for this run only and is never written down. When a person changes that very setting
    in the window, the new value is kept and holds at once. `current` is immutable and replaced whole, so a request
    reads it without a lock.
    """

    def __init__(self, catalog: Catalog, runtime: Runtime, overrides: SettingsChanges | None = None) -> None:
        self._catalog = catalog
        self._runtime = runtime
        self._changing = asyncio.Lock()
        self.current: Settings = merged(catalog.settings(), normalised(overrides or SettingsChanges()))

    async def change(self, changes: SettingsChanges) -> Settings:
        """Apply, then keep; on a failure nothing is changed.

        Raises SettingsInvalid, CatalogError, and OSError when the sockets for the network cannot be opened.
        """
        changes = normalised(changes)
        async with self._changing:
            new = merged(self.current, changes)
            listeners = self._runtime.listeners
            was_lan = listeners.lan
            if changes.lan is not None and changes.lan != was_lan:
                await listeners.set_lan(changes.lan)
            try:
                await asyncio.to_thread(self._catalog.change_settings, changes)
            except CatalogError:
                if listeners.lan != was_lan:
                    await listeners.set_lan(was_lan)
                raise
            self.current = new
        return new


def merged(settings: Settings, changes: SettingsChanges) -> Settings:
    """The settings with every given change applied."""
    given = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not None}
    return msgspec.structs.replace(settings, **given)


def normalised(changes: SettingsChanges) -> SettingsChanges:
    """Hosts and origins as a browser would send them, without repeats. Raises SettingsInvalid."""
    rate = changes.rate_limit
    if rate is not None and not (math.isfinite(rate) and 0 <= rate <= MAX_RATE_LIMIT):
        raise SettingsInvalid(f"The rate limit must lie between 0 (off) and {MAX_RATE_LIMIT:,.0f} requests per second.")
    return msgspec.structs.replace(
        changes,
        allowed_origins=_each(changes.allowed_origins, normalised_origin),
        allowed_hosts=_each(changes.allowed_hosts, normalised_host),
    )


def normalised_origin(text: str) -> str:
    """`scheme://host[:port]` in lower case, the default port left out, as the Origin header has it."""
    hint = "Write scheme, host and port, such as https://my-game.example or http://localhost:8080."
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError as error:
        raise SettingsInvalid(f"“{text}” is not the origin of a web page.", hint) from error
    if (
        parts.scheme not in {"http", "https"}
        or parts.hostname is None
        or parts.username is not None
        or parts.path not in {"", "/"}
        or parts.query
        or parts.fragment
    ):
        raise SettingsInvalid(f"“{text}” is not the origin of a web page.", hint)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else normalised_host(parts.hostname)
    default_port = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None and port != default_port else "")


def normalised_host(text: str) -> str:
    """A host name in lower case, without a port. Addresses need no entry: they are always admitted."""
    host = text.strip().lower()
    if len(host) > 253 or not _HOST_NAME.fullmatch(host):
        raise SettingsInvalid(f"“{text}” is not a host name.", "Write the name alone, such as build-pc.studio.example.")
    return host.rstrip(".")


def _each(values: list[str] | None, normal: Callable[[str], str]) -> list[str] | None:
    if values is None:
        return None
    if len(values) > MAX_ENTRIES:
        raise SettingsInvalid(f"At most {MAX_ENTRIES} entries can be kept.")
    return list(dict.fromkeys(normal(value) for value in values))
