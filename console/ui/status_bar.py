"""The bottom line: where the server listens, how fast events come, and how much is stored."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStatusBar

from console.messages import ServerStatus
from console.ui.live_feed import Connection
from console.ui.style import mono_font
from console.ui.theme import Theme
from console.ui.widgets.formatting import byte_size, plural, short_count

_WIDE_BEHIND_SECS = 2.0
_LOW_DISK_BYTES = 1_000_000_000


def short_addresses(telemetry: list[str], player: list[str]) -> str:
    """`http://127.0.0.1:4000 · :18000`: the first address whole, of the player API's the port."""
    parts = telemetry[:1]
    parts += [":" + url.rsplit(":", 1)[-1].strip("/") for url in player[:1]]
    return " · ".join(parts)


class StatusBar(QStatusBar):
    """Everything comes from the server's own status; the hover has the exact numbers."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setSizeGripEnabled(False)
        self.setFixedHeight(26)
        self._dot = self._label("", "Connection")
        self._addresses = self._label("", "Listening addresses")
        self._rate = self._label("", "Events per second")
        self._rejected = self._label("", "Rejected requests")
        self._behind = self._label("", "Rows behind")
        self._totals = self._label("", "Stored events and disk")
        self._problem = self._label("", "Problem")
        self._lan = QLabel("")
        self._lan.setAccessibleName("LAN access")
        self._lan.setContentsMargins(0, 0, 12, 0)
        self.addPermanentWidget(self._lan)
        self._dot.setContentsMargins(12, 0, 0, 0)
        self._connection = Connection.STARTING
        self._status: ServerStatus | None = None
        theme.changed.connect(self._show)
        self._show()

    def show_status(self, status: ServerStatus) -> None:
        self._status = status
        self._show()

    def show_connection(self, connection: Connection, reason: str) -> None:
        self._connection = connection
        self.setToolTip(reason)
        self._show()

    def _label(self, text: str, name: str) -> QLabel:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAccessibleName(name)
        label.setContentsMargins(0, 0, 12, 0)
        label.setFont(mono_font(11) if name == "Connection" else self.font())
        self.addWidget(label)
        return label

    def _show(self) -> None:
        tokens = self._theme.tokens
        color = {
            Connection.CONNECTED: tokens.good,
            Connection.FAILED: tokens.bad,
            Connection.RESTARTING: tokens.warning,
        }.get(self._connection, tokens.faint)
        self._dot.setText("●" if self._connection is not Connection.STOPPED else "○")
        self._dot.setStyleSheet(f"color: {color}")
        self._dot.setToolTip(self._connection.value)
        status = self._status
        live = self._connection is Connection.CONNECTED
        if status is None or not live:
            self._addresses.setText(
                {
                    Connection.STARTING: "Starting the server …",
                    Connection.CONNECTED: "Connected",
                    Connection.RESTARTING: "Restarting the server …",
                    Connection.STOPPED: "The server is stopped",
                    Connection.FAILED: "The server could not start",
                }[self._connection]
            )
            for label in (self._rate, self._rejected, self._behind, self._totals, self._problem, self._lan):
                label.clear()
            return
        self._show_addresses(status)
        self._show_numbers(status)

    def _show_addresses(self, status: ServerStatus) -> None:
        self._addresses.setText(short_addresses(status.telemetry_urls, status.player_urls))
        lines = ["Telemetry API", *status.telemetry_urls]
        if status.player_urls:
            lines += ["Player API", *status.player_urls]
        self._addresses.setToolTip("\n".join(lines))
        self._lan.setText("LAN on" if status.lan else "LAN off")
        self._tone(self._lan, "accent" if status.lan else "")
        self._lan.setToolTip(
            "Devices on your network can send events." if status.lan else "Only this computer can send events."
        )

    def _show_numbers(self, status: ServerStatus) -> None:
        self._rate.setText(f"{status.events_per_second:,.0f} events/s")
        self._rate.setToolTip(f"{status.requests_per_second:,.1f} requests/s")
        self._rejected.setText(f"{short_count(status.rejected_total)} rejected")
        self._tone(self._rejected, "bad" if status.rejected_total else "")
        unlisted = status.rejections_unlisted
        self._rejected.setToolTip(
            f"{plural(status.rejected_total, 'request')} rejected since the workspace was made"
            + (f"; {unlisted:,} of a flood were counted but not kept" if unlisted else "")
        )
        behind = status.events_behind
        self._behind.setText(f"{short_count(behind)} {'row' if behind == 1 else 'rows'} behind")
        self._tone(self._behind, "warning" if status.seconds_behind > _WIDE_BEHIND_SECS else "")
        self._behind.setToolTip(
            f"The event store is {status.seconds_behind:.1f} s behind the journal. Nothing is lost: it catches up."
        )
        self._totals.setText(
            f"{short_count(status.events_total)} events in all · {byte_size(status.workspace_bytes)}"
            f" · {byte_size(status.disk_free_bytes)} free"
        )
        self._tone(self._totals, "bad" if status.disk_free_bytes < _LOW_DISK_BYTES else "")
        self._totals.setToolTip(
            f"{plural(status.events_total, 'event')} of all kinds: trajectories, gameplay events, funnel steps,"
            f" players' data\n{plural(status.requests_total, 'request')}\n"
            f"Workspace {status.workspace}: {status.workspace_bytes:,} bytes\n"
            f"Free on this disk: {status.disk_free_bytes:,} bytes"
        )
        self._problem.setText(status.problem)
        self._tone(self._problem, "bad")

    def _tone(self, label: QLabel, tone: str) -> None:
        if label.property("tone") != tone:
            label.setProperty("tone", tone)
            label.style().polish(label)
