-- What an accepted request of the player API was answered, and the commands it was resolved to; the rest of it is in
-- ingests. Telemetry has no row here: its body says it all, and it is always answered the same.
CREATE TABLE player_requests (
    request_id INTEGER PRIMARY KEY,
    status     INTEGER NOT NULL,
    response   BLOB NOT NULL,
    commands   BLOB NOT NULL
);
