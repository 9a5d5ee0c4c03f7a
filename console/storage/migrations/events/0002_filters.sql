-- What filters ask for. The columns of events that are there already are in the journal only: all is projected again.
DROP VIEW placed_events;
DROP VIEW placed_trajectories;
DROP VIEW level_marks;
DELETE FROM trajectories;
DELETE FROM samples;
DELETE FROM session_parts;
UPDATE position SET request_id = 0, seq = 0;
DROP TABLE events;

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
    z           DOUBLE,
    input       VARCHAR,            -- input method
    custom_data VARCHAR,            -- JSON, as all free fields
    hardware    VARCHAR,
    peer        VARCHAR NOT NULL,   -- of the request that brought it
    route       VARCHAR NOT NULL
);

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
