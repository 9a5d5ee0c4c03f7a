-- The trajectory that a session was on at a moment: the one that began last, when several hold it.
-- $app_id text, required
-- $session_id text, required
-- $time_us integer, required
SELECT e.seq, e.request_id, e.idx AS "index", epoch_us(t.start_at) AS start_us
FROM trajectories t
JOIN events e ON e.seq = t.seq
WHERE t.app_id = $app_id
    AND t.session_id = $session_id
    AND t.start_at <= make_timestamp($time_us)
    AND t.end_at >= make_timestamp($time_us)
ORDER BY t.start_at DESC, t.seq DESC
LIMIT 1
