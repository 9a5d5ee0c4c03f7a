-- What people marked: sequence numbers of events, ids of requests. Both are the journal's, and never change.
CREATE TABLE bookmarks (
    kind TEXT NOT NULL CHECK (kind IN ('event', 'request')),
    id   INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
