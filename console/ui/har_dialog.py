"""File ▸ Export ▸ HTTP archive: which requests, into which file, and how far it is."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QProgressBar, QRadioButton, QWidget

from console.har_export import HarSaved, newest_requests, save_har
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog, plain_label
from console.ui.widgets.formatting import byte_size, plural

NEWEST = 10_000
_TEXT = (
    "Browsers' developer tools and HTTP debuggers read HAR files. Headers, bodies and answers are in it as they were "
    "recorded; keys are hidden."
)


class HarDialog(Dialog):
    """`shown` are the ids of the requests that the table shows, the newest last."""

    def __init__(self, parent: QWidget, context: ViewContext, shown: Sequence[int]) -> None:
        super().__init__(parent, "Export as HTTP archive", _TEXT, width=520)
        self._context = context
        self._shown = tuple(shown)
        self._break_off: Callable[[], object] | None = None
        self.of_table = QRadioButton(f"The {plural(len(shown), 'request')} that the table shows")
        self.of_table.setEnabled(bool(shown))
        self.all_rejected = QRadioButton("All rejected requests that are kept")
        self.newest = QRadioButton(f"The newest {NEWEST:,} requests")
        (self.of_table if shown else self.newest).setChecked(True)
        self._choices = QButtonGroup(self)
        for choice in (self.of_table, self.all_rejected, self.newest):
            self._choices.addButton(choice)
            self.content.addWidget(choice)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Export progress")
        self.bar.hide()
        self.progress = plain_label("", "mono-dim")
        self.progress.hide()
        self.content.addWidget(self.bar)
        self.content.addWidget(self.progress)
        self.add_button("Cancel")
        self.save = self.add_button("Save as …", self._ask_file, role="primary")
        self.finished.connect(self._stop)

    def save_to(self, file: Path) -> None:
        """Begin; the dialog closes when it is done, and closing it earlier breaks it off."""
        for choice in self._choices.buttons():
            choice.setEnabled(False)
        self.save.setEnabled(False)
        self.bar.setRange(0, 0)
        self.bar.show()
        self.progress.setText("Listing the requests …")
        self.progress.show()
        self._break_off = self._context.tasks.start(self._run(file), "Exporting", on_error=self._failed)

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, "Export as HTTP archive", str(Path.home() / "requests.har"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("HTTP archive (*.har)")
        dialog.setDefaultSuffix("har")
        dialog.fileSelected.connect(lambda name: self.save_to(Path(name)))
        dialog.open()

    async def _run(self, file: Path) -> None:
        saved = await save_har(self._context.client, await self._ids(), file, self._show)
        self._break_off = None
        self._tell(saved)
        self.accept()

    async def _ids(self) -> Sequence[int]:
        if self.of_table.isChecked():
            return self._shown
        rows = await newest_requests(
            self._context.client,
            limit=None if self.all_rejected.isChecked() else NEWEST,
            rejected_only=self.all_rejected.isChecked(),
            app_id=self._context.selection.scope.app_id,
        )
        return [row.request_id for row in rows]

    def _show(self, done: int, total: int) -> None:
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)
        self.progress.setText(f"{done:,} of {plural(total, 'request')}")

    def _tell(self, saved: HarSaved) -> None:
        gone = f"; {saved.gone:,} are no longer kept" if saved.gone else ""
        self._context.messages.say(
            f"{plural(saved.requests, 'request')} exported to {saved.file.name} ({byte_size(saved.bytes)}){gone}.",
            kind="good",
            actions=[("Show file", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(saved.file.parent))))],
        )

    def _failed(self, error: Exception) -> None:
        self._break_off = None
        self._context.messages.say(f"The export failed: {error}", kind="bad")
        self.reject()

    def _stop(self) -> None:
        break_off, self._break_off = self._break_off, None
        if break_off is not None:
            break_off()
            self._context.messages.say("The export was cancelled; no file was kept.")
