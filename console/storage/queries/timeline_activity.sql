-- How much the sessions in scope did over time, in pieces of bin_us microseconds: from when to when something was heard
-- in each, and how many gameplay events and funnel steps there were.
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer, required
-- $to_us integer, required
-- $bin_us integer, required
WITH heard AS (
    SELECT (epoch_us(time) - $from_us) // $bin_us AS bin, min(time) AS start_at, max(time) AS end_at, count(*) AS events
    FROM events
    WHERE kind IN (1, 2)
        AND time BETWEEN make_timestamp($from_us) AND make_timestamp($to_us)
        -- include in_scope
    GROUP BY bin
    UNION ALL
    SELECT (epoch_us(start_at) - $from_us) // $bin_us AS bin, min(start_at), max(end_at), 0
    FROM trajectories
    WHERE end_at >= make_timestamp($from_us)
        AND start_at <= make_timestamp($to_us)
        -- include in_scope
    GROUP BY bin
)
SELECT
    epoch_us(min(start_at)) AS start_us, epoch_us(max(end_at)) AS end_us, sum(events)::BIGINT AS events
FROM heard
GROUP BY bin
ORDER BY start_us
