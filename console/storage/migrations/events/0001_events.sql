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

-- The first level a session named, and whether it named others too.
CREATE VIEW session_levels AS
SELECT
    app_id,
    session_id,
    arg_min(level_id, {'time': time, 'seq': seq}) AS first_level,
    min(level_id) <> max(level_id) AS several
FROM events
WHERE level_id IS NOT NULL AND session_id IS NOT NULL
GROUP BY app_id, session_id;

-- When a session that named several levels named which. Of two at one instant, the one received last holds.
CREATE VIEW level_marks AS
SELECT e.app_id, e.session_id, e.time, arg_max(e.level_id, e.seq) AS level
FROM events e
SEMI JOIN (SELECT app_id, session_id FROM session_levels WHERE several) s
    ON s.app_id = e.app_id AND s.session_id = e.session_id
WHERE e.level_id IS NOT NULL
GROUP BY e.app_id, e.session_id, e.time;

-- A trajectory is in the level it names, else in the one its session named last at or before its start. Where it named
-- none before, the first one it named at all is the first one after.
CREATE VIEW placed_trajectories AS
SELECT t.*, coalesce(t.level_id, m.level, s.first_level, '(unassigned)') AS level
FROM trajectories t
LEFT JOIN session_levels s ON s.app_id = t.app_id AND s.session_id = t.session_id
ASOF LEFT JOIN level_marks m ON m.app_id = t.app_id AND m.session_id = t.session_id AND t.start_at >= m.time;

-- Funnel steps and gameplay events, by the same rule.
CREATE VIEW placed_events AS
SELECT e.*, coalesce(e.level_id, m.level, s.first_level, '(unassigned)') AS level
FROM (SELECT * FROM events WHERE kind IN (1, 2)) e
LEFT JOIN session_levels s ON s.app_id = e.app_id AND s.session_id = e.session_id
ASOF LEFT JOIN level_marks m ON m.app_id = e.app_id AND m.session_id = e.session_id AND e.time >= m.time;
