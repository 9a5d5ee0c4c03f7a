-- What events show of players: a projection of the event store. Sums are minima, maxima and unions, so that neither
-- order nor repetition matters.

-- A subject is an external_id of telemetry, with the player_id that follows from it; or, with no external_id, the
-- player_id of events that the player API recorded.
CREATE TABLE subjects (
    subject_id  INTEGER PRIMARY KEY,
    app_id      TEXT NOT NULL,
    external_id TEXT,
    player_id   TEXT NOT NULL,
    first_us    INTEGER NOT NULL,
    last_us     INTEGER NOT NULL,
    sessions    INTEGER NOT NULL,  -- rows of this subject in sessions
    days        BLOB NOT NULL,     -- UTC days since 1970-01-01, ascending, two bytes each, little-endian
    attributes  BLOB NOT NULL      -- of Create_Player, JSON: name to [sequence number, value]
);
CREATE UNIQUE INDEX subjects_by_external_id ON subjects (app_id, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX subjects_by_player_id ON subjects (player_id, external_id IS NULL);
CREATE INDEX subjects_by_app ON subjects (app_id, player_id);

CREATE TABLE sessions (
    subject_id INTEGER NOT NULL,
    session_id TEXT NOT NULL,
    first_us   INTEGER NOT NULL,
    last_us    INTEGER NOT NULL,
    PRIMARY KEY (subject_id, session_id)
) WITHOUT ROWID;

-- How much of which journal is in here: the last event. Not clean while somebody writes.
CREATE TABLE position (journal_id TEXT NOT NULL, reached INTEGER NOT NULL, clean INTEGER NOT NULL);
