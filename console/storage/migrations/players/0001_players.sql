-- What the commands of the player API made: a projection of the journal's player_requests.

CREATE TABLE players (
    player_id     TEXT NOT NULL PRIMARY KEY,
    app_id        TEXT NOT NULL,
    external_id   TEXT,
    device_id     TEXT,
    email         TEXT,
    telemetry_id  TEXT,              -- the id that telemetry alone would have given to this external_id
    first_us      INTEGER NOT NULL,
    last_us       INTEGER NOT NULL,
    revenue_minor INTEGER NOT NULL,
    sessions      INTEGER NOT NULL,  -- rows of this player in sessions
    player        BLOB NOT NULL      -- all of the above and the rest, MessagePack
);
CREATE UNIQUE INDEX players_by_external_id ON players (app_id, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX players_by_device_id ON players (app_id, device_id) WHERE device_id IS NOT NULL;
CREATE INDEX players_by_app ON players (app_id, player_id);

CREATE TABLE sessions (
    player_id  TEXT NOT NULL,
    session_id TEXT NOT NULL,
    started_us INTEGER NOT NULL,
    ended_us   INTEGER NOT NULL,
    PRIMARY KEY (player_id, session_id)
) WITHOUT ROWID;

CREATE TABLE purchases (
    seq            INTEGER PRIMARY KEY,
    player_id      TEXT NOT NULL,
    at_us          INTEGER NOT NULL,
    amount_minor   INTEGER NOT NULL,
    transaction_id TEXT
);
CREATE INDEX purchases_by_player ON purchases (player_id, seq);
CREATE UNIQUE INDEX purchases_by_transaction ON purchases (player_id, transaction_id)
    WHERE transaction_id IS NOT NULL;

-- Events whose id the client chose. It may count them by itself: another player's client begins with 1 as well.
CREATE TABLE event_ids (
    player_id  TEXT NOT NULL,
    event_id   TEXT NOT NULL,
    request_id INTEGER NOT NULL,
    PRIMARY KEY (player_id, event_id)
) WITHOUT ROWID;

CREATE TABLE idempotency_keys (
    app_id      TEXT NOT NULL,
    key         TEXT NOT NULL,
    request_id  INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    PRIMARY KEY (app_id, key)
) WITHOUT ROWID;

-- How much of which journal is in here: the last request. Not clean while somebody writes.
CREATE TABLE position (journal_id TEXT NOT NULL, reached INTEGER NOT NULL, clean INTEGER NOT NULL);
