"""Filters that were used, and those that a person keeps, in the window's settings."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct
from PySide6.QtCore import QSettings

from console.telemetry.filters import Scope

MAX_RECENT: Final = 20
MAX_SAVED: Final = 100
MAX_NAME_CHARS: Final = 60


class SavedFilter(Struct, frozen=True):
    """A filter that a person keeps; `name` is "" for one that goes by its text."""

    text: str
    name: str = ""


_decoder = msgspec.json.Decoder(list[str | SavedFilter])


class FilterMemory:
    """Of one kind of rows; both lists have the newest first. A filter's text is in each of them once."""

    def __init__(self, settings: QSettings, scope: Scope) -> None:
        self._settings = settings
        self._key = f"filters/{scope}"

    @property
    def recent(self) -> list[str]:
        """The texts of those that were used."""
        return [one for one in self._read("recent") if isinstance(one, str)]

    @property
    def saved(self) -> list[SavedFilter]:
        """Those that are kept."""
        return [SavedFilter(one) if isinstance(one, str) else one for one in self._read("saved")]

    def used(self, text: str) -> None:
        """A filter was used: it is the newest now. What one types on the way to it is no filter of its own."""
        text = text.strip()
        if text:
            self._write("recent", [text, *(other for other in self.recent if other != text)][:MAX_RECENT])

    def save(self, text: str, name: str = "") -> None:
        """Keep a filter until it is forgotten, or give a kept one another name.

        A name is of one filter at a time: another one that had it goes by its text from then on.
        """
        text, name = text.strip(), name.strip()[:MAX_NAME_CHARS]
        if text:
            others = [one for one in self.saved if one.text != text]
            others = [SavedFilter(one.text) if one.name == name else one for one in others]
            self._write("saved", [SavedFilter(text, name), *others][:MAX_SAVED])

    def forget(self, text: str) -> None:
        """Keep it no longer."""
        self._write("saved", [other for other in self.saved if other.text != text.strip()])

    def forget_recent(self) -> None:
        """Empty the list of those that were used."""
        self._write("recent", [])

    def _read(self, name: str) -> list[str | SavedFilter]:
        """A plain text is a filter without a name."""
        try:
            return _decoder.decode(str(self._settings.value(f"{self._key}/{name}", "[]")))
        except msgspec.MsgspecError:  # the file is the person's to edit
            return []

    def _write(self, name: str, filters: Sequence[object]) -> None:
        self._settings.setValue(f"{self._key}/{name}", msgspec.json.encode(list(filters)).decode())
