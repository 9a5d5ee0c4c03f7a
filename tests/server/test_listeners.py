"""Opening, refusing and rebinding sockets."""

import asyncio
import socket

import pytest

from console.server import listeners as module
from console.server.listeners import PortTaken, SocketListeners
from tests.server.harness import Server


def number(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_a_free_port_is_one_number_for_both_families() -> None:
    listeners = SocketListeners("127.0.0.1", 0, 0)
    listeners.open()
    try:
        port = number(listeners.telemetry_urls[0])
        for sock in listeners._telemetry.sockets:
            assert sock.getsockname()[1] == port
        assert port != number(listeners.player_urls[0])
    finally:
        listeners.close()


def test_a_free_port_is_tried_anew_when_the_other_family_has_it_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    real = module._listen
    taken = 0

    def listen(address: str, port: int) -> socket.socket | None:
        nonlocal taken
        if address == "::1" and taken < 3:
            taken += 1
            raise OSError(module.errno.EADDRINUSE, "in use")
        return real(address, port)

    monkeypatch.setattr(module, "_listen", listen)
    listeners = SocketListeners("127.0.0.1", 0, None)
    listeners.open()
    listeners.close()
    assert taken == 3


@pytest.mark.parametrize("player", [False, True])
def test_a_taken_port_is_named(player: bool) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        listeners = SocketListeners("127.0.0.1", 0 if player else taken, taken if player else None)
        with pytest.raises(PortTaken, match=str(taken)) as refused:
            listeners.open()
        assert ("--player-port" in str(refused.value)) == player
        assert "\n" not in str(refused.value)


async def test_a_machine_without_ipv6_is_served_on_ipv4(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    real = socket.socket

    def without_ipv6(family: int = -1, *rest: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(module.errno.EAFNOSUPPORT, "Address family not supported")
        return real(family, *rest)

    monkeypatch.setattr(socket, "socket", without_ipv6)
    listeners = SocketListeners("127.0.0.1", 0, 0)
    listeners.open()
    try:
        assert len(listeners._telemetry.sockets) == 1
        assert caplog.text == "", "what keeps a server from starting is one line, on this machine too"
        await listeners.start(asyncio.Protocol)
        assert caplog.text.count("no IPv6") == 1
    finally:
        listeners.close()


def test_an_address_that_is_not_ours_is_an_error() -> None:
    with pytest.raises(OSError, match=r"\S"):
        SocketListeners("192.0.2.1", 0, None).open()


async def test_the_network_switch_rebinds_and_keeps_connections(server: Server) -> None:
    request = server.raw("POST", "/api/events", server.body(), server.public)
    async with server.connect() as connection, server.connect(player=True) as player:
        for lan in (True, False, True):
            await server.listeners.set_lan(lan)
            assert server.listeners.lan is lan
            for one in (connection, player):
                await one.send(request)
                assert (await one.reply()).status == 200
            addresses = {sock.getsockname()[0] for each in server.listeners._telemetry.servers for sock in each.sockets}
            assert addresses <= ({"0.0.0.0", "::"} if lan else {"127.0.0.1", "::1"})
            assert (await server.ingest()).status == 200
            assert number(server.listeners.telemetry_urls[0]) == server.port


async def test_a_switch_that_fails_changes_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module._listen

    def listen(address: str, port: int) -> socket.socket | None:
        if address == "0.0.0.0":
            raise OSError(module.errno.EACCES, "forbidden")
        return real(address, port)

    monkeypatch.setattr(module, "_listen", listen)
    with pytest.raises(OSError, match="forbidden"):
        await server.listeners.set_lan(True)
    assert server.listeners.lan is False
    assert (await server.ingest()).status == 200


async def test_switching_twice_at_once_ends_in_the_last_state(server: Server) -> None:
    await asyncio.gather(*(server.listeners.set_lan(lan) for lan in (True, False, True, False)))
    assert server.listeners.lan is False
    assert (await server.ingest()).status == 200
