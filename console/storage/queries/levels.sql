-- Every level that something happened in, with the bounds of its samples and positions. "(unassigned)" where a session
-- never named one; events counts funnel steps and gameplay events.
-- $app_id text
WITH tracks AS (
    SELECT app_id, session_id, seq, level FROM placed_trajectories WHERE $app_id IS NULL OR app_id = $app_id
),
moved AS (
    SELECT
        t.app_id, t.level, count(*) AS samples,
        min(s.x) AS min_x, min(s.y) AS min_y, min(s.z) AS min_z, max(s.x) AS max_x, max(s.y) AS max_y, max(s.z) AS max_z
    FROM tracks t
    JOIN samples s ON s.seq = t.seq
    GROUP BY t.app_id, t.level
),
parts AS (
    SELECT app_id, level, session_id, 0 AS events, 1 AS trajectories, NULL AS x, NULL AS y, NULL AS z FROM tracks
    UNION ALL
    SELECT app_id, level, session_id, 1, 0, x, y, z FROM placed_events WHERE $app_id IS NULL OR app_id = $app_id
),
counted AS (
    SELECT
        app_id, level, count(DISTINCT session_id) AS sessions,
        sum(events)::BIGINT AS events, sum(trajectories)::BIGINT AS trajectories,
        min(x) AS min_x, min(y) AS min_y, min(z) AS min_z, max(x) AS max_x, max(y) AS max_y, max(z) AS max_z
    FROM parts
    GROUP BY app_id, level
)
SELECT
    c.app_id,
    c.level AS level_id,
    c.sessions,
    c.events,
    c.trajectories,
    coalesce(m.samples, 0) AS samples,
    least(c.min_x, m.min_x)::DOUBLE AS min_x,
    least(c.min_y, m.min_y)::DOUBLE AS min_y,
    least(c.min_z, m.min_z)::DOUBLE AS min_z,
    greatest(c.max_x, m.max_x)::DOUBLE AS max_x,
    greatest(c.max_y, m.max_y)::DOUBLE AS max_y,
    greatest(c.max_z, m.max_z)::DOUBLE AS max_z
FROM counted c
LEFT JOIN moved m USING (app_id, level)
ORDER BY c.app_id, c.level
