"""The players that commands made, in `players.sqlite`: what the next command is decided against.

A projection of the journal. The loop writes it, at once when the journal's commit is told, so that whoever was answered
finds what was recorded; a transaction costs some 50 µs, and no commit waits for the disk.
"""

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from console.players.changes import PlayerCommand, apply, session_bounds
from console.players.commands import Recorded, RecordPurchase, RecordSession, TrackEvent, decode_recorded
from console.players.profiles import Player, Purchase, player_id_of
from console.storage.journal_records import Committed, IngestRequest, JournalError, PlayerRequest
from console.storage.sqlite import transaction
from console.storage.sqlite_projection import Checkpointer, ProjectionError, close_projection, open_projection

__all__ = ["PlayerStore", "ProjectionError"]

_log = logging.getLogger(__name__)

_REPLAYED_AT_ONCE: Final = 2_000

_encode_player = msgspec.msgpack.Encoder().encode
decode_player = msgspec.msgpack.Decoder(Player).decode


class PlayerJournal(Protocol):
    """The part of the journal that players are made from."""

    def journal_id(self) -> str: ...
    def player_requests(self, after_request_id: int, limit: int) -> list[PlayerRequest]: ...


class PlayerStore:
    """Belongs to one thread at a time: `open` to any, then everything to the loop.

    Every method but `close` raises ProjectionError when the file cannot be used.
    """

    def __init__(self, path: Path, journal: PlayerJournal) -> None:
        self._path = path
        self._journal = journal
        self._journal_id = ""
        self._db: sqlite3.Connection | None = None
        self._position = 0
        self._behind = False
        self._checkpointer = Checkpointer(path)

    # life

    def open(self, last_request_id: int) -> None:
        """Open the file for this journal, which reaches as far as `last_request_id`, and do what it has not done yet.

        What cannot be used is put aside and made anew from the journal. Blocks: half a minute for a million commands.
        Raises JournalError too.
        """
        self._journal_id = self._journal.journal_id()
        self._db = open_projection(self._path, "players", journal_id=self._journal_id, last=last_request_id)
        (self._position,) = self._db.execute("SELECT reached FROM position").fetchone()
        try:
            self._catch_up(self._db)
        except BaseException:
            self.close()
            raise
        self._checkpointer.start()

    def close(self) -> None:
        """Idempotent."""
        self._checkpointer.close()
        db, self._db = self._db, None
        if db is not None:
            close_projection(db)

    @property
    def position(self) -> int:
        """The last request whose commands were done."""
        return self._position

    # what there is

    def get(self, player_id: str) -> Player | None:
        """The player with this id; None also for one whom telemetry alone knows."""
        return self._player("SELECT player FROM players WHERE player_id = ?", player_id)

    def by_external(self, app_id: str, external_id: str) -> Player | None:
        """An application's player with this external id."""
        return self._player("SELECT player FROM players WHERE app_id = ? AND external_id = ?", app_id, external_id)

    def by_device(self, app_id: str, device_id: str) -> Player | None:
        """An application's player with this device id."""
        return self._player("SELECT player FROM players WHERE app_id = ? AND device_id = ?", app_id, device_id)

    def has_session(self, player_id: str, session_id: str) -> bool:
        """Whether this session was recorded."""
        return bool(self._one("SELECT 1 FROM sessions WHERE player_id = ? AND session_id = ?", player_id, session_id))

    def purchase_of(self, player_id: str, transaction_id: str) -> Purchase | None:
        """The purchase that was recorded with this id."""
        row = self._one(
            "SELECT at_us, amount_minor, transaction_id FROM purchases WHERE player_id = ? AND transaction_id = ?",
            player_id,
            transaction_id,
        )
        return None if row is None else Purchase(at_us=row[0], amount_minor=row[1], transaction_id=row[2])

    def recorded_event(self, player_id: str, event_id: str) -> int | None:
        """The request that recorded the player's event whose client chose this id."""
        row = self._one("SELECT request_id FROM event_ids WHERE player_id = ? AND event_id = ?", player_id, event_id)
        return None if row is None else row[0]

    def idempotent(self, app_id: str, key: str) -> tuple[int, bytes] | None:
        """The request that came with this idempotency key, and its fingerprint."""
        row = self._one(
            "SELECT request_id, fingerprint FROM idempotency_keys WHERE app_id = ? AND key = ?", app_id, key
        )
        return None if row is None else (row[0], row[1])

    # what happens

    def apply_committed(self, committed: Iterable[Committed]) -> bool:
        """Do what one commit of the journal made durable, in one transaction; returns whether there was anything.

        Call it as the journal tells of commits, not when a sender is answered: a sender may be gone by then.
        """
        requests = [
            PlayerRequest(
                receipt.request_id, request.received_at_us, request.app_id, receipt.first_seq, request.commands
            )
            for request, receipt, _ in committed
            if isinstance(request, IngestRequest) and request.commands
        ]
        if requests:
            self._do(requests)
        return bool(requests)

    def apply(self, request_id: int, app_id: str, first_seq: int, received_at_us: int, recorded: Recorded) -> None:
        """Do the commands of one journaled request. One that was done already changes nothing."""
        self._do([PlayerRequest(request_id, received_at_us, app_id, first_seq, msgspec.msgpack.encode(recorded))])

    # ----------------------------------------------------------------------------------------------------------------

    def _do(self, requests: Sequence[PlayerRequest]) -> None:
        db = self._opened()  # one that was behind has done these as well
        try:
            self._transact(db, requests)
        except sqlite3.Error as error:
            self._behind = True
            raise ProjectionError(f"{self._path} cannot be written: {error}.") from error

    def _catch_up(self, db: sqlite3.Connection) -> None:
        while requests := self._journal.player_requests(self._position, _REPLAYED_AT_ONCE):
            self._transact(db, requests)

    def _transact(self, db: sqlite3.Connection, requests: Sequence[PlayerRequest]) -> None:
        position = self._position
        with transaction(db):
            for request in requests:
                if request.request_id > position:
                    self._do_request(db, request)
                    position = request.request_id
            db.execute("UPDATE position SET reached = ?", (position,))
        self._position = position

    def _do_request(self, db: sqlite3.Connection, request: PlayerRequest) -> None:
        try:
            recorded = decode_recorded(request.commands)
        except msgspec.MsgspecError:
            _log.exception("the commands of request %d cannot be read back: they are left out", request.request_id)
            return
        for seq, command in enumerate(recorded.commands, request.first_seq):
            if not isinstance(command, TrackEvent):
                self._do_command(db, request, seq, command)
            elif command.deduplicated:
                db.execute(
                    "INSERT OR IGNORE INTO event_ids VALUES (?,?,?)",
                    (command.player_id, command.event_id, request.request_id),
                )
        if recorded.idempotency_key is not None:
            db.execute(
                "INSERT OR IGNORE INTO idempotency_keys VALUES (?,?,?,?)",
                (request.app_id, recorded.idempotency_key, request.request_id, recorded.fingerprint),
            )

    def _do_command(self, db: sqlite3.Connection, request: PlayerRequest, seq: int, command: PlayerCommand) -> None:
        at_us = request.received_at_us
        row = db.execute("SELECT player, sessions FROM players WHERE player_id = ?", (command.player_id,)).fetchone()
        before, sessions = (decode_player(row[0]), row[1]) if row is not None else (None, 0)
        try:
            if isinstance(command, RecordPurchase):
                if not _insert_purchase(db, command, seq, at_us):
                    return
            elif isinstance(command, RecordSession):
                sessions += _insert_session(db, command, at_us)
            player = apply(before, command, seq=seq, at_us=at_us, app_id=request.app_id)
            self._save(db, player, sessions, request.request_id)
        except sqlite3.IntegrityError:  # no request that was decided under its locks leads here
            _log.exception("command %d contradicts those before it: it is left out", seq)

    def _save(self, db: sqlite3.Connection, player: Player, sessions: int, request_id: int) -> None:
        telemetry_id = None
        if player.external_id is not None:
            telemetry_id = player_id_of(self._journal_id, player.app_id, player.external_id)
        db.execute(
            "INSERT INTO players VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12) ON CONFLICT (player_id) DO UPDATE SET"
            " external_id = ?3, device_id = ?4, email = ?5, telemetry_id = ?6, first_us = ?7, last_us = ?8,"
            " revenue_minor = ?9, sessions = ?10, player = ?11, request_id = ?12",
            (
                player.player_id,
                player.app_id,
                player.external_id,
                player.device_id,
                player.email,
                telemetry_id,
                player.first_us,
                player.last_us,
                player.revenue_minor,
                sessions,
                _encode_player(player),
                request_id,
            ),
        )

    def _player(self, sql: str, *values: str) -> Player | None:
        row = self._one(sql, *values)
        return None if row is None else decode_player(row[0])

    def _one(self, sql: str, *values: str) -> Any:
        try:
            return self._opened().execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise ProjectionError(f"{self._path} cannot be read: {error}.") from error

    def _opened(self) -> sqlite3.Connection:
        """The connection, with everything done that was journaled: what is decided must hold."""
        db = self._db
        if db is None:
            raise ProjectionError(f"{self._path} is not open.")
        if self._behind:
            try:
                self._catch_up(db)
            except (sqlite3.Error, JournalError) as error:
                raise ProjectionError(f"{self._path} is behind the journal: {error}.") from error
            self._behind = False
        return db


def _insert_purchase(db: sqlite3.Connection, command: RecordPurchase, seq: int, at_us: int) -> bool:
    """Whether it is a new one."""
    cursor = db.execute(
        "INSERT OR IGNORE INTO purchases VALUES (?,?,?,?,?)",
        (seq, command.player_id, at_us, command.amount_minor, command.transaction_id),
    )
    return cursor.rowcount > 0


def _insert_session(db: sqlite3.Connection, command: RecordSession, at_us: int) -> int:
    """How many sessions more there are. Of one that is told again, the earlier start and the later end hold."""
    key = (command.player_id, command.session_id)
    started_us, ended_us = session_bounds(command, at_us)
    known = db.execute("SELECT started_us FROM sessions WHERE player_id = ? AND session_id = ?", key).fetchone()
    if known is None:
        db.execute("INSERT INTO sessions VALUES (?,?,?,?)", (*key, started_us, ended_us))
        return 1
    db.execute(
        "UPDATE sessions SET started_us = min(started_us, ?3), ended_us = max(ended_us, ?4)"
        " WHERE player_id = ?1 AND session_id = ?2",
        (*key, started_us, ended_us),
    )
    return 0
