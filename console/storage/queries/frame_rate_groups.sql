-- Groups of trajectories compared by their sessions, the longest played first: how many sessions and players, for how
-- long, and the mean and the variance of the sessions' average rates (weighted by time). NULL: the variance of one.
-- $by is one of build, level, input, gpu, cpu, os: what makes the groups; '' where it was not told. $rate is one of
-- mean, low_5, low_1. A player's hardware is what its newest identity event told. A trajectory that reaches out of the
-- span of time counts by its part inside.
-- $by text, required
-- $rate text, required
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH rated AS (
    SELECT seq, app_id, build_id, player_id, session_id, level,
        CASE $rate WHEN 'mean' THEN fps_mean WHEN 'low_5' THEN fps_low_5 WHEN 'low_1' THEN fps_low_1 END AS fps,
        greatest(
            epoch_us(least(end_at, coalesce(make_timestamp($to_us), end_at)))
                - epoch_us(greatest(start_at, coalesce(make_timestamp($from_us), start_at))),
            1
        ) / 1e6 AS seconds
    FROM placed_trajectories
    WHERE fps IS NOT NULL
        AND ($app_id IS NULL OR app_id = $app_id)
        AND ($build_id IS NULL OR build_id = $build_id)
        AND $sessions
        AND ($from_us IS NULL OR end_at >= make_timestamp($from_us))
        AND ($to_us IS NULL OR start_at <= make_timestamp($to_us))
),
machines AS (
    SELECT app_id, player_id, arg_max(hardware, seq) AS hardware
    FROM events
    WHERE kind = 0 AND hardware IS NOT NULL AND $by IN ('gpu', 'cpu', 'os')
    GROUP BY app_id, player_id
),
inputs AS (SELECT seq, input FROM events WHERE kind = 3 AND $by = 'input'),
sessions_of AS (
    SELECT
        coalesce(CASE $by
            WHEN 'build' THEN r.build_id
            WHEN 'level' THEN r.level
            WHEN 'input' THEN i.input
            ELSE json_extract_string(m.hardware, '$.' || $by)
        END, '') AS "group",
        r.app_id, r.session_id, r.player_id,
        sum(seconds) AS seconds,
        sum(fps * seconds) / sum(seconds) AS average
    FROM rated r
    LEFT JOIN machines m ON m.app_id = r.app_id AND m.player_id = r.player_id
    LEFT JOIN inputs i ON i.seq = r.seq
    GROUP BY ALL
)
SELECT
    "group",
    count(DISTINCT (app_id, session_id)) AS sessions,
    count(DISTINCT (app_id, player_id)) AS players,
    sum(seconds)::DOUBLE AS seconds,
    avg(average)::DOUBLE AS mean,
    var_samp(average)::DOUBLE AS variance
FROM sessions_of
GROUP BY "group"
ORDER BY seconds DESC, "group"
LIMIT 200
