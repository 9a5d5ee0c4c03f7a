"""The listening sockets: on loopback in both address families, on demand on every address, without a restart."""

import asyncio
import errno
import logging
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

log = logging.getLogger(__name__)

Protocols = Callable[[], asyncio.BaseProtocol]

_LOOPBACK: Final = ("127.0.0.1", "::1")
_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104  # only when a person switches the network on
_BACKLOG: Final = 1024
_FREE_PORT_TRIES: Final = 20
# What a machine without IPv6 says.
_NO_FAMILY: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)


class PortTaken(OSError):
    """Another program listens there. The text is one line for people."""


@dataclass
class _Port:
    """One API's port: asked for, then known; and what listens on it."""

    api: str
    number: int
    sockets: list[socket.socket] = field(default_factory=list)
    servers: list[asyncio.Server] = field(default_factory=list)


class SocketListeners:
    """Opens sockets before there is anything to serve, so that a taken port is known at once.

    `host` that is neither loopback nor "every address" is listened on besides loopback: the window on this machine
    needs that. Closing a listening socket leaves its connections alone, which is why the LAN switch may rebind.
    """

    def __init__(self, host: str, telemetry_port: int, player_port: int | None) -> None:
        self._host = host
        self._lan = host in _EVERYWHERE
        self._telemetry = _Port("telemetry", telemetry_port)
        self._player = None if player_port is None else _Port("player", player_port)
        self._protocols: Protocols | None = None
        self._switching = asyncio.Lock()

    @property
    def lan(self) -> bool:
        """Whether every address is listened on."""
        return self._lan

    @property
    def telemetry_urls(self) -> list[str]:
        """Base URLs of the telemetry API, the loopback one first."""
        return self._urls(self._telemetry)

    @property
    def player_urls(self) -> list[str]:
        """Base URLs of the player API; empty when its port is switched off."""
        return self._urls(self._player) if self._player is not None else []

    def open(self) -> None:
        """Bind and listen; connections wait until `start`. Raises PortTaken, OSError for an address not ours."""
        try:
            for port in self._ports():
                port.sockets, port.number = _open_port(port, self._addresses(self._lan))
        except BaseException:
            self.close()
            raise

    async def start(self, protocols: Protocols) -> None:
        """Accept connections. `protocols` makes the protocol of each."""
        self._protocols = protocols
        # Not when they are opened: what keeps a server from starting is told in one line.
        if not any(sock.family == socket.AF_INET6 for port in self._ports() for sock in port.sockets):
            log.info("this machine has no IPv6: only IPv4 is listened on")
        for port in self._ports():
            await self._serve(port)

    def close(self) -> None:
        """Listen no longer; connections stay. Idempotent."""
        for port in self._ports():
            for server in port.servers:
                server.close()
            for sock in port.sockets:
                sock.close()
            port.servers, port.sockets = [], []

    async def set_lan(self, lan: bool) -> None:
        """Listen on every address, or on loopback alone. Raises OSError, and then stays as it was."""
        async with self._switching:
            if lan == self._lan:
                return
            self.close()
            try:
                await self._reopen(lan)
            except OSError:
                self.close()
                await self._reopen(self._lan)
                raise
            self._lan = lan

    async def _reopen(self, lan: bool) -> None:
        for port in self._ports():
            port.sockets, _ = _open_port(port, self._addresses(lan))
            if self._protocols is not None:
                await self._serve(port)

    async def _serve(self, port: _Port) -> None:
        assert self._protocols is not None
        loop = asyncio.get_running_loop()
        sockets, port.sockets = port.sockets, []
        for sock in sockets:
            port.servers.append(await loop.create_server(self._protocols, sock=sock, backlog=_BACKLOG))

    def _ports(self) -> list[_Port]:
        return [self._telemetry] if self._player is None else [self._telemetry, self._player]

    def _addresses(self, lan: bool) -> Sequence[str]:
        if lan:
            return _EVERYWHERE
        if self._host in (*_LOOPBACK, *_EVERYWHERE, "localhost"):
            return _LOOPBACK
        return (*_LOOPBACK, self._host)

    def _urls(self, port: _Port) -> list[str]:
        urls = [f"http://127.0.0.1:{port.number}"]
        if self._lan:
            urls.extend(f"http://{address}:{port.number}" for address in own_addresses())
        elif self._host not in (*_LOOPBACK, *_EVERYWHERE, "localhost"):
            urls.append(f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{port.number}")
        return urls


def own_addresses() -> list[str]:
    """This machine's address as its network sees it; empty without a network.

    A datagram socket is connected, which picks the route and sends nothing (192.0.2.0/24 is for documentation,
    RFC 5737).
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        address: str = probe.getsockname()[0]
        if not address.startswith("127."):
            return [address]
    return []


def _open_port(port: _Port, addresses: Sequence[str]) -> tuple[list[socket.socket], int]:
    """Listen on one port number on every address. A free number is tried anew when one address has it taken."""
    tries = _FREE_PORT_TRIES if port.number == 0 else 1
    for attempt in range(tries):
        sockets: list[socket.socket] = []
        number = port.number
        try:
            for address in addresses:
                sock = _listen(address, number)
                if sock is not None:
                    sockets.append(sock)
                    number = sock.getsockname()[1]
            if not sockets:
                raise OSError(f"none of the addresses {', '.join(addresses)} exists on this machine")
            return sockets, number
        except OSError as error:
            for sock in sockets:
                sock.close()
            if attempt + 1 < tries and _is_taken(error):
                continue
            if _is_taken(error):
                option = "--port" if port.api == "telemetry" else "--player-port"
                raise PortTaken(
                    f"port {number} of the {port.api} API is taken by another program: "
                    f"stop that program, or choose another port with {option}"
                ) from error
            raise
    raise AssertionError("unreachable")


def _listen(address: str, number: int) -> socket.socket | None:
    """A listening socket, or None where this machine has no such address family."""
    family, kind, protocol, _, target = socket.getaddrinfo(
        address, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = None
    try:
        sock = socket.socket(family, kind, protocol)
        if os.name == "posix":
            # Elsewhere the option would let two programs share the port.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.bind(target)
        sock.listen(_BACKLOG)
    except OSError as error:
        if sock is not None:
            sock.close()
        if family == socket.AF_INET6 and address in ("::1", "::") and error.errno in _NO_FAMILY:
            return None
        raise
    return sock


def _is_taken(error: OSError) -> bool:
    # Windows refuses a port that another program holds exclusively, or that the system reserved, with EACCES.
    return error.errno == errno.EADDRINUSE or (os.name == "nt" and error.errno == errno.EACCES)
