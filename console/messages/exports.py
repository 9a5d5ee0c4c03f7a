"""Values that cross the console API about exports."""

from typing import Literal

from msgspec import Struct


class StartExport(Struct, frozen=True, kw_only=True):
    """`path` None: a new file in the workspace. `app_id` None: every application."""

    path: str | None = None
    app_id: str | None = None


class Export(Struct, frozen=True, kw_only=True):
    """A background NDJSON export. `rows_total` is an estimate until it is done."""

    export_id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    rows: int
    rows_total: int
    bytes: int
    file: str
    error: str = ""
