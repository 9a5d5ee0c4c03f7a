"""What the catalog accepts, and how it refuses."""

import sqlite3
import unicodedata
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

MAX_NAME_CHARS: Final = 100

# What the catalog hands its tables: a look, or one change, under its lock.
Transaction = Callable[[], AbstractContextManager[sqlite3.Connection]]


class CatalogError(Exception):
    """A change was refused, or the file cannot be used. `code` is for programs, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def unknown(what: str, ident: str) -> CatalogError:
    """The error for an id that nothing has."""
    return CatalogError("not_found", f"There is no {what} with the id {ident}.")


def check_application(db: sqlite3.Connection, app_id: str) -> None:
    """Raises CatalogError `not_found` for an application that there is not."""
    if db.execute("SELECT 1 FROM applications WHERE app_id = ?", (app_id,)).fetchone() is None:
        raise unknown("application", app_id)


def checked_name(name: str) -> str:
    """An application's name as it is kept. Raises CatalogError `invalid_name`."""
    name = unicodedata.normalize("NFC", name).strip()
    if not name:
        raise CatalogError("invalid_name", "An application needs a name.")
    return _checked_text(name, "name")


def checked_label(label: str) -> str:
    """A key's label as it is kept; it may be empty. Raises CatalogError `invalid_name`."""
    return _checked_text(unicodedata.normalize("NFC", label).strip(), "label")


def checked_text(text: str, what: str) -> str:
    """Any name that a person gives, as it is kept; it may be empty. Raises CatalogError `invalid_name`."""
    return _checked_text(unicodedata.normalize("NFC", text).strip(), what)


def _checked_text(text: str, what: str) -> str:
    if len(text) > MAX_NAME_CHARS:
        raise CatalogError("invalid_name", f"The {what} is longer than {MAX_NAME_CHARS} characters.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise CatalogError("invalid_name", f"The {what} contains control characters.")
    return text


def checked_uuid(text: str) -> str:
    """An application id in its usual form. Raises CatalogError `invalid_app_id`."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise CatalogError("invalid_app_id", f"The application id {text!r} is not a UUID.") from None
