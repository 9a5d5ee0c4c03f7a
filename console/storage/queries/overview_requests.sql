-- How many requests brought events, in each of equally long bins of the time at which they were received.
-- `bins` bins are `bin_us` long and begin at `first_us`; what came before has the bin -1, what came after has `bins`.
-- $app_id text
-- $from_us integer
-- $to_us integer
-- $first_us integer, required
-- $bin_us integer, required
-- $bins integer, required
SELECT
    -- // rounds towards zero: what came just before the first bin would be in it.
    CASE
        WHEN epoch_us(received_at) < $first_us THEN -1
        ELSE least((epoch_us(received_at) - $first_us) // greatest($bin_us, 1), $bins)
    END::BIGINT AS bin,
    count(DISTINCT request_id) AS requests
FROM events
WHERE ($from_us IS NULL OR received_at >= make_timestamp($from_us))
    AND ($to_us IS NULL OR received_at <= make_timestamp($to_us))
    AND ($app_id IS NULL OR app_id = $app_id)
GROUP BY bin
ORDER BY bin
