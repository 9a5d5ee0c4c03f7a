-- Gameplay events in one level by name, the most frequent first: how many, and the median time until one came, from the
-- one of that name before it, or from when its session came to the level.
-- $level_id text, required
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
-- $limit integer
WITH done AS (
    SELECT app_id, session_id, seq, kind, name, time
    FROM placed_events
    WHERE level = $level_id
        -- include in_scope
),
-- Numbers are sorted much faster than texts: each session and each name gets one.
came AS MATERIALIZED (
    SELECT app_id, session_id, min(time) AS time, row_number() OVER () AS number
    FROM (
        SELECT app_id, session_id, time FROM done
        UNION ALL
        SELECT app_id, session_id, start_at
        FROM placed_trajectories
        WHERE level = $level_id AND ($app_id IS NULL OR app_id = $app_id)
    )
    GROUP BY app_id, session_id
),
names AS MATERIALIZED (
    SELECT name, row_number() OVER () - 1 AS number FROM done WHERE kind = 2 GROUP BY name
),
waited AS (
    SELECT
        n.number, d.time,
        epoch_us(d.time) - epoch_us(coalesce(
            lag(d.time) OVER (
                PARTITION BY c.number * (SELECT count(*) FROM names) + n.number ORDER BY d.time, d.seq
            ),
            c.time
        )) AS wait_us
    FROM done d
    JOIN came c ON c.app_id = d.app_id AND c.session_id = d.session_id
    JOIN names n ON n.name = d.name
    WHERE d.kind = 2
),
medians AS (
    SELECT number, count(*) AS events, median(wait_us)::BIGINT AS median_us
    FROM waited
    WHERE ($from_us IS NULL OR time >= make_timestamp($from_us))
        AND ($to_us IS NULL OR time <= make_timestamp($to_us))
    GROUP BY number
)
SELECT n.name, m.events, m.median_us
FROM medians m
JOIN names n ON n.number = m.number
ORDER BY events DESC, name
LIMIT coalesce($limit, 200)
