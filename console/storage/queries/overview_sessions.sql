-- How many sessions were under way from each bin of time on, until the next bin that is told: a step function.
-- Bins are `bin_us` long and begin at `from_us`; what lies outside of the span counts at its ends.
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer, required
-- $to_us integer, required
-- $bin_us integer, required
WITH spans AS (
    SELECT
        (greatest(epoch_us(first_at), $from_us) - $from_us) // greatest($bin_us, 1) AS first_bin,
        (least(epoch_us(last_at), $to_us) - $from_us) // greatest($bin_us, 1) AS last_bin
    FROM sessions
    WHERE epoch_us(first_at) <= $to_us
        AND epoch_us(last_at) >= $from_us
        AND ($app_id IS NULL OR app_id = $app_id)
        AND ($build_id IS NULL OR newest.build_id = $build_id)
        AND $sessions
),
steps AS (
    SELECT bin, sum(step) AS step
    FROM (SELECT first_bin AS bin, 1 AS step FROM spans UNION ALL SELECT last_bin + 1, -1 FROM spans)
    GROUP BY bin
)
SELECT bin::BIGINT AS bin, (sum(step) OVER (ORDER BY bin))::BIGINT AS sessions FROM steps ORDER BY bin
