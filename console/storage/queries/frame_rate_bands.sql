-- How the frame rates of sessions spread over time: in each bin of time the sessions' averages, and the rates that 5,
-- 25, 50, 75 and 95 percent of them lie below. $by is clock (µs since 1970) or session (µs since each session's first
-- trajectory). $rate is one of mean, low_5, low_1. There are about $bins bins, none narrower than most trajectories
-- are long: a trajectory counts where its middle is.
-- $by text, required
-- $rate text, required
-- $bins integer, required
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH rated AS (
    SELECT app_id, session_id,
        -- include frame_rate
        epoch_us(start_at) AS start_us, epoch_us(end_at) AS end_us
    FROM trajectories
    WHERE fps IS NOT NULL
        -- include in_scope
        -- include overlapping
),
begun AS (
    SELECT app_id, session_id, epoch_us(min(start_at)) AS began_us FROM trajectories GROUP BY app_id, session_id
),
placed AS (
    SELECT r.app_id, r.session_id, r.fps,
        greatest(end_us - start_us, 1) AS length,
        start_us + (end_us - start_us) // 2 - CASE WHEN $by = 'session' THEN b.began_us ELSE 0 END AS middle_us
    FROM rated r JOIN begun b ON b.app_id = r.app_id AND b.session_id = r.session_id
),
bins AS (
    SELECT
        greatest((max(middle_us) - min(middle_us)) // greatest($bins, 1), quantile_disc(length, 0.9), 1) AS width,
        min(middle_us) AS first_at
    FROM placed
),
averages AS (
    SELECT
        CASE WHEN $by = 'session' THEN 0 ELSE first_at END
            + (middle_us - CASE WHEN $by = 'session' THEN 0 ELSE first_at END) // width * width AS start_us,
        width, app_id, session_id,
        sum(fps * length) / sum(length) AS average,
        sum(length) / 1e6 AS seconds
    FROM placed CROSS JOIN bins
    GROUP BY ALL
),
spread AS (
    SELECT start_us, width, count(*) AS sessions, sum(seconds)::DOUBLE AS seconds,
        quantile_cont(average, [0.05, 0.25, 0.5, 0.75, 0.95]) AS q
    FROM averages
    GROUP BY start_us, width
)
SELECT
    start_us, width AS width_us, sessions, seconds,
    q[1]::DOUBLE AS p5, q[2]::DOUBLE AS p25, q[3]::DOUBLE AS p50, q[4]::DOUBLE AS p75, q[5]::DOUBLE AS p95
FROM spread
ORDER BY start_us
