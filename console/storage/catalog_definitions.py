"""The catalog's flags, segments and overrides, with the history of who changed them.

Definitions are kept as their authors wrote them; whether they make sense was checked before.
"""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import replace

from console.player_messages import DefinitionChange
from console.players.definitions import Flag, Override, Segment
from console.storage.catalog_rules import CatalogError, unknown

MAX_HISTORY: Final = 5_000  # lines of an application

Kind = Literal["flag", "segment", "override"]
Transaction = Callable[[], AbstractContextManager[sqlite3.Connection]]

_encode = msgspec.json.Encoder().encode
_decode_flag = msgspec.json.Decoder(Flag).decode
_decode_segment = msgspec.json.Decoder(Segment).decode
_decode_any = msgspec.json.Decoder().decode


class DefinitionTable:
    """Part of the catalog, reached as `catalog.definitions`: safe from any thread, on disk when a method returns.

    Every method raises CatalogError `storage_unavailable` when the file cannot be used.
    """

    def __init__(self, reading: Transaction, changing: Transaction, now_us: Callable[[], int]) -> None:
        self._reading = reading
        self._changing = changing
        self._now_us = now_us

    # what there is

    def flags(self, app_id: str) -> list[Flag]:
        """An application's flags, by key."""
        with self._reading() as db:
            return [
                _decode_flag(flag)
                for (flag,) in db.execute("SELECT flag FROM flags WHERE app_id = ? ORDER BY key", (app_id,))
            ]

    def segments(self, app_id: str) -> list[Segment]:
        """An application's segments, by id."""
        with self._reading() as db:
            return [
                _decode_segment(segment)
                for (segment,) in db.execute(
                    "SELECT segment FROM segments WHERE app_id = ? ORDER BY segment_id", (app_id,)
                )
            ]

    def overrides(self, app_id: str) -> list[Override]:
        """An application's overrides, the newest first."""
        with self._reading() as db:
            return _overrides(db, app_id, "", "")

    def history(self, app_id: str, key: str = "", limit: int = 200) -> list[DefinitionChange]:
        """Who changed which flag or segment, the newest first. With a `key`, that one and its overrides alone."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT at_us, kind, key, action, by, summary, before, after FROM definition_history"
                " WHERE app_id = ?1 AND (?2 = '' OR key = ?2) ORDER BY number DESC LIMIT ?3",
                (app_id, key, limit),
            )
            return [
                DefinitionChange(
                    at_us=row[0],
                    kind=row[1],
                    key=row[2],
                    action=row[3],
                    by=row[4],
                    summary=row[5],
                    before=row[6],
                    after=row[7],
                )
                for row in rows
            ]

    # flags

    def save_flag(self, app_id: str, flag: Flag, *, replaces: int | None, by: str) -> Flag:
        """Keep a new flag, or one in place of version `replaces`; returns it with its version and times.

        Raises CatalogError `key_taken`, `changed_meanwhile` or `not_found`.
        """
        with self._changing() as db:
            row = db.execute("SELECT flag FROM flags WHERE app_id = ? AND key = ?", (app_id, flag.key)).fetchone()
            before = None if row is None else _decode_flag(row[0])
            self._check_version(db, app_id, "flag", flag.key, before, replaces)
            at_us = self._now_us()
            saved = replace(
                flag,
                version=1 if before is None else before.version + 1,
                created_at_us=at_us if before is None else before.created_at_us,
                updated_at_us=at_us,
            )
            # Not REPLACE: that would delete the old row, and the overrides with it.
            db.execute(
                "INSERT INTO flags VALUES (?1,?2,?3,?4)"
                " ON CONFLICT (app_id, key) DO UPDATE SET version = ?3, flag = ?4",
                (app_id, saved.key, saved.version, _encode(saved)),
            )
            self._note(db, app_id, "flag", saved.key, by, before, saved)
        return saved

    def delete_flag(self, app_id: str, key: str, *, by: str) -> None:
        """Forget a flag and its overrides. Raises CatalogError `not_found`."""
        with self._changing() as db:
            row = db.execute("SELECT flag FROM flags WHERE app_id = ? AND key = ?", (app_id, key)).fetchone()
            if row is None:
                raise unknown("flag", key)
            for override in _overrides(db, app_id, key, ""):
                self._clear(db, app_id, override, by)
            db.execute("DELETE FROM flags WHERE app_id = ? AND key = ?", (app_id, key))
            self._note(db, app_id, "flag", key, by, _decode_flag(row[0]), None)

    # segments

    def save_segment(self, app_id: str, segment: Segment, *, replaces: int | None, by: str) -> Segment:
        """Keep a new segment, or one in place of version `replaces`; returns it with its version and times.

        Raises CatalogError `key_taken`, `changed_meanwhile` or `not_found`.
        """
        with self._changing() as db:
            before = _segment(db, app_id, segment.segment_id)
            self._check_version(db, app_id, "segment", segment.segment_id, before, replaces)
            at_us = self._now_us()
            saved = replace(
                segment,
                version=1 if before is None else before.version + 1,
                created_at_us=at_us if before is None else before.created_at_us,
                updated_at_us=at_us,
            )
            db.execute(
                "INSERT OR REPLACE INTO segments VALUES (?,?,?,?)",
                (app_id, saved.segment_id, saved.version, _encode(saved)),
            )
            self._note(db, app_id, "segment", saved.segment_id, by, before, saved)
        return saved

    def delete_segment(self, app_id: str, segment_id: str, *, by: str) -> None:
        """Forget a segment; whether flags use it is the caller's to see. Raises CatalogError `not_found`."""
        with self._changing() as db:
            before = _segment(db, app_id, segment_id)
            if before is None:
                raise unknown("segment", segment_id)
            db.execute("DELETE FROM segments WHERE app_id = ? AND segment_id = ?", (app_id, segment_id))
            self._note(db, app_id, "segment", segment_id, by, before, None)

    # overrides

    def set_override(self, app_id: str, flag_key: str, player_id: str, value: Any, *, by: str) -> Override:
        """Give one player a value, whatever the rules say. Raises CatalogError `not_found` for an unknown flag."""
        with self._changing() as db:
            if not db.execute("SELECT 1 FROM flags WHERE app_id = ? AND key = ?", (app_id, flag_key)).fetchone():
                raise unknown("flag", flag_key)
            before = next(iter(_overrides(db, app_id, flag_key, player_id)), None)
            override = Override(flag_key=flag_key, player_id=player_id, value=value, at_us=self._now_us())
            db.execute(
                "INSERT OR REPLACE INTO overrides VALUES (?,?,?,?,?)",
                (app_id, flag_key, player_id, _encode(value), override.at_us),
            )
            self._note(db, app_id, "override", flag_key, by, before, override)
        return override

    def clear_override(self, app_id: str, flag_key: str, player_id: str, by: str) -> None:
        """Let the rules decide again. Raises CatalogError `not_found` when there is no such override."""
        with self._changing() as db:
            before = _overrides(db, app_id, flag_key, player_id)
            if not before:
                raise CatalogError("not_found", f"The player {player_id} has no override of the flag {flag_key!r}.")
            self._clear(db, app_id, before[0], by)

    def clear_overrides(self, app_id: str, *, flag_key: str = "", player_id: str = "", by: str) -> int:
        """Forget every override, or those of one flag or player; returns how many there were."""
        with self._changing() as db:
            overrides = _overrides(db, app_id, flag_key, player_id)
            for override in overrides:
                self._clear(db, app_id, override, by)
        return len(overrides)

    # ----------------------------------------------------------------------------------------------------------------

    def _check_version(
        self,
        db: sqlite3.Connection,
        app_id: str,
        kind: Kind,
        key: str,
        before: Flag | Segment | None,
        replaces: int | None,
    ) -> None:
        if not db.execute("SELECT 1 FROM applications WHERE app_id = ?", (app_id,)).fetchone():
            raise unknown("application", app_id)
        if before is None:
            if replaces is not None:
                raise CatalogError("not_found", f"The {kind} {key!r} was deleted meanwhile.")
        elif replaces is None:
            raise CatalogError("key_taken", f"There is a {kind} {key!r} already.")
        elif replaces != before.version:
            raise CatalogError(
                "changed_meanwhile",
                f"The {kind} {key!r} was changed meanwhile: it has version {before.version}, not {replaces}.",
            )

    def _clear(self, db: sqlite3.Connection, app_id: str, override: Override, by: str) -> None:
        db.execute(
            "DELETE FROM overrides WHERE app_id = ? AND flag_key = ? AND player_id = ?",
            (app_id, override.flag_key, override.player_id),
        )
        self._note(db, app_id, "override", override.flag_key, by, override, None)

    def _note(
        self,
        db: sqlite3.Connection,
        app_id: str,
        kind: Kind,
        key: str,
        by: str,
        before: Flag | Segment | Override | None,
        after: Flag | Segment | Override | None,
        *,
        trim: bool = True,
    ) -> None:
        action = "created" if before is None else "deleted" if after is None else "changed"
        texts = ["" if definition is None else _encode(definition).decode() for definition in (before, after)]
        cursor = db.execute(
            "INSERT INTO definition_history (app_id, at_us, kind, key, action, by, summary, before, after)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (app_id, self._now_us(), kind, key, action, by, summary_of(before, after), *texts),
        )
        if cursor.lastrowid and cursor.lastrowid % 100 == 0:  # now and then is enough
            db.execute(
                "DELETE FROM definition_history WHERE app_id = ?1 AND number <= ("
                "SELECT number FROM definition_history WHERE app_id = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
                (app_id, MAX_HISTORY),
            )


