"""Saving the integration report: as a page, or as JSON, by the ending of the chosen name."""

import asyncio
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from console.integration_report import report_html, report_json
from console.ui.context import ViewContext

_HTML = "Page for people (*.html)"
_JSON = "JSON for machines (*.json)"


def ask_and_save(parent: QWidget, context: ViewContext) -> QFileDialog:
    """Ask for a file, then save the report of the application that is selected, or of all."""
    dialog = QFileDialog(parent, "Save the integration report", str(Path.home() / "integration.html"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters([_HTML, _JSON])
    dialog.setDefaultSuffix("html")
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix("json" if chosen == _JSON else "html"))
    dialog.fileSelected.connect(
        lambda name: context.tasks.start(save(context, Path(name)), "Saving the integration report")
    )
    dialog.open()
    return dialog


async def save(context: ViewContext, file: Path) -> None:
    """Ask the server for the report as it is now, and write it."""
    report = await context.client.integrations(app_id=context.selection.scope.app_id)
    content = report_json(report) if file.suffix.lower() == ".json" else report_html(report)
    try:
        await asyncio.to_thread(file.write_bytes, content)
    except OSError as error:
        context.messages.say(f"{file} cannot be written: {error.strerror or error}.", kind="bad")
        return
    context.messages.say(
        f"The integration report was saved to {file.name}.",
        kind="good",
        actions=[("Open", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(file))))],
    )
