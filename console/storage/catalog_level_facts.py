"""The catalog's words about levels: which models show a level, and where sessions were that did not say."""

from collections.abc import Sequence
from typing import Final

from console.messages.levels import AssignedCount, LevelFacts, LevelName
from console.storage.catalog_rules import CatalogError, Transaction, check_application
from console.storage.event_store import AssignedLevel
from console.telemetry.events import UNASSIGNED_LEVEL

MAX_ASSIGNED: Final = 200_000  # told to the store process in one frame of some 30 MB at most


class LevelFactTable:
    """Works in transactions of the catalog, which it is handed."""

    def __init__(self, *, reading: Transaction, changing: Transaction) -> None:
        self._reading = reading
        self._changing = changing

    def all(self) -> LevelFacts:
        """Every level that goes by another name, and how many sessions were placed where."""
        with self._reading() as db:
            names = db.execute("SELECT app_id, level_id, level_name FROM level_names ORDER BY app_id, level_id")
            counts = db.execute("SELECT app_id, level_id, count(*) FROM assigned_levels GROUP BY 1, 2 ORDER BY 1, 2")
            return LevelFacts(
                names=[LevelName(app_id=app, level_id=level, level_name=name) for app, level, name in names],
                assigned=[AssignedCount(app_id=app, level_id=level, sessions=n) for app, level, n in counts],
            )

    def assigned(self) -> list[AssignedLevel]:
        """Every session that a person placed."""
        with self._reading() as db:
            rows = db.execute("SELECT app_id, session_id, level_id FROM assigned_levels ORDER BY app_id, session_id")
            return [AssignedLevel(*row) for row in rows]

    def sessions_in(self, app_id: str, level_id: str) -> list[str]:
        """The sessions that a person placed in a level."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT session_id FROM assigned_levels WHERE app_id = ? AND level_id = ?", (app_id, level_id)
            )
            return [session_id for (session_id,) in rows]

    def map_level(self, app_id: str, level_id: str, level_name: str) -> None:
        """Show a level with the models of another name; "" or its own for those of its own. Raises CatalogError."""
        level_name = level_name.strip()
        with self._changing() as db:
            check_application(db, app_id)
            if level_id == UNASSIGNED_LEVEL:
                raise CatalogError("invalid_level", "Sessions without a level have no model: assign them to a level.")
            if level_name in ("", level_id):
                db.execute("DELETE FROM level_names WHERE app_id = ? AND level_id = ?", (app_id, level_id))
                return
            known = "SELECT 1 FROM level_models WHERE app_id = ? AND level_name = ?"
            if db.execute(known, (app_id, level_name)).fetchone() is None:
                raise CatalogError("not_found", f"This application has no level model named {level_name!r}.")
            db.execute("INSERT OR REPLACE INTO level_names VALUES (?, ?, ?)", (app_id, level_id, level_name))

    def assign(self, app_id: str, session_ids: Sequence[str], level_id: str) -> list[str]:
        """Place sessions in a level, or with "" take them out; tells which are elsewhere now. Raises CatalogError."""
        level_id = level_id.strip()
        if level_id == UNASSIGNED_LEVEL:
            level_id = ""
        with self._changing() as db:
            check_application(db, app_id)
            before = dict(
                db.execute("SELECT session_id, level_id FROM assigned_levels WHERE app_id = ?", (app_id,)).fetchall()
            )
            moved = [session for session in dict.fromkeys(session_ids) if before.get(session, "") != level_id]
            if level_id:
                rows = [(app_id, session, level_id) for session in moved]
                db.executemany("INSERT OR REPLACE INTO assigned_levels VALUES (?, ?, ?)", rows)
            else:
                gone = [(app_id, session) for session in moved]
                db.executemany("DELETE FROM assigned_levels WHERE app_id = ? AND session_id = ?", gone)
            (total,) = db.execute("SELECT count(*) FROM assigned_levels").fetchone()
            if total > MAX_ASSIGNED:
                raise CatalogError("too_many", f"At most {MAX_ASSIGNED:,} sessions can be assigned to levels.")
        return moved
