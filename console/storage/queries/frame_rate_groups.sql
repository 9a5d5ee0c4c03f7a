-- Groups of trajectories compared by their sessions, the longest played first: how many sessions and players, for how
-- long, and the mean and the variance of the sessions' average rates (weighted by time). NULL: the variance of one.
-- $by is one of build, level, input, gpu, cpu, os: what makes the groups; '' where it was not told. $rate is one of
-- mean, low_5, low_1. A player's hardware is what the last identity event by the end of a trajectory told, else the
-- first one after it. A trajectory that reaches out of the span of time counts by its part inside.
-- $by text, required
-- $rate text, required
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH
-- include rated
, sessions_of AS (
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
        AND r.end_at >= m.since AND r.end_at < m.until
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
