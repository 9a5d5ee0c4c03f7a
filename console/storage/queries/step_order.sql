-- Of every two steps that came in one session, in how many sessions which came first: of the newest 20,000 sessions.
-- `first` and `second` number the given names from 0.
-- $app_id text, required
-- $names text list, required
-- $kinds text list, required
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH steps AS (
    SELECT unnest($names) AS name, CASE unnest($kinds) WHEN 'funnel' THEN 1 ELSE 2 END AS kind,
        unnest(range(len($names))) AS step
),
began AS (
    SELECT e.session_id, s.step, min((e.time, e.seq)) AS first_at
    FROM events e
    JOIN steps s ON s.name = e.name AND s.kind = e.kind
    WHERE e.app_id = $app_id
        AND ($build_id IS NULL OR e.build_id = $build_id)
        AND $sessions
        AND ($from_us IS NULL OR e.time >= make_timestamp($from_us))
        AND ($to_us IS NULL OR e.time <= make_timestamp($to_us))
    GROUP BY e.session_id, s.step
),
newest AS (
    SELECT session_id FROM began GROUP BY session_id ORDER BY max(first_at) DESC LIMIT 20000
),
counted AS (SELECT * FROM began SEMI JOIN newest USING (session_id))
SELECT a.step AS "first", b.step AS "second", count(*) AS sessions
FROM counted a
JOIN counted b ON b.session_id = a.session_id AND b.first_at > a.first_at
GROUP BY a.step, b.step
ORDER BY a.step, b.step
