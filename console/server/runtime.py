"""What is known only once the process runs: its sockets, and the wish to stop."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol


class Listeners(Protocol):
    """The listening sockets. The process owns them; the services only ask."""

    @property
    def telemetry_urls(self) -> list[str]:
        """Base URLs of the telemetry API, the loopback one first."""
        ...

    @property
    def player_urls(self) -> list[str]:
        """Base URLs of the player API; empty when its port is switched off."""
        ...

    @property
    def lan(self) -> bool:
        """Whether the network reaches them."""
        ...

    async def set_lan(self, lan: bool) -> None:
        """Listen on every address, or on loopback alone. Raises OSError, and then stays as it was."""
        ...


@dataclass(frozen=True)
class FixedListeners:
    """Sockets that someone else opened and that never change; without arguments, none at all."""

    telemetry_urls: list[str] = field(default_factory=list)
    player_urls: list[str] = field(default_factory=list)
    lan: bool = False

    async def set_lan(self, lan: bool) -> None:
        """Refuses: these sockets are not ours to open."""
        if lan:
            raise OSError("these sockets cannot be opened to the network")


@dataclass
class Runtime:
    """Filled by the process: `listeners` when it listens, `stop` when it shall end."""

    started_at_us: int
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    listeners: Listeners = field(default_factory=FixedListeners)
