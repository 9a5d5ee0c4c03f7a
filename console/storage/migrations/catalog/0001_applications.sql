CREATE TABLE applications (
    app_id        TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    name_folded   TEXT NOT NULL UNIQUE,
    environment   TEXT NOT NULL CHECK (environment IN ('live', 'test')),
    created_at_us INTEGER NOT NULL
) WITHOUT ROWID;

-- token is NULL for secret keys: of those only the SHA-256 is kept.
CREATE TABLE keys (
    number          INTEGER PRIMARY KEY,
    key_id          TEXT NOT NULL UNIQUE,
    app_id          TEXT NOT NULL REFERENCES applications (app_id),
    kind            TEXT NOT NULL CHECK (kind IN ('public', 'secret')),
    label           TEXT NOT NULL,
    hint            TEXT NOT NULL,
    token           TEXT,
    token_sha256    BLOB NOT NULL UNIQUE,
    created_at_us   INTEGER NOT NULL,
    last_used_at_us INTEGER,
    revoked_at_us   INTEGER,
    CHECK (kind = 'public' OR token IS NULL)
);

-- One row, JSON.
CREATE TABLE settings (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    value    BLOB NOT NULL
);

CREATE TABLE level_models (
    model_id       TEXT PRIMARY KEY,
    app_id         TEXT NOT NULL REFERENCES applications (app_id),
    level_name     TEXT NOT NULL,
    version        INTEGER NOT NULL,
    active         INTEGER NOT NULL,
    file_name      TEXT NOT NULL,
    file_bytes     INTEGER NOT NULL,
    triangles      INTEGER NOT NULL,
    vertices       INTEGER NOT NULL,
    min_x REAL NOT NULL, min_y REAL NOT NULL, min_z REAL NOT NULL,
    max_x REAL NOT NULL, max_y REAL NOT NULL, max_z REAL NOT NULL,
    mesh_axes      TEXT NOT NULL,
    telemetry_axes TEXT NOT NULL,
    uploaded_at_us INTEGER NOT NULL,
    UNIQUE (app_id, level_name, version)
) WITHOUT ROWID;

CREATE UNIQUE INDEX one_active_model ON level_models (app_id, level_name) WHERE active;
