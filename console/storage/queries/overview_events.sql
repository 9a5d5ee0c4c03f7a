-- How often each event came in each of equally long bins of time: the most frequent names, the others together as NULL.
-- Bins are `bin_us` long and begin at `from_us`. kind is 1 for funnel steps, 2 for gameplay events.
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer, required
-- $to_us integer, required
-- $bin_us integer, required
-- $names integer
WITH counted AS (
    SELECT kind, name, (epoch_us(time) - $from_us) // greatest($bin_us, 1) AS bin, count(*) AS events
    FROM events
    WHERE kind IN (1, 2)
        AND time BETWEEN make_timestamp($from_us) AND make_timestamp($to_us)
        -- include in_scope
    GROUP BY ALL
),
frequent AS (
    SELECT kind, name, row_number() OVER (ORDER BY sum(events) DESC, kind, name) AS place
    FROM counted
    GROUP BY kind, name
),
kept AS (SELECT * FROM frequent WHERE place <= coalesce($names, 8))
SELECT
    coalesce(k.place, 0)::BIGINT AS place, k.kind::BIGINT AS kind, k.name AS name, c.bin::BIGINT AS bin,
    sum(c.events)::BIGINT AS events
FROM counted c
LEFT JOIN kept k ON k.kind = c.kind AND k.name = c.name
GROUP BY ALL
ORDER BY place, bin
