"""Filters that were used, and those that a person keeps, in the window's settings."""

from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import QSettings

from console.telemetry.filters import Scope

MAX_RECENT: Final = 20
MAX_SAVED: Final = 100


class FilterMemory:
    """Of one kind of rows; both lists have the newest first."""

    def __init__(self, settings: QSettings, scope: Scope) -> None:
        self._settings = settings
        self._key = f"filters/{scope}"

    @property
    def recent(self) -> list[str]:
        return self._read("recent")

    @property
    def saved(self) -> list[str]:
        return self._read("saved")

    def used(self, text: str) -> None:
        """A filter was used: it is the newest now. What one types on the way to it is no filter of its own."""
        text = text.strip()
        if text:
            self._write("recent", [text, *(other for other in self.recent if other != text)][:MAX_RECENT])

    def save(self, text: str) -> None:
        """Keep a filter until it is forgotten."""
        text = text.strip()
        if text:
            self._write("saved", [text, *(other for other in self.saved if other != text)][:MAX_SAVED])

    def forget(self, text: str) -> None:
        """Keep it no longer."""
        self._write("saved", [other for other in self.saved if other != text.strip()])

    def forget_recent(self) -> None:
        """Empty the list of those that were used."""
        self._write("recent", [])

    def _read(self, name: str) -> list[str]:
        try:
            return msgspec.json.decode(str(self._settings.value(f"{self._key}/{name}", "[]")), type=list[str])
        except msgspec.MsgspecError:  # the file is the person's to edit
            return []

    def _write(self, name: str, texts: Sequence[str]) -> None:
        self._settings.setValue(f"{self._key}/{name}", msgspec.json.encode(list(texts)).decode())
