-- The last funnel step or gameplay event of each of some sessions, with where it was.
-- $app_id text, required
-- $session_ids text list, required
-- $to_us integer
SELECT
    session_id,
    last.seq AS seq, last.request_id AS request_id, last.idx AS "index", epoch_us(last.time) AS time_us,
    last.name AS name, last.level AS level_id, last.x AS x, last.y AS y, last.z AS z
FROM (
    SELECT session_id, max_by(e, (e.time, e.seq)) AS last
    FROM placed_events e
    WHERE e.app_id = $app_id
        AND e.session_id IN (SELECT unnest($session_ids))
        AND ($to_us IS NULL OR e.time <= make_timestamp($to_us))
    GROUP BY session_id
)
ORDER BY session_id
