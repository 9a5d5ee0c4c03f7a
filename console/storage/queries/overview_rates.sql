-- How well the game ran, by build and by level: half of the trajectories had at least `median` frames per second on
-- average, nineteen in twenty at least `p5`. Both are NULL where no frame rate was told: builds that sent no trajectory
-- are there too. The builds heard of last, and the levels with most sessions, come first.
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH told AS (
    SELECT app_id, build_id, level, session_id, player_id, fps_mean, end_at
    FROM placed_trajectories
    WHERE ($app_id IS NULL OR app_id = $app_id)
        AND ($build_id IS NULL OR build_id = $build_id)
        AND $sessions
        AND ($from_us IS NULL OR end_at >= make_timestamp($from_us))
        AND ($to_us IS NULL OR start_at <= make_timestamp($to_us))
),
by_build AS (
    SELECT app_id, build_id, session_id, player_id, fps_mean, end_at FROM told
    UNION ALL
    SELECT app_id, newest.build_id, session_id, newest.player_id, NULL, last_at
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
        count(DISTINCT player_id) AS players, median(fps_mean) AS median, quantile_cont(fps_mean, 0.05) AS p5,
        epoch_us(max(end_at)) AS last_us
    FROM by_build
    GROUP BY app_id, build_id
    UNION ALL
    SELECT
        'level', app_id, level, count(DISTINCT session_id), count(DISTINCT player_id), median(fps_mean),
        quantile_cont(fps_mean, 0.05), epoch_us(max(end_at))
    FROM told
    GROUP BY app_id, level
)
SELECT *
FROM grouped
ORDER BY "by", CASE WHEN "by" = 'build' THEN last_us ELSE sessions END DESC, name
LIMIT 200
