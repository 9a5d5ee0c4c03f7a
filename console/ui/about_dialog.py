"""Help ▸ About: versions, for people and for bug reports."""

import platform
import sys

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QWidget

from console.messages import ServerStatus
from console.ui.dialogs import Dialog, SecretField, plain_label
from console.version import program_version


class AboutDialog(Dialog):
    """What runs here, copyable in one line."""

    def __init__(self, parent: QWidget, status: ServerStatus | None) -> None:
        super().__init__(
            parent,
            "Playtest Console",
            "Records game playtests on this computer and shows them while they run.",
        )
        server = f"server {status.version} (process {status.pid})" if status is not None else "no server"
        parts = (
            f"Playtest Console {program_version()}",
            server,
            f"Python {platform.python_version()}",
            f"Qt {qVersion()}",
            f"PySide {pyside_version}",
            f"{platform.system()} {platform.release()} ({sys.platform})",
        )
        self.content.addWidget(plain_label("\n".join(parts), "mono-dim"))
        self.content.addWidget(SecretField(" · ".join(parts), "Versions"))
        self.content.addWidget(plain_label("Apache License 2.0. Fonts: Inter and JetBrains Mono, SIL OFL 1.1.", "dim"))
        self.add_button("Close", role="primary")
