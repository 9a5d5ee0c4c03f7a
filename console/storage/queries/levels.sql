-- Every level that something happened in, with the bounds of its samples and positions, and when it was last.
-- "(unassigned)" where a session never named one; events counts funnel steps and gameplay events.
-- $app_id text
WITH moved AS (
    SELECT
        app_id, level, session_id, count(*) AS trajectories, sum(samples) AS samples, max(end_at) AS last_at,
        min(min_x)::DOUBLE AS min_x, min(min_y)::DOUBLE AS min_y, min(min_z)::DOUBLE AS min_z,
        max(max_x)::DOUBLE AS max_x, max(max_y)::DOUBLE AS max_y, max(max_z)::DOUBLE AS max_z
    FROM placed_trajectories
    WHERE $app_id IS NULL OR app_id = $app_id
    GROUP BY app_id, level, session_id
),
done AS (
    SELECT
        app_id, level, session_id, count(*) AS events, max(time) AS last_at,
        min(x) AS min_x, min(y) AS min_y, min(z) AS min_z, max(x) AS max_x, max(y) AS max_y, max(z) AS max_z
    FROM placed_events
    WHERE $app_id IS NULL OR app_id = $app_id
    GROUP BY app_id, level, session_id
),
parts AS (SELECT * FROM moved UNION ALL BY NAME SELECT * FROM done)
SELECT
    app_id,
    level AS level_id,
    count(DISTINCT session_id) AS sessions,
    coalesce(sum(events), 0)::BIGINT AS events,
    coalesce(sum(trajectories), 0)::BIGINT AS trajectories,
    coalesce(sum(samples), 0)::BIGINT AS samples,
    epoch_us(max(last_at)) AS last_us,
    min(min_x) AS min_x,
    min(min_y) AS min_y,
    min(min_z) AS min_z,
    max(max_x) AS max_x,
    max(max_y) AS max_y,
    max(max_z) AS max_z
FROM parts
GROUP BY app_id, level
ORDER BY app_id, level
