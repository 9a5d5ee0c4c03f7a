-- How many requests brought events, in each of equally long bins of the time at which they were received.
-- Bins are `bin_us` long and begin at `from_us`.
-- $app_id text
-- $from_us integer, required
-- $to_us integer, required
-- $bin_us integer, required
SELECT ((epoch_us(received_at) - $from_us) // greatest($bin_us, 1))::BIGINT AS bin,
    count(DISTINCT request_id) AS requests
FROM events
WHERE received_at BETWEEN make_timestamp($from_us) AND make_timestamp($to_us)
    AND ($app_id IS NULL OR app_id = $app_id)
GROUP BY bin
ORDER BY bin
