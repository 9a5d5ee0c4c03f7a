"""The catalog: applications, keys, settings, level models, flags, segments. Small, read often, changed by people."""

import hashlib
import hmac
import secrets
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from console.messages import (
    Application,
    ApplicationChanges,
    CreateApplication,
    CreatedApplication,
    CreatedKey,
    CreateKey,
    Environment,
    Key,
    KeyKind,
    Settings,
    SettingsChanges,
)
from console.players.definitions import ChurnWindow, Tier
from console.storage import sqlite
from console.storage.catalog_bookmarks import BookmarkTable
from console.storage.catalog_definitions import DefinitionTable
from console.storage.catalog_funnels import FunnelTable
from console.storage.catalog_level_facts import LevelFactTable
from console.storage.catalog_level_models import LevelModelTable
from console.storage.catalog_mark import MarkTable
from console.storage.catalog_rules import CatalogError, checked_label, checked_name, checked_uuid, unknown

__all__ = ["Catalog", "CatalogError", "KeyGrant"]

FIRST_APPLICATION: Final = "My Game"

_TOKEN_PREFIX: dict[tuple[KeyKind, Environment], str] = {
    ("public", "live"): "pk_live_",
    ("public", "test"): "pk_test_",
    ("secret", "live"): "sk_live_",
    ("secret", "test"): "sk_test_",
}
_TOKEN_RANDOM_BYTES = 24  # 32 URL-safe characters


class KeyGrant(Struct, frozen=True):
    """Whose key a token is, and its application's terms. A revoked key is known, but must be refused."""

    key_id: str
    app_id: str
    kind: KeyKind
    label: str
    revoked: bool
    tier: Tier = "enterprise"
    churn_window: ChurnWindow = "mid_core"


