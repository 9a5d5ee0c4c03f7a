-- The newest stored events, oldest first, with the columns of an EventRow.
-- $app_id text
-- $before_seq integer
-- $limit integer, required
-- $filter filter
WITH page AS MATERIALIZED (
    SELECT * FROM events e
    WHERE ($app_id IS NULL OR e.app_id = $app_id) AND ($before_seq IS NULL OR e.seq < $before_seq) AND $filter
    ORDER BY e.seq DESC
    LIMIT $limit
),
tracks AS MATERIALIZED (
    SELECT t.* FROM trajectories t SEMI JOIN (SELECT seq FROM page WHERE kind = 3) p ON p.seq = t.seq
),
-- The level rule of placed_trajectories, for the sessions on this page only.
named AS MATERIALIZED (
    SELECT e.app_id, e.session_id, e.time, e.seq, e.level_id
    FROM events e
    SEMI JOIN (SELECT DISTINCT app_id, session_id FROM tracks WHERE level_id IS NULL) t
        ON t.app_id = e.app_id AND t.session_id = e.session_id
    WHERE e.level_id IS NOT NULL
),
firsts AS (
    SELECT app_id, session_id, arg_min(level_id, {'time': time, 'seq': seq}) AS level
    FROM named
    GROUP BY app_id, session_id
),
marks AS (
    SELECT app_id, session_id, time, arg_max(level_id, seq) AS level FROM named GROUP BY app_id, session_id, time
),
placed AS (
    SELECT t.*, coalesce(t.level_id, m.level, f.level, a.level_id) AS level
    FROM tracks t
    LEFT JOIN firsts f ON f.app_id = t.app_id AND f.session_id = t.session_id
    ASOF LEFT JOIN marks m ON m.app_id = t.app_id AND m.session_id = t.session_id AND t.start_at >= m.time
    LEFT JOIN assigned_levels a ON a.app_id = t.app_id AND a.session_id = t.session_id
)
SELECT
    p.seq,
    p.request_id,
    p.idx AS "index",
    epoch_us(p.received_at) AS received_at_us,
    epoch_us(p.time) AS time_us,
    p.kind,
    p.name,
    p.app_id,
    p.build_id,
    p.player_id,
    coalesce(p.session_id, '') AS session_id,
    coalesce(p.level_id, placed.level, CASE WHEN p.kind IN (1, 2) THEN a.level_id END, '') AS level_id,
    p.x,
    p.y,
    p.z,
    placed.fps_mean,
    placed.fps_low_5,
    placed.fps_low_1,
    coalesce(placed.samples, 0) AS samples,
    coalesce(epoch_us(placed.end_at) - epoch_us(placed.start_at), 0) AS duration_us,
    coalesce(placed.status, '') AS status
FROM page p
LEFT JOIN placed ON placed.seq = p.seq
LEFT JOIN assigned_sessions a ON a.app_id = p.app_id AND a.session_id = p.session_id
ORDER BY p.seq
