-- The newest stored events, oldest first, with the columns of an EventRow.
-- $app_id text
-- $before_seq integer
-- $limit integer, required
WITH page AS (
    SELECT * FROM events
    WHERE ($app_id IS NULL OR app_id = $app_id) AND ($before_seq IS NULL OR seq < $before_seq)
    ORDER BY seq DESC
    LIMIT $limit
),
bounds AS (SELECT min(seq) AS first_seq, max(seq) AS last_seq FROM page WHERE kind = 3),
tracks AS (
    SELECT * FROM trajectories
    WHERE seq BETWEEN (SELECT first_seq FROM bounds) AND (SELECT last_seq FROM bounds)
),
marks AS (
    SELECT app_id, session_id, time, arg_max(level_id, seq) AS last_level, arg_min(level_id, seq) AS first_level
    FROM events
    WHERE level_id IS NOT NULL AND (app_id, session_id) IN (SELECT (app_id, session_id) FROM tracks)
    GROUP BY app_id, session_id, time
),
placed AS (
    SELECT t.*, coalesce(t.level_id, earlier.last_level, later.first_level) AS level
    FROM tracks t
    ASOF LEFT JOIN marks earlier
        ON t.app_id = earlier.app_id AND t.session_id = earlier.session_id AND t.start_at >= earlier.time
    ASOF LEFT JOIN marks later
        ON t.app_id = later.app_id AND t.session_id = later.session_id AND t.start_at < later.time
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
    coalesce(p.level_id, placed.level, '') AS level_id,
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
ORDER BY p.seq
