"""Profiles: what commands made of a player, joined with what events show, of both projections at once.

Reads only, and never waits for a writer. One profile takes some 50 µs, so that the loop may ask for it. A subject that
no command speaks of is a player too: one whom telemetry alone knows.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from console.messages.players import PlayerPage, PlayerRow, PlayerSort
from console.players.churn_risk import risk_score
from console.players.definitions import ChurnWindow
from console.players.lifecycle import stage_of
from console.players.profiles import PlayedSession, Player, Profile, Purchase, player_id_of
from console.storage import sqlite
from console.storage.player_order import PlayerOrder
from console.storage.player_roster import IsWanted, NotWanted, PlayerRoster, always, decoded
from console.storage.profile_rows import (
    Known,
    as_json,
    find,
    find_external,
    prepare,
    read_behind,
    read_profile,
    read_profiles,
    read_spans,
)
from console.storage.sqlite_projection import ProjectionError

__all__ = ["NotWanted", "ProfileReader", "ProjectionError"]

_MAX_CACHED_IDS: Final = 100_000


class _Files:
    """Connections to both files, and what is kept in memory of them."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self.pool = sqlite.ReaderPool(connect)
        self.roster = PlayerRoster()
        self.order = PlayerOrder(self.roster)


Api = Literal["telemetry", "player", "both"]


