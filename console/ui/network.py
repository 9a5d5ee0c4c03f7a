"""The addresses under which other devices reach this computer."""

from PySide6.QtNetwork import QAbstractSocket, QHostAddress, QNetworkInterface


def lan_addresses() -> list[str]:
    """Of every interface that is up: IPv4 first; no loopback, no link-local addresses."""
    found = [
        entry.ip()
        for interface in QNetworkInterface.allInterfaces()
        if interface.flags() & QNetworkInterface.InterfaceFlag.IsRunning
        for entry in interface.addressEntries()
    ]
    usable = [address for address in found if not address.isLoopback() and not address.isLinkLocal()]
    usable.sort(key=_is_ipv6)
    return [address.toString() for address in usable]


def _is_ipv6(address: QHostAddress) -> bool:
    return address.protocol() == QAbstractSocket.NetworkLayerProtocol.IPv6Protocol
