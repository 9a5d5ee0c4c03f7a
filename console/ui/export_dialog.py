"""File ▸ Export ▸ NDJSON: a background export with its progress, which can be cancelled."""

import asyncio
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QProgressBar, QWidget

from console.messages import Export, StartExport
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog, plain_label
from console.ui.widgets.formatting import byte_size, plural

_POLL_SECS = 0.15
_DONE = 1000
_RUNNING = ("queued", "running")


class ExportDialog(Dialog):
    """Starts the export when it opens. Hiding it lets the export go on; the message bar tells its end."""

    def __init__(self, parent: QWidget, context: ViewContext, file: Path, app_id: str | None) -> None:
        super().__init__(parent, "Export as NDJSON", str(file), width=520)
        self._context = context
        self._file = file
        self._app_id = app_id
        self._export: Export | None = None
        self._cancel_asked = False
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName("Export progress")
        self.rows = plain_label("Starting …", "mono-dim")
        self.content.addWidget(self.bar)
        self.content.addWidget(self.rows)
        self.cancel_button = self.add_button("Cancel export", self.cancel)
        self.add_button("Continue in background", self.hide)

    def open(self) -> None:
        super().open()
        self.start(self._context.tasks, self._run, "Exporting", on_error=self._failed)

    def reject(self) -> None:
        """Escape cancels nothing: it only hides."""
        self.hide()

    def cancel(self) -> None:
        """Ask the server to stop; the unfinished file goes."""
        self._cancel_asked = True
        self.cancel_button.setEnabled(False)
        self.rows.setText("Cancelling …")

    async def _run(self) -> None:
        client = self._context.client
        self._export = export = await client.start_export(StartExport(path=str(self._file), app_id=self._app_id))
        while export.state in _RUNNING:
            if self._cancel_asked:
                export = await client.cancel_export(export.export_id)
                if export.state not in _RUNNING:
                    break
            self._show(export)
            await asyncio.sleep(_POLL_SECS)
            self._export = export = await client.export(export.export_id)
        self._finished(export)

    def _show(self, export: Export) -> None:
        if export.rows_total > 0:
            self.bar.setRange(0, _DONE)
            self.bar.setValue(min(_DONE, export.rows * _DONE // export.rows_total))
        self.rows.setText(f"{export.rows:,} of about {plural(export.rows_total, 'event')} · {byte_size(export.bytes)}")

    def _finished(self, export: Export) -> None:
        say = self._context.messages.say
        if export.state == "done":
            file = Path(export.file)
            say(
                f"{plural(export.rows, 'event')} exported to {file.name} ({byte_size(export.bytes)}).",
                kind="good",
                actions=[("Show file", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent))))],
            )
        elif export.state == "cancelled":
            say("The export was cancelled; no file was kept.")
        else:
            say(f"The export failed: {export.error}", kind="bad")
        self.accept()

    def _failed(self, error: Exception) -> None:
        self._context.messages.say(f"The export failed: {error}", kind="bad")
        self.accept()