class ProfileReader:
    """Connections of its own, reused: use it from any thread. Every method but `close` raises ProjectionError."""

    def __init__(self, players_path: Path, activity_path: Path, journal_id: str) -> None:
        """Both files must have been opened by their stores before the first question."""
        self._players_path = players_path
        self._activity_path = activity_path
        self._journal_id = journal_id
        self._files = _Files(self._connect)
        self._activity_as_of_us = 0
        self._ids: dict[tuple[str, str], str] = {}
        self._ids_as_of: tuple[sqlite3.Connection, int] | None = None
        self._names: dict[str, str] = {}

    def close(self) -> None:
        """Idempotent. A read under way ends first, on its own connection."""
        self._files.pool.close()

    def opened(self, activity_as_of_us: int) -> None:
        """Say when `activity.sqlite` was opened to be written: it may be another file since.

        What is read from now on comes from new connections, and of what was kept in memory nothing is used again.
        """
        if activity_as_of_us != self._activity_as_of_us:
            self._activity_as_of_us = activity_as_of_us
            before, self._files = self._files, _Files(self._connect)
            before.pool.close()

    # one player

    def profile(self, player_id: str) -> Profile | None:
        """The player with this id, of whatever application."""
        with self._connection() as db:
            known = find(db, player_id)
            return None if known is None else read_profile(db, known)

    def by_external(self, app_id: str, external_id: str) -> Profile | None:
        """The player with this external id, whichever API told of it."""
        with self._connection() as db:
            known = find_external(db, app_id, external_id)
            return None if known is None else read_profile(db, known)

    def preview(self, player: Player) -> Profile:
        """The profile of a player as they would be once they were stored."""
        telemetry_id = None
        if player.external_id is not None:
            telemetry_id = player_id_of(self._journal_id, player.app_id, player.external_id)
        with self._connection() as db:
            stored = find(db, player.player_id)
            sessions = 0 if stored is None else stored.sessions
            known = Known(player.player_id, player.app_id, player.external_id, telemetry_id, sessions, player)
            return read_profile(db, known)

    def id_of(self, app_id: str, external_id: str) -> str:
        """The id of the player with this external id, known already or not yet: some 5 µs for one asked for before."""
        key = (app_id, external_id)
        with self._connection() as db:
            # Whoever was anonymous may have taken the external id since: only another connection writes.
            as_of = (db, db.execute("PRAGMA main.data_version").fetchone()[0])
            if as_of != self._ids_as_of or len(self._ids) >= _MAX_CACHED_IDS:
                self._ids, self._ids_as_of = {}, as_of
            ids = self._ids
            if (player_id := ids.get(key)) is None:
                row = db.execute(
                    "SELECT player_id FROM main.players WHERE app_id = ? AND external_id = ?", key
                ).fetchone()
                player_id = ids[key] = row[0] if row else player_id_of(self._journal_id, app_id, external_id)
            return player_id

    def name_of(self, player_id: str) -> str:
        """The external id of a player, "" for one without: free for one asked for before, as it never changes."""
        name = self._names.get(player_id)
        if name is None:
            with self._connection() as db:
                known = find(db, player_id)
            name = (known.external_id if known is not None else None) or ""
            if name:
                if len(self._names) >= _MAX_CACHED_IDS:
                    self._names = {}
                self._names[player_id] = name
        return name

    def has_session(self, player_id: str, session_id: str) -> bool:
        """Whether either API knows this session of a player."""
        with self._connection() as db:
            known = find(db, player_id)
            if known is None:
                return False
            row = db.execute(
                "SELECT 1 FROM main.sessions WHERE player_id = ?1 AND session_id = ?3 UNION ALL"
                " SELECT 1 FROM activity.sessions WHERE session_id = ?3 AND subject_id IN"
                " (SELECT subject_id FROM activity.subjects WHERE player_id IN (?1, ?2)) LIMIT 1",
                (player_id, known.subject_ids[-1], session_id),
            ).fetchone()
            return row is not None

    def sessions(self, player_id: str, limit: int = 1000) -> list[PlayedSession]:
        """A player's sessions, the newest first."""
        with self._connection() as db:
            known = find(db, player_id)
            spans = [] if known is None else read_spans(db, known)
        return [
            PlayedSession(session_id=name, started_us=first_us, ended_us=last_us)
            for _, first_us, last_us, name in spans[: -limit - 1 : -1]
        ]

    def purchases(self, player_id: str, limit: int = 1000) -> list[Purchase]:
        """A player's purchases, the newest first."""
        with self._connection() as db:
            rows = db.execute(
                "SELECT at_us, amount_minor, transaction_id FROM main.purchases WHERE player_id = ?"
                " ORDER BY seq DESC LIMIT ?",
                (player_id, limit),
            ).fetchall()
        return [Purchase(at_us=row[0], amount_minor=row[1], transaction_id=row[2]) for row in rows]

    # many players

    def all(self, app_id: str, is_wanted: IsWanted = always) -> Iterator[Profile]:
        """Every player of an application, by id. They stay in memory, so that the next time they are had at once.

        Raises NotWanted soon after the answer is not wanted any more.
        """
        files = self._files
        with self._connection(files) as db:
            encoded = files.roster.encoded(db, app_id, is_wanted)
        return decoded(encoded, is_wanted)

    def read_ahead(self, app_id: str, is_wanted: IsWanted) -> None:
        """Have what `all` and `page` keep in memory read before somebody waits for it. Raises NotWanted."""
        files = self._files
        with self._connection(files) as db:
            files.roster.read_ahead(db, app_id, is_wanted)

    def list(self, app_id: str, *, limit: int, cursor: str | None = None) -> tuple["list[Profile]", str | None]:
        """Players by id, those behind the id `cursor`; with them the next cursor, None at the end.

        The order never changes, so that nobody is passed over or met twice who was there all the time.
        """
        with self._connection() as db:
            profiles = [*read_behind(db, app_id, cursor or "", limit + 1).values()]
        if len(profiles) <= limit:
            return profiles, None
        del profiles[limit:]
        return profiles, profiles[-1].player_id

    def page(
        self,
        app_id: str,
        *,
        search: str = "",
        sort: PlayerSort = "last_seen",
        descending: bool = True,
        limit: int = 200,
        offset: int = 0,
        now_us: int,
        window: ChurnWindow,
        is_wanted: IsWanted = always,
    ) -> PlayerPage:
        """Players as a table shows them; `search` is a part of an id or an address, of whatever case. For a thread.

        By stage or risk, the first page takes as long as there are players. Raises NotWanted soon after the answer is
        not wanted any more.
        """
        files = self._files
        with self._connection(files) as db:
            total, player_ids = files.order.page(
                db,
                app_id=app_id,
                search=search,
                sort=sort,
                descending=descending,
                limit=limit,
                offset=offset,
                now_us=now_us,
                window=window,
                is_wanted=is_wanted,
            )
            profiles = read_profiles(db, player_ids).values()
            apis = _apis(db, profiles)
        return PlayerPage(
            total=total, rows=[_row(profile, now_us, window, apis[profile.player_id]) for profile in profiles]
        )

    def row_of(self, profile: Profile, now_us: int, window: ChurnWindow) -> PlayerRow:
        """One player as a table shows them."""
        with self._connection() as db:
            return _row(profile, now_us, window, _apis(db, [profile])[profile.player_id])

    def quick_check(self) -> str:
        """The first thing wrong with either file, "" when both are sound. Reads all of them."""
        with self._connection() as db:
            return sqlite.quick_check(db)

    # ----------------------------------------------------------------------------------------------------------------

    @contextmanager
    def _connection(self, files: _Files | None = None) -> Iterator[sqlite3.Connection]:
        try:
            with (files or self._files).pool.connection() as db:
                yield db
        except sqlite3.Error as error:
            raise ProjectionError(f"The players cannot be read: {error}.") from error

    def _connect(self) -> sqlite3.Connection:
        db = sqlite.connect_reader(self._players_path)
        try:
            prepare(db, self._activity_path)
        except BaseException:
            db.close()
            raise
        return db


def _apis(db: sqlite3.Connection, profiles: Iterable[Profile]) -> dict[str, Api]:
    """Which API knows each player."""
    apis: dict[str, Api] = {profile.player_id: "telemetry" for profile in profiles}
    rows = db.execute(
        "SELECT player_id, EXISTS (SELECT 1 FROM activity.subjects s"
        " WHERE s.external_id IS NOT NULL AND s.player_id IN (p.player_id, p.telemetry_id))"
        " FROM main.players p WHERE player_id IN (SELECT value FROM json_each(?))",
        (as_json(list(apis)),),
    )
    for player_id, seen in rows:
        apis[player_id] = "both" if seen else "player"
    return apis


def _row(profile: Profile, now_us: int, window: ChurnWindow, api: Api) -> PlayerRow:
    return PlayerRow(
        player_id=profile.player_id,
        app_id=profile.app_id,
        external_id=profile.external_id or "",
        device_id=profile.device_id or "",
        email=profile.email or "",
        stage=stage_of(profile, now_us, window),
        churn_risk=risk_score(profile, now_us, window),
        session_count=profile.session_count,
        revenue_minor=profile.revenue_minor,
        first_seen_us=profile.first_seen_us,
        last_seen_us=profile.last_seen_us,
        api=api,
    )
