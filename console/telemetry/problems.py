"""What can be wrong with a body, as values."""

from typing import Literal

from msgspec import Struct

MAX_DETAILS = 20

ErrorCode = Literal["empty_payload", "invalid_msgpack", "batch_too_large", "invalid_event"]


class Problem(Struct, frozen=True, kw_only=True):
    """One thing wrong, and how to mend it.

    `index` is the event's place in the batch (0 for a body that is one map), None when the body as a whole is wrong.
    `path` is a JSON path from the body's root. `start` and `end` are the bytes to mark in the decompressed body.
    """

    message: str
    index: int | None = None
    path: str = "$"
    hint: str = ""
    start: int | None = None
    end: int | None = None

    @property
    def line(self) -> str:
        """Path and message in one line."""
        return f"{self.path}: {self.message}"


class InvalidBody(Exception):
    """A refused body. `details` holds at most 20 problems, the first of every bad event before second ones.

    `invalid_events` and `problems_total` count what is listed and what is not.
    """

    def __init__(
        self,
        error: ErrorCode,
        message: str,
        details: list[Problem],
        *,
        invalid_events: int = 0,
        problems_total: int | None = None,
    ) -> None:
        super().__init__(message)
        self.error: ErrorCode = error
        self.message = message
        self.details = details
        self.invalid_events = invalid_events
        self.problems_total = len(details) if problems_total is None else problems_total


class NeedsTime(Exception):
    """A body was neither accepted nor refused, because that would take longer than the caller has."""


class NeedsDiagnosis(Exception):
    """A body was refused, cheaply, without saying why: `diagnosis.explain` does."""
