"""The event store's table of assigned levels: not projected, but told by the server, whose catalog keeps them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.storage.event_store import AssignedLevel

if TYPE_CHECKING:
    import duckdb


def keep_assigned_levels(db: "duckdb.DuckDBPyConnection", assigned: Sequence[AssignedLevel]) -> None:
    """Replace the table in one transaction, on the store's writing connection. Raises duckdb.Error.

    Nothing is written when nothing changes: the server tells all of them at every start.
    """
    count, known = db.execute("SELECT count(*), bit_xor(hash(t)) FROM assigned_levels t").fetchone() or (0, None)
    if not assigned and not count:
        return
    import pyarrow as pa

    columns = ("app_id", "session_id", "level_id")
    told = pa.table({name: pa.array([getattr(row, name) for row in assigned], pa.string()) for name in columns})
    db.register("told_levels", told)
    try:
        row = db.execute("SELECT count(*), bit_xor(hash(t)) FROM told_levels t").fetchone()
        if row == (count, known):
            return
        db.begin()
        try:
            db.execute("DELETE FROM assigned_levels")
            db.execute("INSERT INTO assigned_levels BY NAME SELECT * FROM told_levels")
            db.commit()
        except BaseException:
            db.rollback()
            raise
    finally:
        db.unregister("told_levels")
