-- The last funnel step or gameplay event of each of some sessions, with where it was.
-- $app_id text, required
-- $session_ids text list, required
-- $to_us integer
WITH last AS MATERIALIZED (
    -- Found among the events as they were sent: in which level each of all was takes longer than all the rest.
    SELECT arg_max(seq, (time, seq)) AS seq
    FROM events
    WHERE kind IN (1, 2)
        AND app_id = $app_id
        AND session_id IN (SELECT unnest($session_ids))
        AND ($to_us IS NULL OR time <= make_timestamp($to_us))
    GROUP BY session_id
)
SELECT
    e.session_id, e.seq, e.request_id, e.idx AS "index", epoch_us(e.time) AS time_us, e.name, e.level AS level_id,
    e.x, e.y, e.z
FROM placed_events e
SEMI JOIN last l ON l.seq = e.seq
WHERE e.app_id = $app_id
    AND e.session_id IN (SELECT unnest($session_ids))
ORDER BY e.session_id
