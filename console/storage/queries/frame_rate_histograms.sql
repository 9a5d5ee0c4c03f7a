-- Seconds played at each frame rate, in bins of half a frame per second up to 1,000, for each group of trajectories.
-- $by is one of all, build, level, input, gpu, cpu, os: what makes the groups; '' where it was not told. $rate is one
-- of mean, low_5, low_1. A player's hardware is what the last identity event by the end of a trajectory told, else the
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
SELECT
    coalesce(CASE $by
        WHEN 'all' THEN ''
        WHEN 'build' THEN r.build_id
        WHEN 'level' THEN r.level
        WHEN 'input' THEN i.input
        ELSE json_extract_string(m.hardware, '$.' || $by)
    END, '') AS "group",
    least(floor(greatest(fps, 0) * 2), 2000)::INTEGER AS bin,
    sum(seconds)::DOUBLE AS seconds
FROM rated r
LEFT JOIN machines m ON m.app_id = r.app_id AND m.player_id = r.player_id
    AND r.end_at >= m.since AND r.end_at < m.until
LEFT JOIN inputs i ON i.seq = r.seq
GROUP BY ALL
ORDER BY ALL
