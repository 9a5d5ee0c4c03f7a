"""Sessions summed up while they are stored: what a batch adds, and how many additions become one.

The window asks for all sessions every few seconds; counting them anew would read every event each time.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import duckdb

# What one batch says of its sessions; see the table's own description for the columns.
_ADD: Final = """
INSERT INTO session_parts BY NAME
SELECT
    e.app_id,
    e.session_id,
    max({'seq': e.seq, 'build_id': e.build_id, 'player_id': e.player_id}) AS newest,
    min(e.seq) AS first_seq,
    min(e.time) AS first_at,
    max(greatest(e.time, coalesce(t.end_at, e.time))) AS last_at,
    count(*) AS events,
    count(t.seq) AS trajectories,
    coalesce(sum(t.samples), 0) AS samples,
    max({'at': t.start_at, 'seq': t.seq, 'mean': t.fps_mean}) FILTER (WHERE t.fps_mean IS NOT NULL) AS last_fps,
    min({'at': e.time, 'seq': e.seq, 'level_id': e.level_id}) FILTER (WHERE e.level_id IS NOT NULL) AS first_level,
    max({'at': e.time, 'seq': e.seq, 'level_id': e.level_id}) FILTER (WHERE e.level_id IS NOT NULL) AS last_level,
    min(e.level_id) AS lowest_level,
    max(e.level_id) AS highest_level
FROM new_events e
LEFT JOIN new_trajectories t ON t.seq = e.seq
WHERE e.session_id IS NOT NULL AND e.kind <> 4 -- sessions of the player API name no build and no level
GROUP BY e.app_id, e.session_id
"""
_SPARE_PARTS: Final = 20_000  # summed up within some 20 ms


class SessionParts:
    """Keeps the parts few; on the store's writing connection, within its transaction."""

    def __init__(self, db: "duckdb.DuckDBPyConnection") -> None:
        self._db = db
        self._rows = self._count()
        self._most = self._rows + _SPARE_PARTS

    def add(self) -> None:
        """Add what the views `new_events` and `new_trajectories` hold. Raises duckdb.Error.

        After a roll-back the count is too high, which only makes the next sum come earlier.
        """
        row = self._db.execute(_ADD).fetchone()
        self._rows += row[0] if row is not None else 0
        if self._rows > self._most:
            self._sum_up()

    def _sum_up(self) -> None:
        self._db.execute("CREATE OR REPLACE TEMP TABLE summed AS SELECT * FROM sessions")
        self._db.execute("DELETE FROM session_parts")
        self._db.execute("INSERT INTO session_parts BY NAME SELECT * FROM summed")
        self._db.execute("DROP TABLE summed")
        self._rows = self._count()
        # Twice as many, too: then every row is summed up a few times only, however many sessions there are.
        self._most = 2 * self._rows + _SPARE_PARTS

    def _count(self) -> int:
        row = self._db.execute("SELECT count(*) FROM session_parts").fetchone()
        return int(row[0]) if row is not None else 0
