"""The server's feed, as Qt signals at display rate."""

import enum

from PySide6.QtCore import QObject, Signal


class Connection(enum.Enum):
    """What the window knows of its server."""

    STARTING = "starting"
    CONNECTED = "connected"
    RESTARTING = "restarting"
    STOPPED = "stopped"
    FAILED = "failed"


class LiveFeed(QObject):
    """Signals are sent on the window's thread, at most once a tick, after the state they tell of changed.

    - `connected(FeedHello)`: a (re)connection; views load their history by query now
    - `rows_arrived(FeedRows)`: merged over one display tick
    - `status_changed(ServerStatus)`
    - `changed(str)`: a FeedChanged topic
    - `connection_changed(Connection, str)`: with one plain sentence of reason, or ""
    """

    connected = Signal(object)
    rows_arrived = Signal(object)
    status_changed = Signal(object)
    changed = Signal(str)
    connection_changed = Signal(object, str)