class Catalog:
    """Safe from any thread. Changes are on disk when a method returns.

    `authenticate` and `note_used` touch memory only.
    """

    def __init__(self, path: Path, clock: Callable[[], int] = time.time_ns) -> None:
        """Open or create the file; `clock` gives nanoseconds since 1970-01-01 UTC. Raises CatalogError."""
        self._path = path
        self._clock = clock
        self._lock = threading.RLock()
        self._used: dict[str, int] = {}  # key_id → µs, not yet written
        self._grants: dict[bytes, tuple[bytes, KeyGrant]] = {}
        self._closed = False
        try:
            self._db = sqlite.connect(path)
            try:
                sqlite.migrate(self._db, "catalog")
                self._load_grants()
            except BaseException:
                self._db.close()
                raise
        except (sqlite3.Error, OSError, sqlite.SchemaTooNew) as error:
            raise CatalogError("storage_unavailable", f"The catalog {path} cannot be opened: {error}.") from error
        self.bookmarks = BookmarkTable(reading=self._reading, changing=self._changing)
        self.level_models = LevelModelTable(reading=self._reading, changing=self._changing, now_us=self._now_us)
        self.level_facts = LevelFactTable(reading=self._reading, changing=self._changing)
        self.funnels = FunnelTable(reading=self._reading, changing=self._changing, now_us=self._now_us)
        self.mark = MarkTable(reading=self._reading, changing=self._changing)
        # Flags, segments and overrides of the player API.
        self.definitions = DefinitionTable(reading=self._reading, changing=self._changing, now_us=self._now_us)

    def close(self) -> None:
        """Write down when keys were last used, then close. Idempotent."""
        with self._lock:
            if not self._closed:
                try:
                    self.flush_usage()
                finally:
                    self._closed = True
                    self._db.close()

    # keys at work

    def authenticate(self, token: str) -> KeyGrant | None:
        """Whose key this is, None when nobody's. Does not depend on the number of keys.

        The index is searched by a hash that a caller cannot steer, then compared in constant time.
        """
        digest = _digest(token)
        found = self._grants.get(digest)
        if found is None or not hmac.compare_digest(found[0], digest):
            return None
        return found[1]

    def note_used(self, key_id: str, at_us: int) -> None:
        """Remember when a key was last used; written with the next change, by `flush_usage`, or at the end."""
        self._used[key_id] = at_us

    def flush_usage(self) -> None:
        """Write down when keys were last used. Raises CatalogError."""
        if self._used:
            with self._changing():
                pass

    # applications

    def applications(self) -> list[Application]:
        """Every application with its keys, oldest first."""
        with self._reading() as db:
            keys: dict[str, list[Key]] = {}
            for row in db.execute(_SELECT_KEYS + " ORDER BY number"):
                key = self._key(row)
                keys.setdefault(key.app_id, []).append(key)
            return [
                Application(
                    app_id=row[0],
                    name=row[1],
                    environment=row[2],
                    created_at_us=row[3],
                    keys=keys.get(row[0], []),
                    tier=row[4],
                    churn_window=row[5],
                )
                for row in db.execute(
                    "SELECT app_id, name, environment, created_at_us, tier, churn_window FROM applications"
                    " ORDER BY created_at_us, app_id"
                )
            ]

    def application(self, app_id: str) -> Application:
        """One application. Raises CatalogError `not_found`."""
        for application in self.applications():
            if application.app_id == app_id:
                return application
        raise unknown("application", app_id)

    def create_application(self, request: CreateApplication) -> CreatedApplication:
        """A new application with one public and one secret key.

        Raises CatalogError `invalid_name`, `name_taken`, `invalid_app_id` or `app_id_taken`.
        """
        name = checked_name(request.name)
        app_id = str(uuid.uuid4()) if request.app_id is None else checked_uuid(request.app_id)
        if request.environment not in ("live", "test"):
            raise CatalogError("invalid_environment", "The environment is either live or test.")
        with self._changing() as db:
            self._refuse_taken_name(db, name, None)
            if db.execute("SELECT 1 FROM applications WHERE app_id = ?", (app_id,)).fetchone():
                raise CatalogError("app_id_taken", f"An application with the id {app_id} already exists.")
            db.execute(
                "INSERT INTO applications (app_id, name, name_folded, environment, created_at_us) VALUES (?,?,?,?,?)",
                (app_id, name, name.casefold(), request.environment, self._now_us()),
            )
            public = self._insert_key(db, app_id, request.environment, "public", "Public key")
            secret = self._insert_key(db, app_id, request.environment, "secret", "Secret key")
        return CreatedApplication(
            application=self.application(app_id), public_key=public.token, secret_key=secret.token
        )

    def first_start(self) -> CreatedApplication | None:
        """Where there is no application yet, make one to begin with; else None."""
        with self._lock:
            return None if self.applications() else self.create_application(CreateApplication(name=FIRST_APPLICATION))

    def change_application(self, app_id: str, changes: ApplicationChanges) -> None:
        """Raises CatalogError `not_found`, `invalid_name` or `name_taken`."""
        name = None if changes.name is None else checked_name(changes.name)
        with self._changing() as db:
            if name is not None:
                self._refuse_taken_name(db, name, app_id)
            changed = db.execute(
                "UPDATE applications SET name = coalesce(?, name), name_folded = coalesce(?, name_folded),"
                " tier = coalesce(?, tier), churn_window = coalesce(?, churn_window) WHERE app_id = ?",
                (name, None if name is None else name.casefold(), changes.tier, changes.churn_window, app_id),
            )
            if not changed.rowcount:
                raise unknown("application", app_id)

    # keys

    def create_key(self, app_id: str, request: CreateKey) -> CreatedKey:
        """A further key; the only time a secret one is readable. Raises CatalogError."""
        label = checked_label(request.label)
        if request.kind not in ("public", "secret"):
            raise CatalogError("invalid_kind", "A key is either public or secret.")
        with self._changing() as db:
            row = db.execute("SELECT environment FROM applications WHERE app_id = ?", (app_id,)).fetchone()
            if row is None:
                raise unknown("application", app_id)
            return self._insert_key(db, app_id, row[0], request.kind, label)

    def label_key(self, key_id: str, label: str) -> None:
        """Raises CatalogError `not_found` or `invalid_name`."""
        label = checked_label(label)
        with self._changing() as db:
            if not db.execute("UPDATE keys SET label = ? WHERE key_id = ?", (label, key_id)).rowcount:
                raise unknown("key", key_id)

    def revoke_key(self, key_id: str) -> None:
        """The key fails from the next request on. Revoking twice changes nothing. Raises CatalogError `not_found`."""
        with self._changing() as db:
            self._find_key(db, key_id)
            self._revoke(db, key_id)

    def rotate_key(self, key_id: str) -> CreatedKey:
        """A new key of the same kind and label; the old one is revoked. Raises CatalogError."""
        with self._changing() as db:
            old = self._find_key(db, key_id)
            (environment,) = db.execute(
                "SELECT environment FROM applications WHERE app_id = ?", (old.app_id,)
            ).fetchone()
            self._revoke(db, key_id)
            return self._insert_key(db, old.app_id, environment, old.kind, old.label)

    # settings

    def settings(self) -> Settings:
        """What was kept, or the defaults."""
        with self._reading() as db:
            row = db.execute("SELECT value FROM settings").fetchone()
        return Settings() if row is None else msgspec.json.decode(row[0], type=Settings)

    def change_settings(self, changes: SettingsChanges) -> Settings:
        """Keep what is given, leave the rest. Raises CatalogError `invalid_settings`."""
        rate = changes.rate_limit
        if rate is not None and not 0 <= rate <= 1_000_000:
            raise CatalogError("invalid_settings", "The rate limit is a number of requests per second, 0 for none.")
        given = {name: value for name in changes.__struct_fields__ if (value := getattr(changes, name)) is not None}
        with self._changing() as db:
            settings = msgspec.structs.replace(self.settings(), **given)
            db.execute("INSERT OR REPLACE INTO settings VALUES (1, ?)", (msgspec.json.encode(settings),))
        return settings

    def quick_check(self) -> str:
        """The first thing wrong with the file, empty when it is sound."""
        with self._reading() as db:
            return sqlite.quick_check(db)

    # ----------------------------------------------------------------------------------------------------------------

    def _now_us(self) -> int:
        return self._clock() // 1000

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._speaking():
            yield self._db

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, after which the index of keys is that of the file."""
        with self._lock, self._speaking():
            db = self._db
            with sqlite.transaction(db):
                used = dict(self._used)
                yield db
                db.executemany(
                    "UPDATE keys SET last_used_at_us = max(?, ifnull(last_used_at_us, 0)) WHERE key_id = ?",
                    [(at_us, key_id) for key_id, at_us in used.items()],
                )
            for key_id, at_us in used.items():
                if self._used.get(key_id) == at_us:  # a later use on another thread stays
                    del self._used[key_id]
            self._load_grants()

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise CatalogError("storage_unavailable", f"The catalog cannot be used: {error}.") from error

    def _load_grants(self) -> None:
        self._grants = {
            digest: (digest, KeyGrant(key_id, app_id, kind, label, revoked_at_us is not None, tier, churn_window))
            for digest, key_id, app_id, kind, label, revoked_at_us, tier, churn_window in self._db.execute(
                "SELECT token_sha256, key_id, app_id, kind, label, revoked_at_us, tier, churn_window"
                " FROM keys JOIN applications USING (app_id)"
            )
        }

    def _key(self, row: tuple[Any, ...]) -> Key:
        key_id, app_id, kind, label, hint, token, created_at_us, last_used_at_us, revoked_at_us = row
        used_at_us = self._used.get(key_id, last_used_at_us)
        return Key(
            key_id=key_id,
            app_id=app_id,
            kind=kind,
            label=label,
            hint=hint,
            token=token or "",
            created_at_us=created_at_us,
            last_used_at_us=used_at_us,
            revoked_at_us=revoked_at_us,
        )

    def _find_key(self, db: sqlite3.Connection, key_id: str) -> Key:
        row = db.execute(_SELECT_KEYS + " WHERE key_id = ?", (key_id,)).fetchone()
        if row is None:
            raise unknown("key", key_id)
        return self._key(row)

    def _revoke(self, db: sqlite3.Connection, key_id: str) -> None:
        db.execute(
            "UPDATE keys SET revoked_at_us = ? WHERE key_id = ? AND revoked_at_us IS NULL", (self._now_us(), key_id)
        )

    def _insert_key(
        self, db: sqlite3.Connection, app_id: str, environment: Environment, kind: KeyKind, label: str
    ) -> CreatedKey:
        token = _TOKEN_PREFIX[kind, environment] + secrets.token_urlsafe(_TOKEN_RANDOM_BYTES)
        key_id = str(uuid.uuid4())
        hint = f"{token[:8]}…{token[-4:]}"
        readable = token if kind == "public" else None
        db.execute(
            "INSERT INTO keys (key_id, app_id, kind, label, hint, token, token_sha256, created_at_us)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (key_id, app_id, kind, label, hint, readable, _digest(token), self._now_us()),
        )
        return CreatedKey(key=self._find_key(db, key_id), token=token)

    def _refuse_taken_name(self, db: sqlite3.Connection, name: str, except_app_id: str | None) -> None:
        row = db.execute("SELECT app_id, name FROM applications WHERE name_folded = ?", (name.casefold(),)).fetchone()
        if row is not None and row[0] != except_app_id:
            raise CatalogError("name_taken", f"An application named {row[1]!r} already exists.")


_SELECT_KEYS = (
    "SELECT key_id, app_id, kind, label, hint, token, created_at_us, last_used_at_us, revoked_at_us FROM keys"
)


def _digest(token: str) -> bytes:
    # Header bytes that are not UTF-8 arrive as lone surrogates.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
