-- Gameplay events and funnel steps of some sessions, as many as a timeline can show: of those that a session has of one
-- name within bin_us microseconds the first one, and how many they are. upto_seq is how far the store had come.
-- $sessions sessions, required
-- $from_us integer, required
-- $to_us integer, required
-- $bin_us integer, required
WITH found AS MATERIALIZED (
    SELECT count(*) AS events, arg_min(seq, time) AS seq
    FROM events
    WHERE kind IN (1, 2)
        AND $sessions
        AND time BETWEEN make_timestamp($from_us) AND make_timestamp($to_us)
    GROUP BY app_id, session_id, kind, name, (epoch_us(time) - $from_us) // $bin_us
)
SELECT
    e.app_id, e.session_id, e.kind, epoch_us(e.time) AS time_us, f.events, e.seq, e.request_id, e.idx AS "index",
    e.name, coalesce(e.level_id, '') AS level_id, e.x, e.y, e.z, (SELECT max(seq) FROM position) AS upto_seq
FROM found f
JOIN events e ON e.seq = f.seq
ORDER BY e.time, e.seq
