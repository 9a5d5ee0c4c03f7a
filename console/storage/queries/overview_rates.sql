-- How well the game ran, by build and by level: half of the time it made at least `median` frames per second on
-- average, nineteen twentieths of the time at least `p5`. They come from histograms with bins of half a frame per second,
-- each evenly filled: exactly what the performance view tells. Both are NULL where no frame rate was told: builds that
-- sent no trajectory are there too. A trajectory that reaches out of the span of time counts by its part inside. The
-- builds heard of last, and the levels with most sessions, come first.
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH told AS MATERIALIZED (
    SELECT app_id, build_id, level, session_id, player_id, fps_mean, end_at,
        greatest(
            epoch_us(least(end_at, coalesce(make_timestamp($to_us), end_at)))
                - epoch_us(greatest(start_at, coalesce(make_timestamp($from_us), start_at))),
            1
        ) / 1e6 AS seconds
    FROM placed_trajectories
    WHERE ($app_id IS NULL OR app_id = $app_id)
        AND ($build_id IS NULL OR build_id = $build_id)
        AND $sessions
        -- include overlapping
),
-- Texts of few rows are told apart much faster than those of many.
parts AS MATERIALIZED (
    SELECT app_id, build_id, level, session_id, player_id, max(end_at) AS end_at FROM told GROUP BY ALL
),
by_build AS (
    SELECT app_id, build_id, session_id, player_id, end_at FROM parts
    UNION ALL
    SELECT app_id, newest.build_id, session_id, newest.player_id, last_at
    FROM sessions
    WHERE ($app_id IS NULL OR app_id = $app_id)
        AND ($build_id IS NULL OR newest.build_id = $build_id)
        AND $sessions
        AND ($from_us IS NULL OR last_at >= make_timestamp($from_us))
        AND ($to_us IS NULL OR first_at <= make_timestamp($to_us))
),
grouped AS (
    SELECT
        'build' AS "by", app_id, build_id AS name, count(DISTINCT session_id) AS sessions,
        count(DISTINCT player_id) AS players, epoch_us(max(end_at)) AS last_us
    FROM by_build
    GROUP BY app_id, build_id
    UNION ALL
    SELECT
        'level', app_id, level, count(DISTINCT session_id), count(DISTINCT player_id), epoch_us(max(end_at))
    FROM parts
    GROUP BY app_id, level
),
bins AS MATERIALIZED (
    SELECT app_id, build_id, level, least(floor(greatest(fps_mean, 0) * 2), 2000) AS bin, sum(seconds) AS seconds
    FROM told
    WHERE fps_mean IS NOT NULL
    GROUP BY ALL
),
histograms AS (
    SELECT 'build' AS "by", app_id, build_id AS name, bin, sum(seconds) AS seconds FROM bins GROUP BY ALL
    UNION ALL
    SELECT 'level', app_id, level, bin, sum(seconds) FROM bins GROUP BY ALL
),
running AS (
    SELECT
        *,
        sum(seconds) OVER (PARTITION BY "by", app_id, name ORDER BY bin ROWS UNBOUNDED PRECEDING) AS upto,
        sum(seconds) OVER (PARTITION BY "by", app_id, name) AS total
    FROM histograms
),
quantiles AS (
    SELECT
        "by", app_id, name,
        arg_min(least((bin + (total * 0.5 - (upto - seconds)) / seconds) / 2, (bin + 1) / 2), bin)
            FILTER (WHERE upto >= total * (0.5 - 1e-12)) AS median,
        arg_min(least((bin + (total * 0.05 - (upto - seconds)) / seconds) / 2, (bin + 1) / 2), bin)
            FILTER (WHERE upto >= total * (0.05 - 1e-12)) AS p5
    FROM running
    GROUP BY ALL
)
SELECT g."by", g.app_id, g.name, g.sessions, g.players, q.median, q.p5, g.last_us
FROM grouped g
LEFT JOIN quantiles q ON q."by" = g."by" AND q.app_id = g.app_id AND q.name = g.name
ORDER BY g."by", CASE WHEN g."by" = 'build' THEN last_us ELSE sessions END DESC, g.name
LIMIT 200