# What did not come from the author, or is said otherwise.
_SILENT_FIELDS: Final = frozenset({"version", "created_at_us", "updated_at_us", "at_us", "enabled"})


def summary_of(before: Flag | Segment | Override | None, after: Flag | Segment | Override | None) -> str:
    """One line that says what a change did."""
    definition = after if after is not None else before
    if isinstance(definition, Override):
        player_id = definition.player_id
        if after is None:
            return f"override of player {player_id} cleared"
        return f"player {player_id} gets {_encode(definition.value).decode()[:100]}"
    if before is None or after is None:
        return "created" if before is None else "deleted"
    said = []
    if isinstance(before, Flag) and isinstance(after, Flag) and before.enabled != after.enabled:
        said.append("switched on" if after.enabled else "switched off")
    changed = [
        name.replace("_", " ")
        for name in after.__struct_fields__
        if name not in _SILENT_FIELDS and getattr(before, name) != getattr(after, name)
    ]
    if changed:
        said.append(f"{', '.join(changed)} changed")
    return "; ".join(said) or "saved without a change"


def _segment(db: sqlite3.Connection, app_id: str, segment_id: str) -> Segment | None:
    row = db.execute(
        "SELECT segment FROM segments WHERE app_id = ? AND segment_id = ?", (app_id, segment_id)
    ).fetchone()
    return None if row is None else _decode_segment(row[0])


def _overrides(db: sqlite3.Connection, app_id: str, flag_key: str, player_id: str) -> list[Override]:
    rows = db.execute(
        "SELECT flag_key, player_id, value, at_us FROM overrides"
        " WHERE app_id = ?1 AND (?2 = '' OR flag_key = ?2) AND (?3 = '' OR player_id = ?3)"
        " ORDER BY at_us DESC, flag_key, player_id",
        (app_id, flag_key, player_id),
    )
    return [Override(flag_key=row[0], player_id=row[1], value=_decode_any(row[2]), at_us=row[3]) for row in rows]
