"""The catalog's flags, segments and overrides, each with its versions' history."""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from console.messages.players import DefinitionChange
from console.players.definitions import Flag, Override, Segment
from console.storage.catalog_rules import CatalogError, Transaction

MAX_HISTORY: Final = 5_000  # changes kept of an application: the oldest go


class DefinitionTable:
    """Safe from any thread; a change is on disk when a method returns. Every method raises CatalogError.

    What a definition says is its caller's to check: here only versions are. `by` names who changes it.
    """

    def __init__(self, *, reading: Transaction, changing: Transaction, now_us: Callable[[], int]) -> None:
        self._reading = reading
        self._changing = changing
        self._now_us = now_us

    # what there is

    def flags(self, app_id: str) -> list[Flag]:
        """Every flag, by key."""
        with self._reading() as db:
            rows = db.execute("SELECT flag FROM flags WHERE app_id = ? ORDER BY key", (app_id,)).fetchall()
        return [_flag.decode(row[0]) for row in rows]

    def segments(self, app_id: str) -> list[Segment]:
        """Every segment, by id."""
        with self._reading() as db:
            rows = db.execute("SELECT segment FROM segments WHERE app_id = ? ORDER BY segment_id", (app_id,)).fetchall()
        return [_segment.decode(row[0]) for row in rows]

    def overrides(self, app_id: str) -> list[Override]:
        """Every override, the newest first."""
        with self._reading() as db:
            return [_override(row) for row in db.execute(f"{_SELECT_OVERRIDES} {_NEWEST_FIRST}", (app_id,))]

    def history(self, app_id: str, key: str, limit: int) -> list[DefinitionChange]:
        """The newest changes first; of one flag or segment, or with "" of all."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT at_us, kind, key, action, by, summary, before, after FROM definition_history"
                " WHERE app_id = ?1 AND (?2 = '' OR key = ?2) ORDER BY number DESC LIMIT ?3",
                (app_id, key, limit),
            ).fetchall()
        return [
            DefinitionChange(
                at_us=at_us, kind=kind, key=key, action=action, by=by, summary=summary, before=before, after=after
            )
            for at_us, kind, key, action, by, summary, before, after in rows
        ]

    # flags

    def save_flag(self, app_id: str, flag: Flag, *, replaces: int | None, by: str) -> Flag:
        """A new flag, or one in place of version `replaces`; returns it with its version and times.

        Raises CatalogError `key_taken`, `not_found` or `changed_meanwhile`.
        """
        with self._changing() as db:
            row = db.execute("SELECT flag FROM flags WHERE app_id = ? AND key = ?", (app_id, flag.key)).fetchone()
            before = None if row is None else _flag.decode(row[0])
            _check_version(f"flag {flag.key!r}", before.version if before else None, replaces)
            now_us = self._now_us()
            saved = replace(
                flag,
                version=before.version + 1 if before else 1,
                created_at_us=before.created_at_us if before else now_us,
                updated_at_us=now_us,
            )
            db.execute(
                "INSERT OR REPLACE INTO flags VALUES (?,?,?,?)", (app_id, saved.key, saved.version, _json(saved))
            )
            self._note(db, app_id, "flag", saved.key, by, before, saved)
        return saved

    def delete_flag(self, app_id: str, key: str, *, by: str) -> None:
        """Forget a flag and its overrides. Raises CatalogError `not_found`."""
        with self._changing() as db:
            row = db.execute("DELETE FROM flags WHERE app_id = ? AND key = ? RETURNING flag", (app_id, key)).fetchone()
            if row is None:
                raise _unknown("flag", key)
            self._clear_overrides(db, app_id, key, "", by)
            self._note(db, app_id, "flag", key, by, _flag.decode(row[0]), None)

    # segments

    def save_segment(self, app_id: str, segment: Segment, *, replaces: int | None, by: str) -> Segment:
        """A new segment, or one in place of version `replaces`; returns it with its version and times.

        Raises CatalogError `key_taken`, `not_found` or `changed_meanwhile`.
        """
        with self._changing() as db:
            segment_id = segment.segment_id
            row = db.execute(
                "SELECT segment FROM segments WHERE app_id = ? AND segment_id = ?", (app_id, segment_id)
            ).fetchone()
            before = None if row is None else _segment.decode(row[0])
            _check_version(f"segment {segment_id!r}", before.version if before else None, replaces)
            now_us = self._now_us()
            saved = replace(
                segment,
                version=before.version + 1 if before else 1,
                created_at_us=before.created_at_us if before else now_us,
                updated_at_us=now_us,
            )
            db.execute(
                "INSERT OR REPLACE INTO segments VALUES (?,?,?,?)", (app_id, segment_id, saved.version, _json(saved))
            )
            self._note(db, app_id, "segment", segment_id, by, before, saved)
        return saved

    def delete_segment(self, app_id: str, segment_id: str, *, by: str) -> None:
        """Raises CatalogError `not_found`."""
        with self._changing() as db:
            row = db.execute(
                "DELETE FROM segments WHERE app_id = ? AND segment_id = ? RETURNING segment", (app_id, segment_id)
            ).fetchone()
            if row is None:
                raise _unknown("segment", segment_id)
            self._note(db, app_id, "segment", segment_id, by, _segment.decode(row[0]), None)

    # overrides

    def set_override(self, app_id: str, key: str, player_id: str, value: Any, *, by: str) -> Override:
        """Keep one player's value of a flag, in place of an earlier one."""
        override = Override(flag_key=key, player_id=player_id, value=value, at_us=self._now_us())
        with self._changing() as db:
            row = db.execute(f"{_SELECT_OVERRIDES} AND flag_key = ? AND player_id = ?", (app_id, key, player_id))
            before = row.fetchone()
            db.execute(
                "INSERT OR REPLACE INTO overrides VALUES (?,?,?,?,?)",
                (app_id, key, player_id, _json(value), override.at_us),
            )
            self._note(db, app_id, "override", key, by, _override(before) if before else None, override)
        return override

    def clear_override(self, app_id: str, key: str, player_id: str, *, by: str) -> None:
        """Raises CatalogError `not_found` when there is none."""
        with self._changing() as db:
            row = db.execute(
                "DELETE FROM overrides WHERE app_id = ? AND flag_key = ? AND player_id = ?"
                " RETURNING flag_key, player_id, value, at_us",
                (app_id, key, player_id),
            ).fetchone()
            if row is None:
                raise CatalogError("not_found", f"The player {player_id} has no override of the flag {key[:100]!r}.")
            self._note(db, app_id, "override", key, by, _override(row), None)

    def clear_overrides(self, app_id: str, *, flag_key: str = "", player_id: str = "", by: str) -> list[Override]:
        """Forget every override, or those of one flag or player; returns what they were."""
        with self._changing() as db:
            return self._clear_overrides(db, app_id, flag_key, player_id, by)

    # ----------------------------------------------------------------------------------------------------------------

    def _clear_overrides(
        self, db: sqlite3.Connection, app_id: str, flag_key: str, player_id: str, by: str
    ) -> list[Override]:
        rows = db.execute(
            "DELETE FROM overrides WHERE app_id = ?1 AND (?2 = '' OR flag_key = ?2) AND (?3 = '' OR player_id = ?3)"
            " RETURNING flag_key, player_id, value, at_us",
            (app_id, flag_key, player_id),
        ).fetchall()
        cleared = [_override(row) for row in rows]
        for override in cleared:
            self._note(db, app_id, "override", override.flag_key, by, override, None)
        return cleared

    def _note(
        self,
        db: sqlite3.Connection,
        app_id: str,
        kind: str,
        key: str,
        by: str,
        before: Flag | Segment | Override | None,
        after: Flag | Segment | Override | None,
    ) -> None:
        action = "created" if before is None else "deleted" if after is None else "changed"
        db.execute(
            "INSERT INTO definition_history (app_id, at_us, kind, key, action, by, summary, before, after)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (
                app_id,
                self._now_us(),
                kind,
                key,
                action,
                by,
                _summary(before, after),
                "" if before is None else _json(before).decode(),
                "" if after is None else _json(after).decode(),
            ),
        )
        db.execute(
            "DELETE FROM definition_history WHERE number <= (SELECT number FROM definition_history"
            " WHERE app_id = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2) AND app_id = ?1",
            (app_id, MAX_HISTORY),
        )


