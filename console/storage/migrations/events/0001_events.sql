-- A projection of the journal: every table can be rebuilt from it. Times are UTC. Ids are the client's own text;
-- a session is (app_id, session_id).

CREATE TABLE events (
    seq         BIGINT NOT NULL,
    request_id  BIGINT NOT NULL,
    idx         INTEGER NOT NULL,   -- place in its batch
    received_at TIMESTAMP NOT NULL,
    time        TIMESTAMP NOT NULL, -- a trajectory's start
    kind        UTINYINT NOT NULL,  -- 0 identity, 1 funnel step, 2 gameplay, 3 trajectory
    name        VARCHAR NOT NULL,   -- event name or funnel step, '' for a trajectory
    app_id      VARCHAR NOT NULL,
    build_id    VARCHAR NOT NULL,
    player_id   VARCHAR NOT NULL,
    session_id  VARCHAR,            -- an identity has none
    level_id    VARCHAR,            -- as sent
    x           DOUBLE,             -- of a gameplay event, or of a trajectory's first sample
    y           DOUBLE,
    z           DOUBLE
);

CREATE TABLE trajectories (
    seq        BIGINT NOT NULL,
    app_id     VARCHAR NOT NULL,
    build_id   VARCHAR NOT NULL,
    player_id  VARCHAR NOT NULL,
    session_id VARCHAR NOT NULL,
    level_id   VARCHAR,             -- as sent
    start_at   TIMESTAMP NOT NULL,
    end_at     TIMESTAMP NOT NULL,
    samples    INTEGER NOT NULL,
    fps_mean   DOUBLE,
    fps_low_5  DOUBLE,
    fps_low_1  DOUBLE,
    status     VARCHAR NOT NULL
);

-- The game's own axes and units. Values beyond float32 are clipped to it.
CREATE TABLE samples (
    seq  BIGINT NOT NULL,           -- of its trajectory
    idx  INTEGER NOT NULL,
    time TIMESTAMP NOT NULL,
    x    FLOAT NOT NULL,
    y    FLOAT NOT NULL,
    z    FLOAT NOT NULL
);

-- How much of which journal is in here; changes in the same transaction as the rest.
CREATE TABLE position (
    journal_id VARCHAR NOT NULL,
    request_id BIGINT NOT NULL,
    seq        BIGINT NOT NULL
);

-- Where a session said it was. Of several at one instant, the one received last holds from there on.
CREATE VIEW level_marks AS
SELECT app_id, session_id, time, arg_max(level_id, seq) AS last_level, arg_min(level_id, seq) AS first_level
FROM events
WHERE level_id IS NOT NULL AND session_id IS NOT NULL
GROUP BY app_id, session_id, time;

-- A trajectory is in the level it names, else in the one its session named last at or before its start, else in the
-- first one named after.
CREATE VIEW placed_trajectories AS
SELECT t.*, coalesce(t.level_id, earlier.last_level, later.first_level, '(unassigned)') AS level
FROM trajectories t
ASOF LEFT JOIN level_marks earlier
    ON t.app_id = earlier.app_id AND t.session_id = earlier.session_id AND t.start_at >= earlier.time
ASOF LEFT JOIN level_marks later
    ON t.app_id = later.app_id AND t.session_id = later.session_id AND t.start_at < later.time;

-- Funnel steps and gameplay events, by the same rule.
CREATE VIEW placed_events AS
SELECT e.*, coalesce(e.level_id, earlier.last_level, later.first_level, '(unassigned)') AS level
FROM (SELECT * FROM events WHERE kind IN (1, 2)) e
ASOF LEFT JOIN level_marks earlier
    ON e.app_id = earlier.app_id AND e.session_id = earlier.session_id AND e.time >= earlier.time
ASOF LEFT JOIN level_marks later
    ON e.app_id = later.app_id AND e.session_id = later.session_id AND e.time < later.time;
