ALTER TABLE applications ADD COLUMN tier TEXT NOT NULL DEFAULT 'enterprise'
    CHECK (tier IN ('free', 'growth', 'pro', 'enterprise'));
ALTER TABLE applications ADD COLUMN churn_window TEXT NOT NULL DEFAULT 'mid_core'
    CHECK (churn_window IN ('casual', 'mid_core', 'strategy'));

-- Definitions are JSON; `version` counts the changes of each from 1.
CREATE TABLE flags (
    app_id  TEXT NOT NULL REFERENCES applications (app_id),
    key     TEXT NOT NULL,
    version INTEGER NOT NULL,
    flag    BLOB NOT NULL,
    PRIMARY KEY (app_id, key)
) WITHOUT ROWID;

CREATE TABLE segments (
    app_id     TEXT NOT NULL REFERENCES applications (app_id),
    segment_id TEXT NOT NULL,
    version    INTEGER NOT NULL,
    segment    BLOB NOT NULL,
    PRIMARY KEY (app_id, segment_id)
) WITHOUT ROWID;

CREATE TABLE overrides (
    app_id    TEXT NOT NULL REFERENCES applications (app_id),
    flag_key  TEXT NOT NULL,
    player_id TEXT NOT NULL,
    value     BLOB NOT NULL,
    at_us     INTEGER NOT NULL,
    PRIMARY KEY (app_id, flag_key, player_id)
) WITHOUT ROWID;

CREATE TABLE definition_history (
    number  INTEGER PRIMARY KEY,
    app_id  TEXT NOT NULL REFERENCES applications (app_id),
    at_us   INTEGER NOT NULL,
    kind    TEXT NOT NULL CHECK (kind IN ('flag', 'segment', 'override')),
    key     TEXT NOT NULL,
    action  TEXT NOT NULL CHECK (action IN ('created', 'changed', 'deleted')),
    by      TEXT NOT NULL,
    summary TEXT NOT NULL,
    before  TEXT NOT NULL,
    after   TEXT NOT NULL
);

CREATE INDEX history_of_application ON definition_history (app_id, number);
CREATE INDEX history_of_key ON definition_history (app_id, key, number);