_flag = msgspec.json.Decoder(Flag)
_segment = msgspec.json.Decoder(Segment)
_json = msgspec.json.Encoder().encode

_SELECT_OVERRIDES = "SELECT flag_key, player_id, value, at_us FROM overrides WHERE app_id = ?"
_NEWEST_FIRST = "ORDER BY at_us DESC, flag_key, player_id"
_UNTOLD = frozenset({"version", "created_at_us", "updated_at_us", "enabled", "at_us"})


def _override(row: tuple[str, str, bytes, int]) -> Override:
    return Override(flag_key=row[0], player_id=row[1], value=msgspec.json.decode(row[2]), at_us=row[3])


def _check_version(what: str, present: int | None, replaces: int | None) -> None:
    if replaces is None:
        if present is not None:
            raise CatalogError("key_taken", f"There is a {what} already.")
    elif present is None:
        raise CatalogError("not_found", f"There is no {what}: it was deleted, or never there.")
    elif present != replaces:
        raise CatalogError(
            "changed_meanwhile",
            f"The {what} was changed meanwhile: it is at version {present} now, not {replaces}. Load it again.",
        )


def _unknown(what: str, key: str) -> CatalogError:
    return CatalogError("not_found", f"There is no {what} {key[:100]!r}.")


def _summary(before: Flag | Segment | Override | None, after: Flag | Segment | Override | None) -> str:
    """What a change was, in words."""
    subject = after if after is not None else before
    if isinstance(subject, Override):
        if after is None:
            return f"cleared for player {subject.player_id}"
        return f"set to {_shown(subject.value)} for player {subject.player_id}"
    if before is None or after is None:
        return "created" if before is None else "deleted"
    names = [
        name
        for name in before.__struct_fields__
        if name not in _UNTOLD and getattr(before, name) != getattr(after, name)
    ]
    told = []
    if isinstance(before, Flag) and isinstance(after, Flag) and before.enabled != after.enabled:
        told.append("switched on" if after.enabled else "switched off")
    if names:
        told.append(f"{', '.join(name.replace('_', ' ') for name in names)} changed")
    return "; ".join(told) or "saved without a change"


def _shown(value: Any) -> str:
    text = _json(value).decode()
    return text if len(text) <= 60 else text[:59] + "…"
