-- What could be a step of a funnel: names of funnel steps (kind 1) and gameplay events (kind 2), the frequent first.
-- $app_id text, required
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
-- $limit integer
SELECT kind, name, count(DISTINCT session_id) AS sessions, count(*) AS events
FROM events
WHERE kind IN (1, 2)
    AND app_id = $app_id
    AND ($build_id IS NULL OR build_id = $build_id)
    AND $sessions
    AND ($from_us IS NULL OR time >= make_timestamp($from_us))
    AND ($to_us IS NULL OR time <= make_timestamp($to_us))
GROUP BY kind, name
ORDER BY kind, sessions DESC, events DESC, name
LIMIT coalesce($limit, 1000)
