"""What the menus do. Every command is a method; menus, buttons and shortcuts all end here."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog

from console.client import ConsoleClient
from console.columns import text
from console.discovery import LOG_DIR
from console.messages import Application, RequestRow, Settings, SettingsChanges
from console.ui.applications.created_dialog import CreatedDialog
from console.ui.applications.new_application_dialog import NewApplicationDialog
from console.ui.context import ViewContext
from console.ui.demo import DemoPlaytest
from console.ui.dialogs import ask
from console.ui.export_dialog import ExportDialog
from console.ui.faults.dialog import FaultsDialog
from console.ui.first_event_dialog import FirstEventDialog
from console.ui.har_dialog import HarDialog
from console.ui.integration.save_report import ask_and_save
from console.ui.live_feed import Connection
from console.ui.navigation import Destination, LevelSubject
from console.ui.network import lan_addresses
from console.ui.options import MODEL_SUFFIXES
from console.ui.snippets import Endpoint
from console.ui.upload_dialog import UploadDialog

if TYPE_CHECKING:
    from console.messages import CreatedApplication
    from console.ui.main_window import MainWindow
    from console.ui.supervisor import Supervisor

log = logging.getLogger(__name__)

_NEWEST_WITHIN_SECS = 2.0
_MESH_FILTER = f"Level models ({' '.join(f'*{suffix}' for suffix in MODEL_SUFFIXES)})"


@dataclass
class Endpoints:
    """The applications as last listed: what snippets, the address line and dialogs fill in."""

    applications: list[Application]

    def first_public_key(self, app_id: str | None = None) -> tuple[Application, str] | None:
        """An application and a public key of it that works; of `app_id` when that has one."""
        ordered = sorted(self.applications, key=lambda application: application.app_id != app_id)
        for application in ordered:
            for key in reversed(application.keys):
                if key.kind == "public" and key.revoked_at_us is None:
                    return application, key.token
        return None


class Commands:
    """Commands of one window."""

    def __init__(
        self, window: "MainWindow", context: ViewContext, supervisor: "Supervisor", demo: DemoPlaytest, workspace: Path
    ) -> None:
        self._window = window
        self._context = context
        self._supervisor = supervisor
        self._demo = demo
        self._workspace = workspace
        self.endpoints = Endpoints([])
        context.feed.connected.connect(self.refresh_applications)
        context.feed.status_changed.connect(lambda _status: self._show_endpoint())
        context.feed.changed.connect(self._on_changed)
        context.selection.scope_changed.connect(lambda _scope: self._show_endpoint())
        window.fault_bar.rules_wanted.connect(self.fault_injection)
        window.fault_bar.off_wanted.connect(self.switch_faults_off)

    @property
    def client(self) -> ConsoleClient:
        return self._context.client

    @property
    def endpoint(self) -> Endpoint | None:
        """Where a game of the selected application sends to; None before that is known."""
        status = self._context.feed.status
        chosen = self.endpoints.first_public_key(self._context.selection.scope.app_id)
        if status is None or not status.telemetry_urls or chosen is None:
            return None
        application, token = chosen
        return Endpoint(status.telemetry_urls[0], token, application.app_id, application.name)

    # applications

    def refresh_applications(self, _hello: object = None) -> None:
        self._context.tasks.start(self._refresh_applications(), "Listing the applications", on_error=self._not_listed)

    def new_application(self) -> None:
        dialog = NewApplicationDialog(self._window, self._context, self._created)
        dialog.open()

    def _created(self, created: "CreatedApplication") -> None:
        self.refresh_applications()
        CreatedDialog.for_application(self._window, created, self._context).open()

    async def _refresh_applications(self) -> None:
        self.endpoints = Endpoints(await self.client.applications())
        self._show_endpoint()

    def _not_listed(self, error: Exception) -> None:
        log.info("the applications could not be listed: %s", error)

    def _on_changed(self, topic: str) -> None:
        if topic == "applications":
            self.refresh_applications()

    def _show_endpoint(self) -> None:
        endpoint = self.endpoint
        if endpoint is not None:
            self._window.top_bar.endpoint.set_endpoint(endpoint.events_url, endpoint.token)

    # files

    def upload_level_model(self) -> None:
        dialog = QFileDialog(self._window, "Upload level model", "", _MESH_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.upload_files([Path(name) for name in names]))
        dialog.open()

    def upload_files(self, files: list[Path]) -> None:
        """Ask for application and level of one after the other, and upload."""
        if not files:
            return
        if not self.endpoints.applications:
            self._context.messages.say("Create an application first: a level model belongs to one.", kind="warning")
            return
        app_id = getattr(self._window.current_view, "level_app_id", None) or self._context.selection.scope.app_id
        if app_id is not None or len(self.endpoints.applications) == 1:
            self._ask_for_level(files, app_id)
            return
        self._context.tasks.start(
            self._ask_for_level_of_newest(files), "Listing the sessions", on_error=lambda _: self._ask_for_level(files)
        )

    async def _ask_for_level_of_newest(self, files: list[Path]) -> None:
        """For the application that sent something last: the first one listed may never have received anything."""
        try:
            newest = await asyncio.wait_for(self.client.query("sessions", limit=1), _NEWEST_WITHIN_SECS)
        except TimeoutError:
            self._ask_for_level(files)
        else:
            self._ask_for_level(files, text(newest, "app_id")[0] if newest.rows else None)

    def _ask_for_level(self, files: list[Path], app_id: str | None = None) -> None:
        dialog = UploadDialog(
            self._window,
            self._context,
            files[0],
            self.endpoints.applications,
            app_id=app_id,
            show=lambda level: self._window.go_to(Destination(view="level", subject=LevelSubject(level))),
        )
        rest = files[1:]
        if rest:  # dropped together, they are of one game
            dialog.accepted.connect(lambda: self._ask_for_level(rest, dialog.application.currentData()))
        dialog.open()

    def save_integration_report(self) -> None:
        ask_and_save(self._window, self._context)

    def export_ndjson(self) -> None:
        dialog = QFileDialog(self._window, "Export as NDJSON", str(Path.home() / "playtest.ndjson"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("NDJSON, one event a line (*.ndjson)")
        dialog.setDefaultSuffix("ndjson")
        dialog.fileSelected.connect(lambda name: self.export_to(Path(name)))
        dialog.open()

    def export_to(self, file: Path) -> None:
        """Export the selected application, or everything, to a file."""
        ExportDialog(self._window, self._context, file, self._context.selection.scope.app_id).open()

    def export_har(self) -> None:
        """Export requests as an HTTP archive: those that the table shows, or others."""
        shown_ids = getattr(self._window.view("requests"), "shown_request_ids", None)
        HarDialog(self._window, self._context, shown_ids() if shown_ids is not None else ()).open()

    def open_workspace(self) -> None:
        self._open_folder(self._workspace)

    def open_logs(self) -> None:
        self._open_folder(self._workspace / LOG_DIR)

    def quit(self) -> None:
        self._window.close()

    # server

    def start_server(self) -> None:
        self._supervisor.start()

    def stop_server(self) -> None:
        def stop() -> None:
            self._context.tasks.start(self._supervisor.stop(), "Stopping the server")

        ask(
            self._window,
            "Stop recording?",
            "The server stops, and games get no answer until it is started again. Everything recorded stays.",
            [("Stop the server", stop, "danger")],
        )

    def restart_server(self) -> None:
        self._context.tasks.start(self._supervisor.restart(), "Restarting the server")

    def set_lan(self, on: bool) -> None:
        """Open the server to the network, after saying what that opens; or close it at once."""
        self._window.lan_shown.emit()  # the switch shows what is, not what was asked
        if not on:
            self._context.tasks.start(self._change_lan(False), "Closing the server to the network")
            return
        status = self._context.feed.status
        ports = ", ".join(
            url.rsplit(":", 1)[-1] for url in ([*status.telemetry_urls[:1], *status.player_urls[:1]] if status else [])
        )
        addresses = "\n".join(f"    {address}" for address in lan_addresses()) or "    (no network address found)"
        ask(
            self._window,
            "Open to your network?",
            f"Every device on the networks of this computer can then reach ports {ports}, at:\n\n{addresses}\n\n"
            "They still need a key to send anything. Keys and events travel unencrypted, so use a network you trust. "
            "The console itself, this window's own connection, stays closed to them.",
            [("Open to the network", self._open_lan, "primary")],
        )

    def send_test_event(self) -> None:
        chosen = self.endpoints.first_public_key(self._context.selection.scope.app_id)
        if chosen is None:
            self._context.messages.say("There is no application with a public key to send with.", kind="warning")
            return
        self._context.tasks.start(self._send_test_event(chosen[0]), "Sending a test event")

    def start_demo(self) -> None:
        self._context.tasks.start(self._demo.start(), "Starting the demo playtest")

    def toggle_demo(self) -> None:
        if self._demo.running:
            self._demo.stop()
        else:
            self.start_demo()

    def fault_injection(self) -> None:
        """Open the rules, or bring them to the front."""
        dialog = self._window.findChild(FaultsDialog)
        if dialog is None:
            dialog = FaultsDialog(self._window, self._context, self.endpoints.applications)
            dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def switch_faults_off(self) -> None:
        self._context.tasks.start(self._switch_faults_off(), "Switching fault injection off")

    def copy_address(self) -> None:
        self._copy_part(lambda endpoint: endpoint.events_url, "Address")

    def copy_public_key(self) -> None:
        self._copy_part(lambda endpoint: endpoint.token, "Public key")

    def _open_lan(self) -> None:
        self._context.tasks.start(self._change_lan(True), "Opening the server to the network")

    async def _change_lan(self, on: bool) -> None:
        settings: Settings = await self.client.change_settings(SettingsChanges(lan=on))
        self._context.messages.say(
            "The server is open to your network." if settings.lan else "Only this computer reaches the server now.",
            kind="good",
        )

    async def _switch_faults_off(self) -> None:
        await self.client.clear_faults()
        self._context.messages.say("Fault injection is off: requests are answered as usual.", kind="good")

    async def _send_test_event(self, application: Application) -> None:
        row: RequestRow = await self.client.send_test_event(application.app_id)
        if row.status == 200:
            self._context.messages.say(f"A test event was sent to {application.name} and stored.", kind="good")
        else:
            self._context.messages.say(f"The test event got {row.status}: {row.first_error}", kind="bad")

    def _copy_part(self, part: Callable[[Endpoint], str], what: str) -> None:
        endpoint = self.endpoint
        if endpoint is None:
            self._context.messages.say("The server is not ready yet.", kind="warning")
            return
        QApplication.clipboard().setText(part(endpoint))
        self._context.messages.say(f"{what} copied.", kind="good")

    # help

    def first_event(self) -> None:
        endpoint = self.endpoint
        if endpoint is None:
            self._context.messages.say(
                "Snippets need a running server and an application with a public key.", kind="warning"
            )
            return
        FirstEventDialog(self._window, endpoint, self._context.messages).open()

    def open_documentation(self) -> None:
        status = self._context.feed.status
        if status is None or self._context.feed.connection is not Connection.CONNECTED:
            self._context.messages.say("The documentation is served by the server: start it first.", kind="warning")
            return
        QDesktopServices.openUrl(QUrl(status.telemetry_urls[0] + "/docs"))

    def _open_folder(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._context.messages.say(f"No program here opens folders. It is at {path}", kind="warning")
