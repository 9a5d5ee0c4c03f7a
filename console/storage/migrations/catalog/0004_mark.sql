-- Where tests of games count from: a place in the journal, and the rejections before it. One row, or none.
CREATE TABLE mark (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    request_id INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    rejected   INTEGER NOT NULL,
    at_us      INTEGER NOT NULL
);
