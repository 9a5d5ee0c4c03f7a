-- Accepted ingestion requests, verbatim. The body comes last: listing never reads its pages.
CREATE TABLE ingests (
    request_id     INTEGER PRIMARY KEY,
    received_at_us INTEGER NOT NULL,
    first_seq      INTEGER NOT NULL,
    events         INTEGER NOT NULL,
    wire_bytes     INTEGER NOT NULL,
    app_id         TEXT NOT NULL,
    key_id         TEXT NOT NULL,
    key_label      TEXT NOT NULL,
    peer           TEXT NOT NULL,
    method         TEXT NOT NULL,
    route          TEXT NOT NULL,
    client         TEXT NOT NULL,
    headers        BLOB NOT NULL,
    body           BLOB NOT NULL
);

-- Rejected and other requests: a bounded ring, the oldest go first. body_bytes is the length before truncation.
CREATE TABLE others (
    request_id     INTEGER PRIMARY KEY,
    received_at_us INTEGER NOT NULL,
    status         INTEGER NOT NULL,
    events         INTEGER NOT NULL,
    wire_bytes     INTEGER NOT NULL,
    body_bytes     INTEGER NOT NULL,
    kept_bytes     INTEGER NOT NULL,
    took_us        INTEGER,
    app_id         TEXT NOT NULL,
    key_id         TEXT NOT NULL,
    key_label      TEXT NOT NULL,
    peer           TEXT NOT NULL,
    method         TEXT NOT NULL,
    route          TEXT NOT NULL,
    client         TEXT NOT NULL,
    error          TEXT NOT NULL,
    first_error    TEXT NOT NULL,
    error_message  TEXT NOT NULL,
    details        BLOB NOT NULL,
    headers        BLOB NOT NULL,
    response       BLOB NOT NULL,
    body           BLOB NOT NULL
);

-- One row a commit: totals after it, from which ids and counters continue. committed_at_us comes with the next commit.
CREATE TABLE commits (
    last_request_id  INTEGER PRIMARY KEY,
    last_seq         INTEGER NOT NULL,
    requests         INTEGER NOT NULL,
    rejected         INTEGER NOT NULL,
    unlisted         INTEGER NOT NULL,
    committed_at_us  INTEGER
);

CREATE TABLE identity (journal_id TEXT NOT NULL);
INSERT INTO identity VALUES (lower(hex(randomblob(16))));
