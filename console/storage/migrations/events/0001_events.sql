-- A projection of the journal: every table can be rebuilt from it. Times are UTC. Ids are the client's own text;
-- a session is (app_id, session_id).

CREATE TABLE events (
    seq         BIGINT NOT NULL,
    request_id  BIGINT NOT NULL,
    idx         INTEGER NOT NULL,   -- place in its batch
    received_at TIMESTAMP NOT NULL,
    time        TIMESTAMP NOT NULL, -- a trajectory's start
    kind        UTINYINT NOT NULL,  -- 0 identity, 1 funnel step, 2 gameplay, 3 trajectory, 4 what the player API recorded
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
    status     VARCHAR NOT NULL,
    min_x      FLOAT NOT NULL,      -- of its samples
    min_y      FLOAT NOT NULL,
    min_z      FLOAT NOT NULL,
    max_x      FLOAT NOT NULL,
    max_y      FLOAT NOT NULL,
    max_z      FLOAT NOT NULL
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

-- What the window asks for again and again is kept summed up: a session's newest facts here, a trajectory's bounds
-- above.
-- Sessions, in parts: every batch adds one row for each of its sessions, and now and then a session's rows become one.
-- Every column can be summed up again, so it never matters how many parts there are. A struct compares by its first
-- members, so the greatest one holds what was last.
CREATE TABLE session_parts (
    app_id        VARCHAR NOT NULL,
    session_id    VARCHAR NOT NULL,
    newest        STRUCT(seq BIGINT, build_id VARCHAR, player_id VARCHAR) NOT NULL,
    first_at      TIMESTAMP NOT NULL,
    last_at       TIMESTAMP NOT NULL,
    events        BIGINT NOT NULL,                                           -- of all kinds
    trajectories  BIGINT NOT NULL,
    samples       BIGINT NOT NULL,
    last_fps      STRUCT("at" TIMESTAMP, seq BIGINT, mean DOUBLE),
    first_level   STRUCT("at" TIMESTAMP, seq BIGINT, level_id VARCHAR),      -- of those it named
    last_level    STRUCT("at" TIMESTAMP, seq BIGINT, level_id VARCHAR),
    lowest_level  VARCHAR,                                                   -- in the alphabet:
    highest_level VARCHAR                                                    -- the same one, if it named only one
);

CREATE VIEW sessions AS
SELECT
    app_id,
    session_id,
    max(newest) AS newest,
    min(first_at) AS first_at,
    max(last_at) AS last_at,
    sum(events)::BIGINT AS events,
    sum(trajectories)::BIGINT AS trajectories,
    sum(samples)::BIGINT AS samples,
    max(last_fps) AS last_fps,
    min(first_level) AS first_level,
    max(last_level) AS last_level,
    min(lowest_level) AS lowest_level,
    max(highest_level) AS highest_level
FROM session_parts
GROUP BY app_id, session_id;

-- The first level a session named, and whether it named others too.
CREATE VIEW session_levels AS
SELECT
    app_id,
    session_id,
    min(first_level).level_id AS first_level,
    min(lowest_level) <> max(highest_level) AS several
FROM session_parts
WHERE lowest_level IS NOT NULL
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
-- none before, the first one it named at all is the first one after. Only a session that named several levels needs a
-- look at when.
CREATE VIEW placed_trajectories AS
SELECT t.*, t.level_id AS level
FROM trajectories t
WHERE t.level_id IS NOT NULL
UNION ALL
SELECT t.*, coalesce(s.first_level, '(unassigned)') AS level
FROM trajectories t
LEFT JOIN session_levels s ON s.app_id = t.app_id AND s.session_id = t.session_id
WHERE t.level_id IS NULL AND s.several IS NOT TRUE
UNION ALL
SELECT t.*, coalesce(m.level, s.first_level) AS level
FROM trajectories t
JOIN session_levels s ON s.app_id = t.app_id AND s.session_id = t.session_id
ASOF LEFT JOIN level_marks m ON m.app_id = t.app_id AND m.session_id = t.session_id AND t.start_at >= m.time
WHERE t.level_id IS NULL AND s.several;

-- Funnel steps and gameplay events, by the same rule.
CREATE VIEW placed_events AS
SELECT e.*, e.level_id AS level
FROM events e
WHERE e.kind IN (1, 2) AND e.level_id IS NOT NULL
UNION ALL
SELECT e.*, coalesce(s.first_level, '(unassigned)') AS level
FROM events e
LEFT JOIN session_levels s ON s.app_id = e.app_id AND s.session_id = e.session_id
WHERE e.kind IN (1, 2) AND e.level_id IS NULL AND s.several IS NOT TRUE
UNION ALL
SELECT e.*, coalesce(m.level, s.first_level) AS level
FROM events e
JOIN session_levels s ON s.app_id = e.app_id AND s.session_id = e.session_id
ASOF LEFT JOIN level_marks m ON m.app_id = e.app_id AND m.session_id = e.session_id AND e.time >= m.time
WHERE e.kind IN (1, 2) AND e.level_id IS NULL AND s.several;
