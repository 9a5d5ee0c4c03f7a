"""Save client …: asks for a folder, and puts an example client into it."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from console.ui.context import Messages
from console.ui.example_clients import ExampleClient, save_client
from console.ui.snippets import Endpoint


def ask_where_to_save(parent: QWidget, client: ExampleClient, endpoint: Endpoint, messages: Messages) -> QFileDialog:
    """Open the dialog that chooses the folder, and return it."""
    dialog = QFileDialog(parent, f"Save the {client.language} client into a folder", str(Path.home()))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda name: save_and_tell(client, endpoint, Path(name), messages))
    dialog.open()
    return dialog


def save_and_tell(client: ExampleClient, endpoint: Endpoint, folder: Path, messages: Messages) -> None:
    """Save a client below `folder`, and say where it is or why it is not."""
    try:
        saved = save_client(client, endpoint, folder)
    except OSError as error:
        reason = error.strerror or str(error)
        messages.say(f"The client cannot be saved into {folder}: {reason}. Choose another folder.", kind="bad")
        return

    def show() -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(saved))):
            messages.say(f"No program here opens folders. It is at {saved}", kind="warning")

    messages.say(f"The {client.language} client is in {saved}", kind="good", actions=[("Open folder", show)])
